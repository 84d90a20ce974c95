"""Models that ask for too much, for other files, or for what ends ONNX Runtime: refused by name."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from graphs import FLOAT, Builder, images
from onnx import NodeProto, TensorProto, helper
from wordline.onnx import Graph
from wordline.onnx.constants import Constants
from wordline.onnx.matrices import StaysDigital, analog_step
from wordline.onnx.randomness import Randomness

BYTES = 4 * 3 * 4


def model_with(path: Path, place: str = "initializer", **entries: str) -> Path:
    """A MatMul whose weights lie in weights.bin, described by `entries`, at some place."""
    b = Builder()
    values = b.normal(4, 3)
    (path / "weights.bin").write_bytes(values.tobytes())
    tensor = TensorProto(name="W", dims=[4, 3], data_type=FLOAT, data_location=TensorProto.EXTERNAL)
    for key, value in {"location": "weights.bin", **entries}.items():
        tensor.external_data.add(key=key, value=value)
    PLACES[place](b, tensor)
    b.node("MatMul", b.input("x", ["N", 4]), "W", name="fc", out="y")
    (path / "model.onnx").write_bytes(b.model("y").SerializeToString())
    return path / "model.onnx"


def as_branch(b: Builder, tensor: TensorProto) -> None:
    out = helper.make_tensor_value_info("w", FLOAT, None)
    body = helper.make_graph(
        [helper.make_node("Constant", [], ["w"], value=tensor)], "b", [], [out]
    )
    b.node("If", b.tensor(np.array(True)), then_branch=body, else_branch=body, out="W")


def as_function(b: Builder, tensor: TensorProto) -> None:
    b.opsets["mine"] = 1
    nodes = [helper.make_node("Constant", [], ["w"], value=tensor)]
    opsets = [helper.make_opsetid("", 17)]
    b.functions.append(helper.make_function("mine", "Stored", [], ["w"], nodes, opsets))
    b.node("Stored", domain="mine", out="W")


PLACES: dict[str, Callable[[Builder, TensorProto], Any]] = {
    "initializer": lambda b, tensor: b.graph.initializer.append(tensor),
    "Constant": lambda b, tensor: b.node("Constant", value=tensor, out="W"),
    "branch": as_branch,
    "function": as_function,
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("entries", [{}, {"offset": "0", "length": str(BYTES)}], ids=str)
def test_external_weights_at_any_place(place: str, entries: dict[str, str], tmp_path: Path) -> None:
    graph = Graph.load(model_with(tmp_path, place, **entries))
    np.testing.assert_array_equal(graph.products[0].weights, Builder().normal(4, 3))
    with pytest.raises(ValueError, match=r"load the model by its path"):
        Graph.load((tmp_path / "model.onnx").read_bytes())


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ({"location": ""}, "not a relative path"),
        ({"location": "/etc/passwd"}, "'/etc/passwd' is not a relative path"),
        ({"location": "../weights.bin"}, "outside the model's folder"),
        ({"location": "sub/../weights.bin"}, "outside the model's folder"),
        ({"location": "link.bin"}, "outside the model's folder"),
        ({"location": "folder"}, "no regular file"),
        ({"location": "pipe"}, "no regular file"),
        ({"location": "x" * 5000}, "location 'xxx"),
        ({"offset": "-4"}, "offset = '-4'"),
        ({"offset": "4"}, "weights.bin: it ends before byte 52"),
        ({"offset": str(2**63)}, f"ends before byte {2**63 + 48}"),
        ({"offset": "9" * 40}, "offset = '9999"),
        ({"length": "-1"}, "length = '-1'"),
        ({"length": "1e3"}, "length = '1e3'"),
        ({"length": "47"}, "length 47 for a shape of 48 bytes"),
        ({"length": str(2**63)}, "for a shape of 48 bytes"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_external_data_that_are_refused(entries: Any, reason: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "folder").mkdir(parents=True)
    (tmp_path / "weights.bin").write_bytes(bytes(BYTES))
    (home / "link.bin").symlink_to(tmp_path / "weights.bin")
    os.mkfifo(home / "pipe")
    with pytest.raises(ValueError, match=r"weights outside the file .*tensor 'W'") as caught:
        Graph.load(model_with(home, **entries))
    assert reason in str(caught.value)


def test_a_missing_or_short_data_file_is_named(tmp_path: Path) -> None:
    path = model_with(tmp_path)
    (tmp_path / "weights.bin").write_bytes(bytes(BYTES - 1))
    with pytest.raises(ValueError, match=r"weights\.bin: it ends before byte 48"):
        Graph.load(path)
    (tmp_path / "weights.bin").unlink()
    with pytest.raises(FileNotFoundError, match=r"no such file .*weights\.bin \(tensor 'W'\)"):
        Graph.load(path)


HUGE = 2**40
GROWTH: dict[str, Callable[[Builder], str]] = {
    "ConstantOfShape": lambda b: b.node("ConstantOfShape", b.tensor(np.array([4, HUGE]))),
    "Expand": lambda b: b.node("Expand", b.weight(4, 1), b.tensor(np.array([4, HUGE]))),
    "Tile": lambda b: b.node("Tile", b.weight(4, 1), b.tensor(np.array([1, HUGE]))),
    "Pad": lambda b: b.node("Pad", b.weight(4, 1), b.tensor(np.array([0, 0, 0, HUGE]))),
    "Range": lambda b: b.node("Range", *(b.tensor(np.int64(n)) for n in (0, HUGE, 1))),
    "Add": lambda b: b.node("Add", b.weight(40000, 1), b.weight(1, 40000)),
    "unknown": lambda b: b.node(
        "Expand",
        b.weight(4, 1),
        b.node("Pow", b.tensor(np.array([4, 999])), b.tensor(np.array([4]))),
    ),
}


@pytest.mark.parametrize("kind", GROWTH)
def test_giant_constants_are_refused_where_weights_need_them(kind: str) -> None:
    b = Builder()
    y = b.node("MatMul", b.input("x"), b.node("Cast", GROWTH[kind](b), to=FLOAT), name="fc")
    begin = time.monotonic()
    with pytest.raises(ValueError, match=r"constant '.*(elements|before it is computed)"):
        Graph.load(b.model(y))
    assert time.monotonic() - begin < 20  # seconds; computing them would take minutes or all memory


@pytest.mark.parametrize("kind", [kind for kind in GROWTH if kind != "Add"])
def test_giant_constants_of_digital_nodes_are_not_computed_at_load(kind: str) -> None:
    b = Builder()
    y = b.node("Add", b.input("x"), b.node("Cast", GROWTH[kind](b), to=FLOAT))
    graph = Graph.load(b.model(y))
    assert len(graph.steps) == 1


def test_moderate_constant_expressions_are_weights() -> None:
    b = Builder()
    shape = b.tensor(np.array([4, 3]))
    for op, *inputs in (("Expand", b.weight(4, 1), shape), ("ConstantOfShape", shape)):
        b.node("MatMul", "x", b.node(op, *inputs), name=op, out=f"{op}_y")
    b.input("x", ["N", 4])
    graph = Graph.load(b.model("Expand_y", "ConstantOfShape_y"))
    assert [product.weights.shape for product in graph.products] == [(4, 3), (4, 3)]


def test_a_sparse_weight_of_giant_size() -> None:
    b = Builder()
    values = onnx.numpy_helper.from_array(np.ones(1, np.float32), "W")
    where = onnx.numpy_helper.from_array(np.zeros(1, np.int64), "places")
    b.graph.sparse_initializer.append(helper.make_sparse_tensor(values, where, [HUGE, 4]))
    y = b.node("MatMul", b.input("x"), "W")
    with pytest.raises(ValueError, match=r"tensor 'W' = \d+ elements"):
        Graph.load(b.model(y))


def calls(name: str, *inner: str) -> onnx.FunctionProto:
    """A function that calls others one after another."""
    names = ["x", *(f"t{i}" for i in range(len(inner) - 1)), "y"]
    nodes: list[NodeProto] = [
        helper.make_node(op, [names[i]], [names[i + 1]], domain="mine")
        for i, op in enumerate(inner)
    ]
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("mine", 1)]
    return helper.make_function("mine", name, ["x"], ["y"], nodes, opsets)


def test_functions_that_open_without_end() -> None:
    for functions, message in (
        (
            [calls("F", "G"), calls("G", "F")],
            r"function 'mine\.F': a function does not call itself",
        ),
        ([calls(f"F{i}", f"F{i + 1}", f"F{i + 1}") for i in range(40)], r"nodes = \d{13}:"),
    ):
        b = Builder()
        b.opsets["mine"] = 1
        b.functions = functions
        b.node(functions[0].name, b.input("x", [2]), domain="mine", out="y")
        with pytest.raises(ValueError, match=message):
            Graph.load(b.model("y"))


@pytest.mark.parametrize("op", ["Conv", "ConvTranspose"])
def test_no_groups(op: str) -> None:
    b = Builder()
    y = b.node(op, b.input("x"), b.weight(4, 4, 3, 3), name="n", group=0)
    with pytest.raises(ValueError, match=r"node 'n': group = 0"):
        Graph.load(b.model(y))


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"strides": [0, 1]}, r"strides = \(0, 1\)"),
        ({"dilations": [-1, 1]}, r"dilations = \(-1, 1\)"),
        ({"strides": [1]}, r"strides = \(1,\) for 2 places"),
        ({"pads": [1, 1]}, r"pads = \(1, 1\) for 4 places"),
        ({"kernel_shape": [2, 2]}, r"kernel_shape \(2, 2\) for weights of \(3, 3\)"),
        ({"group": 3}, "4 .* in 3 groups"),
    ],
    ids=str,
)
@pytest.mark.parametrize("op", ["Conv", "ConvTranspose"])
def test_attributes_that_contradict_are_left_to_onnx_runtime(
    op: str, attributes: Any, reason: str
) -> None:
    b = Builder()
    y = b.node(op, b.input("x"), b.weight(4, 4, 3, 3), name="n", **attributes)
    model = b.model(y)
    with pytest.raises(ValueError, match=r"segment 0: ONNX Runtime"):
        Graph.load(model).run(images(1, 4, 8, 8))
    with pytest.raises(StaysDigital, match=reason):
        analog_step(model.graph.node[0], Constants(model, model.graph.node, Randomness([])))


def test_thousands_of_nodes_of_one_name_and_many_segments_load_in_seconds() -> None:
    b = Builder()
    x, w = b.input("x", [2, 2]), b.weight(2, 2)
    for _ in range(1500):
        x = b.node("MatMul", b.node("Neg", x), w)
    model = b.model(x)
    begin = time.monotonic()
    graph = Graph.load(model)
    assert len(graph.products) == 1500
    assert time.monotonic() - begin < 30  # seconds; work quadratic in the model takes minutes
