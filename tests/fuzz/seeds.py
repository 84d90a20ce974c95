"""Small valid models of every kind, to be damaged by `mutate`."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnx
from onnx import ModelProto, TensorProto, helper, numpy_helper

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "python"))

from graphs import FLOAT, INT64, Builder, typeless  # noqa: E402

LARGEST = 17_000  # bytes of an exported model that is still quick to load
FLAG = helper.make_tensor_value_info("go", TensorProto.BOOL, [])
STATE = helper.make_tensor_value_info("state", FLOAT, None)


class Seed(NamedTuple):
    """A serialised model; `weights` is the name and content of the file it keeps weights in."""

    name: str
    model: bytes
    weights: tuple[str, bytes] | None = None


def seeds() -> list[Seed]:
    """Those written here, each under its function's name, then the exported ones."""
    written = [Seed(make.__name__, make().SerializeToString()) for make in WRITTEN]
    return [*written, external(), *_exported()]


def _exported() -> Iterator[Seed]:
    for path in sorted((TESTS / "exports").glob("*.onnx")):
        data = path.with_suffix(".onnx.data")
        weights = (data.name, data.read_bytes()) if data.exists() else None
        if path.stat().st_size < LARGEST:
            yield Seed(path.stem, path.read_bytes(), weights)


def cnn() -> ModelProto:
    b = Builder()
    x = b.conv(b.input("x", ["N", 3, 8, 8]), 3, 4, pads=[1] * 4)
    x = b.node("Relu", b.batch_norm(x, 4))
    x = b.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    x = b.conv(x, 4, 4, group=2, auto_pad="SAME_UPPER", dilations=[1, 1])
    x = b.node("ConvTranspose", x, b.weight(4, 2, 3, 3), strides=[2, 2], output_padding=[1, 1])
    x = b.node("AveragePool", x, kernel_shape=[3, 3], ceil_mode=1)
    x = b.node("Flatten", b.node("GlobalAveragePool", x))
    return b.model(b.node("Softmax", b.node("Gemm", x, b.weight(4, 2), b.weight(4), transB=1)))


def dense() -> ModelProto:
    b = Builder(opset=8, ir_version=3)
    x = b.input("x", ["N", 5])
    b.input("W", [5, 4])
    b.input("shift", [4])
    x = b.node("MatMul", x, b.weight(5, 4, name="W"), name="fc")
    x = b.node("Add", x, b.weight(4, name="shift"))
    x = b.node("MatMul", x, b.node("Identity", b.node("Identity", b.constant(b.normal(4, 4)))))
    return b.model(b.node("Dropout", x))


def attention() -> ModelProto:
    b = Builder()
    b.opsets["com.microsoft"] = 1
    x = b.input("x", ["N", 3, 8])
    q, k, v = (b.node("MatMul", x, b.weight(8, 8)) for _ in range(3))
    scores = b.node("MatMul", q, b.node("Transpose", k, perm=[0, 2, 1]))
    y = b.node("MatMul", b.node("Softmax", scores, axis=-1), v)
    y = b.node("LayerNormalization", b.node("Add", x, y), b.weight(8), b.weight(8), axis=-1)
    parts = b.nodes("Split", b.node("Einsum", y, b.weight(8, 6), equation="nij,jk->nik"),
                    outs=["left", "right"], axis=2)  # fmt: skip
    return b.model(b.node("Mul", parts[0], b.node("Gelu", parts[1], domain="com.microsoft")))


def lstm() -> ModelProto:
    b = Builder()
    x = b.input("x", ["T", "N", 3])
    weights = b.weight(2, 16, 3), b.weight(2, 16, 4), b.weight(2, 32)
    outs = b.nodes("LSTM", x, *weights, outs=["y", "", "c"], hidden_size=4,
                   direction="bidirectional", clip=1.0)  # fmt: skip
    return b.model(outs[0], b.node("Squeeze", "c", b.tensor(np.array([1]))))


def gru() -> ModelProto:
    b = Builder()
    x = b.input("x", ["T", 2, 3])
    lengths = b.tensor(np.array([2, 1], np.int32))
    b.nodes("GRU", x, b.weight(1, 12, 3), b.weight(1, 12, 4), b.weight(1, 24), lengths,
            b.weight(1, 2, 4), outs=["y", "h"], hidden_size=4, linear_before_reset=1,
            activations=["HardSigmoid", "LeakyRelu"], activation_alpha=[0.2, 0.1])  # fmt: skip
    y = b.nodes("RNN", "h", b.weight(1, 3, 4), b.weight(1, 3, 3), outs=["z"], hidden_size=3)
    return b.model("y", *y)


def qdq() -> ModelProto:
    b = Builder()
    scale, zero = b.tensor(np.float32(0.05)), b.tensor(np.uint8(128))
    x = b.node("QuantizeLinear", b.input("x", ["N", 8]), scale, zero)
    x = b.node("DequantizeLinear", x, scale, zero)
    q = b.tensor(b.rng.integers(-127, 128, (8, 4)).astype(np.int8))
    scales, zeros = b.tensor(np.full(4, 0.01, np.float32)), b.tensor(np.zeros(4, np.int8))
    w = b.node("DequantizeLinear", q, scales, zeros, axis=1)
    return b.model(b.node("MatMul", x, w))


def integers() -> ModelProto:
    b = Builder()
    x = b.input("x", ["N", 1, 4, 4])
    x, scale, zero = b.nodes("DynamicQuantizeLinear", x, outs=["q", "s", "z"])
    w = b.tensor(b.rng.integers(-127, 128, (2, 1, 3, 3)).astype(np.int8))
    y = b.node("Cast", b.node("ConvInteger", x, w, zero, pads=[1] * 4), to=FLOAT)
    y = b.node("Reshape", b.node("Mul", y, scale), b.tensor(np.array([-1, 4])))
    scales = [b.tensor(np.float32(0.1)), b.tensor(np.uint8(3))]
    codes = b.node("QuantizeLinear", y, *scales)
    w = b.tensor(b.rng.integers(-127, 128, (4, 2)).astype(np.int8))
    last = b.tensor(np.float32(0.02)), b.tensor(np.int8(0))
    codes = b.node("QLinearMatMul", codes, *scales, w, *last, *scales)
    return b.model(b.node("DequantizeLinear", codes, *scales))


def branches() -> ModelProto:
    b = Builder()
    y = b.node("MatMul", b.input("x", ["N", 4]), b.weight(4, 4), out="y")
    W = b.weight(4, 4, name="W")
    bodies = [
        helper.make_graph([helper.make_node(op, names, [op])], f"body_{op}", [], [typeless(op)])
        for op, names in (("MatMul", [y, W]), ("Neg", [y]))
    ]
    total = b.node("ReduceSum", y, keepdims=0)
    choice = b.node("Greater", total, b.tensor(np.float32(0)))
    return b.model(b.node("If", choice, then_branch=bodies[0], else_branch=bodies[1]))


def loop() -> ModelProto:
    b = Builder()
    step = b.node("MatMul", b.input("x", [2, 4]), b.weight(4, 4))
    nodes = [
        helper.make_node("Add", ["state", step], ["next"]),
        helper.make_node("Identity", ["go"], ["go_on"]),
        helper.make_node("ReduceSum", ["next"], ["seen"], keepdims=0),
    ]
    given = [helper.make_tensor_value_info("i", INT64, []), FLAG, STATE]
    ends = helper.make_tensor_value_info("go_on", TensorProto.BOOL, [])
    body = helper.make_graph(nodes, "body", given, [ends, typeless("next"), typeless("seen")])
    b.nodes("Loop", b.tensor(np.int64(3)), "", "x", outs=["final", "all"], body=body)
    return b.model(b.node("MatMul", "final", b.weight(4, 3)), "all")


def search() -> ModelProto:
    """A loop that ends by its condition."""
    b = Builder()
    nodes = [
        helper.make_node("Mul", ["state", b.tensor(np.float32(0.5))], ["next"]),
        helper.make_node("Greater", ["next", b.tensor(np.float32(0.1))], ["go_on"]),
    ]
    given = [helper.make_tensor_value_info("i", INT64, []), FLAG, STATE]
    ends = helper.make_tensor_value_info("go_on", TensorProto.BOOL, [])
    body = helper.make_graph(nodes, "body", given, [ends, typeless("next")])
    start = b.node("Squeeze", b.node("Abs", b.input("x", [1])))
    b.nodes("Loop", "", b.tensor(np.array(True)), start, outs=["final"], body=body)
    return b.model("final")


def scan() -> ModelProto:
    b = Builder()
    x = b.input("x", ["T", 4])
    nodes = [
        helper.make_node("MatMul", ["row", b.weight(4, 4)], ["y"]),
        helper.make_node("Add", ["state", "y"], ["next"]),
        helper.make_node("Identity", ["next"], ["seen"]),
    ]
    row = helper.make_tensor_value_info("row", FLOAT, None)
    body = helper.make_graph(nodes, "body", [STATE, row], [typeless("next"), typeless("seen")])
    b.nodes("Scan", b.weight(4), x, outs=["last", "all"], body=body, num_scan_inputs=1)
    return b.model("last", "all")


def functions() -> ModelProto:
    b = Builder()
    b.opsets["mine"] = 1
    inner = [helper.make_node("Gemm", ["x", "W"], ["t"], transB=1)]
    leaky = helper.make_node("LeakyRelu", ["t"], ["y"])
    alpha = leaky.attribute.add(name="alpha", ref_attr_name="a")
    alpha.type = onnx.AttributeProto.FLOAT
    opsets = [[helper.make_opsetid("", v), helper.make_opsetid("mine", 1)] for v in (17, 13)]
    make = helper.make_function
    b.functions = [
        make("mine", "Linear", ["x", "W"], ["y"], [*inner, leaky], opsets[0], ["a"]),
        make("mine", "Old", ["x"], ["y"], [helper.make_node("Neg", ["x"], ["y"])], opsets[1]),
    ]
    x = b.node("Linear", b.input("x", ["N", 5]), b.weight(4, 5), domain="mine", a=0.2)
    x = b.node("Old", x, domain="mine")
    return b.model(b.node("Linear", x, b.weight(3, 4), domain="mine", a=0.5))


def sparse() -> ModelProto:
    b = Builder()
    values = numpy_helper.from_array(b.normal(3), "W")
    places = numpy_helper.from_array(np.array([0, 5, 11]), "W_places")
    b.graph.sparse_initializer.append(helper.make_sparse_tensor(values, places, [4, 3]))
    values = numpy_helper.from_array(b.normal(2), "V")
    places = numpy_helper.from_array(np.array([[0, 1], [2, 0]]), "V_places")
    b.graph.sparse_initializer.append(helper.make_sparse_tensor(values, places, [3, 2]))
    return b.model(b.node("MatMul", b.node("MatMul", b.input("x", ["N", 4]), "W"), "V"))


def strings() -> ModelProto:
    b = Builder()
    kind = TensorProto.STRING
    same = b.node("Equal", b.input("name", ["N"], kind), b.tensor(np.array(["a"], object)))
    joined = b.node("StringConcat", "name", b.constant(np.array(["ü"], object)))
    b.opsets[""] = 20
    return b.model((same, TensorProto.BOOL), (joined, kind))


def sequences() -> ModelProto:
    b = Builder()
    parts = b.node("SplitToSequence", b.input("x", [4, 2]), axis=0)
    y = b.node("SequenceAt", parts, b.tensor(np.int64(1)))
    y = b.node("MatMul", y, b.weight(2, 3))
    joined = b.node("ConcatFromSequence", b.node("SequenceInsert", parts, "x"), axis=0)
    return b.model(y, joined)


def computed() -> ModelProto:
    """Weights that constant expressions give."""
    b = Builder()
    x = b.input("x", ["N", 4])
    half = helper.make_tensor("half", FLOAT, [1], [0.5])
    square = b.tensor(np.array([4, 4]))
    weights = [
        b.node("ConstantOfShape", square, value=half),
        b.node("Expand", b.weight(1, 4), square),
        b.node("Tile", b.weight(1, 2), b.tensor(np.array([4, 2]))),
        b.node("Pad", b.weight(2, 2), b.tensor(np.array([1, 1, 1, 1]))),
        b.node("Transpose", b.node("OneHot", b.tensor(np.arange(4)), b.tensor(np.int64(4)),
               b.tensor(np.array([0, 1], np.float32)))),
    ]  # fmt: skip
    numbers = [b.tensor(np.int64(i)) for i in (0, 16, 1)]
    weights.append(b.node("Reshape", b.node("Cast", b.node("Range", *numbers), to=FLOAT), square))
    for weight in weights:
        x = b.node("MatMul", x, weight)
    return b.model(x)


def shapes() -> ModelProto:
    """Sizes that values decide while the network runs."""
    b = Builder()
    x = b.input("x", ["N", 1, 4, 4])
    empty = b.tensor(np.zeros(0, np.float32))
    x = b.node("Resize", x, empty, b.tensor(np.array([1, 1, 2, 2], np.float32)), mode="linear")
    x = b.node("Pad", x, b.tensor(np.array([0, 0, 1, 1, 0, 0, 0, 0])), mode="reflect")
    x = b.node("Slice", x, *(b.tensor(np.array(v)) for v in ([0, 1], [9, 8], [2, 3], [1, 2])))
    size = b.node("Concat", b.node("Shape", x), b.tensor(np.array([2])), axis=0)
    y = b.node("Expand", b.node("Unsqueeze", x, b.tensor(np.array([4]))), size)
    y = b.node("Tile", y, b.tensor(np.array([1, 1, 1, 1, 2])))
    y = b.node("Gather", y, b.tensor(np.array([0, 2, -1])), axis=4)
    places = b.nodes("TopK", y, b.tensor(np.array([2])), outs=["top", "place"])
    y = b.node("Where", b.node("Equal", places[1], b.tensor(np.int64(1))), "top", "top")
    y = b.node("ScatterElements", y, "place", b.node("CumSum", y, b.tensor(np.int64(2))), axis=3)
    return b.model(
        b.node("DepthToSpace", b.node("ReduceMax", y, axes=[4], keepdims=0), blocksize=1)
    )


def noise() -> ModelProto:
    b = Builder()
    y = b.node("MatMul", b.input("x", [3, 4]), b.weight(4, 4))
    y = b.node("Add", y, b.node("RandomNormal", shape=[3, 4], seed=3.0))
    y = b.node("Dropout", y, b.tensor(np.float32(0.5)), b.tensor(np.array(True)), seed=5)
    nearest = b.node("GridSample", b.node("Reshape", y, b.tensor(np.array([1, 1, 3, 4]))),
                     b.weight(1, 2, 2, 2), mode="nearest")  # fmt: skip
    return b.model(nearest)


def microsoft() -> ModelProto:
    b = Builder()
    b.opsets["com.microsoft"] = 1
    ms = {"domain": "com.microsoft"}
    x = b.node("FusedMatMul", b.input("x", ["N", 4]), b.weight(4, 4), transB=1, alpha=0.5, **ms)
    x = b.node("FusedGemm", x, b.weight(4, 4), b.weight(4), activation="Relu", **ms)
    x = b.node("Reshape", x, b.tensor(np.array([-1, 1, 2, 2])))
    return b.model(b.node("FusedConv", x, b.weight(3, 1, 2, 2), activation="Relu", **ms))


def external() -> Seed:
    model, name = dense(), "weights.bin"
    data = b"".join(tensor.raw_data for tensor in model.graph.initializer)
    start = 0
    for tensor in model.graph.initializer:
        size = len(tensor.raw_data)
        onnx.external_data_helper.set_external_data(tensor, name, offset=start, length=size)
        tensor.ClearField("raw_data")
        start += size
    return Seed("external", model.SerializeToString(), (name, data))


WRITTEN: list[Callable[[], Any]] = [
    cnn, dense, attention, lstm, gru, qdq, integers, branches, loop, search, scan, functions,
    sparse, strings, sequences, computed, shapes, noise, microsoft,
]  # fmt: skip
