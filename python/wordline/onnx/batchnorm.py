"""An inference BatchNormalization directly after a weight layer becomes part of its weights."""

import numpy as np
from onnx import NodeProto

from wordline.onnx.constants import Constants
from wordline.onnx.nodes import attribute, is_standard, writes
from wordline.onnx.single import SingleStep
from wordline.onnx.steps import AnalogStep


def folded(node: NodeProto, step: AnalogStep, constants: Constants) -> SingleStep | None:
    """The step with the normalisation in its weights and bias, computed in float64.

    None where the node is no BatchNormalization of the step's output with constant statistics,
    or where the step's weights cannot take one in.
    """
    if not isinstance(step, SingleStep) or not _plain(node, step, constants):
        return None
    scale, shift, mean, variance = (
        constants.value(name).astype(np.float64) for name in node.input[1:5]
    )
    channels = step.channels
    if any(values.shape != (channels,) for values in (scale, shift, mean, variance)):
        return None  # ONNX Runtime refuses it
    with np.errstate(all="ignore"):  # what is not finite is refused by name later
        factor = scale / np.sqrt(variance + attribute(node, "epsilon", 1e-5))
        return step.normalised(node.output[0], factor, shift - mean * factor)


def _plain(node: NodeProto, step: SingleStep, constants: Constants) -> bool:
    return (
        is_standard(node, "BatchNormalization")
        and constants.opset >= 7  # older ones train unless is_test says otherwise
        and node.input[0] == step.output
        and all(name in constants for name in node.input[1:5])
        and len(writes(node)) == 1
        and not attribute(node, "training_mode", 0)
        and attribute(node, "spatial", 1) == 1
    )
