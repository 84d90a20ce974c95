"""Which nodes are products with a constant matrix, and why the others are not."""

from typing import Any, cast

import numpy as np
from onnx import NodeProto

from wordline.errors import fail
from wordline.onnx.constants import Constants
from wordline.onnx.geometry import AutoPad, ConvGeometry
from wordline.onnx.nodes import DEFAULT_DOMAINS, attribute, inner_nodes
from wordline.onnx.steps import AnalogStep, Floats


class StaysDigital(Exception):
    """The node runs in ONNX Runtime; the message is the reason, as the summary prints it."""


def analog_step(node: NodeProto, constants: Constants) -> AnalogStep:
    """The node as an analog step.

    Raises:
        StaysDigital: the node is not a product with a constant float32 matrix.
    """
    build = _BUILDERS.get(node.op_type) if node.domain in DEFAULT_DOMAINS else None
    if build is None:
        raise StaysDigital(_why_not(node))
    return build(node, constants)


def require_finite(step: AnalogStep, label: str) -> None:
    """Raise ValueError if a weight or bias of the step is NaN or infinite."""
    for what, values in (("weight", step.weights), ("bias", step.bias)):
        if values is not None and not np.isfinite(values).all():
            place = tuple(int(i) for i in np.argwhere(~np.isfinite(values))[0])
            fail(
                ValueError,
                "weights and biases of an analog node are finite",
                name=f"{label}: {what} at {place}",
                value=str(values[place]),
                remedy="mend or retrain the model",
            )


def _conv(node: NodeProto, constants: Constants) -> AnalogStep:
    W = _weights(node, constants)
    if W.ndim != 4:
        raise StaysDigital(f"{W.ndim - 2}-d convolution, only 2-d is mapped")
    group = attribute(node, "group", 1)
    if group != 1:
        raise StaysDigital(f"group = {group}")
    bias = _optional(node, constants, 2)
    matrix = np.ascontiguousarray(W.reshape(W.shape[0], -1).T)
    return AnalogStep(
        node.name, "Conv", node.input[0], node.output[0], matrix, bias, _geometry(node, W.shape)
    )


def _geometry(node: NodeProto, shape: tuple[int, ...]) -> ConvGeometry:
    auto_pad = attribute(node, "auto_pad", "NOTSET")
    pads = attribute(node, "pads", (0, 0, 0, 0)) if auto_pad == "NOTSET" else (0, 0, 0, 0)
    if min(pads) < 0:
        raise StaysDigital("negative pads")
    conv = ConvGeometry(
        kernel=(shape[2], shape[3]),
        strides=_pair(attribute(node, "strides", (1, 1))),
        dilations=_pair(attribute(node, "dilations", (1, 1))),
        pads=(pads[0], pads[1], pads[2], pads[3]),
        auto_pad=cast(AutoPad, "NOTSET" if auto_pad == "VALID" else auto_pad),
    )
    if conv.auto_pad != "NOTSET":
        _require_plain_same(conv)
    return conv


def _require_plain_same(conv: ConvGeometry) -> None:
    """Outside these cases ONNX Runtime crops by a rule of its own, or refuses."""
    if any(stride > kernel + 1 for kernel, stride in zip(conv.kernel, conv.strides, strict=True)):
        raise StaysDigital(f"{conv.auto_pad} with strides longer than the kernel")
    if conv.dilations != (1, 1):
        raise StaysDigital(f"{conv.auto_pad} with dilations")


def _gemm(node: NodeProto, constants: Constants) -> AnalogStep:
    if constants.opset < 7:
        raise StaysDigital("Gemm of opset 6 or older")
    if attribute(node, "transA", 0):
        raise StaysDigital("transA = 1")
    B = _weights(node, constants)
    if attribute(node, "transB", 0):
        B = B.T
    alpha = attribute(node, "alpha", 1.0)
    weights = B if alpha == 1.0 else _scaled(alpha, B)
    bias = _gemm_bias(node, constants, B.shape[1])
    return AnalogStep(
        node.name, "Gemm", node.input[0], node.output[0], np.ascontiguousarray(weights), bias
    )


def _gemm_bias(node: NodeProto, constants: Constants, N: int) -> Floats | None:
    """beta · C as (N,). C may be (), (1), (N), (1, 1) or (1, N)."""
    C = _optional(node, constants, 2)
    beta = attribute(node, "beta", 1.0)
    if C is None or beta == 0.0:
        return None
    if C.size > 1 and C.shape not in ((N,), (1, N)):
        raise StaysDigital(f"C has shape {C.shape}: its rows differ")
    return np.array(np.broadcast_to(_scaled(beta, C).reshape(-1), (N,)))


def _scaled(factor: float, values: Floats) -> Floats:
    with np.errstate(all="ignore"):  # what is not finite is refused by name later
        return (factor * values.astype(np.float64)).astype(np.float32)


def _matmul(node: NodeProto, constants: Constants) -> AnalogStep:
    weights = _weights(node, constants)
    if weights.ndim != 2:
        raise StaysDigital(f"{weights.ndim}-d weights, only 2-d are mapped")
    matrix = np.ascontiguousarray(weights)
    return AnalogStep(node.name, "MatMul", node.input[0], node.output[0], matrix)


_BUILDERS = {"Conv": _conv, "Gemm": _gemm, "MatMul": _matmul}
_UNMAPPED = {
    "Attention",
    "ConvInteger",
    "ConvTranspose",
    "DeformConv",
    "Einsum",
    "GRU",
    "LSTM",
    "MatMulInteger",
    "QLinearConv",
    "QLinearMatMul",
    "RNN",
}


def _weights(node: NodeProto, constants: Constants) -> Floats:
    """Input 1 as a constant float32 array."""
    if node.input[1] not in constants:
        left = node.input[0] in constants
        raise StaysDigital("constant on the left side" if left else "weights are not constant")
    return _float32(constants.value(node.input[1]), "weights")


def _optional(node: NodeProto, constants: Constants, place: int) -> Floats | None:
    """An input that may be absent, as a constant float32 array."""
    if len(node.input) <= place or not node.input[place]:
        return None
    if node.input[place] not in constants:
        raise StaysDigital("bias is not constant")
    return _float32(constants.value(node.input[place]), "bias")


def _float32(values: Any, what: str) -> Floats:
    if values.dtype != np.float32:
        raise StaysDigital(f"{what} of type {values.dtype}, only float32 is mapped")
    if values.size == 0:
        raise StaysDigital(f"empty {what}")
    array: Floats = values
    return array


def _pair(values: Any) -> tuple[int, int]:
    first, second = values
    return int(first), int(second)


def _why_not(node: NodeProto) -> str:
    if node.op_type in _UNMAPPED:
        return f"{node.op_type} is not mapped to crossbars"
    inner = sum(n.op_type in _BUILDERS or n.op_type in _UNMAPPED for n in inner_nodes(node))
    return f"weight operators inside its bodies: {inner}" if inner else ""
