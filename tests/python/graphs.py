"""Builds small ONNX models for tests, and compares networks with ONNX Runtime."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from onnx import ModelProto, TensorProto, ValueInfoProto, helper, numpy_helper
from wordline.onnx import AnalogStep, Graph, exact

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


def runtime(model: ModelProto, feeds: Mapping[str, Any]) -> list[Any]:
    """What ONNX Runtime returns for the whole model."""
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return list(session.run(None, dict(feeds)))


def reference(step: AnalogStep, x: Any) -> Any:
    """An analog step in plain NumPy and float64: the meaning of `weights`, `bias`, `conv`."""
    columns = unfolded(step, x)
    y = columns.astype(np.float64) @ step.weights.astype(np.float64)
    if step.bias is not None:
        y += step.bias
    return _laid_out(step, y).astype(np.float32)


def bound(step: AnalogStep, x: Any) -> Any:
    """sum |w||x| for each output: the scale of float32 rounding in it."""
    y = np.abs(unfolded(step, x)).astype(np.float64) @ np.abs(step.weights).astype(np.float64)
    return _laid_out(step, y)


def unfolded(step: AnalogStep, x: Any) -> Any:
    """The vectors that meet the weights: (..., K); for Conv (batch, down, across, K)."""
    if step.conv is None:
        return x
    conv = step.conv
    top, left, bottom, right = conv.pads_for(*x.shape[2:])
    x = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)))
    down = range(0, x.shape[2] - conv.dilations[0] * (conv.kernel[0] - 1), conv.strides[0])
    across = range(0, x.shape[3] - conv.dilations[1] * (conv.kernel[1] - 1), conv.strides[1])
    taps = [
        x[:, :, [r + i * conv.dilations[0] for r in down], :][
            :, :, :, [c + j * conv.dilations[1] for c in across]
        ]
        for i in range(conv.kernel[0])
        for j in range(conv.kernel[1])
    ]
    stacked = np.stack(taps, axis=2)  # batch, channel, tap, down, across
    batch, channels, count = stacked.shape[:3]
    K = channels * count
    return stacked.reshape(batch, K, *stacked.shape[3:]).transpose(0, 2, 3, 1)


def _laid_out(step: AnalogStep, y: Any) -> Any:
    return y if step.conv is None else y.transpose(0, 3, 1, 2)


def assert_same(actual: Any, expected: Any, quanta: float = 0.0) -> None:
    """Equal types and shapes; floats to 1e-4 of the largest, the rest exactly.

    quanta: largest fraction of other elements that may differ by one (behind rounding).
    """
    if isinstance(expected, list):
        assert len(actual) == len(expected)
        for one, other in zip(actual, expected, strict=True):
            assert_same(one, other)
        return
    assert actual.dtype == expected.dtype
    assert actual.shape == expected.shape
    if expected.dtype.kind == "f":
        scale = np.abs(expected[np.isfinite(expected)]).max(initial=0.0)
        np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-4 * scale)
    elif quanta:
        apart = np.abs(actual.astype(np.int64) - expected.astype(np.int64))
        assert apart.max(initial=0) <= 1
        assert np.mean(apart != 0) <= quanta
    else:
        np.testing.assert_array_equal(actual, expected)


def assert_equals_runtime(model: ModelProto, feeds: Mapping[str, Any], **options: Any) -> Graph:
    """The law: steps and network agree with ONNX Runtime, executed two ways. Returns the graph."""
    graph = Graph.load(model, **options)
    expected = runtime(model, feeds)
    for analog in (exact, reference):
        actual = graph.run(feeds, analog)
        for one, other in zip(actual, expected, strict=True):
            assert_same(one, other)
    inputs = graph.trace(feeds)
    assert list(inputs) == [step.name for step in graph.analog_steps]
    for step in graph.analog_steps:
        x = inputs[step.name]
        error = np.abs(exact(step, x).astype(np.float64) - reference(step, x))
        assert (error <= 1e-5 * bound(step, x) + 1e-6 * _bias_scale(step)).all()
    return graph


def _bias_scale(step: AnalogStep) -> float:
    return 0.0 if step.bias is None else float(np.abs(step.bias).max())


def places(graph: Graph) -> dict[str, str]:
    """The summary by node name: "analog: Conv 3x3, 27x4 weights"."""
    return {row.name: str(row) for row in graph.node_table}
