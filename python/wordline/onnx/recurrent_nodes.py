"""Reads LSTM, GRU and RNN nodes with constant matrices."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import NodeProto, TensorProto, ValueInfoProto, helper

from wordline.onnx.constants import Constants
from wordline.onnx.nodes import attribute
from wordline.onnx.products import Floats, Product
from wordline.onnx.recurrent import Direction, RecurrentStep
from wordline.onnx.recurrent_activations import Activation, activations
from wordline.onnx.recurrent_cells import Cell, GruCell, LinearGruCell, LstmCell, RnnCell
from wordline.onnx.runtime import Engine
from wordline.onnx.weights import StaysDigital, given, weights

RECURRENT = ("GRU", "LSTM", "RNN")
_INPUTS = ("X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P")
# ONNX Runtime runs float16 through casts to float32 and refuses float64.
_TYPES = {np.dtype(np.float32): TensorProto.FLOAT, np.dtype(np.float16): TensorProto.FLOAT16}


def recurrent_step(node: NodeProto, constants: Constants) -> RecurrentStep:
    """The node as an analog step.

    Raises:
        StaysDigital: its W or R is not a constant of floating point, or ONNX Runtime does not run
            such a node (layout = 1, float64).
    """
    (W, dtype), (R, _) = weights(node, constants, 1), weights(node, constants, 2)
    if dtype not in _TYPES:
        raise StaysDigital(f"weights of type {dtype}, ONNX Runtime runs {node.op_type} on float32")
    whole = _whole(node, dtype, constants)
    cell = _cell(node)
    _require_fit(node, cell, W.shape, R.shape)
    names = {name: given(node, place) for place, name in enumerate(_INPUTS)}
    others = {name: value for name, value in names.items() if value and name not in ("W", "R")}
    clip = attribute(node, "clip")
    return RecurrentStep(
        node.name,
        node.op_type,
        cell,
        _directions(node, cell, W, R),
        {name: value for name, value in others.items() if value not in constants},
        {name: constants.value(value) for name, value in others.items() if value in constants},
        list(node.output),
        None if clip is None or clip < 0 else clip,  # a negative clip of RNN means none
        dtype,
        whole,
    )


def _cell(node: NodeProto) -> Cell:
    if node.op_type == "LSTM":
        return LstmCell(bool(attribute(node, "input_forget", 0)))
    if node.op_type == "GRU":
        return LinearGruCell() if attribute(node, "linear_before_reset", 0) else GruCell()
    return RnnCell()


def _reversals(node: NodeProto) -> list[bool]:
    """For each direction whether it runs from the end."""
    direction = attribute(node, "direction", "forward")
    return {"reverse": [True], "bidirectional": [False, True]}.get(direction, [False])


def _require_fit(node: NodeProto, cell: Cell, W: tuple[int, ...], R: tuple[int, ...]) -> None:
    """ONNX Runtime says at run time what it thinks of other shapes."""
    hidden, directions = attribute(node, "hidden_size"), len(_reversals(node))
    rows = (directions, cell.gates * hidden)
    if len(W) != 3 or W[:2] != rows or (*rows, hidden) != R:
        raise StaysDigital(f"W of shape {W} and R of shape {R} do not fit hidden_size = {hidden}")


def _directions(node: NodeProto, cell: Cell, W: Floats, R: Floats) -> list[Direction]:
    hidden, functions = R.shape[2], _functions(node, cell, len(W))
    result = []
    for place, reverse in enumerate(_reversals(node)):
        suffix = "/reverse" if place else ""
        recurrent = [
            Product(
                f"{node.name}/{name}{suffix}",
                _matrix(R[place, gates.start * hidden : gates.stop * hidden]),
            )
            for name, gates in cell.split
        ]
        product = Product(f"{node.name}/input{suffix}", _matrix(W[place]))
        result.append(Direction(product, recurrent, functions[place], reverse))
    return result


def _matrix(rows: Floats) -> Floats:
    return np.ascontiguousarray(rows.T)


def _functions(node: NodeProto, cell: Cell, directions: int) -> list[Sequence[Activation]]:
    """The activations of each direction."""
    each = len(cell.functions)
    names = list(attribute(node, "activations", []))
    # ONNX's default of an RNN names two functions whatever its direction.
    names = (names or list(cell.functions) * directions)[: each * directions]
    alphas, betas = (attribute(node, f"activation_{name}", []) for name in ("alpha", "beta"))
    functions = activations(names, alphas, betas)
    return [functions[each * place : each * (place + 1)] for place in range(directions)]


def _whole(node: NodeProto, dtype: np.dtype[Any], constants: Constants) -> Engine:
    """The node in ONNX Runtime, with its inputs called as in ONNX; W and R are fed, too."""
    alone = NodeProto()
    alone.CopyFrom(node)
    del alone.input[:]
    alone.input.extend(
        name if value else "" for name, value in zip(_INPUTS, node.input, strict=False)
    )
    inputs = [
        helper.make_tensor_value_info(
            name, TensorProto.INT32 if name == "sequence_lens" else _TYPES[dtype], None
        )
        for name in alone.input
        if name
    ]
    outputs = [ValueInfoProto(name=name) for name in node.output if name]
    graph = helper.make_graph([alone], node.name, inputs, outputs)
    opset = [helper.make_opsetid("", constants.opset)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)
    engine = Engine(model.SerializeToString(), f"node '{node.name}'")
    try:
        engine.prepare()
    except ValueError as error:
        raise StaysDigital("ONNX Runtime does not run it") from error
    return engine
