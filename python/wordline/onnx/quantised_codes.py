"""What a quantised model states about the inputs and weights of its float operators.

Values behind DequantizeLinear lie on a grid, scale · (code - zero), which a converter or a cell
can use as it is. https://onnx.ai/onnx/operators/onnx__DequantizeLinear.html
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from wordline.onnx.constants import Constants
from wordline.onnx.nodes import DEFAULT_DOMAINS, attribute, numpy_dtype, writes
from wordline.onnx.products import InputCodes, Product
from wordline.onnx.single import SingleStep
from wordline.onnx.weights import given

# Each element of the result is one of the first input, or zero: the grid stays the same.
_MOVERS = {
    "DepthToSpace",
    "Dropout",
    "Flatten",
    "Identity",
    "MaxPool",
    "Relu",
    "Reshape",
    "Slice",
    "SpaceToDepth",
    "Squeeze",
    "Transpose",
    "Unsqueeze",
}
_QUANTISERS = (*DEFAULT_DOMAINS, "com.microsoft")

Producers = Mapping[str, NodeProto]


def producers(nodes: Iterable[NodeProto]) -> dict[str, NodeProto]:
    """The node that writes each value."""
    return {name: node for node in nodes for name in writes(node)}


def annotated(
    step: SingleStep, node: NodeProto, sources: Producers, constants: Constants
) -> SingleStep:
    """The step with what the model states about its product's input and weights.

    node: that of the step, before another is folded into it. sources: see `producers`.
    """
    names = [name for name in node.input[:2] if name in constants]
    scale = weight_scale(step.product, names[-1], sources, constants) if names else None
    codes = input_codes(step.input, sources, constants)
    return replace(step, product=replace(step.product, codes=codes, weight_scale=scale))


def input_codes(name: str, sources: Producers, constants: Constants) -> InputCodes | None:
    """The grid of a value that comes from DequantizeLinear, with nothing but moves in between.

    None where scale or zero point differ between elements or inputs of the network.
    """
    node = _dequantiser(name, sources)
    if node is None:
        return None
    scale, zero = constants.lookup(node.input[1]), _zero(node, constants)
    dtype = _code_type(node, sources, constants)
    if scale is None or zero is None or dtype is None or dtype.kind not in "iu":
        return None
    if scale.size != 1 or zero.size != 1 or scale.dtype != np.float32 or not scale.item() > 0:
        return None
    limits = np.iinfo(dtype)
    return InputCodes(scale.item(), int(zero.item()), int(limits.min), int(limits.max))


def weight_scale(
    product: Product, name: str, sources: Producers, constants: Constants
) -> NDArray[np.float64] | None:
    """(N,) steps of which the product's weights (k, N) of each output are whole multiples.

    name: the value the weights were read from. None where that is not behind DequantizeLinear,
    or where a step varies along k. Zero points only shift which multiples they are.
    """
    node = _dequantiser(name, sources)
    if node is None or any(value not in constants for value in node.input):
        return None
    return fitting_scale(product, constants.value(node.input[1]))


def fitting_scale(product: Product, scale: NDArray[Any]) -> NDArray[np.float64] | None:
    """`scale` (one number, or one a channel) as (N,) steps of the product's weights, if it fits.

    A channel is one output, or several side by side (the taps of a transposed convolution), in
    all groups or in one. Fitting means: whole multiples, up to the rounding of float32.
    """
    steps = np.abs(scale.reshape(-1).astype(np.float64))
    steps[steps == 0] = 1.0  # its weights are zero, whatever the step
    repeats, rest = divmod(product.weights.shape[1], steps.size)
    for groups in (1, product.groups):
        if rest == 0 and repeats % groups == 0:
            candidate = np.tile(np.repeat(steps, repeats // groups), groups)
            codes = np.rint(product.weights / candidate)
            if np.allclose(codes * candidate, product.weights, rtol=2.0**-22, atol=0):
                return candidate
    return None


def _dequantiser(name: str, sources: Producers) -> NodeProto | None:
    """The DequantizeLinear that `name` is a rearrangement of."""
    node = sources.get(name)
    while node is not None and node.op_type in _MOVERS and node.domain in DEFAULT_DOMAINS:
        if node.output[0] != name:
            return None  # the places of MaxPool, the mask of Dropout
        name = node.input[0]
        node = sources.get(name)
    if node is None or node.op_type != "DequantizeLinear" or node.domain not in _QUANTISERS:
        return None
    return node


def _zero(node: NodeProto, constants: Constants) -> NDArray[Any] | None:
    """The zero point; None where it is not constant."""
    return constants.lookup(node.input[2]) if given(node, 2) else np.zeros((), np.int32)


def _code_type(node: NodeProto, sources: Producers, constants: Constants) -> np.dtype[Any] | None:
    """The type of what a DequantizeLinear reads; None where only the whole graph would tell."""
    for name in (given(node, 2), node.input[0]):
        if name in constants:
            dtype: np.dtype[Any] = constants.value(name).dtype
            return dtype
    source = sources.get(node.input[0])
    if source is None or source.op_type != "QuantizeLinear" or source.domain not in _QUANTISERS:
        return None
    zero = constants.lookup(given(source, 2))
    if zero is not None:
        return zero.dtype
    return numpy_dtype(attribute(source, "output_dtype", 0) or 2)  # uint8 where none is stated
