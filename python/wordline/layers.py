"""Between the graph's products and the core's layers: shapes, sample counts, execution."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordline import _core
from wordline.errors import fail
from wordline.onnx import Graph, InputCodes, Product
from wordline.onnx.interface import Feeds
from wordline.samples import LEADS, Order, count_samples, refuse_order, sample_orders
from wordline.specs import Chip

Floats = NDArray[np.float32]
Use = dict[str, Any]
Layers = Mapping[str, _core.Layer]

PRODUCTS_PER_NODE = 8  # numbers that a node keeps for its products; docs/seeds.md


def nodes_of(graph: Graph) -> dict[str, str]:
    """For each layer the node it belongs to, in the order of execution."""
    return {product.name: step.name for step in graph.analog_steps for product in step.products}


def make_layers(graph: Graph, chips: Mapping[str, Chip]) -> dict[str, _core.Layer]:
    """One layer for each product, by its name, with the settings of `chips`.

    Weights that two nodes share become two layers, each with its cells.
    """
    numbers = layer_numbers(graph)
    return {
        product.name: _layer(product, numbers[product.name], chips[product.name])
        for product in graph.products
    }


def layer_numbers(graph: Graph) -> dict[str, int]:
    """The number by which each layer's cells draw: the place of its node in the model, and that
    of its product in the node. So they stay the same when other nodes are kept digital.
    """
    place = {row.name: index for index, row in enumerate(graph.node_table)}
    numbers = {}
    for step in graph.analog_steps:
        if len(step.products) > PRODUCTS_PER_NODE:
            raise RuntimeError(f"node {step.name} has {len(step.products)} products")
        for within, product in enumerate(step.products):
            numbers[product.name] = PRODUCTS_PER_NODE * place[step.name] + within
    return numbers


def _layer(product: Product, number: int, chip: Chip) -> _core.Layer:
    return _core.Layer(
        product.name,
        number,
        chip.to_dict(),
        product.weights,
        product.bias,
        groups=product.groups,
        codes=None if product.codes is None else _codes(product.codes),
        weight_scale=product.weight_scale,
    )


def _codes(codes: InputCodes) -> dict[str, Any]:
    return {"scale": codes.scale, "zero": codes.zero, "low": codes.low, "high": codes.high}


def conv_of(product: Product, shape: Sequence[int]) -> dict[str, Any] | None:
    """How a convolution walks over an input of `shape`, as the core takes it; None for rows."""
    if product.conv is None:
        return None
    pads, axes = product.conv.pads_for(*shape[2:]), len(product.conv.kernel)
    return {
        "kernel": product.conv.kernel,
        "stride": product.conv.strides,
        "dilation": product.conv.dilations,
        "pad_before": pads[:axes],
        "pad_after": pads[axes:],
    }


def calibrate_layers(graph: Graph, layers: Layers, feeds: Feeds | None, threads: int) -> None:
    """Set the open ranges from what a digital run of `feeds` gives each layer to read."""
    open_ranges = [name for name, layer in layers.items() if layer.needs_calibration]
    if not open_ranges:
        return
    if feeds is None:
        fail(
            ValueError,
            "calibrated ranges need sample data",
            name="calibrate",
            value=None,
            allowed=f"inputs of the network; open are the ranges of {', '.join(open_ranges)}",
            remedy="pass calibrate=x[:256], or choose dac.range and adc.range that need no data",
        )
    seen = graph.trace(feeds)
    for product in graph.products:
        x = joined(product, seen[product.name])
        layers[product.name].calibrate(x, conv_of(product, x.shape), threads)


def joined(product: Product, calls: Sequence[Floats]) -> Floats:
    """What several calls of a product read as one input: the windows of a sample together, where
    the calls have the same samples."""
    if len(calls) == 1 or product.conv is not None:
        return np.ascontiguousarray(np.concatenate(calls) if len(calls) > 1 else calls[0])
    K = calls[0].shape[-1]
    lead = len(calls[0]) if len({len(x) for x in calls}) == 1 else 1
    return np.concatenate([x.reshape(lead, -1, K) for x in calls], axis=1)


@dataclass(frozen=True)
class Call:
    """One call of a product as the core takes it: `x` and the numbers of its first events.

    split: (outer, samples, inner) of the rows before samples were put first; None where they were.
    """

    x: Floats
    conv: dict[str, Any] | None
    first: int
    first_window: int
    split: tuple[int, int, int] | None = None

    @property
    def options(self) -> dict[str, Any]:
        """The arguments of `Layer.run` and `Layer.probe` behind the input."""
        return {"conv": self.conv, "first": self.first, "first_window": self.first_window}

    def back(self, y: Floats) -> Floats:
        """The result with its rows in the order in which the product's input had them."""
        if self.split is None:
            return y
        outer, count, inner = self.split
        item = y.shape[1:] if self.conv is not None else y.shape[-1:]
        return np.ascontiguousarray(y.reshape(count, outer, inner, *item).swapaxes(0, 1))


@dataclass(frozen=True)
class Samples:
    """Which samples a call of the network holds.

    first: absolute index of the first one. orders: see `sample_orders`; None where samples lead.
    """

    first: int
    count: int
    orders: Mapping[str, Order | None] | None

    def call(self, product: Product, x: Floats, first_window: int, ordered: bool) -> Call:
        """How the core executes a product: rows of one sample are windows of it, which share its
        index and its read epoch; several images of one sample are numbered through.

        Raises:
            ValueError: the layer is `ordered`, its noise belongs to samples, and the rows cannot
                be told apart by sample.
        """
        x, conv = np.ascontiguousarray(x), conv_of(product, x.shape)
        rows = len(x) if conv is not None else x.size // max(x.shape[-1], 1)
        order = LEADS if self.count == 1 or self.orders is None else self.orders[product.name]
        split = order.split(rows // max(self.count, 1)) if order else None
        if split is None or not rows or rows % self.count:
            if ordered and rows:
                refuse_order(product.name)
            return Call(x, conv, self.first, first_window)
        return self._sorted(x, conv, first_window, split)

    def _sorted(
        self, x: Floats, conv: dict[str, Any] | None, first_window: int, split: tuple[int, int]
    ) -> Call:
        """The rows with their samples first."""
        outer, inner = split
        per_sample = outer * inner
        if conv is not None:
            images = x.reshape(outer, self.count, inner, *x.shape[1:]).swapaxes(0, 1)
            images = np.ascontiguousarray(images).reshape(x.shape)
            moved = (outer, self.count, inner) if outer > 1 else None
            return Call(images, conv, self.first * per_sample, first_window, moved)
        K = x.shape[-1]
        rows = np.ascontiguousarray(x.reshape(outer, self.count, inner, K).swapaxes(0, 1))
        moved = (outer, self.count, inner) if outer > 1 else None
        rows = rows.reshape(self.count, per_sample, K)
        return Call(rows, None, self.first, first_window * per_sample, moved)


@dataclass
class Run:
    """One chip at work: executes the products and counts what happened."""

    layers: Layers
    programmed: Mapping[str, _core.ProgrammedLayer]
    threads: int = 0
    samples: int = 0
    orders: dict[str, Order | None] | None = None  # known from the first real batch on
    macs: dict[str, int] = field(init=False)  # counted from the graph
    tallies: dict[str, _core.Tally] = field(init=False)  # counted by what ran

    def __post_init__(self) -> None:
        self.macs = dict.fromkeys(self.layers, 0)
        self.tallies = {name: _core.Tally(layer) for name, layer in self.layers.items()}

    def outputs(self, graph: Graph, feeds: Feeds, first: int) -> list[Any]:
        """The network's outputs; `first` is the absolute index of the first sample."""
        samples = self.start(graph, feeds, first)
        outputs = graph.run(feeds, lambda product, x, at: self.multiply(product, x, at, samples))
        self.samples += samples.count
        return outputs

    def start(self, graph: Graph, feeds: Feeds, first: int) -> Samples:
        """What `feeds` holds, found out where noise belongs to samples."""
        ordered = any(layer.depends_on_samples for layer in self.layers.values())
        count = count_samples(graph, feeds, ordered=ordered)
        if self.orders is None and count > 1 and ordered:
            self.orders = sample_orders(graph, feeds, count)
        return Samples(first, count, self.orders)

    def multiply(self, product: Product, x: Floats, first_window: int, samples: Samples) -> Floats:
        """A product on this chip's arrays."""
        layer, name = self.layers[product.name], product.name
        self.macs[name] += product.macs(x.shape)
        call = samples.call(product, x, first_window, layer.depends_on_samples)
        y: Floats = layer.run(
            self.programmed[name],
            call.x,
            self.tallies[name],
            **call.options,
            threads=self.threads,
        )
        return call.back(y).reshape(product.output_shape(x.shape))

    def uses(self) -> list[Use]:
        """What each layer did, per sample of the network, for `_core.price`."""
        return [self._use(name, layer) for name, layer in self.layers.items()]

    def _use(self, name: str, layer: _core.Layer) -> Use:
        use = layer.use(self.programmed[name], self.tallies[name])
        ran = use["activity"]["macs"]
        if ran != self.macs[name]:
            raise RuntimeError(f"layer {name}: {ran} MACs ran, the graph has {self.macs[name]}")
        return _per_network_sample(use, self.samples)


def _per_network_sample(use: Use, samples: int) -> Use:
    windows = use["activity"]["windows"] / max(samples, 1)
    activity = {**use["activity"], "samples": samples}
    return {**use, "activity": activity, "windows_per_sample": windows}


def add_uses(runs: Sequence[Sequence[Use]]) -> list[Use]:
    """What several runs of the same layers did together, in the order given."""
    total = [{**use, "activity": dict(use["activity"])} for use in runs[0]]
    for run in runs[1:]:
        for use, other in zip(total, run, strict=True):
            for key, count in other["activity"].items():
                use["activity"][key] += count
    return total
