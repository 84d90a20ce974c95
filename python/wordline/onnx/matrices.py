"""Which nodes are products with constant matrices, and why the others are not."""

from collections.abc import Callable

import numpy as np
from onnx import NodeProto

from wordline.errors import fail
from wordline.onnx.constants import Constants
from wordline.onnx.conv import conv_step
from wordline.onnx.fused import fused_conv_step, fused_gemm_step, fused_matmul_step
from wordline.onnx.gemm import gemm_step
from wordline.onnx.matmul import matmul_step
from wordline.onnx.nodes import DEFAULT_DOMAINS, inner_nodes
from wordline.onnx.quantised_nodes import is_quantised, quantised_step
from wordline.onnx.recurrent_nodes import recurrent_step
from wordline.onnx.single import SingleStep
from wordline.onnx.steps import AnalogStep
from wordline.onnx.transposed import TransposedStep, transposed_step
from wordline.onnx.weights import StaysDigital

__all__ = ["StaysDigital", "analog_step", "require_finite"]


def analog_step(node: NodeProto, constants: Constants) -> AnalogStep:
    """The node as an analog step.

    Raises:
        StaysDigital: the node is not a product with constant matrices.
    """
    domain = "" if node.domain in DEFAULT_DOMAINS else node.domain
    build = _BUILDERS.get((domain, node.op_type))
    if is_quantised(node):
        build = quantised_step
    if build is None:
        raise StaysDigital(_why_not(node, constants))
    step = build(node, constants)
    if any(name in constants for name in step.inputs):
        raise StaysDigital("its data are constant, too")
    return step


def require_finite(step: AnalogStep, label: str) -> None:
    """Raise ValueError if a weight or bias of the step is NaN or infinite."""
    for product in step.products:
        _require_finite(label, "weight", product.weights)
        _require_finite(label, "bias", product.bias)
    if isinstance(step, TransposedStep):
        _require_finite(label, "bias", step.bias)
    if isinstance(step, SingleStep) and step.addend and not isinstance(step.addend.source, str):
        _require_finite(label, "bias", step.addend.source)


def _require_finite(label: str, what: str, values: np.ndarray | None) -> None:
    if values is not None and not np.isfinite(values).all():
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(values))[0])
        fail(
            ValueError,
            "weights and biases of an analog node are finite",
            name=f"{label}: {what} at {place}",
            value=str(values[place]),
            remedy="mend or retrain the model",
        )


_BUILDERS: dict[tuple[str, str], Callable[[NodeProto, Constants], AnalogStep]] = {
    ("", "Conv"): conv_step,
    ("", "ConvTranspose"): transposed_step,
    ("", "GRU"): recurrent_step,
    ("", "Gemm"): gemm_step,
    ("", "LSTM"): recurrent_step,
    ("", "MatMul"): matmul_step,
    ("", "RNN"): recurrent_step,
    ("com.microsoft", "FusedConv"): fused_conv_step,
    ("com.microsoft", "FusedGemm"): fused_gemm_step,
    ("com.microsoft", "FusedMatMul"): fused_matmul_step,
}
# Operators with weights of their own that no step expresses.
_UNMAPPED = {
    "Attention",
    "BeamSearch",
    "DeformConv",
    "DynamicQuantizeLSTM",
    "Einsum",
    "GroupQueryAttention",
    "MatMulBnb4",
    "MatMulFpQ4",
    "MatMulNBits",
    "MoE",
    "NhwcConv",
    "NhwcFusedConv",
    "QAttention",
    "QMoE",
    "SparseToDenseMatMul",
    "TransposeMatMul",
}


def _why_not(node: NodeProto, constants: Constants) -> str:
    if constants.calls_function(node):
        return "function of another opset version"
    if node.op_type in _UNMAPPED:
        return f"{node.op_type} is not mapped to crossbars"
    inner = sum(_has_weights(n) for n in inner_nodes(node))
    return f"weight operators inside its bodies: {inner}" if inner else ""


def _has_weights(node: NodeProto) -> bool:
    return any(op == node.op_type for _, op in _BUILDERS) or node.op_type in _UNMAPPED
