"""Reads operators on integer codes with constant weights: QLinearConv, MatMulInteger and others.

Operators: https://onnx.ai/onnx/operators/ and, in the domain com.microsoft,
https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, ValueInfoProto, helper, numpy_helper

from wordline.onnx.constants import Constants
from wordline.onnx.conv import conv_step
from wordline.onnx.gemm import gemm_step
from wordline.onnx.matmul import matmul_step
from wordline.onnx.nodes import DEFAULT_DOMAINS, attribute
from wordline.onnx.products import Floats, InputCodes
from wordline.onnx.quantised import QuantisedStep, Source, Target, with_product
from wordline.onnx.quantised_codes import fitting_scale
from wordline.onnx.randomness import Randomness
from wordline.onnx.single import SingleStep
from wordline.onnx.weights import StaysDigital, given, single


@dataclass(frozen=True)
class _Layout:
    """The float operator of a node, and the places of its inputs; -1 where it has none.

    whole: the result is int32. codes: the bias is int32, in units of both scales. dynamic: the
    input is float, see `Source`.
    """

    op: str
    x: int
    w: int
    x_scale: int = -1
    x_zero: int = -1
    w_scale: int = -1
    w_zero: int = -1
    bias: int = -1
    y_scale: int = -1
    y_zero: int = -1
    whole: bool = False
    codes: bool = False
    dynamic: bool = False


_QLINEAR = _Layout("", x=0, x_scale=1, x_zero=2, w=3, w_scale=4, w_zero=5, codes=True)
_INTEGER = _Layout("", x=0, w=1, x_zero=2, w_zero=3, whole=True)
_LAYOUTS = {
    "QLinearConv": replace(_QLINEAR, op="Conv", y_scale=6, y_zero=7, bias=8),
    "QLinearMatMul": replace(_QLINEAR, op="MatMul", y_scale=6, y_zero=7),
    "ConvInteger": replace(_INTEGER, op="Conv"),
    "MatMulInteger": replace(_INTEGER, op="MatMul"),
}
_MICROSOFT = {
    "QGemm": replace(_QLINEAR, op="Gemm", bias=6, y_scale=7, y_zero=8),
    "MatMulIntegerToFloat": _Layout(
        "MatMul", x=0, w=1, x_scale=2, w_scale=3, x_zero=4, w_zero=5, bias=6
    ),
    "DynamicQuantizeMatMul": _Layout("MatMul", x=0, w=1, w_scale=2, w_zero=3, bias=4, dynamic=True),
}
_BUILDERS: dict[str, Callable[[NodeProto, Constants], SingleStep]] = {
    "Conv": conv_step,
    "Gemm": gemm_step,
    "MatMul": matmul_step,
}


def is_quantised(node: NodeProto) -> bool:
    """Whether `quantised_step` reads such a node."""
    return _layout(node) is not None


def quantised_step(node: NodeProto, constants: Constants) -> QuantisedStep:
    """The node as an analog step whose product is that of the float operator.

    Raises:
        StaysDigital: weights, their scales or those of input and output are not constant, or the
            float operator would stay digital.
    """
    layout = _layout(node)
    assert layout is not None
    reader = _Reader(node, layout, constants)
    weights, steps = reader.weights()
    inner = _inner(node, layout, weights, reader.code_bias())
    scale = None if steps is None else fitting_scale(inner.product, steps * _alpha(node))
    inner = with_product(inner, codes=reader.codes(), weight_scale=scale)
    source, bias = reader.source(), reader.float_bias()
    names = dict.fromkeys([*source.names, *([bias] if isinstance(bias, str) else [])])
    inputs = [ValueInfoProto(name=name) for name in names]
    whole = constants.part([node], inputs, node.output)
    target = reader.target()
    return QuantisedStep(
        node.name, node.op_type, source, inner, bias, target, node.output[0], whole
    )


def _layout(node: NodeProto) -> _Layout | None:
    if node.domain in DEFAULT_DOMAINS:
        return _LAYOUTS.get(node.op_type)
    return _MICROSOFT.get(node.op_type) if node.domain == "com.microsoft" else None


def _inner(node: NodeProto, layout: _Layout, weights: Floats, bias: Floats | None) -> SingleStep:
    """The float operator from "x" to "y", with the node's name and attributes."""
    arrays = {"w": weights} | ({} if bias is None else {"b": bias})
    alone = helper.make_node(layout.op, ["x", *arrays], ["y"], name=node.name)
    alone.attribute.extend(node.attribute)
    tensors = [numpy_helper.from_array(array, name) for name, array in arrays.items()]
    graph = helper.make_graph([alone], node.name, [], [], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    constants = Constants(model, [alone], Randomness([]))
    return _BUILDERS[layout.op](alone, constants)


@dataclass(frozen=True)
class _Reader:
    """Reads the inputs of a node by their places."""

    node: NodeProto
    layout: _Layout
    constants: Constants

    def weights(self) -> tuple[Floats, NDArray[Any] | None]:
        """The weights as float32, and their scales; None for those where codes are lopsided."""
        w = self._constant(self.layout.w, "weights")
        if w is None or w.dtype not in (np.int8, np.uint8) or w.size == 0:
            raise StaysDigital("empty weights" if w is not None and w.size == 0 else _type(w))
        zero = self._constant(self.layout.w_zero, "zero point of the weights")
        scale = self._constant(self.layout.w_scale, "scale of the weights")
        zero = np.zeros((), w.dtype) if zero is None else zero
        scale = np.ones((), np.float32) if scale is None else scale
        _require_float32(scale)
        codes = w.astype(np.int32) - self._along(zero, w).astype(np.int32)
        values = codes.astype(np.float32) * self._along(scale, w)
        return values, scale

    def _along(self, values: NDArray[Any], w: NDArray[Any]) -> NDArray[Any]:
        """Numbers for each output, shaped to meet the weights."""
        if values.size == 1:
            return values.reshape(())
        if values.ndim > 1:
            shaped = values  # of a batch of matrices: (..., 1, N)
        elif self.layout.op == "Conv" or self._turned("transB"):
            shaped = values.reshape(-1, *(1,) * (w.ndim - 1))
        else:
            shaped = values
        try:
            np.broadcast_to(shaped, w.shape)
        except ValueError:
            raise StaysDigital(f"scales of shape {values.shape} for weights {w.shape}") from None
        return shaped

    def _turned(self, name: str) -> bool:
        return bool(attribute(self.node, name, 0))

    def source(self) -> Source:
        """What the input's codes mean."""
        name = self.node.input[self.layout.x]
        if name in self.constants:
            raise StaysDigital("constant on the left side")
        zero, scale = (self._given(p) for p in (self.layout.x_zero, self.layout.x_scale))
        for value in (zero, scale):
            if isinstance(value, np.ndarray) and value.size != 1:
                raise StaysDigital("scale or zero point differ between rows")
        return Source(name, scale, zero, self.layout.dynamic)

    def codes(self) -> InputCodes | None:
        """The grid of the input, where it is the same for all inputs of the network."""
        source = self.source()
        if not isinstance(source.zero, np.ndarray) or isinstance(source.scale, str):
            return None
        scale = 1.0 if source.scale is None else source.scale.item()
        if source.zero.dtype.kind not in "iu":
            raise StaysDigital(f"zero point of type {source.zero.dtype}")
        limits = np.iinfo(source.zero.dtype)
        return InputCodes(scale, source.zero.item(), int(limits.min), int(limits.max))

    def code_bias(self) -> Floats | None:
        """A bias in units of both scales, as float32."""
        B = self._constant(self.layout.bias, "bias") if self.layout.codes else None
        if B is None:
            return None
        x_scale = self._constant(self.layout.x_scale, "scale of the input")
        w_scale = self._constant(self.layout.w_scale, "scale of the weights")
        assert x_scale is not None
        assert w_scale is not None
        scale = x_scale.reshape(-1).astype(np.float64) * w_scale.reshape(-1)
        return single(B * scale * _alpha(self.node))

    def float_bias(self) -> str | NDArray[Any] | None:
        """A bias in float, added as it is."""
        return None if self.layout.codes else self._given(self.layout.bias)

    def target(self) -> Target:
        """How the result is written."""
        scale = self._constant(self.layout.y_scale, "scale of the output")
        if scale is None:
            return Target(np.dtype(np.int32 if self.layout.whole else np.float32))
        _require_float32(scale)
        zero = self._constant(self.layout.y_zero, "zero point of the output")
        zero = np.zeros((), np.uint8) if zero is None else zero
        if scale.size != 1 or zero.size != 1:
            raise StaysDigital("scale or zero point differ between outputs")
        return Target(zero.dtype, np.float32(scale.item()), int(zero.item()))

    def _given(self, place: int) -> str | NDArray[Any] | None:
        name = given(self.node, place) if place >= 0 else ""
        if not name:
            return None
        if name not in self.constants:
            return name
        values: NDArray[Any] = self.constants.value(name)
        return values

    def _constant(self, place: int, what: str) -> NDArray[Any] | None:
        values = self._given(place)
        if isinstance(values, str):
            raise StaysDigital(f"{what} is not constant".replace("weights is", "weights are"))
        return values


def _alpha(node: NodeProto) -> float:
    """The factor of QGemm, 1 for the others."""
    return float(attribute(node, "alpha", 1.0))


def _type(w: NDArray[Any] | None) -> str:
    return f"weights of type {w.dtype}" if w is not None else "no weights"


def _require_float32(scale: NDArray[Any]) -> None:
    """ONNX Runtime 1.32 runs these operators with no other scales."""
    if scale.dtype != np.float32:
        raise StaysDigital(f"scale of type {scale.dtype}")
