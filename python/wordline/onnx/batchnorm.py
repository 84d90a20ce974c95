"""An inference BatchNormalization directly after a convolution becomes part of its weights."""

from dataclasses import replace

import numpy as np
from onnx import NodeProto

from wordline.onnx.constants import Constants
from wordline.onnx.nodes import attribute, is_standard, writes
from wordline.onnx.steps import AnalogStep


def foldable(node: NodeProto, step: AnalogStep, constants: Constants) -> bool:
    """Whether the node normalises the step's output per channel with constant statistics."""
    return (
        is_standard(node, "BatchNormalization")
        and step.op == "Conv"
        and constants.opset >= 7  # older ones train unless is_test says otherwise
        and node.input[0] == step.output
        and all(name in constants for name in node.input[1:5])
        and len(writes(node)) == 1
        and not attribute(node, "training_mode", 0)
        and attribute(node, "spatial", 1) == 1
    )


def fold(node: NodeProto, step: AnalogStep, constants: Constants) -> AnalogStep:
    """The step with the normalisation in its weights and bias, computed in float64."""
    scale, shift, mean, variance = (
        constants.value(name).astype(np.float64) for name in node.input[1:5]
    )
    bias = 0.0 if step.bias is None else step.bias.astype(np.float64)
    with np.errstate(all="ignore"):  # what is not finite is refused by name later
        factor = scale / np.sqrt(variance + attribute(node, "epsilon", 1e-5))
        weights = (step.weights * factor).astype(np.float32)
        shifted = ((bias - mean) * factor + shift).astype(np.float32)
    return replace(step, output=node.output[0], weights=weights, bias=shifted)
