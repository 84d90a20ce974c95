"""Reads the constant arrays of a node that is to become analog."""

from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from wordline.errors import fail
from wordline.onnx.constants import Constants
from wordline.onnx.products import Floats

# Types in which a product may be asked for. It is computed in float32 and cast back.
_FLOATS = tuple(np.dtype(t) for t in (np.float32, np.float16, np.float64, ml_dtypes.bfloat16))


class StaysDigital(Exception):
    """The node runs in ONNX Runtime; the message is the reason, as the summary prints it."""


def given(node: NodeProto, place: int) -> str:
    """The name of an input, empty where it is left out."""
    return node.input[place] if len(node.input) > place else ""


def constant_side(node: NodeProto, constants: Constants) -> int:
    """0 or 1: which of the node's first two inputs is constant.

    Raises:
        StaysDigital: neither is.
    """
    for place in (1, 0):
        if given(node, place) in constants:
            return place
    raise StaysDigital("weights are not constant")


def weights(node: NodeProto, constants: Constants, place: int = 1) -> tuple[Floats, np.dtype[Any]]:
    """An input as a constant float32 array, and the type it has in the model.

    Raises:
        StaysDigital: the input is not a constant, not of floating point, or empty.
    """
    if given(node, place) not in constants:
        raise StaysDigital("weights are not constant")
    values = constants.value(node.input[place])
    if not isinstance(values, np.ndarray) or values.dtype not in _FLOATS:
        kind = values.dtype if isinstance(values, np.ndarray) else "sequence"
        raise StaysDigital(f"weights of type {kind}")
    if values.size == 0:
        raise StaysDigital("empty weights")
    return single(values), values.dtype


def single(values: NDArray[Any]) -> Floats:
    """As float32; float64 out of its range becomes infinite, which is refused by name later.

    Raises:
        TypeError: no tensor of numbers; only a damaged model multiplies others.
    """
    if not isinstance(values, np.ndarray) or values.dtype.kind in "OSU":
        given = getattr(values, "dtype", type(values).__name__)
        fail(TypeError, "analog nodes take tensors of numbers", value=given)
    with np.errstate(over="ignore"):
        return values.astype(np.float32, copy=False)


def scaled(factor: Any, values: Floats) -> Floats:
    """The product in float64, rounded once."""
    with np.errstate(all="ignore"):  # what is not finite is refused by name later
        result: Floats = (factor * values.astype(np.float64)).astype(np.float32)
    return result
