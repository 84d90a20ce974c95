"""From a model to the parts of a network, in one pass."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from onnx import ModelProto

from wordline.errors import fail
from wordline.onnx.constants import Constants
from wordline.onnx.hazards import refuse_cropping
from wordline.onnx.interface import ValueInfo, value_info
from wordline.onnx.nodes import live_nodes, local_constants, name_nodes
from wordline.onnx.placing import Placement, place, require_matches
from wordline.onnx.randomness import Randomness
from wordline.onnx.segments import Step, cut
from wordline.onnx.source import Source, digest, read_model
from wordline.onnx.steps import DigitalStep
from wordline.onnx.summary import NodeRow


@dataclass
class Parts:
    """What a network consists of; `constants` holds those outputs that no input can change."""

    inputs: list[ValueInfo]
    outputs: list[ValueInfo]
    steps: list[Step]
    node_table: list[NodeRow]
    constants: dict[str, Any]
    digest: str


def load_parts(source: Source, keep_digital: Sequence[str], threads: int) -> Parts:
    """Read, check, place and cut a model. Arguments and errors are those of `Graph.load`."""
    _check_options(keep_digital, threads)
    model = read_model(source)
    content = digest(model)
    name_nodes(model.graph)
    refuse_cropping(node for function in model.functions for node in function.node)
    require_matches(keep_digital, model.graph.node)
    outputs = [value.name for value in model.graph.output]
    nodes = live_nodes(model.graph.node, outputs)
    randomness = Randomness(model.functions)
    constants = Constants(model, nodes, randomness)
    for node in nodes:
        randomness.refuse_unseeded(node, constants.lookup)
    placement = place(nodes, constants, outputs, keep_digital)
    moving = [node for node in nodes if placement.rows[node.name].place in ("analog", "digital")]
    steps = cut(model, moving, placement.analog, constants, randomness, threads)
    _prepare(steps)
    fixed = set(local_constants(model.graph))
    return Parts(
        [value_info(value) for value in model.graph.input if value.name not in fixed],
        [value_info(value) for value in model.graph.output],
        steps,
        _rows(model, placement, steps),
        {name: constants.value(name) for name in outputs if name in constants},
        content,
    )


def _check_options(keep_digital: Sequence[str], threads: int) -> None:
    if isinstance(keep_digital, str) or not all(isinstance(p, str) for p in keep_digital):
        fail(
            TypeError,
            "keep_digital is a list of names or patterns",
            name="keep_digital",
            value=repr(keep_digital),
            allowed="a list of str",
            remedy="put it in brackets",
        )
    if not isinstance(threads, int) or threads < 1:
        fail(
            ValueError,
            "ONNX Runtime needs at least one thread",
            name="threads",
            value=repr(threads),
            allowed="1, 2, ...",
        )


def _prepare(steps: Sequence[Step]) -> None:
    """Make all sessions now, so that what ONNX Runtime cannot run is refused at load."""
    for step in steps:
        if isinstance(step, DigitalStep):
            step.engine.prepare()


def _rows(model: ModelProto, placement: Placement, steps: Sequence[Step]) -> list[NodeRow]:
    """The summary in the model's order, with segments filled in."""
    segments = {
        name: step.name for step in steps if isinstance(step, DigitalStep) for name in step.nodes
    }
    rows = []
    for node in model.graph.node:
        removed = NodeRow(node.name, node.op_type, "removed", "no output depends on it")
        row = placement.rows.get(node.name, removed)
        rows.append(
            NodeRow(row.name, row.op, row.place, row.detail, segments.get(row.name, row.step))
        )
    return rows
