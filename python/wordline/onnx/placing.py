"""Decides for each live node: analog, folded, digital (and why) or constant."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from onnx import NodeProto

from wordline.errors import fail
from wordline.onnx.batchnorm import fold, foldable
from wordline.onnx.constants import Constants
from wordline.onnx.matrices import StaysDigital, analog_step, require_finite
from wordline.onnx.nodes import reads
from wordline.onnx.steps import AnalogStep
from wordline.onnx.summary import NodeRow, describe


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
    readers = _readers(nodes, outputs)
    for node in nodes:
        if node.name in placement.rows:
            continue  # folded already
        if constants.computes(node):
            placement.rows[node.name] = NodeRow(node.name, node.op_type, "constant", "")
            continue
        try:
            _refuse_kept(node, keep_digital)
            step = analog_step(node, constants)
        except StaysDigital as reason:
            placement.rows[node.name] = NodeRow(node.name, node.op_type, "digital", str(reason))
        else:
            _place_analog(node, step, readers[step.output], constants, keep_digital, placement)
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
    detail = describe(step, constants, node.input[1])
    follower = readers[0] if len(readers) == 1 else None
    if (
        follower is not None
        and foldable(follower, step, constants)
        and not _kept_by(follower, keep_digital)
    ):
        step = fold(follower, step, constants)
        label += f" with '{follower.name}' folded in"
        row = NodeRow(follower.name, follower.op_type, "folded", "", node.name)
        placement.rows[follower.name] = row
    require_finite(step, label)
    placement.analog[node.name] = step
    placement.rows[node.name] = NodeRow(node.name, node.op_type, "analog", detail, node.name)


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
