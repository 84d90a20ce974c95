"""Which nodes become analog, with which weights, and the reasons of those that stay digital."""

from typing import Any

import numpy as np
import pytest
from graphs import Builder, assert_equals_runtime, images, places
from onnx import helper, numpy_helper
from wordline.onnx import Graph


def only_place(b: Builder, output: str, feeds: dict[str, Any]) -> str:
    """The summary of the node called "n", of a network that equals ONNX Runtime."""
    return places(assert_equals_runtime(b.model(output), feeds))["n"]


@pytest.mark.parametrize("size", [(9, 9), (10, 7), (6, 11)])
@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"pads": [1, 2, 0, 1]},
        {"strides": [2, 3]},
        {"dilations": [2, 1], "pads": [2, 1, 2, 1]},
        {"dilations": [2, 2], "strides": [2, 1]},
        {"auto_pad": "VALID", "strides": [2, 2]},
        {"auto_pad": "SAME_UPPER"},
        {"auto_pad": "SAME_LOWER"},
        {"auto_pad": "SAME_UPPER", "strides": [2, 3]},
        {"auto_pad": "SAME_LOWER", "strides": [3, 2]},
        {"auto_pad": "NOTSET", "pads": [0, 0, 1, 1]},
    ],
    ids=str,
)
@pytest.mark.parametrize("kernel", [(3, 3), (2, 4)], ids=str)
def test_convolutions(size: Any, attributes: Any, kernel: Any) -> None:
    b = Builder()
    W = b.weight(4, 3, *kernel)
    y = b.node("Conv", b.input("x", ["N", 3, *size]), W, b.weight(4), name="n", **attributes)
    shape = f"{kernel[0]}x{kernel[1]}, {3 * kernel[0] * kernel[1]}x4"
    assert only_place(b, y, {"x": images(2, 3, *size)}) == f"analog: Conv {shape} weights"


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("auto_pad", ["SAME_UPPER", "SAME_LOWER"])
@pytest.mark.parametrize("size", [(8, 8), (7, 9)])
def test_pointwise_convolutions_with_same_pads(stride: int, auto_pad: str, size: Any) -> None:
    b = Builder()
    x = b.input("x", ["N", 3, *size])
    y = b.node("Conv", x, b.weight(4, 3, 1, 1), name="n", auto_pad=auto_pad, strides=[stride] * 2)
    assert only_place(b, y, {"x": images(2, 3, *size)}).startswith("analog")


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"group": 4}, "group = 4"),
        ({"pads": [-1, 0, 0, 0]}, "negative pads"),
        (
            {"auto_pad": "SAME_UPPER", "strides": [5, 1]},
            "SAME_UPPER with strides longer than the kernel",
        ),
    ],
)
def test_digital_convolutions(attributes: Any, reason: str) -> None:
    b = Builder()
    x = b.input("x")  # with a known shape ONNX Runtime refuses negative pads
    y = b.node(
        "Conv", x, b.weight(4, 4 // attributes.get("group", 1), 3, 3), name="n", **attributes
    )
    assert only_place(b, y, {"x": images(2, 4, 10, 10)}) == f"digital: {reason} (segment 0)"


def test_same_pads_with_dilations_are_left_to_onnx_runtime_which_refuses() -> None:
    b = Builder()
    attributes = {"auto_pad": "SAME_UPPER", "dilations": [2, 2]}
    y = b.node("Conv", b.input("x", ["N", 4, 9, 9]), b.weight(4, 4, 3, 3), name="n", **attributes)
    graph = Graph.load(b.model(y))
    assert places(graph)["n"] == "digital: SAME_UPPER with dilations (segment 0)"
    with pytest.raises(ValueError, match=r"segment 0.*Dilation not supported"):
        graph.run(images(1, 4, 9, 9))


def test_convolutions_of_other_rank_and_with_changing_weights() -> None:
    b = Builder()
    y = b.node("Conv", b.input("x", ["N", 3, 9]), b.weight(4, 3, 3), name="n")
    reason = "1-d convolution, only 2-d is mapped"
    assert only_place(b, y, {"x": images(2, 3, 9)}) == f"digital: {reason} (segment 0)"
    b = Builder()
    y = b.node("Conv", b.input("x"), b.input("W"), name="n")
    feeds = {"x": images(2, 3, 9, 9), "W": images(4, 3, 3, 3)}
    assert only_place(b, y, feeds) == "digital: weights are not constant (segment 0)"
    b = Builder()
    y = b.node("Conv", b.input("x"), b.weight(4, 3, 3, 3), b.input("bias"), name="n")
    feeds = {"x": images(2, 3, 9, 9), "bias": images(4)}
    assert only_place(b, y, feeds) == "digital: bias is not constant (segment 0)"


@pytest.mark.parametrize("shape", [None, (), (1,), (6,), (1, 6), (1, 1)], ids=str)
@pytest.mark.parametrize("transB", [0, 1])
@pytest.mark.parametrize("scales", [{}, {"alpha": 0.3, "beta": -1.7}, {"beta": 0.0}], ids=str)
def test_gemm(shape: Any, transB: int, scales: Any) -> None:
    b = Builder()
    B = b.weight(*((6, 5) if transB else (5, 6)))
    C = [] if shape is None else [b.weight(*shape)]
    y = b.node("Gemm", b.input("x", ["M", 5]), B, *C, name="n", transB=transB, **scales)
    assert only_place(b, y, {"x": images(3, 5)}) == "analog: Gemm, 5x6 weights"


@pytest.mark.parametrize(
    ("C", "attributes", "reason"),
    [
        ((3, 6), {}, "C has shape (3, 6): its rows differ"),
        ((3, 1), {}, "C has shape (3, 1): its rows differ"),
        ("input", {}, "bias is not constant"),
        ((6,), {"transA": 1}, "transA = 1"),
    ],
)
def test_digital_gemm(C: Any, attributes: Any, reason: str) -> None:
    b = Builder()
    x = images(3, 5).T.copy() if attributes else images(3, 5)
    feeds = {"x": x} | ({"C": images(3, 6)} if C == "input" else {})
    C = b.input("C", [3, 6]) if C == "input" else b.weight(*C)
    y = b.node("Gemm", b.input("x", x.shape), b.weight(5, 6), C, name="n", **attributes)
    assert only_place(b, y, feeds) == f"digital: {reason} (segment 0)"


@pytest.mark.parametrize("shape", [(5,), (3, 5), (2, 3, 5), (2, 1, 3, 5), (0, 5)], ids=str)
def test_matmul_of_any_rank(shape: Any) -> None:
    b = Builder()
    y = b.node("MatMul", b.input("x", [None] * (len(shape) - 1) + [5]), b.weight(5, 6), name="n")
    assert only_place(b, y, {"x": images(*shape)}) == "analog: MatMul, 5x6 weights"


@pytest.mark.parametrize(
    ("left", "right", "reason"),
    [
        ((6, 5), "x", "constant on the left side"),
        ("x", (2, 5, 6), "3-d weights, only 2-d are mapped"),
        ("x", (5,), "1-d weights, only 2-d are mapped"),
        ("x", "x", "weights are not constant"),
    ],
    ids=str,
)
def test_digital_matmul(left: Any, right: Any, reason: str) -> None:
    b = Builder()
    b.input("x", [5, 5])
    sides = [side if side == "x" else b.weight(*side) for side in (left, right)]
    y = b.node("MatMul", *sides, name="n")
    assert only_place(b, y, {"x": images(5, 5)}) == f"digital: {reason} (segment 0)"


@pytest.mark.parametrize("dtype", [np.float16, np.float64])
def test_other_element_types_stay_digital(dtype: Any) -> None:
    b = Builder()
    elem = {np.float16: 10, np.float64: 11}[dtype]
    w = b.tensor(b.normal(5, 6).astype(dtype))
    y = b.node("MatMul", b.input("x", ["N", 5], elem), w, name="n")
    graph = assert_equals_runtime(b.model((y, elem)), {"x": images(3, 5).astype(dtype)})
    reason = f"weights of type {np.dtype(dtype)}, only float32 is mapped"
    assert places(graph)["n"] == f"digital: {reason} (segment 0)"


def test_a_namesake_in_another_domain_is_not_a_convolution() -> None:
    b = Builder()
    b.opsets["com.microsoft"] = 1
    y = b.node("Gelu", b.input("x", ["N"]), name="n", domain="com.microsoft")
    assert only_place(b, y, {"x": images(4)}) == "digital (segment 0)"


@pytest.mark.parametrize("source", ["Constant", "Identity", "Transpose", "sparse", "sparse 2-d"])
def test_where_weights_may_come_from(source: str) -> None:
    b = Builder()
    values = b.normal(5, 6)
    if source == "Constant":
        W = b.constant(values)
    elif source == "Identity":
        W = b.node("Identity", b.node("Identity", b.tensor(values)))
    elif source == "Transpose":
        W = b.node("Transpose", b.tensor(values.T.copy()))
    else:
        W = _sparse(b, values, flat=source == "sparse")
    y = b.node("MatMul", b.input("x", ["N", 5]), W, name="n")
    suffix = " from Transpose" if source == "Transpose" else ""
    assert only_place(b, y, {"x": images(3, 5)}) == f"analog: MatMul, 5x6 weights{suffix}"


def _sparse(b: Builder, values: Any, flat: bool) -> str:
    values[1:4, 2:] = 0
    data = numpy_helper.from_array(values[values != 0], "sparse_w")
    where = np.flatnonzero(values) if flat else np.argwhere(values)
    places = numpy_helper.from_array(where, "places")
    b.graph.sparse_initializer.append(helper.make_sparse_tensor(data, places, list(values.shape)))
    return "sparse_w"


def normalised(b: Builder, **attributes: Any) -> tuple[str, str]:
    x = b.node("Conv", b.input("x", ["N", 3, 6, 6]), b.weight(4, 3, 3, 3), name="conv")
    return x, b.batch_norm(x, 4, name="n", **attributes)


@pytest.mark.parametrize("epsilon", [1e-5, 0.1])
@pytest.mark.parametrize("bias", [True, False])
def test_batch_norm_is_folded(epsilon: float, bias: bool) -> None:
    b = Builder()
    x = b.input("x", ["N", 3, 6, 6])
    x = b.node("Conv", x, b.weight(4, 3, 3, 3), *([b.weight(4)] if bias else []), name="conv")
    y = b.node("Relu", b.batch_norm(x, 4, name="n", epsilon=epsilon))
    graph = assert_equals_runtime(b.model(y), {"x": images(2, 3, 6, 6)})
    assert places(graph)["n"] == "folded into conv"
    assert places(graph)["conv"] == "analog: Conv 3x3, 27x4 weights"
    assert len(graph.steps) == 2


def test_batch_norm_of_a_value_with_other_readers_is_not_folded() -> None:
    feeds = {"x": images(2, 3, 6, 6)}
    b = Builder()
    x, y = normalised(b)
    assert only_place(b, b.node("Add", x, y), feeds) == "digital (segment 1)"
    b = Builder()
    x, y = normalised(b)
    assert places(assert_equals_runtime(b.model(x, y), feeds))["n"] == "digital (segment 1)"


def test_batch_norm_that_is_not_plain_inference_is_not_folded() -> None:
    b = Builder()
    x = b.node("Conv", b.input("x", ["N", 3, 6, 6]), b.weight(4, 3, 3, 3))
    constant = [b.weight(4) for _ in range(3)]
    y = b.node("BatchNormalization", x, *constant, b.input("variance", [4]), name="n")
    feeds = {"x": images(2, 3, 6, 6), "variance": np.abs(images(4))}
    assert only_place(b, y, feeds) == "digital (segment 1)"
    b = Builder()
    _, y = normalised(b, training_mode=1)
    with pytest.raises(ValueError, match=r"segment 1: .*Training_mode"):
        Graph.load(b.model(y))
    b = Builder()
    x = b.node("MatMul", b.input("x", ["N", 3]), b.weight(3, 4))
    y = b.batch_norm(x, 4, name="n")
    assert only_place(b, y, {"x": images(5, 3)}) == "digital (segment 1)"


def test_old_operators_with_other_meanings_are_left_to_onnx_runtime_which_refuses() -> None:
    b = Builder(opset=6)  # here BatchNormalization trains unless is_test is set
    _, y = normalised(b)
    with pytest.raises(ValueError, match=r"BatchNormalization\(6\)"):
        Graph.load(b.model(y))


def test_nodes_kept_digital_on_request() -> None:
    b = Builder()
    x = b.input("x", ["N", 4])
    for name in ("head.0", "head.1", "tail"):
        x = b.node("MatMul", x, b.weight(4, 4), name=name)
    model = b.model(x)
    graph = assert_equals_runtime(model, {"x": images(3, 4)}, keep_digital=["head.*"])
    assert places(graph)["head.1"] == "digital: kept digital on request ('head.*') (segment 0)"
    assert [step.name for step in graph.analog_steps] == ["tail"]
    with pytest.raises(ValueError, match=r"keep_digital = 'feet': .*allowed: head.0, head.1, tail"):
        Graph.load(model, keep_digital=["feet"])
    with pytest.raises(TypeError, match="put it in brackets"):
        Graph.load(model, keep_digital="tail")


def test_a_batch_norm_kept_digital_is_not_folded() -> None:
    b = Builder()
    _, y = normalised(b)
    graph = assert_equals_runtime(b.model(y), {"x": images(2, 3, 6, 6)}, keep_digital=["n"])
    assert places(graph)["n"] == "digital: kept digital on request ('n') (segment 1)"
