"""Weights kept in files beside the model: found at any depth, and read only from its folder."""

import re
from collections.abc import Iterable, Iterator
from math import prod
from pathlib import Path
from typing import NoReturn

import onnx
from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto

from wordline.errors import fail
from wordline.onnx.nodes import numpy_dtype

_RULE = "weights outside the file cannot be read"
_REMEDY = "keep the external data file beside the model"
_DIGITS = re.compile(r"[0-9]{1,19}")


def load_external(model: ModelProto, label: str, folder: Path | None) -> None:
    """Put the data of all external tensors into the model.

    Only regular files inside `folder` are read: a model must not make a program read elsewhere.

    Args:
        label: how errors name the model. folder: of the model's file; None for one in memory.

    Raises:
        FileNotFoundError: a data file is missing.
        ValueError: it is too short, outside the folder, or badly described.
    """
    for tensor in _tensors(model):
        if tensor.data_location != TensorProto.EXTERNAL:
            continue
        if folder is None:
            _refuse(tensor, label, "in a model without a path", "load the model by its path")
        tensor.raw_data = _data(tensor, label, folder)
        tensor.data_location = TensorProto.DEFAULT
        del tensor.external_data[:]


def _tensors(model: ModelProto) -> Iterator[TensorProto]:
    """All tensors: of the graph, of bodies, of attributes and of functions."""
    yield from _of_graph(model.graph)
    for function in model.functions:
        yield from _of_nodes(function.node)


def _of_graph(graph: GraphProto) -> Iterator[TensorProto]:
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    yield from _of_nodes(graph.node)


def _of_nodes(nodes: Iterable[NodeProto]) -> Iterator[TensorProto]:
    for node in nodes:
        for item in node.attribute:
            yield from _of_attribute(item)


def _of_attribute(item: AttributeProto) -> Iterator[TensorProto]:
    if item.HasField("t"):
        yield item.t
    yield from item.tensors
    for sparse in ([item.sparse_tensor] if item.HasField("sparse_tensor") else []) + list(
        item.sparse_tensors
    ):
        yield from (sparse.values, sparse.indices)
    for graph in ([item.g] if item.HasField("g") else []) + list(item.graphs):
        yield from _of_graph(graph)


def _data(tensor: TensorProto, label: str, folder: Path) -> bytes:
    """The tensor's bytes, as many as its shape and type need."""
    entries = {entry.key: entry.value for entry in tensor.external_data}
    path = _path(tensor, entries.get("location", ""), label, folder)
    offset, needed = _number(tensor, entries, "offset", label), _needed(tensor, label)
    stated = _number(tensor, entries, "length", label) if "length" in entries else needed
    if stated != needed:
        _refuse(tensor, label, f"{path}: length {stated} for a shape of {needed} bytes")
    try:
        if offset + needed > path.stat().st_size:
            _refuse(tensor, label, f"{path}: it ends before byte {offset + needed}")
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(needed)
    except OSError as error:
        fail(type(error), f"{_RULE}: {error}", name=label, remedy=_REMEDY)


def _path(tensor: TensorProto, location: str, label: str, folder: Path) -> Path:
    """The data file, which lies in the model's folder even when all links are followed."""
    path = folder / location
    if not location or "\0" in location or Path(location).is_absolute():
        _refuse(tensor, label, f"location {location!r} is not a relative path")
    try:
        real, home = path.resolve(), folder.resolve()
        inside, exists, regular = real.is_relative_to(home), real.exists(), real.is_file()
    except (OSError, RuntimeError) as error:  # a name too long, a loop of links
        _refuse(tensor, label, f"location {location[:200]!r}: {error}")
    if ".." in Path(location).parts or not inside:
        _refuse(tensor, label, f"{path} is outside the model's folder")
    if not exists:
        rule = f"{_RULE}: no such file {path} (tensor '{tensor.name}')"
        fail(FileNotFoundError, rule, name=label, remedy=_REMEDY)
    if not regular:
        _refuse(tensor, label, f"{path} is no regular file")
    return real


def _number(tensor: TensorProto, entries: dict[str, str], key: str, label: str) -> int:
    text = entries.get(key, "0")
    if not _DIGITS.fullmatch(text):
        _refuse(tensor, label, f"{entries.get('location')}: {key} = {text[:40]!r}")
    return int(text)


def _needed(tensor: TensorProto, label: str) -> int:
    """Bytes that the tensor's shape and type take."""
    dtype = numpy_dtype(tensor.data_type)
    if dtype is None or dtype.hasobject or any(dim < 0 for dim in tensor.dims):
        _refuse(tensor, label, f"element type {tensor.data_type}, shape {list(tensor.dims)}")
    bits = _PACKED.get(tensor.data_type, 8 * dtype.itemsize)
    size: int = -(-prod(tensor.dims) * bits // 8)
    return size


# Types of which a byte holds several.
_PACKED = {
    onnx.TensorProto.DataType.Value(name): int(name.removeprefix("FLOAT")[-1])
    for name in ("INT4", "UINT4", "INT2", "UINT2")
    if name in onnx.TensorProto.DataType.keys()  # noqa: SIM118 -- an enum wrapper, no dict
}
_PACKED[TensorProto.FLOAT4E2M1] = 4


def _refuse(tensor: TensorProto, label: str, reason: str, remedy: str = _REMEDY) -> NoReturn:
    fail(ValueError, f"{_RULE}: {reason} (tensor '{tensor.name}')", name=label, remedy=remedy)
