"""Sessions: random operators, repeatability, threads, pickles, silence."""

import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from graphs import Builder, assert_equals_runtime, images, places
from onnx import TensorProto, helper
from wordline.onnx import DigitalStep, Graph


def noisy(op: str, *inputs: str, **attributes: Any) -> Builder:
    """x · W plus the random node "noise"."""
    b = Builder()
    y = b.node("MatMul", b.input("x", [3, 4]), b.weight(4, 4))
    noise = b.node(op, *inputs, name="noise", **attributes)
    if "dtype" in attributes and attributes["dtype"] != TensorProto.FLOAT:
        noise = b.node("Cast", noise, to=TensorProto.FLOAT)
    b.node("Add", y, noise, out="y")
    return b


RANDOM = [
    ("RandomNormal", [], {"shape": [3, 4]}),
    ("RandomUniform", [], {"shape": [3, 4]}),
    ("RandomNormalLike", ["x"], {}),
    ("RandomUniformLike", ["x"], {}),
    ("Multinomial", ["x"], {"sample_size": 4, "dtype": TensorProto.INT32}),
    ("Bernoulli", ["chance"], {}),
]


@pytest.mark.parametrize(("op", "inputs", "attributes"), RANDOM, ids=[r[0] for r in RANDOM])
def test_random_operators_need_a_seed(op: str, inputs: list[str], attributes: Any) -> None:
    model = with_chance(noisy(op, *inputs, **attributes)).model("y")
    with pytest.raises(ValueError, match=f"node 'noise': {op} draws random numbers without a seed"):
        Graph.load(model)
    model = with_chance(noisy(op, *inputs, seed=3.0, **attributes)).model("y")
    graph = assert_equals_runtime(model, {"x": images(3, 4)})
    first, second = (graph.run(images(3, 4))[0] for _ in range(2))
    np.testing.assert_array_equal(first, second)


def with_chance(b: Builder) -> Builder:
    b.tensor(np.full((3, 4), 0.5, np.float32), "chance")
    return b


def dropout(training: Any, **attributes: Any) -> Builder:
    b = Builder()
    x = b.node("MatMul", b.input("x", [3, 4]), b.weight(4, 4))
    flag = b.input("flag", [], TensorProto.BOOL) if training is None else b.constant(training)
    b.node("Dropout", x, b.tensor(np.float32(0.5)), flag, name="drop", out="y", **attributes)
    return b


def test_dropout_is_random_only_in_training() -> None:
    off, on = np.array(False), np.array(True)
    graph = assert_equals_runtime(dropout(off).model("y"), {"x": images(3, 4)})
    assert places(graph)["drop"] == "digital (segment 1)"
    for training in (on, None):
        with pytest.raises(ValueError, match="node 'drop': Dropout draws"):
            Graph.load(dropout(training).model("y"))
    assert_equals_runtime(dropout(on, seed=5).model("y"), {"x": images(3, 4)})
    assert_equals_runtime(dropout(None, seed=5).model("y"), {"x": images(3, 4), "flag": on})


def branches(seeds: dict[str, float]) -> Builder:
    b = Builder()
    b.input("flag", [], TensorProto.BOOL)
    info = helper.make_tensor_value_info("r", TensorProto.FLOAT, [2])
    node = helper.make_node("RandomNormal", [], ["r"], shape=[2], **seeds)
    then = helper.make_graph([node], "then", [], [info])
    info = helper.make_tensor_value_info("s", TensorProto.FLOAT, [2])
    zero = helper.make_tensor("zero", TensorProto.FLOAT, [2], [0.0, 0.0])
    node = helper.make_node("Constant", [], ["s"], value=zero)
    other = helper.make_graph([node], "else", [], [info])
    b.node("If", "flag", then_branch=then, else_branch=other, name="choice", out="y")
    return b


def test_random_operators_are_found_inside_bodies() -> None:
    with pytest.raises(ValueError, match="node 'choice': RandomNormal draws"):
        Graph.load(branches({}).model("y"))
    graph = Graph.load(branches({"seed": 1.0}).model("y"))
    feeds = {"flag": np.array(True)}
    np.testing.assert_array_equal(graph.run(feeds)[0], graph.run(feeds)[0])


def test_dropout_inside_a_body_knows_the_constants_there() -> None:
    b = Builder()
    x, ratio = b.input("x", [3, 4]), b.tensor(np.float32(0.5))
    b.input("flag", [], TensorProto.BOOL)
    training = helper.make_tensor("t", TensorProto.BOOL, [], [False])
    bodies = [
        helper.make_graph(
            [
                helper.make_node("Constant", [], [f"t{name}"], value=training),
                helper.make_node("Dropout", [x, ratio, f"t{name}"], [f"out{name}"]),
            ],
            name,
            [],
            [helper.make_tensor_value_info(f"out{name}", TensorProto.FLOAT, None)],
        )
        for name in "ab"
    ]
    y = b.node("If", "flag", then_branch=bodies[0], else_branch=bodies[1])
    assert_equals_runtime(b.model(y), {"x": images(3, 4), "flag": np.array(True)})


def test_a_dead_random_node_is_no_reason_to_refuse() -> None:
    b = noisy("RandomNormal", shape=[3, 4])
    Graph.load(b.model("matmul_2"))


def network() -> Builder:
    b = Builder()
    x = b.conv(b.input("x", ["N", 3, 12, 12]), 3, 8, pads=[1] * 4)
    x = b.conv(b.node("Relu", x), 8, 8, group=8, pads=[1] * 4)
    x = b.node("Flatten", b.node("GlobalAveragePool", b.conv(x, 8, 16, strides=[2, 2])))
    b.node("Softmax", b.node("Gemm", x, b.weight(16, 10), b.weight(10)), out="y")
    return b


def test_threads_do_not_change_a_bit() -> None:
    model, x = network().model("y"), images(16, 3, 12, 12)
    one, two = (Graph.load(model, threads=n).run(x)[0] for n in (1, 2))
    np.testing.assert_array_equal(one, two)


def test_networks_and_steps_survive_pickling() -> None:
    graph, x = Graph.load(network().model("y")), images(2, 3, 12, 12)
    before = graph.run(x)[0]
    copy = pickle.loads(pickle.dumps(graph))
    np.testing.assert_array_equal(copy.run(x)[0], before)
    assert copy.summary() == graph.summary()
    bare = sum(product.weights.nbytes for product in graph.products)
    bare += sum(len(s.engine.model) for s in graph.steps if isinstance(s, DigitalStep))
    assert len(pickle.dumps(graph)) < bare + 10_000


def test_values_are_freed_when_no_step_needs_them() -> None:
    b = Builder()
    x = b.input("x", [2, 4])
    for _ in range(3):
        x = b.node("Relu", b.node("MatMul", x, b.weight(4, 4)))
    graph = Graph.load(b.model(x))
    assert graph._releases == [[a] for a in ("x", "matmul_2", "relu_3", "matmul_5", "relu_6")] + [
        ["matmul_8"]
    ]


def test_trace_gives_the_digital_inputs_of_analog_steps() -> None:
    b = Builder()
    w = b.tensor(np.eye(3, dtype=np.float32))
    x = b.node("MatMul", b.input("x", [2, 3]), w, name="one")
    y = b.node("MatMul", b.node("Relu", x), w, name="two")
    x_value = images(2, 3)
    inputs = Graph.load(b.model(y)).trace(x_value)
    np.testing.assert_array_equal(inputs["one"], [x_value])
    np.testing.assert_array_equal(inputs["two"][0], np.maximum(x_value, 0))


SILENT = """
import sys; sys.path.insert(0, {tests!r})
import numpy as np
from graphs import Builder, images
from wordline.onnx import Graph
b = Builder()
x = b.input("x", ["N", 4])
unused = b.weight(4, 4)
b.node("MatMul", x, b.weight(4, 3), name="fc", out="y")
b.node("Add", "y", b.tensor(np.ones(3, np.float32)), out="z")
graph = Graph.load(b.model("z"), keep_digital=["fc"])
for bad in (lambda: Graph.load(b"junk"), lambda: graph.run(np.ones((2, 2, 2), np.float32))):
    try:
        bad()
    except ValueError:
        pass
b = Builder()
b.node("Reshape", b.input("x"), b.tensor(np.array([7, 7])), out="y")
try:
    Graph.load(b.model("y")).run(images(3))
except ValueError:
    print("refused", end="")
"""


def test_nothing_is_printed(request: pytest.FixtureRequest) -> None:
    script = SILENT.format(tests=str(request.path.parent))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "refused", "")
