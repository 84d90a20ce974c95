"""Random small graphs of all supported kinds equal ONNX Runtime."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from graphs import Builder, assert_equals_runtime, images, typeless
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from onnx import ModelProto, TensorProto, helper

Draw = Callable[[st.SearchStrategy[Any]], Any]


@dataclass(frozen=True)
class Value:
    """A value of the graph and its shape without the batch axis."""

    name: str
    shape: tuple[int, ...]


def conv(draw: Draw, b: Builder, x: Value) -> Value:
    """A convolution along one to three axes, in groups."""
    C, *size = x.shape
    kernel = [draw(st.integers(1, min(3, n))) for n in size]
    group = draw(st.sampled_from([1, C] + [2] * (C % 2 == 0)))
    filters = group * draw(st.integers(1, 3))
    attributes: dict[str, Any] = {"strides": [draw(st.integers(1, min(2, k + 1))) for k in kernel]}
    pad = draw(st.sampled_from(["NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER", "pads"]))
    attributes |= {"pads": [draw(st.integers(0, 1)) for _ in 2 * size]} if pad == "pads" else {}
    attributes |= {} if pad == "pads" else {"auto_pad": pad}
    if not pad.startswith("SAME") and all(
        2 * (k - 1) < n for k, n in zip(kernel, size, strict=True)
    ):
        attributes["dilations"] = [draw(st.integers(1, 2)) for _ in size]
    bias = [b.weight(filters)] if draw(st.booleans()) else []
    name = b.node(
        "Conv",
        x.name,
        _source(draw, b, filters, C // group, *kernel),
        *bias,
        group=group,
        **attributes,
    )
    if draw(st.booleans()):
        name = b.batch_norm(name, filters)
    return Value(name, (filters, *_spatial(size, kernel, attributes)))


def _spatial(size: Sequence[int], kernel: Sequence[int], attributes: dict[str, Any]) -> list[int]:
    """Output size by ONNX's own formulas, independent of ConvGeometry."""
    axes, result = len(size), []
    for axis in range(axes):
        stride = attributes["strides"][axis]
        if attributes.get("auto_pad", "").startswith("SAME"):
            result.append(-(-size[axis] // stride))
            continue
        pads = attributes.get("pads", [0] * 2 * axes)
        reach = attributes.get("dilations", [1] * axes)[axis] * (kernel[axis] - 1) + 1
        result.append((size[axis] + pads[axis] + pads[axis + axes] - reach) // stride + 1)
    return result


def transposed(draw: Draw, b: Builder, x: Value) -> Value:
    """A transposed convolution along one to three axes, in groups."""
    C, *size = x.shape
    kernel = [draw(st.integers(1, 3)) for _ in size]
    group = draw(st.sampled_from([1, C]))
    each = draw(st.integers(1, 2))
    strides = [draw(st.integers(1, 2)) for _ in size]
    dilations = [draw(st.integers(1, 2)) for _ in size]
    extra = [draw(st.integers(0, stride - 1)) for stride in strides]
    full = [
        (n - 1) * s + (k - 1) * d + 1 + e
        for n, s, k, d, e in zip(size, strides, kernel, dilations, extra, strict=True)
    ]
    pads = [draw(st.integers(0, 1)) if n > 2 else 0 for n in full + full]
    bias = [b.weight(each * group)] if draw(st.booleans()) else []
    name = b.node(
        "ConvTranspose",
        x.name,
        _source(draw, b, C, each, *kernel),
        *bias,
        group=group,
        strides=strides,
        dilations=dilations,
        output_padding=extra,
        pads=pads,
    )
    if draw(st.booleans()):
        name = b.batch_norm(name, each * group)
    out = [n - pads[i] - pads[i + len(size)] for i, n in enumerate(full)]
    return Value(name, (each * group, *out))


def _source(draw: Draw, b: Builder, *shape: int) -> str:
    """Weights as an initializer, from a Constant node or through Identity."""
    kind = draw(st.sampled_from(["initializer", "Constant", "Identity"]))
    if kind == "Constant":
        return b.constant(b.normal(*shape))
    weight = b.weight(*shape)
    return weight if kind == "initializer" else b.node("Identity", weight)


def dense(draw: Draw, b: Builder, x: Value) -> Value:
    N = draw(st.integers(1, 5))
    flat = len(x.shape) == 1
    if flat and draw(st.booleans()):
        C = draw(st.sampled_from([None, (), (N,), (1, N), (1,)]))
        transB, K = draw(st.integers(0, 1)), x.shape[0]
        B = _source(draw, b, *((N, K) if transB else (K, N)))
        bias = [] if C is None else [b.weight(*C)]
        scales = {
            "alpha": draw(st.sampled_from([1.0, 0.5])),
            "beta": draw(st.sampled_from([1.0, -2.0])),
        }
        return Value(b.node("Gemm", x.name, B, *bias, transB=transB, **scales), (N,))
    return Value(b.node("MatMul", x.name, _source(draw, b, x.shape[-1], N)), (*x.shape[:-1], N))


def batched(draw: Draw, b: Builder, x: Value) -> Value:
    """A constant batch of matrices on either side of the last two axes."""
    *lead, rows, K = x.shape
    batch = [draw(st.sampled_from([1, n])) for n in lead[draw(st.integers(0, len(lead))) :]]
    N = draw(st.integers(1, 4))
    if draw(st.booleans()):
        name = b.node("MatMul", x.name, _source(draw, b, *batch, K, N))
        return Value(name, (*lead, rows, N))
    name = b.node("MatMul", _source(draw, b, *batch, N, rows), x.name)
    return Value(name, (*lead, N, K))


def left(draw: Draw, b: Builder, x: Value) -> Value:
    """A Gemm with the constant on the left: rows of the result are not the batch, so it turns."""
    (K,), N = x.shape, draw(st.integers(1, 5))
    transA = draw(st.integers(0, 1))
    A = _source(draw, b, *((K, N) if transA else (N, K)))
    C = draw(st.sampled_from([None, (), (N, 1), (1, 1)]))
    bias = [] if C is None else [b.weight(*C)]
    scales = {"alpha": draw(st.sampled_from([1.0, 0.5])), "beta": draw(st.sampled_from([1.0, 0.0]))}
    turned = b.node("Gemm", A, x.name, *bias, transA=transA, transB=1, **scales)
    return Value(b.node("Transpose", turned, perm=[1, 0]), (N,))


def double(draw: Draw, b: Builder, x: Value) -> Value:
    """A product with float64 weights between two casts; float16 would be too coarse to compare."""
    W = b.tensor(b.normal(x.shape[-1], 3).astype(np.float64))
    wide = b.node("Cast", x.name, to=TensorProto.DOUBLE)
    y = b.node("Cast", b.node("MatMul", wide, W), to=TensorProto.FLOAT)
    return Value(y, (*x.shape[:-1], 3))


def pointwise(draw: Draw, b: Builder, x: Value) -> Value:
    return Value(
        b.node(draw(st.sampled_from(["Relu", "Sigmoid", "Neg", "Identity"])), x.name), x.shape
    )


def flatten(draw: Draw, b: Builder, x: Value) -> Value:
    size = int(np.prod(x.shape))
    if draw(st.booleans()):
        return Value(b.node("Flatten", x.name), (size,))
    batch = b.node("Slice", b.node("Shape", x.name), *(b.constant(np.array([i])) for i in (0, 1)))
    shape = b.node("Concat", batch, b.constant(np.array([size])), axis=0)
    return Value(b.node("Reshape", x.name, shape), (size,))


def branch(draw: Draw, b: Builder, x: Value) -> Value:
    """An If that captures x."""
    bodies = []
    for op in draw(st.permutations(["Neg", "Abs", "Exp"]))[:2]:
        out = f"{op}_{x.name}_{len(b.graph.node)}"
        node = helper.make_node(op, [x.name], [out])
        bodies.append(helper.make_graph([node], op, [], [typeless(out)]))
    total = b.node("ReduceSum", x.name, keepdims=0)
    positive = b.node("Greater", total, b.constant(np.float32(0)))
    chosen = b.node("If", positive, then_branch=bodies[0], else_branch=bodies[1])
    return Value(b.node("Tanh", chosen), x.shape)


def joined(draw: Draw, b: Builder, values: list[Value], x: Value) -> Value:
    """x with another value: a residual sum, or channels side by side."""
    partners = [v for v in values if v.shape[1:] == x.shape[1:]]
    other = draw(st.sampled_from(partners))
    if other.shape == x.shape and draw(st.booleans()):
        return Value(b.node("Add", x.name, other.name), x.shape)
    channels = x.shape[0] + other.shape[0]
    return Value(b.node("Concat", x.name, other.name, axis=1), (channels, *x.shape[1:]))


@st.composite
def networks(draw: Draw) -> tuple[ModelProto, dict[str, Any]]:
    """A model of up to nine operators on one or two inputs, with one to three outputs."""
    b = Builder(seed=draw(st.integers(0, 1000)))
    batch, feeds, values = draw(st.integers(1, 3)), {}, []
    for name in ("x", "y")[: draw(st.integers(1, 2))]:
        axes = draw(st.sampled_from([1, 2, 2, 3]))
        shape = (draw(st.integers(1, 4)), *(draw(st.integers(3, 7 - axes)) for _ in range(axes)))
        values.append(Value(b.input(name, ["N", *shape]), shape))
        feeds[name] = images(batch, *shape, seed=len(feeds))
    for _ in range(draw(st.integers(1, 9))):
        x = draw(st.sampled_from(values[-3:]))  # rather deep than wide
        kinds: list[Any] = [dense, dense, pointwise, joined, branch, double]
        kinds += [conv, conv, conv, transposed, flatten, batched] if len(x.shape) > 1 else [left]
        if int(np.prod(x.shape)) > 5000:
            kinds = [pointwise, joined]
        make = draw(st.sampled_from(kinds))
        values.append(make(draw, b, values, x) if make is joined else make(draw, b, x))
    names = {
        values[-1].name,
        *draw(st.lists(st.sampled_from([v.name for v in values]), max_size=2)),
    }
    return b.model(*sorted(names)), feeds


@settings(
    max_examples=250,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(networks())
def test_random_networks_equal_onnx_runtime(network: tuple[ModelProto, dict[str, Any]]) -> None:
    graph = assert_equals_runtime(*network)
    event(f"{len(graph.analog_steps)} analog steps")
    assert {row.name for row in graph.node_table if row.place == "analog"} == {
        step.name for step in graph.analog_steps
    }
