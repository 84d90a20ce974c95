"""What goes onto crossbars: a product with a constant matrix."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper

from wordline.errors import fail
from wordline.onnx.geometry import ConvGeometry
from wordline.onnx.runtime import Engine

Floats = NDArray[np.float32]
Shape = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class InputCodes:
    """How a quantised model represents an input: x = scale · (q - zero), q whole in [low, high]."""

    scale: float
    zero: int
    low: int
    high: int


@dataclass(frozen=True, eq=False)
class Product:
    """output = input · weights (+ bias), in `groups` equal and independent parts.

    name: unique in the network. That of the node for a step with one product, else
        "node/input", "node/recurrent", "node/recurrent/reverse", ...
    weights: (k, N) float32 in C order: output n belongs to group g = n // (N // groups) and reads
        the inputs g·k ... g·k + k - 1 of a window. For convolutions k runs over (channel of the
        group, kernel axes ...).
    bias: (N,) float32, added digitally; None for none.
    conv: how windows lie on an image with 1, 2 or 3 spatial axes; None for rows.
    codes: the input's quantisation where the model states it (one scale for the whole tensor).
    weight_scale: (N,) float64: the weights of output n are whole multiples of weight_scale[n];
        None where the model states no such thing.

    An input is float32, either (batch, groups · channels, *spatial) and gives
    (batch, N, *windows), or (lead, ..., groups · k) and gives (lead, ..., N).
    """

    name: str
    weights: Floats
    bias: Floats | None = None
    groups: int = 1
    conv: ConvGeometry | None = None
    codes: InputCodes | None = None
    weight_scale: NDArray[np.float64] | None = None

    def output_shape(self, shape: Shape) -> Shape:
        """Shape of the output for an input of `shape`. Raises ValueError if it does not fit."""
        k, N = self.weights.shape
        if self.conv is not None:
            channels = self.groups * k // prod(self.conv.kernel)
            if len(shape) != 2 + len(self.conv.kernel) or shape[1] != channels:
                names = _SPATIAL[-len(self.conv.kernel) :]
                self._refuse(shape, f"(batch, {channels}, {', '.join(names)})")
            return (shape[0], N, *self.conv.out_size(*shape[2:]))
        if len(shape) < 2 or shape[-1] != self.groups * k:
            self._refuse(shape, f"(..., {self.groups * k})")
        return (*shape[:-1], N)

    def macs(self, shape: Shape) -> int:
        """Multiply-accumulates for an input of `shape` (2 operations each), padding included."""
        return int(self.weights.shape[0]) * prod(self.output_shape(shape))

    def _refuse(self, shape: Shape, allowed: str) -> None:
        fail(
            ValueError,
            "the input does not fit the weights",
            name=f"node '{self.name}': shape of its input",
            value=str(tuple(shape)),
            allowed=allowed,
            remedy="check the shape of the network's input",
        )

    @cached_property
    def _engine(self) -> Engine:
        """A model of this one product. It is fed the weights: as constants they would be copied."""
        x, w, y = (helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in "xwy")
        graph = helper.make_graph([self._node()], self.name, [x, w], [y])
        opset = [helper.make_opsetid("", 13)]
        model = helper.make_model(graph, opset_imports=opset, ir_version=8)
        return Engine(model.SerializeToString(), f"node '{self.name}'")

    def _node(self) -> NodeProto:
        if self.conv is None:
            return helper.make_node("MatMul", ["x", "w"], ["y"])
        conv = self.conv
        place: dict[str, Any] = {"pads": conv.pads}
        if conv.auto_pad != "NOTSET":
            place = {"auto_pad": conv.auto_pad}
        return helper.make_node(
            "Conv",
            ["x", "w"],
            ["y"],
            strides=conv.strides,
            dilations=conv.dilations,
            group=self.groups,
            **place,
        )


_SPATIAL = ("depth", "height", "width")

# Executes a product: takes (product, x, first_window) and returns its whole output, bias included,
# float32; x must not be written to. `first_window` is the number inside a sample of the first
# window that this call computes: calls of one product within one step (time steps of an LSTM)
# have disjoint windows, since noise belongs to (sample, window).
Multiply = Callable[[Product, Floats, int], Floats]


def exact_product(product: Product, x: Floats, first_window: int = 0) -> Floats:
    """The digital result of a product, bias included, computed by ONNX Runtime.

    Raises:
        ValueError: the shape of `x` does not fit the weights.
    """
    shape = product.output_shape(x.shape)
    if product.conv is not None:
        y = _convolved(product, x)
    elif product.groups == 1:
        y = product._engine.run(None, {"x": x, "w": product.weights})[0]
    else:
        y = _grouped(product, x)
    result: Floats = y.reshape(shape)
    if product.bias is not None:
        axes = (1,) * (len(shape) - 2) if product.conv else ()
        result = result + product.bias.reshape(-1, *axes)
    return result


def _convolved(product: Product, x: Floats) -> Floats:
    assert product.conv is not None
    k, N = product.weights.shape
    channels = k // prod(product.conv.kernel)
    w = np.ascontiguousarray(product.weights.T).reshape(N, channels, *product.conv.kernel)
    result: Floats = product._engine.run(None, {"x": x, "w": w})[0]
    return result


def _grouped(product: Product, x: Floats) -> Floats:
    """Rows in groups as a batch of products, one for each group."""
    groups, (k, N) = product.groups, product.weights.shape
    rows = np.ascontiguousarray(x.reshape(-1, groups, k).swapaxes(0, 1))
    w = np.ascontiguousarray(product.weights.reshape(k, groups, N // groups).swapaxes(0, 1))
    y: Floats = product._engine.run(None, {"x": rows, "w": w})[0]
    return y.swapaxes(0, 1)
