"""An If whose condition is stored in the model gives way to the nodes of its branch."""

from collections import deque
from itertools import count

from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper

from wordline.onnx.nodes import array, attribute, inner_nodes, is_standard, subgraphs


def open_branches(model: ModelProto) -> None:
    """Replace, in place, each If of the graph that can only go one way, at any depth of Ifs."""
    graph = model.graph
    if not any(is_standard(node, "If") for node in graph.node):
        return
    known = {tensor.name: tensor for tensor in graph.initializer}
    waiting, opened, places = deque(graph.node), [], count()
    while waiting:
        node = waiting.popleft()
        branch = _branch(node, known)
        if branch is None:
            opened.append(node)
            known.update(_constant(node))
        else:
            waiting.extendleft(reversed(_nodes_of(branch, node, graph, f"branch_{next(places)}/")))
    del graph.node[:]
    graph.node.extend(opened)


def _constant(node: NodeProto) -> dict[str, TensorProto]:
    value = attribute(node, "value") if is_standard(node, "Constant") else None
    return {} if value is None else {node.output[0]: value}


def _branch(node: NodeProto, known: dict[str, TensorProto]) -> GraphProto | None:
    """The body that runs; None for another operator or an open condition."""
    if not is_standard(node, "If") or node.input[0] not in known:
        return None
    condition = array(known[node.input[0]])
    if condition.size != 1:
        return None  # ONNX Runtime refuses it
    body: GraphProto = attribute(node, "then_branch" if condition.item() else "else_branch")
    return None if body.sparse_initializer else body


def _nodes_of(body: GraphProto, node: NodeProto, graph: GraphProto, prefix: str) -> list[NodeProto]:
    """The body's nodes with names of their own; its stored weights go to `graph`.

    Both branches, and those of other nodes, may use the same names: `prefix` tells them apart.
    """
    made = {name for inner in body.node for name in inner.output if name}
    names = {name: prefix + name for name in (*made, *(t.name for t in body.initializer))}
    copies = []
    for value, outer in zip(body.output, node.output, strict=False):
        if value.name in made:
            made.remove(value.name)
            names[value.name] = outer or prefix + value.name
        elif outer:
            copies.append((value.name, outer))
    for tensor in body.initializer:
        graph.initializer.add().CopyFrom(tensor)
        graph.initializer[-1].name = names[tensor.name]
    nodes = [_renamed(inner, names) for inner in body.node]
    return nodes + [
        helper.make_node("Identity", [names.get(name, name)], [outer]) for name, outer in copies
    ]


def _renamed(node: NodeProto, names: dict[str, str]) -> NodeProto:
    """A copy of the node that uses other names of values, also where its bodies capture them."""
    copy = NodeProto()
    copy.CopyFrom(node)
    for each in (copy, *inner_nodes(copy)):
        each.input[:] = [names.get(name, name) for name in each.input]
        for body in subgraphs(each):
            for value in body.output:
                value.name = names.get(value.name, value.name)
    copy.output[:] = [names.get(name, name) for name in copy.output]
    return copy
