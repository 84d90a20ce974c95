"""FusedConv, FusedGemm and FusedMatMul of com.microsoft, as ONNX Runtime's optimiser saves them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from onnx import NodeProto

from wordline.onnx.constants import Constants
from wordline.onnx.conv import conv_step
from wordline.onnx.gemm import gemm_step
from wordline.onnx.matmul import MatMulStep, matmul_of
from wordline.onnx.nodes import attribute
from wordline.onnx.products import Floats, Multiply
from wordline.onnx.recurrent_activations import activations
from wordline.onnx.single import SingleStep
from wordline.onnx.steps import AnalogStep
from wordline.onnx.weights import StaysDigital, constant_side, given, scaled, weights


class ActivatedStep(AnalogStep):
    """A product, perhaps a sum with a value of its output's shape, then an activation."""

    def __init__(self, inner: SingleStep, node: NodeProto, summand: str):
        self.name, self.op, self.dtype = node.name, node.op_type, inner.dtype
        self.inputs = [*inner.inputs, summand] if summand else inner.inputs
        self.outputs, self.products = inner.outputs, inner.products
        self._inner, self._summand = inner, summand
        self._activation = _activation(node)

    def run(self, values: Mapping[str, Any], multiply: Multiply) -> dict[str, Any]:
        """See `AnalogStep.run`."""
        y = self._inner.run(values, multiply)[self.outputs[0]]
        if self._summand:
            y = self._inner.sum(y, values[self._summand])
        return {self.outputs[0]: np.asarray(self._activation(y), self.dtype)}


# Operators of FusedConv and FusedGemm, with the number of parameters each takes.
_PARAMETERS = {"Clip": 2, "HardSigmoid": 2, "LeakyRelu": 1, "Relu": 0, "Sigmoid": 0, "Tanh": 0}


def _activation(node: NodeProto) -> Callable[[Floats], Floats]:
    """The activation: FusedConv lists its parameters, FusedGemm names them."""
    name = attribute(node, "activation", "")
    named = [attribute(node, f"activation_{key}") for key in ("alpha", "beta")]
    listed = attribute(node, "activation_params", [value for value in named if value is not None])
    if len(listed) != _PARAMETERS.get(name):
        raise StaysDigital(f"activation {name!r} with {len(listed)} parameters")
    if name == "Clip":
        return Clip(*listed)
    return activations([name], listed[:1], listed[1:])[0]


@dataclass(frozen=True)
class Clip:
    """The nearest number in [low, high]."""

    low: float
    high: float

    def __call__(self, y: Floats) -> Floats:
        """The function of each element."""
        return np.clip(y, np.float32(self.low), np.float32(self.high))


def fused_conv_step(node: NodeProto, constants: Constants) -> AnalogStep:
    """FusedConv: input 3 is added before the activation. Raises StaysDigital with the reason."""
    summand = given(node, 3)
    if summand in constants:
        raise StaysDigital("sum with a constant")
    return ActivatedStep(conv_step(node, constants), node, summand)


def fused_gemm_step(node: NodeProto, constants: Constants) -> AnalogStep:
    """FusedGemm. Raises StaysDigital with the reason."""
    return ActivatedStep(gemm_step(node, constants), node, "")


def fused_matmul_step(node: NodeProto, constants: Constants) -> MatMulStep:
    """FusedMatMul: alpha · A' · B'. Raises StaysDigital with the reason."""
    if attribute(node, "transBatchA", 0) or attribute(node, "transBatchB", 0):
        raise StaysDigital("transposed batch")
    side = constant_side(node, constants)
    W, dtype = weights(node, constants, side)
    turned = [bool(attribute(node, name, 0)) for name in ("transA", "transB")]
    if turned[side] and W.ndim > 1:
        W = W.swapaxes(-1, -2)
    alpha = attribute(node, "alpha", 1.0)
    step = matmul_of(node, W if alpha == 1.0 else scaled(alpha, W), dtype, side)
    return replace(step, op="FusedMatMul", swapped=turned[1 - side])
