"""Builds small ONNX models for tests, and compares networks with ONNX Runtime."""

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import wordline as wl
from onnx import ModelProto, TensorProto, ValueInfoProto, helper, numpy_helper
from wordline.network import Network
from wordline.onnx import Graph, Product, exact_product

FLOAT = TensorProto.FLOAT
INT64 = TensorProto.INT64


class Builder:
    """Collects nodes; the methods return value names, so that calls nest.

    Weights are drawn from a generator of its own: equal calls make equal models.
    """

    def __init__(self, opset: int = 17, ir_version: int = 8, seed: int = 1):
        self.opsets = {"": opset}
        self.ir_version = ir_version
        self.rng = np.random.default_rng(seed)
        self.graph = onnx.GraphProto(name="test")
        self.functions: list[onnx.FunctionProto] = []
        self._count = 0

    def input(self, name: str, shape: Any = None, dtype: int = FLOAT) -> str:
        self.graph.input.append(helper.make_tensor_value_info(name, dtype, shape))
        return name

    def tensor(self, array: Any, name: str = "") -> str:
        """An initializer with the given values."""
        name = name or self._fresh("t")
        self.graph.initializer.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def weight(self, *shape: int, name: str = "") -> str:
        """An initializer with normal float32 values of standard deviation 0.5."""
        return self.tensor(self.normal(*shape), name)

    def normal(self, *shape: int) -> Any:
        return (0.5 * self.rng.standard_normal(shape)).astype(np.float32)

    def constant(self, array: Any) -> str:
        """The result of a Constant node."""
        return self.node("Constant", value=numpy_helper.from_array(np.asarray(array)))

    def node(self, op: str, *inputs: str, out: str = "", name: str = "", **attributes: Any) -> str:
        """Add a node with one output (called `out`, or a new name)."""
        out = out or self._fresh(op.lower())
        self.graph.node.append(helper.make_node(op, inputs, [out], name=name, **attributes))
        return out

    def nodes(self, op: str, *inputs: str, outs: list[str], **attributes: Any) -> list[str]:
        """Add a node with several outputs; an empty name leaves one out."""
        self.graph.node.append(helper.make_node(op, inputs, outs, **attributes))
        return outs

    def conv(self, x: str, channels: int, filters: int, kernel: int = 3, **attributes: Any) -> str:
        group = attributes.get("group", 1)
        W = self.weight(filters, channels // group, kernel, kernel)
        return self.node("Conv", x, W, self.weight(filters), **attributes)

    def batch_norm(self, x: str, channels: int, **attributes: Any) -> str:
        variance = self.tensor(self.rng.uniform(0.2, 2.0, channels).astype(np.float32))
        others = [self.weight(channels) for _ in range(3)]
        return self.node("BatchNormalization", x, *others, variance, **attributes)

    def model(self, *outputs: str | tuple[str, int]) -> ModelProto:
        """The model with these outputs; float32, or (name, element type)."""
        for output in outputs:
            name, dtype = (output, FLOAT) if isinstance(output, str) else output
            self.graph.output.append(helper.make_tensor_value_info(name, dtype, None))
        opsets = [helper.make_opsetid(domain, version) for domain, version in self.opsets.items()]
        return helper.make_model(
            self.graph,
            opset_imports=opsets,
            ir_version=self.ir_version,
            functions=self.functions,
        )

    def _fresh(self, stem: str) -> str:
        self._count += 1
        return f"{stem}_{self._count}"


def typeless(name: str) -> ValueInfoProto:
    """The output of a body, of which ONNX infers the type."""
    return helper.make_tensor_value_info(name, FLOAT, None)


def images(*shape: int, seed: int = 3) -> Any:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def quiet(exact: bool = True) -> Any:
    """Options of a session that prints nothing and uses one thread.

    exact: without this, sums of products of 8-bit codes saturate at 16 bits on CPUs that lack VNNI.
    """
    options = ort.SessionOptions()
    options.add_session_config_entry("session.x64quantprecision", "1" if exact else "0")
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    return options


def runtime(model: ModelProto, feeds: Mapping[str, Any]) -> list[Any]:
    """What ONNX Runtime returns for the whole model."""
    session = ort.InferenceSession(
        model.SerializeToString(), quiet(), providers=["CPUExecutionProvider"]
    )
    return list(session.run(None, dict(feeds)))


def reference(product: Product, x: Any, first_window: int = 0) -> Any:
    """A product in plain NumPy and float64: the meaning of `weights`, `bias`, `groups`, `conv`."""
    y = _multiplied(product, unfolded(product, x), product.weights)
    if product.bias is not None:
        y += product.bias
    return _laid_out(product, y).astype(np.float32)


def bound(product: Product, x: Any) -> Any:
    """sum |w||x| for each output: the scale of float32 rounding in it."""
    windows = np.abs(unfolded(product, x))
    return _laid_out(product, _multiplied(product, windows, np.abs(product.weights)))


def _multiplied(product: Product, windows: Any, weights: Any) -> Any:
    """Windows (..., groups * k) times a matrix, group by group, in float64."""
    k, N = weights.shape
    size = N // product.groups
    parts = [
        windows[..., g * k : (g + 1) * k].astype(np.float64) @ weights[:, g * size : (g + 1) * size]
        for g in range(product.groups)
    ]
    return np.concatenate(parts, axis=-1)


def unfolded(product: Product, x: Any) -> Any:
    """The vectors that meet the weights: (..., groups * k); for images (batch, *windows, K)."""
    if product.conv is None:
        return x
    conv, axes = product.conv, len(product.conv.kernel)
    pads = conv.pads_for(*x.shape[2:])
    x = np.pad(x, [(0, 0), (0, 0), *((pads[i], pads[i + axes]) for i in range(axes))])
    taps = []
    for tap in itertools.product(*map(range, conv.kernel)):
        picked = x
        for i in range(axes):
            last = x.shape[2 + i] - conv.dilations[i] * (conv.kernel[i] - 1)
            where = np.arange(0, last, conv.strides[i]) + tap[i] * conv.dilations[i]
            picked = np.take(picked, where, axis=2 + i)
        taps.append(picked)
    stacked = np.stack(taps, axis=2)  # batch, channel, tap, windows ...
    batch, channels, count = stacked.shape[:3]
    flat = stacked.reshape(batch, channels * count, *stacked.shape[3:])
    return np.moveaxis(flat, 1, -1)


def _laid_out(product: Product, y: Any) -> Any:
    return y if product.conv is None else np.moveaxis(y, -1, 1)


def assert_same(actual: Any, expected: Any, quanta: float = 0.0, floor: float = 0.0) -> None:
    """Equal types and shapes; floats to 1e-4 of the largest (float16: 2e-3), the rest exactly.

    quanta: largest fraction of other elements that may differ by one (behind rounding).
    floor: what floats may differ by besides.
    """
    if isinstance(expected, list):
        assert len(actual) == len(expected)
        for one, other in zip(actual, expected, strict=True):
            assert_same(one, other, floor=floor)
        return
    assert actual.dtype == expected.dtype
    assert actual.shape == expected.shape
    if expected.dtype.kind == "f":
        scale = np.abs(expected[np.isfinite(expected)]).max(initial=0.0)
        part = 2e-3 if expected.dtype == np.float16 else 1e-4  # float16 has steps of 1e-3
        np.testing.assert_allclose(actual, expected, rtol=0, atol=part * float(scale) + floor)
    elif quanta:
        apart = np.abs(actual.astype(np.int64) - expected.astype(np.int64))
        assert apart.max(initial=0) <= 1
        assert np.mean(apart != 0) <= quanta
    else:
        np.testing.assert_array_equal(actual, expected)


def on_ideal_chip(graph: Graph, feeds: Any) -> list[Any]:
    """The network's outputs on a programmed chip without any error."""
    return Network(graph, "generated").map(wl.Chip.ideal())(feeds)


def assert_equals_runtime(model: ModelProto, feeds: Mapping[str, Any], **options: Any) -> Graph:
    """The law: products and network agree with ONNX Runtime, on the ideal chip too.

    Each product is also compared with its meaning in NumPy, within float32 rounding. Gives the
    graph.
    """
    graph = Graph.load(model, **options)
    expected = runtime(model, feeds)
    for multiply in (None, exact_product, reference):
        actual = graph.run(feeds, multiply)
        for one, other in zip(actual, expected, strict=True):
            assert_same(one, other)
    for one, other in zip(on_ideal_chip(graph, feeds), expected, strict=True):
        assert_same(one, other)
    inputs = graph.trace(feeds)
    assert list(inputs) == [product.name for product in graph.products]
    for product in graph.products:
        for x in inputs[product.name]:
            error = np.abs(exact_product(product, x).astype(np.float64) - reference(product, x))
            assert (error <= 1e-5 * bound(product, x) + 1e-6 * _bias_scale(product)).all()
    return graph


def _bias_scale(product: Product) -> float:
    return 0.0 if product.bias is None else float(np.abs(product.bias).max())


def places(graph: Graph) -> dict[str, str]:
    """The summary by node name: "analog: Conv 3x3, 27x4 weights"."""
    return {row.name: str(row) for row in graph.node_table}


def only_place(b: Builder, output: str, feeds: dict[str, Any]) -> str:
    """The summary of the node called "n", of a network that equals ONNX Runtime."""
    return places(assert_equals_runtime(b.model(output), feeds))["n"]
