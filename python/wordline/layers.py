"""Between the graph's analog steps and the core's layers: shapes, sample counts, execution."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordline import _core
from wordline.errors import fail
from wordline.onnx import AnalogStep, Graph
from wordline.onnx.interface import Feeds
from wordline.samples import count_samples, refuse_order, samples_lead
from wordline.specs import Chip

Floats = NDArray[np.float32]
Use = dict[str, Any]


def conv_of(step: AnalogStep, x: Floats) -> dict[str, Any] | None:
    """How a convolution walks over `x`, as the core takes it; None for a matrix."""
    if step.conv is None:
        return None
    top, left, bottom, right = step.conv.pads_for(*x.shape[2:])
    return {
        "kernel": step.conv.kernel,
        "stride": step.conv.strides,
        "dilation": step.conv.dilations,
        "pad_before": (top, left),
        "pad_after": (bottom, right),
    }


def make_layers(graph: Graph, chip: Chip) -> dict[str, _core.Layer]:
    """The layers by name. Weights that two nodes share become two layers, each with its cells.

    A layer's cells draw by the place of its node in the model, so that they stay the same when
    other nodes are kept digital.
    """
    settings = chip.to_dict()
    place = {row.name: index for index, row in enumerate(graph.node_table)}
    return {
        step.name: _core.Layer(step.name, place[step.name], settings, step.weights, step.bias)
        for step in graph.analog_steps
    }


def calibrate_layers(
    graph: Graph, layers: Mapping[str, _core.Layer], feeds: Feeds | None, threads: int
) -> None:
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
    for step in graph.analog_steps:
        x = rows_of(seen[step.name])
        layers[step.name].calibrate(x, conv_of(step, x), threads)


def rows_of(x: Floats) -> Floats:
    """The samples of a layer in the order the core wants; one bare vector is one sample."""
    return np.ascontiguousarray(x[None] if x.ndim == 1 else x)


@dataclass
class Run:
    """One chip at work: executes the analog steps and counts what happened."""

    layers: Mapping[str, _core.Layer]
    programmed: Mapping[str, _core.ProgrammedLayer]
    threads: int = 0
    samples: int = 0
    leads: dict[str, bool] | None = None  # see samples_lead; known from the first real batch on
    macs: dict[str, int] = field(init=False)  # counted from the graph
    tallies: dict[str, _core.Tally] = field(init=False)  # counted by what ran

    def __post_init__(self) -> None:
        self.macs = dict.fromkeys(self.layers, 0)
        self.tallies = {name: _core.Tally(layer) for name, layer in self.layers.items()}

    def outputs(self, graph: Graph, feeds: Feeds, first: int) -> list[Any]:
        """The network's outputs; `first` is the absolute index of the first sample."""
        count = count_samples(graph, feeds)
        ordered = any(layer.depends_on_samples for layer in self.layers.values())
        if self.leads is None and count > 1 and ordered:
            self.leads = samples_lead(graph, feeds, count)
        outputs = graph.run(feeds, lambda step, x: self._layer(step, x, first, count))
        self.samples += count
        return outputs

    def uses(self) -> list[Use]:
        """What each layer did, per sample of the network, for `_core.price`."""
        return [self._use(name, layer) for name, layer in self.layers.items()]

    def _use(self, name: str, layer: _core.Layer) -> Use:
        use = layer.use(self.programmed[name], self.tallies[name])
        ran = use["activity"]["macs"]
        if ran != self.macs[name]:
            raise RuntimeError(f"layer {name}: {ran} MACs ran, the graph has {self.macs[name]}")
        return _per_network_sample(use, self.samples)

    def _layer(self, step: AnalogStep, x: Floats, first: int, count: int) -> Floats:
        given = rows_of(x)
        self.macs[step.name] += step.macs(x.shape)
        rows, rest = divmod(len(given), count)
        known = not rest and (count == 1 or self.leads is None or self.leads[step.name])
        if not known and self.layers[step.name].depends_on_samples:
            refuse_order(step.name)
        if known and step.conv is None and given.ndim > 1:
            # Rows of one sample are windows of it: they share its index and its read epoch.
            given = given.reshape(count, -1, given.shape[-1])
        y = self.layers[step.name].run(
            self.programmed[step.name],
            given,
            self.tallies[step.name],
            conv_of(step, given),
            first * rows if step.conv is not None and known else first,
            self.threads,
        )
        return y.reshape(*x.shape[:-1], y.shape[-1]) if step.conv is None else y


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
