"""From a path, bytes or ModelProto to a checked model in memory."""

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

from wordline.errors import fail
from wordline.onnx.branches import open_branches
from wordline.onnx.external import load_external
from wordline.onnx.functions import (
    INFERENCE_ERRORS,
    convert_functions,
    open_functions,
    refuse_growth,
)
from wordline.onnx.hazards import guard_grids, guard_loops, refuse_groups, refuse_idle_loops
from wordline.onnx.rehearsal import rehearse
from wordline.onnx.runtime import Engine
from wordline.onnx.skeleton import skeleton_of
from wordline.onnx.texts import refuse_bytes

Source = str | os.PathLike[str] | bytes | onnx.ModelProto
PROTOBUF_LIMIT = 2**31 - 1  # bytes in one message


def read_model(source: Source) -> onnx.ModelProto:
    """The model with its external weights loaded and its functions inlined.

    The caller may change the result: a ModelProto is copied.

    Raises:
        OSError: no such file, a directory, or missing external weights.
        ValueError: empty, damaged, invalid, or newer than ONNX or ONNX Runtime.
        TypeError: not a path, bytes or ModelProto.
    """
    if isinstance(source, onnx.ModelProto):
        model, label, path = onnx.ModelProto(), "model", None
        model.CopyFrom(source)
    elif isinstance(source, bytes):
        model, label, path = _parse(source, "model"), "model", None
    elif isinstance(source, str | os.PathLike):
        path = Path(source)
        model, label = _parse(_read(path), str(path)), str(path)
    else:
        _refuse_type(source)
    refuse_bytes(model, label)
    load_external(model, label, path.parent if path else None)
    refuse_growth(model)
    small = model.ByteSize() <= PROTOBUF_LIMIT  # else the inliner cannot join it, and calls stay
    model = convert_functions(model, label) if small else model
    _check(model, label, path)
    refuse_groups(model)
    refuse_idle_loops(model)
    guard_loops(model)
    guard_grids(model)
    rehearse(lambda: _infer(model), label)
    _probe(model, label)
    model = open_functions(model) if small else model
    open_branches(model)
    return model


def _infer(model: onnx.ModelProto) -> None:
    """All inference of types that follows, by ONNX and by ONNX Runtime."""
    model = skeleton_of(model)
    with contextlib.suppress(*INFERENCE_ERRORS):
        onnx.shape_inference.infer_shapes(model)
    Engine(model.SerializeToString(), "rehearsal").prepare()


def digest(model: onnx.ModelProto) -> str:
    """SHA-256 of the model's content in hex; piecewise, as protobuf cannot join above 2 GB."""
    graph, state = model.graph, hashlib.sha256()
    pieces = [*model.opset_import, *graph.input, *graph.output, *graph.initializer]
    for piece in [*pieces, *graph.sparse_initializer, *graph.node, *model.functions]:
        state.update(piece.SerializeToString(deterministic=True))
    return state.hexdigest()


def _refuse_type(source: object) -> NoReturn:
    fail(
        TypeError,
        "a model is a path, bytes or an onnx.ModelProto",
        name="model",
        value=type(source).__name__,
        allowed="str, os.PathLike, bytes, onnx.ModelProto",
        remedy="export the network to ONNX first",
    )


def _read(path: Path) -> bytes:
    if path.is_dir():
        fail(IsADirectoryError, "a model is one file", name=str(path), remedy="give a .onnx file")
    if not path.exists():
        fail(FileNotFoundError, "no such file", name=str(path), remedy="check the path")
    try:
        return path.read_bytes()
    except OSError as error:
        fail(type(error), f"cannot be read ({error})", name=str(path), remedy="check the file")


def _parse(data: bytes, label: str) -> onnx.ModelProto:
    if not data:
        fail(ValueError, "the model is empty", name=label, remedy="export the model again")
    try:
        return onnx.load_model_from_string(data)
    except DecodeError as error:
        remedy = "export or download the model again"
        fail(ValueError, f"not an ONNX model, or damaged ({error})", name=label, remedy=remedy)


def _check(model: onnx.ModelProto, label: str, path: Path | None) -> None:
    """ONNX's checker on the model."""
    small = model.ByteSize() <= PROTOBUF_LIMIT
    try:
        with _shapes_declared(model):
            onnx.checker.check_model(model if small or path is None else str(path))
    except (onnx.checker.ValidationError, ValueError, RuntimeError, TypeError) as error:
        remedy = f"export the model again, with IR version {onnx.IR_VERSION} or older"
        fail(
            ValueError,
            f"not a valid ONNX model: {' '.join(str(error).split())}",
            name=label,
            remedy=remedy,
        )


def _probe(model: onnx.ModelProto, label: str) -> None:
    """ONNX Runtime's word on the versions: it loads an empty model with the same ones."""
    x = onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, None)
    y = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)
    node = onnx.helper.make_node("Identity", ["x"], ["y"])
    Engine(wrap(model, onnx.helper.make_graph([node], "probe", [x], [y])), label).prepare()


@contextlib.contextmanager
def _shapes_declared(model: onnx.ModelProto) -> Iterator[None]:
    """The checker asks for a shape on every input and output, where ONNX Runtime does not."""
    tensors = [
        v.type.tensor_type
        for v in (*model.graph.input, *model.graph.output)
        if v.type.HasField("tensor_type") and not v.type.tensor_type.HasField("shape")
    ]
    for tensor in tensors:
        tensor.shape.SetInParent()
    try:
        yield
    finally:
        for tensor in tensors:
            tensor.ClearField("shape")


def wrap(model: onnx.ModelProto, graph: onnx.GraphProto) -> bytes:
    """`graph` as a serialised model with the versions and functions of `model`."""
    part = onnx.helper.make_model(
        graph,
        opset_imports=list(model.opset_import),
        functions=list(model.functions),
        producer_name="wordline",
    )
    part.ir_version = model.ir_version
    serialised: bytes = part.SerializeToString()
    return serialised
