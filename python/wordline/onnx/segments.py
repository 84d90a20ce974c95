"""Cuts a placed graph into an ordered list of steps."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from onnx import ModelProto, NodeProto, TypeProto, helper

from wordline.onnx.constants import Constants
from wordline.onnx.element_types import inferred_types, value_types
from wordline.onnx.nodes import reads, writes
from wordline.onnx.randomness import Randomness
from wordline.onnx.runtime import Engine
from wordline.onnx.steps import AnalogStep, DigitalStep

Step = AnalogStep | DigitalStep


@dataclass
class _Level:
    """What runs at one analog depth: the digital nodes first, then the analog steps."""

    digital: list[NodeProto]
    analog: list[AnalogStep]

    @cached_property
    def reads(self) -> list[str]:
        """Names the digital nodes read."""
        return list(dict.fromkeys(name for node in self.digital for name in reads(node)))

    @cached_property
    def writes(self) -> dict[str, None]:
        """Names the digital nodes write."""
        return dict.fromkeys(name for node in self.digital for name in writes(node))


def cut(
    model: ModelProto,
    nodes: Sequence[NodeProto],
    analog: dict[str, AnalogStep],
    constants: Constants,
    randomness: Randomness,
    threads: int,
) -> list[Step]:
    """Steps in an order in which each finds its inputs.

    The depth of a value is the number of analog steps on the longest path to it. Digital nodes
    of equal depth form a segment; so a segment reads only values of lower or equal depth that
    earlier steps made, and cycles between steps cannot arise.

    Args:
        nodes: the live nodes in topological order, without constant and folded ones.
        analog: the analog steps by node name.
    """
    levels = _levels(nodes, analog, constants)
    links, inferred = _links(levels, model, constants), inferred_types(model)
    types = _boundary_types(model, links, analog, inferred)
    folding = constants.foldable(inferred)
    steps: list[Step] = []
    for depth, level in enumerate(levels):
        if level.digital:
            inputs, outputs = links[depth]
            given = [helper.make_value_info(name, types[name]) for name in inputs]
            part = constants.part(level.digital, given, outputs)
            label = f"segment {depth}"
            fresh = any(any(randomness.within(n, constants.lookup)) for n in level.digital)
            engine = Engine(part, label, threads=threads, fresh=fresh, folding=folding)
            names = [node.name for node in level.digital]
            steps.append(DigitalStep(label, inputs, outputs, names, engine))
        steps.extend(level.analog)
    return steps


def _levels(
    nodes: Sequence[NodeProto], analog: dict[str, AnalogStep], constants: Constants
) -> list[_Level]:
    depths: dict[str, int] = {}
    levels: defaultdict[int, _Level] = defaultdict(lambda: _Level([], []))
    for node in nodes:
        step = analog.get(node.name)
        sources = step.inputs if step else reads(node)
        depth = max((depths.get(name, 0) for name in sources if name not in constants), default=0)
        if step:
            levels[depth].analog.append(step)
            depths.update(dict.fromkeys(step.outputs, depth + 1))
        else:
            levels[depth].digital.append(node)
            depths.update(dict.fromkeys(writes(node), depth))
    return [levels[depth] for depth in range(max(levels, default=-1) + 1)]


def _links(
    levels: Sequence[_Level], model: ModelProto, constants: Constants
) -> list[tuple[list[str], list[str]]]:
    """For each depth the names its segment reads from outside and those it gives to others."""
    readers: defaultdict[str, set[int]] = defaultdict(set)  # depths of segments; -1: all else
    for depth, level in enumerate(levels):
        for name in level.reads:
            readers[name].add(depth)
        for step in level.analog:
            for name in step.inputs:
                readers[name].add(-1)
    for value in model.graph.output:
        readers[value.name].add(-1)
    return [
        (
            [n for n in level.reads if n not in level.writes and n not in constants],
            [n for n in level.writes if readers[n] - {depth}],
        )
        for depth, level in enumerate(levels)
    ]


def _boundary_types(
    model: ModelProto,
    links: Sequence[tuple[list[str], list[str]]],
    analog: dict[str, AnalogStep],
    inferred: dict[str, TypeProto],
) -> dict[str, TypeProto]:
    """Types of all inputs of all segments: declared for the graph's inputs, else inferred."""
    declared = {value.name: value.type for value in model.graph.input}
    fallback = {
        name: helper.make_tensor_type_proto(helper.np_dtype_to_tensor_dtype(step.dtype), None)
        for step in analog.values()
        for name in step.outputs
    }
    inner = [name for inputs, _ in links for name in inputs if name not in declared]
    return declared | value_types(model, inner, fallback | inferred)
