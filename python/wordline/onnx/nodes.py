"""Small questions about ONNX nodes: names, attributes, what they read and write."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import count
from numbers import Number
from typing import Any, NoReturn

import numpy as np
import onnx
from onnx import AttributeProto, GraphProto, NodeProto, TensorProto, numpy_helper

from wordline.errors import fail

DEFAULT_DOMAINS = ("", "ai.onnx")


def attribute(node: NodeProto, name: str, default: Any = None) -> Any:
    """The value of an attribute (strings as str), or `default` where it is absent.

    Raises:
        ValueError: it stands for one of a function, outside of any; a string is not UTF-8; it is of
            another kind (text, number, list) than `default`, which ONNX's checker sees to only in
            its own operators.
    """
    for item in node.attribute:
        if item.name == name:
            try:
                value = _decoded(onnx.helper.get_attribute_value(item))
            except ValueError as error:
                _refuse_attribute(node, name, f"cannot be read ({' '.join(str(error).split())})")
            if default is not None and _kind(value) is not _kind(default):
                _refuse_attribute(node, name, f"is a {_kind(default).__name__.lower()}")
            return value
    return default


def _kind(value: Any) -> type:
    return next((kind for kind in (str, Number, Sequence) if isinstance(value, kind)), type(value))


def _refuse_attribute(node: NodeProto, name: str, rule: str) -> NoReturn:
    fail(
        ValueError,
        f"the attribute {rule}",
        name=f"node '{node.name}': {name}",
        remedy="export the model again",
    )


def _decoded(value: Any) -> Any:
    if isinstance(value, list):
        return [_decoded(item) for item in value]
    return value.decode() if isinstance(value, bytes) else value


def array(tensor: TensorProto) -> np.ndarray:
    """A tensor's values. Raises ValueError for one that is damaged."""
    try:
        return numpy_helper.to_array(tensor)
    except (ArithmeticError, LookupError, MemoryError, TypeError, ValueError) as error:
        return fail(
            ValueError,
            f"the tensor cannot be read ({error!r})",
            name=f"tensor '{tensor.name}'",
            remedy="export the model again",
        )


def numpy_dtype(elem_type: int) -> np.dtype[Any] | None:
    """NumPy's name of an ONNX element type; None where there is none."""
    try:
        return onnx.helper.tensor_dtype_to_np_dtype(elem_type)
    except KeyError:
        return None


def is_standard(node: NodeProto, op: str) -> bool:
    """Whether the node is ONNX's own operator `op`, not a namesake of another domain."""
    return node.op_type == op and node.domain in DEFAULT_DOMAINS


def subgraphs(node: NodeProto) -> Iterator[GraphProto]:
    """Bodies of If, Loop, Scan and the like."""
    for item in node.attribute:
        if item.type == AttributeProto.GRAPH:
            yield item.g
        elif item.type == AttributeProto.GRAPHS:
            yield from item.graphs


def reads(node: NodeProto) -> list[str]:
    """Names the node needs: inputs that are given, and outer values its bodies capture."""
    names = dict.fromkeys(name for name in node.input if name)
    for body in subgraphs(node):
        names.update(dict.fromkeys(_captured(body)))
    return list(names)


def writes(node: NodeProto) -> list[str]:
    """Names of the outputs the node gives."""
    return [name for name in node.output if name]


def local_constants(graph: GraphProto) -> list[str]:
    """Names of the initializers of a graph."""
    sparse = [tensor.values.name for tensor in graph.sparse_initializer]
    return [tensor.name for tensor in graph.initializer] + sparse


def _captured(body: GraphProto) -> list[str]:
    """Names a body uses without defining them."""
    known = {value.name for value in body.input} | set(local_constants(body))
    outer: dict[str, None] = {}
    for node in body.node:
        outer.update(dict.fromkeys(name for name in reads(node) if name not in known))
        known.update(writes(node))
    return list(outer)


def inner_nodes(node: NodeProto) -> Iterator[NodeProto]:
    """All nodes in the node's bodies, at any depth."""
    for body in subgraphs(node):
        for inner in body.node:
            yield inner
            yield from inner_nodes(inner)


def name_nodes(graph: GraphProto) -> None:
    """Give every top-level node a unique name in place; it depends on the graph alone.

    Given names stay; a nameless node becomes "Conv_7" (its place in the graph), and what is
    taken already gets "_2", "_3", ...
    """
    taken = {node.name for node in graph.node}
    seen: set[str] = set()
    counters: defaultdict[str, Iterator[int]] = defaultdict(lambda: count(2))
    for place, node in enumerate(graph.node):
        name = node.name or f"{node.op_type}_{place}"
        if name in seen or (not node.name and name in taken):
            name = next(free for i in counters[name] if (free := f"{name}_{i}") not in taken)
        seen.add(name)
        taken.add(name)
        node.name = name


def live_nodes(nodes: Sequence[NodeProto], outputs: Sequence[str]) -> list[NodeProto]:
    """The nodes on which at least one of `outputs` depends, in their order."""
    wanted, live = set(outputs), []
    for node in reversed(nodes):
        if wanted.intersection(writes(node)):
            wanted.update(reads(node))
            live.append(node)
    return live[::-1]
