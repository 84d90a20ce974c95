"""Decides for each live node: analog, folded, digital (and why) or constant."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

import numpy as np
from onnx import NodeProto, TensorProto, helper

from wordline.errors import fail
from wordline.onnx.batchnorm import folded
from wordline.onnx.constants import Constants
from wordline.onnx.conv import ConvStep
from wordline.onnx.hazards import refuse_cropping
from wordline.onnx.matrices import StaysDigital, analog_step, require_finite
from wordline.onnx.nodes import reads
from wordline.onnx.quantised_codes import annotated, producers
from wordline.onnx.runtime import Engine
from wordline.onnx.single import SingleStep
from wordline.onnx.steps import AnalogStep
from wordline.onnx.summary import NodeRow, describe
from wordline.onnx.transposed import TransposedStep


@dataclass
class Placement:
    """Analog steps and rows of the summary by node name; digital rows lack their segment yet."""

    analog: dict[str, AnalogStep] = field(default_factory=dict)
    rows: dict[str, NodeRow] = field(default_factory=dict)


def place(
    nodes: Sequence[NodeProto],
    constants: Constants,
    outputs: Sequence[str],
    keep_digital: Sequence[str],
) -> Placement:
    """Place the live `nodes` of a graph with `outputs`.

    keep_digital: names or patterns ("head.*") of nodes that stay digital on request.

    Raises:
        ValueError: a weight of an analog node is not finite.
    """
    placement = Placement()
    readers, sources = _readers(nodes, outputs), producers(nodes)
    for node in nodes:
        if node.name in placement.rows:
            continue  # folded already
        if constants.computes(node):
            placement.rows[node.name] = NodeRow(node.name, node.op_type, "constant", "")
            continue
        try:
            _refuse_kept(node, keep_digital)
            step = analog_step(node, constants)
            if isinstance(step, SingleStep):
                step = annotated(step, node, sources, constants)
        except StaysDigital as reason:
            refuse_cropping([node])
            placement.rows[node.name] = NodeRow(node.name, node.op_type, "digital", str(reason))
        else:
            others = [reader for name in step.outputs for reader in readers[name]]
            _place_analog(node, step, others, constants, keep_digital, placement)
    return placement


def _place_analog(
    node: NodeProto,
    step: AnalogStep,
    readers: Sequence[NodeProto | None],
    constants: Constants,
    keep_digital: Sequence[str],
    placement: Placement,
) -> None:
    label = f"node '{node.name}'"
    detail = describe(step, constants, node)
    nodes = [node]
    follower = readers[0] if len(readers) == 1 else None
    if follower is not None and not _kept_by(follower, keep_digital):
        joint = folded(follower, step, constants)
        if joint is not None:
            step, nodes = joint, [node, follower]
            label += f" with '{follower.name}' folded in"
            row = NodeRow(follower.name, follower.op_type, "folded", "", node.name)
            placement.rows[follower.name] = row
    require_finite(step, label)
    if isinstance(step, SingleStep) and step.dtype == np.float64:
        step.whole = _whole(nodes, step, constants)
    placement.analog[node.name] = step
    placement.rows[node.name] = NodeRow(node.name, node.op_type, "analog", detail, node.name)


def _whole(nodes: Sequence[NodeProto], step: SingleStep, constants: Constants) -> Engine | None:
    """The nodes of a step as a model. ONNX Runtime has no convolutions in float64."""
    if isinstance(step, ConvStep | TransposedStep):
        return None
    double = TensorProto.DOUBLE
    inputs = [helper.make_tensor_value_info(name, double, None) for name in step.inputs]
    return Engine(constants.part(nodes, inputs, step.outputs), f"node '{step.name}'")


def _readers(
    nodes: Sequence[NodeProto], outputs: Sequence[str]
) -> defaultdict[str, list[NodeProto | None]]:
    """For each value the nodes that read it; None stands for the graph's output."""
    readers: defaultdict[str, list[NodeProto | None]] = defaultdict(list)
    for node in nodes:
        for name in reads(node):
            readers[name].append(node)
    for name in outputs:
        readers[name].append(None)
    return readers


def _kept_by(node: NodeProto, patterns: Sequence[str]) -> str | None:
    return next((pattern for pattern in patterns if fnmatchcase(node.name, pattern)), None)


def _refuse_kept(node: NodeProto, patterns: Sequence[str]) -> None:
    pattern = _kept_by(node, patterns)
    if pattern is not None:
        raise StaysDigital(f"kept digital on request ('{pattern}')")


def require_matches(patterns: Sequence[str], nodes: Sequence[NodeProto]) -> None:
    """Raise ValueError for a pattern of `keep_digital` that names no node."""
    for pattern in patterns:
        if not any(fnmatchcase(node.name, pattern) for node in nodes):
            fail(
                ValueError,
                "a name or pattern of keep_digital matches at least one node",
                name="keep_digital",
                value=f"'{pattern}'",
                allowed=", ".join(node.name for node in nodes),
                remedy="the summary of the network lists all nodes",
            )
