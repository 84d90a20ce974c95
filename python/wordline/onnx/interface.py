"""What a network takes and gives, and the check of what it is fed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ValueInfoProto

from wordline.errors import fail
from wordline.onnx.nodes import numpy_dtype

Feeds = NDArray[Any] | Mapping[str, Any]


@dataclass(frozen=True)
class ValueInfo:
    """An input or output. None: `dtype` of what is no tensor, a `shape` of any rank, a free axis.

    Strings have dtype object.
    """

    name: str
    dtype: np.dtype[Any] | None
    shape: tuple[int | None, ...] | None


def value_info(value: ValueInfoProto) -> ValueInfo:
    """The declaration of a graph's input or output. Raises ValueError for no element type."""
    if not value.type.HasField("tensor_type"):
        return ValueInfo(value.name, None, None)
    tensor = value.type.tensor_type
    shape = None
    if tensor.HasField("shape"):
        dims = tensor.shape.dim
        shape = tuple(d.dim_value if d.HasField("dim_value") else None for d in dims)
    return ValueInfo(value.name, _dtype(value.name, tensor.elem_type), shape)


def _dtype(name: str, elem_type: int) -> np.dtype[Any]:
    dtype = numpy_dtype(elem_type)
    if dtype is None:
        fail(
            ValueError,
            "an input or output declares its element type",
            name=f"'{name}': element type",
            value=elem_type,
            remedy="export the model again",
        )
    return dtype


def checked_feeds(inputs: Sequence[ValueInfo], feeds: Feeds) -> dict[str, Any]:
    """Feeds by name. One bare array is fed to the network's only input.

    Raises:
        ValueError: an unknown or missing name, or a shape that does not fit.
        TypeError: no array, or one of another element type; nothing is cast silently.
    """
    names = [value.name for value in inputs]
    if not isinstance(feeds, Mapping):
        if len(inputs) != 1:
            fail(
                TypeError,
                f"a network with {len(inputs)} inputs is fed with a dict",
                name="feeds",
                value=type(feeds).__name__,
                allowed=f"a dict with {names}",
            )
        feeds = {names[0]: feeds}
    _check_names(names, feeds)
    for value in inputs:
        _check_value(value, feeds[value.name])
    return {name: feeds[name] for name in names}


def _check_names(names: Sequence[str], feeds: Mapping[str, Any]) -> None:
    for given in feeds:
        if given not in names:
            fail(
                ValueError,
                "no such input",
                name="feeds",
                value=f"'{given}'",
                allowed=", ".join(names) or "none",
                remedy="feed inputs by these names",
            )
    for name in names:
        if name not in feeds:
            fail(
                ValueError,
                "an input is missing",
                name=f"input '{name}'",
                allowed=", ".join(names),
                remedy="feed all inputs",
            )


def _check_value(value: ValueInfo, given: Any) -> None:
    if value.dtype is None:
        return
    name = f"input '{value.name}'"
    if not isinstance(given, np.ndarray):
        fail(
            TypeError,
            "an input is a NumPy array",
            name=name,
            value=type(given).__name__,
            allowed=f"numpy.ndarray of {value.dtype}",
            remedy="convert it with numpy.asarray",
        )
    if given.dtype != value.dtype and not (value.dtype == object and given.dtype.kind == "U"):
        fail(
            TypeError,
            "the element type differs from the model's",
            name=name,
            value=str(given.dtype),
            allowed=str(value.dtype),
            remedy=f"cast it with .astype({str(value.dtype)!r})",
        )
    if value.shape is not None:
        _check_shape(name, value.shape, given.shape)


def _check_shape(name: str, shape: tuple[int | None, ...], given: tuple[int, ...]) -> None:
    fits = len(shape) == len(given) and all(
        fixed is None or fixed == size for fixed, size in zip(shape, given, strict=True)
    )
    if not fits:
        allowed = ", ".join("any" if size is None else str(size) for size in shape)
        fail(
            ValueError,
            "the shape differs from the model's",
            name=f"{name}: shape",
            value=str(given),
            allowed=f"({allowed})",
            remedy="reshape it, split the batch, or export the model with free axes",
        )
