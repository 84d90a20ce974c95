"""Where the weights of analog nodes may come from, and what is folded into them."""

from typing import Any

import numpy as np
import pytest
from graphs import Builder, assert_equals_runtime, images, only_place, places
from onnx import helper, numpy_helper
from wordline.onnx import Graph


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
