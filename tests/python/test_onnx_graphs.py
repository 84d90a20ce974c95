"""Whole networks of every shape equal ONNX Runtime, and the summary tells where nodes run."""

import numpy as np
import pytest
from graphs import INT64, Builder, assert_equals_runtime, images, places, typeless
from onnx import TensorProto, helper
from wordline.onnx import AnalogStep, DigitalStep, Graph


def kinds(graph: Graph) -> str:
    """ "dad": the order of digital and analog steps."""
    return "".join("a" if isinstance(step, AnalogStep) else "d" for step in graph.steps)


def test_plain_network() -> None:
    b = Builder()
    x = b.input("x", ["N", 3, 8, 8])
    x = b.node("Relu", b.conv(x, 3, 4, name="first", pads=[1, 1, 1, 1]))
    x = b.node("Flatten", b.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2]))
    x = b.node("Gemm", x, b.weight(64, 10), b.weight(10), name="last")
    graph = assert_equals_runtime(b.model(b.node("Softmax", x)), {"x": images(2, 3, 8, 8)})
    assert kinds(graph) == "adad"
    assert places(graph) == {
        "first": "analog: Conv 3x3, 27x4 weights",
        "Relu_1": "digital (segment 1)",
        "MaxPool_2": "digital (segment 1)",
        "Flatten_3": "digital (segment 1)",
        "last": "analog: Gemm, 64x10 weights",
        "Softmax_5": "digital (segment 2)",
    }
    assert graph.summary().splitlines()[0] == "6 nodes: 2 analog, 4 digital"
    assert graph.macs(images(2, 3, 8, 8)) == {"first": 27 * 4 * 64 * 2, "last": 640 * 2}


def test_residual_blocks() -> None:
    b = Builder()
    x = b.conv(b.input("x", ["N", 4, 6, 6]), 4, 4, pads=[1] * 4)
    for _ in range(2):
        inner = b.node("Relu", b.conv(x, 4, 4, pads=[1] * 4))
        x = b.node("Add", x, b.conv(inner, 4, 4, pads=[1] * 4))
    skip = b.node("Add", x, "x")
    graph = assert_equals_runtime(b.model(skip), {"x": images(2, 4, 6, 6)})
    assert kinds(graph) == "aadadadad"
    assert [len(s.nodes) for s in graph.steps if isinstance(s, DigitalStep)] == [1, 1, 1, 2]


def test_branches_of_unequal_depth_meet_in_concat() -> None:
    b = Builder()
    x = b.node("Relu", b.input("x", ["N", 3, 7, 7]))
    deep = b.conv(b.node("Relu", b.conv(x, 3, 4, pads=[1] * 4)), 4, 5, pads=[1] * 4)
    shallow = b.conv(x, 3, 2, kernel=1)
    joined = b.node("Concat", deep, shallow, x, axis=1)
    graph = assert_equals_runtime(
        b.model(b.conv(joined, 10, 3, kernel=1)), {"x": images(2, 3, 7, 7)}
    )
    assert kinds(graph) == "daadada"


def test_two_inputs_and_two_outputs() -> None:
    b = Builder()
    x, y = b.input("x", ["N", 5]), b.input("y", ["N", 6])
    a = b.node("MatMul", x, b.weight(5, 4))
    c = b.node("Gemm", y, b.weight(6, 4))
    total = b.node("Add", a, c)
    graph = assert_equals_runtime(
        b.model(b.node("Tanh", total), b.node("Sub", a, c)), {"x": images(3, 5), "y": images(3, 6)}
    )
    assert [value.name for value in graph.inputs] == ["x", "y"]
    assert kinds(graph) == "aad"


def test_outputs_that_no_segment_makes() -> None:
    b = Builder()
    x = b.input("x", ["N", 5])
    y = b.node("MatMul", x, b.weight(5, 4), out="analog")
    table = b.tensor(np.arange(3, dtype=np.int64), "table")
    shape = b.node("Shape", b.weight(2, 3), out="computed")
    model = b.model(y, x, (table, INT64), (shape, INT64), b.node("Relu", y))
    feed = images(3, 5)
    graph = assert_equals_runtime(model, {"x": feed})
    outputs = graph.run(feed)
    outputs[1][:] = outputs[2][:] = 0
    assert feed.any()
    assert graph.run(feed)[2].tolist() == [0, 1, 2]


def test_dead_nodes_and_unused_initializers_are_removed() -> None:
    b = Builder()
    x = b.input("x", ["N", 5])
    b.node("MatMul", x, b.weight(5, 700), name="unused")
    b.weight(900, 900)
    y = b.node("Relu", b.node("MatMul", x, b.weight(5, 4)))
    graph = assert_equals_runtime(b.model(y), {"x": images(3, 5)})
    assert places(graph)["unused"] == "removed: no output depends on it"
    (segment,) = [step for step in graph.steps if isinstance(step, DigitalStep)]
    assert len(segment.engine.model) < 1000


def test_if_bodies_capture_an_analog_result() -> None:
    b = Builder()
    x = b.input("x", ["N", 4])
    y = b.node("MatMul", x, b.weight(4, 4), out="y")
    W = b.weight(4, 4, name="W")
    then = helper.make_graph(
        [helper.make_node("MatMul", ["y", W], ["then_out"])], "then", [], [typeless("then_out")]
    )
    other = helper.make_graph(
        [helper.make_node("Neg", ["y"], ["else_out"])], "else", [], [typeless("else_out")]
    )
    condition = b.node("Greater", b.node("ReduceSum", x, keepdims=0), b.tensor(np.float32(0)))
    z = b.node("If", condition, then_branch=then, else_branch=other, name="choice")
    model = b.model(z, y)
    for sign in (1, -1):
        graph = assert_equals_runtime(model, {"x": sign * np.abs(images(2, 4))})
    assert kinds(graph) == "dad"
    assert places(graph)["choice"] == "digital: weight operators inside its bodies: 1 (segment 1)"
    assert graph.steps[2].inputs == ["greater_4", "y"]


def test_nested_bodies_capture_through_two_levels() -> None:
    b = Builder()
    x = b.input("x", ["N", 4])
    b.node("MatMul", x, b.weight(4, 4), out="y")
    flag = b.input("flag", [], TensorProto.BOOL)
    inner = [
        helper.make_graph(
            [helper.make_node(op, ["y"], [f"{op}_out"])], op, [], [typeless(f"{op}_out")]
        )
        for op in ("Neg", "Abs")
    ]
    nested = helper.make_node("If", [flag], ["n"], then_branch=inner[0], else_branch=inner[1])
    then = helper.make_graph([nested], "then", [], [typeless("n")])
    other = helper.make_graph([helper.make_node("Relu", ["y"], ["r"])], "else", [], [typeless("r")])
    model = b.model(b.node("If", flag, then_branch=then, else_branch=other))
    for flag_value in (True, False):
        feeds = {"x": images(2, 4), "flag": np.array(flag_value)}
        graph = assert_equals_runtime(model, feeds)
    assert kinds(graph) == "ad"


def test_loop_captures_and_carries() -> None:
    b = Builder()
    x = b.input("x", [2, 4])
    step = b.node("MatMul", x, b.weight(4, 4), out="increment")
    body = helper.make_graph(
        [
            helper.make_node("Add", ["state", step], ["next"]),
            helper.make_node("Identity", ["go"], ["go_on"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("i", INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            typeless("state"),
        ],
        [helper.make_tensor_value_info("go_on", TensorProto.BOOL, []), typeless("next")],
    )
    b.nodes("Loop", b.tensor(np.int64(3)), "", x, outs=["final"], body=body)
    y = b.node("MatMul", "final", b.weight(4, 3))
    graph = assert_equals_runtime(b.model(y), {"x": images(2, 4)})
    assert kinds(graph) == "ada"


def test_weights_shared_between_nodes() -> None:
    b = Builder()
    W = b.weight(5, 5)
    x = b.node("MatMul", b.input("x", ["N", 5]), W)
    y = b.node("MatMul", b.node("Relu", x), W)
    table = b.node("Add", y, b.node("Slice", W, *(b.tensor(np.array([i])) for i in (0, 1, 0))))
    graph = assert_equals_runtime(b.model(table), {"x": images(3, 5)})
    assert [product.weights.shape for product in graph.products] == [(5, 5), (5, 5)]


def test_segments_pass_integers_booleans_and_sequences() -> None:
    b = Builder()
    x = b.input("x", ["N", 6])
    size = b.node("Shape", x)
    mask = b.node("Greater", x, b.tensor(np.float32(0)))
    (pieces,) = b.nodes("SplitToSequence", x, b.tensor(np.int64(3)), outs=["pieces"], axis=1)
    y = b.node("MatMul", x, b.weight(6, 6))
    y = b.node("Where", mask, y, x)
    y = b.node("Add", y, b.node("ConcatFromSequence", pieces, axis=1))
    y = b.node("Reshape", y, size)
    graph = assert_equals_runtime(b.model(y), {"x": images(3, 6)})
    assert kinds(graph) == "dad"


def test_operators_that_only_onnx_runtime_knows() -> None:
    b = Builder()
    b.opsets["com.microsoft"] = 1
    x = b.input("x", ["N", 6])
    early = b.node("Gelu", x, domain="com.microsoft")
    y = b.node("Add", b.node("MatMul", x, b.weight(6, 6)), early)
    graph = assert_equals_runtime(b.model(y), {"x": images(3, 6)})
    assert kinds(graph) == "dad"


def test_any_batch_and_any_image_size() -> None:
    b = Builder()
    x = b.node("Relu", b.conv(b.input("x", ["N", 3, "H", "W"]), 3, 4))
    model = b.model(b.node("GlobalAveragePool", b.conv(x, 4, 2, strides=[2, 2])))
    for shape in ((1, 3, 9, 9), (5, 3, 12, 7)):
        graph = assert_equals_runtime(model, {"x": images(*shape)})
    assert graph.inputs[0].shape == (None, 3, None, None)
    assert graph.inputs[0].dtype == np.float32


def test_stale_inner_shapes_do_not_pin_the_batch() -> None:
    b = Builder()
    x = b.node("Relu", b.conv(b.input("x", ["N", 3, 6, 6]), 3, 4), out="inner")
    x = b.node("Neg", x, out="shown")
    y = b.node("Add", b.conv(x, 4, 4, pads=[1] * 4), b.node("Add", x, "inner"))
    y = b.node("Mul", b.conv(y, 4, 4, pads=[1] * 4), b.node("Add", "shown", "inner"))
    b.graph.value_info.append(helper.make_tensor_value_info("inner", 1, [1, 4, 4, 4]))
    b.graph.output.append(helper.make_tensor_value_info("shown", 1, [1, 4, 4, 4]))
    assert_equals_runtime(b.model(y), {"x": images(5, 3, 6, 6)})


def test_bodies_that_need_shapes_keep_them() -> None:
    b = Builder()
    x = b.node("MatMul", b.input("x", [2, 5, 4]), b.weight(4, 4))
    body = helper.make_graph(
        [
            helper.make_node("Add", ["sum_in", "next"], ["sum_out"]),
            helper.make_node("Identity", ["sum_out"], ["scan_out"]),
        ],
        "body",
        [typeless("sum_in"), typeless("next")],
        [typeless("sum_out"), typeless("scan_out")],
    )
    start = b.node("ReduceSum", x, b.tensor(np.array([0])), keepdims=0)
    b.nodes("Scan", start, x, outs=["total", "steps"], body=body, num_scan_inputs=1)
    graph = assert_equals_runtime(b.model("total", "steps"), {"x": images(2, 5, 4)})
    assert kinds(graph) == "ad"


def test_functions_are_opened_so_that_their_weights_become_analog() -> None:
    b = Builder()
    b.opsets["mine"] = 1
    body = [
        helper.make_node("Gemm", ["x", "W"], ["t"], name="inner", transB=1),
        helper.make_node("Relu", ["t"], ["y"]),
    ]
    opsets = [helper.make_opsetid("", 17)]
    b.functions.append(helper.make_function("mine", "Linear", ["x", "W"], ["y"], body, opsets))
    x = b.node("Linear", b.input("x", ["N", 5]), b.weight(4, 5), domain="mine")
    y = b.node("Linear", x, b.weight(3, 4), domain="mine")
    graph = assert_equals_runtime(b.model(y), {"x": images(2, 5)})
    assert kinds(graph) == "adad"


def old_function(b: Builder, opset: int) -> str:
    """x through a function "mine.Old", written for another opset than the model's."""
    b.opsets["mine"] = 1
    nodes = [helper.make_node("MatMul", ["x", "W"], ["t"]), helper.make_node("Relu", ["t"], ["y"])]
    opsets = [helper.make_opsetid("", opset)]
    b.functions.append(helper.make_function("mine", "Old", ["x", "W"], ["y"], nodes, opsets))
    y = b.node("Neg", b.input("x", ["N", 5]))
    return b.node("Neg", b.node("Old", y, b.weight(5, 4), domain="mine", name="old"))


def test_functions_of_older_opsets_are_converted_and_opened() -> None:
    b = Builder()
    graph = assert_equals_runtime(b.model(old_function(b, 13)), {"x": images(2, 5)})
    assert kinds(graph) == "dad"


def test_functions_of_another_opset_whose_operators_are_the_same() -> None:
    b = Builder(opset=13)
    b.opsets["mine"] = 1
    body, opsets = [helper.make_node("Neg", ["x"], ["y"])], [helper.make_opsetid("", 17)]
    b.functions.append(helper.make_function("mine", "New", ["x"], ["y"], body, opsets))
    y = b.node("MatMul", b.input("x", ["N", 5]), b.weight(5, 4))
    y = b.node("New", y, domain="mine", name="new")
    graph = assert_equals_runtime(b.model(b.node("Neg", y)), {"x": images(2, 5)})
    assert kinds(graph) == "ad"


def test_weights_listed_as_inputs_of_an_old_model_are_constants() -> None:
    b = Builder(opset=8, ir_version=3)
    x = b.input("x", ["N", 5])
    b.input("W", [5, 4])
    b.input("shift", [4])
    y = b.node("MatMul", x, b.weight(5, 4, name="W"))
    model = b.model(b.node("Add", y, b.weight(4, name="shift")))
    graph = assert_equals_runtime(model, {"x": images(3, 5)})
    assert [value.name for value in graph.inputs] == ["x"]
    assert kinds(graph) == "ad"


def test_quantised_weights_become_analog_through_dequantize() -> None:
    b = Builder()
    x = b.input("x", ["N", 8])
    scale, zero = b.tensor(np.float32(0.05)), b.tensor(np.uint8(128))
    x = b.node("DequantizeLinear", b.node("QuantizeLinear", x, scale, zero), scale, zero)
    q = b.tensor(b.rng.integers(-127, 128, (8, 4)).astype(np.int8))
    w = b.node("DequantizeLinear", q, b.tensor(np.float32(0.01)), b.tensor(np.int8(0)))
    graph = assert_equals_runtime(b.model(b.node("MatMul", x, w, name="fc")), {"x": images(3, 8)})
    assert places(graph)["fc"] == "analog: MatMul, 8x4 weights from DequantizeLinear"


def test_a_network_without_analog_nodes_and_one_without_inputs() -> None:
    b = Builder()
    graph = assert_equals_runtime(b.model(b.node("Neg", b.input("x", ["N"]))), {"x": images(4)})
    assert kinds(graph) == "d"
    b = Builder()
    y = b.node("MatMul", b.weight(3, 4), b.weight(4, 2), name="fixed")
    graph = assert_equals_runtime(b.model(y), {})
    assert places(graph) == {"fixed": "constant"}
    assert graph.steps == []


def test_names_are_unique_and_stable() -> None:
    b = Builder()
    x = b.input("x", ["N", 4])
    for name in ("", "Relu_2", "", "same", "same", "same_2"):
        x = b.node("Relu", x, name=name)
    model = b.model(x)
    names = [row.name for row in Graph.load(model).node_table]
    assert names == ["Relu_0", "Relu_2", "Relu_2_2", "same", "same_3", "same_2"]
    assert [n.name for n in model.graph.node] == ["", "Relu_2", "", "same", "same", "same_2"]


def test_optional_inputs_and_outputs_may_be_left_out() -> None:
    b = Builder()
    x = b.conv(b.input("x", ["N", 3, 6, 6]), 3, 4)
    x = b.node("Clip", x, "", b.tensor(np.float32(0.5)))
    x = b.node("Reshape", x, b.tensor(np.array([0, 4, -1])))
    lstm = [b.weight(1, 8, 16), b.weight(1, 8, 2), "", "", b.weight(1, 4, 2)]
    b.nodes("LSTM", x, *lstm, outs=["", "last"], hidden_size=2, name="lstm")
    graph = assert_equals_runtime(b.model("last"), {"x": images(4, 3, 6, 6)})
    assert kinds(graph) == "ada"
    assert places(graph)["lstm"] == "analog: LSTM, 16x8, 2x8 weights"


@pytest.mark.parametrize("opset", [7, 8, 9, 10, 11, 12, 13, 14, 16, 18, 19, 21, 22, 23])
def test_opsets_old_and_new(opset: int) -> None:
    b = Builder(opset=opset, ir_version=3 if opset < 9 else 8)
    x = b.input("x", ["N", 3, 6, 6])
    weights = [b.weight(4, 3, 3, 3), b.weight(4)]
    normal = [b.weight(4), b.weight(4), b.weight(4), b.tensor(np.full(4, 2, np.float32))]
    dense = [b.weight(64, 5), b.weight(5)]
    for tensor in b.graph.initializer if opset < 9 else ():  # IR version 3 lists them all
        b.input(tensor.name, list(tensor.dims))
    x = b.node("BatchNormalization", b.node("Conv", x, *weights), *normal)
    y = b.node("Gemm", b.node("Flatten", b.node("Relu", x)), *dense)
    graph = assert_equals_runtime(b.model(y), {"x": images(2, 3, 6, 6)})
    assert kinds(graph) == "ada"
    assert [product.weights.shape for product in graph.products] == [(27, 4), (64, 5)]
