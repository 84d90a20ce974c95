"""Which nodes are products with constant matrices, and why the others are not."""

from collections.abc import Callable

import numpy as np
from onnx import NodeProto

from wordline.errors import fail
from wordline.onnx.constants import Constants
from wordline.onnx.conv import conv_step
from wordline.onnx.gemm import gemm_step
from wordline.onnx.matmul import matmul_step
from wordline.onnx.nodes import DEFAULT_DOMAINS, inner_nodes
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
    build = _BUILDERS.get(node.op_type) if node.domain in DEFAULT_DOMAINS else None
    if build is None:
        raise StaysDigital(_why_not(node))
    return build(node, constants)


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


_BUILDERS: dict[str, Callable[[NodeProto, Constants], AnalogStep]] = {
    "Conv": conv_step,
    "ConvTranspose": transposed_step,
    "Gemm": gemm_step,
    "MatMul": matmul_step,
}
_UNMAPPED = {
    "Attention",
    "ConvInteger",
    "DeformConv",
    "Einsum",
    "GRU",
    "LSTM",
    "MatMulInteger",
    "QLinearConv",
    "QLinearMatMul",
    "RNN",
}


def _why_not(node: NodeProto) -> str:
    if node.op_type in _UNMAPPED:
        return f"{node.op_type} is not mapped to crossbars"
    inner = sum(n.op_type in _BUILDERS or n.op_type in _UNMAPPED for n in inner_nodes(node))
    return f"weight operators inside its bodies: {inner}" if inner else ""
