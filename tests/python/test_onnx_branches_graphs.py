"""Bodies of If, Loop and Scan: what can only go one way is opened, the rest says what it holds."""

from typing import Any

import numpy as np
import pytest
from graphs import FLOAT, INT64, Builder, assert_equals_runtime, images, places, typeless
from onnx import NodeProto, TensorProto, helper, numpy_helper
from wordline.onnx import Graph


def body(name: str, nodes: list[NodeProto], out: str, weights: dict[str, Any] | None = None) -> Any:
    tensors = [numpy_helper.from_array(array, key) for key, array in (weights or {}).items()]
    return helper.make_graph(nodes, name, [], [typeless(out)], tensors)


def choice(b: Builder, condition: str, shape: tuple[int, int], name: str = "choice") -> str:
    """An If: a product with a weight of its own, or a product with an outer weight."""
    W = b.weight(*shape)
    then = [helper.make_node("MatMul", ["x", "W"], ["t"]), helper.make_node("Relu", ["t"], ["r"])]
    other = [helper.make_node("MatMul", ["x", W], ["t"])]
    branches = {
        "then_branch": body("then", then, "r", {"W": b.normal(*shape)}),
        "else_branch": body("else", other, "t"),
    }
    return b.node("If", condition, name=name, **branches)


@pytest.mark.parametrize("value", [True, False])
@pytest.mark.parametrize("source", ["initializer", "Constant"])
def test_an_if_with_a_stored_condition_is_opened(value: bool, source: str) -> None:
    b = Builder()
    b.input("x", ["N", 5])
    flag = b.tensor(np.array(value)) if source == "initializer" else b.constant(np.array([value]))
    y = choice(b, flag, (5, 4))
    graph = assert_equals_runtime(b.model(b.node("Neg", y)), {"x": images(3, 5)})
    assert [product.weights.shape for product in graph.products] == [(5, 4)]
    assert "choice" not in places(graph)


def test_nested_and_repeated_ifs_keep_their_names_apart() -> None:
    b = Builder()
    b.input("x", ["N", 5])
    yes, no = b.tensor(np.array(True)), b.tensor(np.array(False))
    inner = Builder(seed=5)
    choice(inner, yes, (5, 4), "inner")
    nested, W = inner.graph.node[0], inner.graph.initializer[0]
    W.name = b.tensor(numpy_helper.to_array(W), "inner_W")
    next(a for a in nested.attribute if a.name == "else_branch").g.node[0].input[1] = "inner_W"
    nested.output[0] = "nested"
    outer = b.node(
        "If",
        no,
        then_branch=body("a", [helper.make_node("Neg", ["x"], ["n"])], "n"),
        else_branch=body("b", [nested], "nested"),
    )
    y = b.node("Add", outer, b.node("Add", choice(b, yes, (5, 4)), choice(b, yes, (5, 4), "again")))
    graph = assert_equals_runtime(b.model(y), {"x": images(3, 5)})
    assert len(graph.products) == 3


def test_a_branch_that_only_passes_a_value_on() -> None:
    b = Builder()
    x = b.node("MatMul", b.input("x", ["N", 5]), b.weight(5, 4), out="seen")
    branches = {
        "then_branch": body("a", [helper.make_node("Identity", ["seen"], ["i"])], "i"),
        "else_branch": body("b", [], "stored", {"stored": b.normal(4)}),
    }
    y = b.node("If", b.tensor(np.array(False)), **branches)
    assert_equals_runtime(b.model(b.node("Add", x, y)), {"x": images(3, 5)})


def test_an_open_branch_whose_loop_captures_its_values() -> None:
    b = Builder()
    b.input("x", ["N", 5])
    loop = helper.make_graph(
        [
            helper.make_node("Add", ["s", "t"], ["s_out"]),
            helper.make_node("Identity", ["go"], ["g"]),
        ],
        "loop",
        [
            helper.make_tensor_value_info("i", INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            typeless("s"),
        ],
        [helper.make_tensor_value_info("g", TensorProto.BOOL, []), typeless("s_out")],
    )
    then = [
        helper.make_node("Tanh", ["x"], ["t"]),
        helper.make_node("Loop", ["trips", "", "t"], ["end"], body=loop),
    ]
    b.tensor(np.int64(3), "trips")
    neg = [helper.make_node("Neg", ["x"], ["n"])]
    branches = {"then_branch": body("a", then, "end"), "else_branch": body("b", neg, "n")}
    y = b.node("If", b.tensor(np.array(True)), **branches)
    y = b.node("MatMul", y, b.weight(5, 2))
    assert len(assert_equals_runtime(b.model(y), {"x": images(3, 5)}).products) == 1


def test_weights_in_nested_bodies_stay_digital_and_are_counted() -> None:
    b = Builder()
    b.input("x", ["N", 5])
    flag = b.input("flag", [], TensorProto.BOOL)
    W = b.weight(5, 5)
    deep = body("deep", [helper.make_node("MatMul", ["x", W], ["d"])], "d")
    flat = body("flat", [helper.make_node("Neg", ["x"], ["f"])], "f")
    nested = helper.make_node("If", [flag], ["n"], then_branch=deep, else_branch=flat)
    first = helper.make_node("MatMul", ["x", W], ["m"])
    branches = {
        "then_branch": body(
            "then", [nested, first, helper.make_node("Add", ["n", "m"], ["a"])], "a"
        ),
        "else_branch": body("else", [helper.make_node("Abs", ["x"], ["e"])], "e"),
    }
    y = b.node("If", flag, name="n", **branches)
    graph = assert_equals_runtime(b.model(y), {"x": images(3, 5), "flag": np.array(True)})
    assert places(graph)["n"] == "digital: weight operators inside its bodies: 2 (segment 0)"


def test_a_loop_over_constants_is_not_run_at_load() -> None:
    """It would take 2^62 turns: the model loads all the same."""
    b = Builder()
    loop = helper.make_graph(
        [helper.make_node("Add", ["s", "s"], ["t"]), helper.make_node("Identity", ["go"], ["g"])],
        "loop",
        [
            helper.make_tensor_value_info("i", INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("s", FLOAT, [5, 4]),
        ],
        [
            helper.make_tensor_value_info("g", TensorProto.BOOL, []),
            helper.make_tensor_value_info("t", FLOAT, [5, 4]),
        ],
    )
    start = b.weight(5, 4)
    b.nodes("Loop", b.tensor(np.int64(2**62)), "", start, outs=["W"], body=loop, name="for ever")
    y = b.node("MatMul", b.input("x", ["N", 5]), "W", name="n")
    graph = Graph.load(b.model(y))
    assert places(graph)["n"] == "digital: weights are not constant (segment 0)"
    assert places(graph)["for ever"] == "digital (segment 0)"
