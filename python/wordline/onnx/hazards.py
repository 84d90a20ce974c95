"""What ends the whole process in ONNX Runtime 1.32 instead of being refused.

Found by running it: a group of 0 divides by zero in its type inference, negative pads of a
convolution read outside the image, a loop's condition without elements is read all the same, and so
are the sizes of scalars given to GridSample.
None is legal ONNX, but its checker lets them pass.
"""

from collections.abc import Iterable

import numpy as np
from onnx import GraphProto, ModelProto, NodeProto, helper, numpy_helper

from wordline.errors import fail
from wordline.onnx.nodes import DEFAULT_DOMAINS, attribute, inner_nodes, is_standard, subgraphs


def refuse_groups(model: ModelProto) -> None:
    """Raise ValueError for a node at any depth that states no positive number of groups."""
    for node in _everywhere(model):
        group = attribute(node, "group")
        if isinstance(group, int) and group < 1:
            fail(
                ValueError,
                "a convolution has at least one group",
                name=f"node '{node.name}': group",
                value=group,
                remedy="export the model again",
            )


def refuse_cropping(nodes: Iterable[NodeProto]) -> None:
    """Raise ValueError for a digital convolution at any depth whose pads are negative.

    An analog one crops its input itself.
    """
    for node in _deep(nodes):
        pads = attribute(node, "pads")
        if "Conv" in node.op_type and isinstance(pads, list) and min(pads, default=0) < 0:
            fail(
                ValueError,
                "ONNX Runtime cannot run a convolution with negative pads",
                name=f"node '{node.name}': pads",
                value=str(pads),
                remedy="crop with Slice before the convolution",
            )


def refuse_idle_loops(model: ModelProto) -> None:
    """Raise ValueError for a Loop or Scan whose body computes nothing.

    ONNX Runtime looks between nodes whether it is to stop, so such a loop could not be stopped. It
    takes Constant nodes for stored values.
    """
    for node in _everywhere(model):
        bodies = subgraphs(node) if node.op_type in ("Loop", "Scan") else ()
        if any(all(is_standard(n, "Constant") for n in body.node) for body in bodies):
            fail(
                ValueError,
                "the body of a loop computes something",
                name=f"node '{node.name}'",
                remedy="leave the loop out of the model",
            )


RESHAPE_OPSET = 5  # the first whose Reshape takes truth values, and its shape as an input


def guard_loops(model: ModelProto) -> None:
    """Let every Loop, in place, compute its condition as a scalar: an empty one is an error then.

    Raises ValueError for a Loop of an opset in which that cannot be said.
    """
    loops = [node for node in _everywhere(model) if is_standard(node, "Loop")]
    opset = min((o.version for o in model.opset_import if o.domain in DEFAULT_DOMAINS), default=0)
    if loops and opset < RESHAPE_OPSET:
        fail(
            ValueError,
            "the model has a Loop",
            name="opset",
            value=opset,
            allowed=f"{RESHAPE_OPSET} or later",
            remedy="convert the model to a later opset",
        )
    for place, node in enumerate(loops):
        for body in subgraphs(node):
            _make_condition_scalar(body, f"loop_{place}/")


def _make_condition_scalar(body: GraphProto, prefix: str) -> None:
    if not body.output:
        return  # ONNX Runtime refuses it
    scalar = numpy_helper.from_array(np.zeros(0, np.int64), prefix + "scalar")
    inputs = [body.output[0].name, scalar.name]
    body.initializer.append(scalar)
    body.node.append(helper.make_node("Reshape", inputs, [prefix + "condition"]))
    body.output[0].name = prefix + "condition"


FAR = 2**62  # no axis is as long; ONNX Runtime drops slices up to 2^63 - 1


def guard_grids(model: ModelProto) -> None:
    """Let every GridSample, in place, read a slice of its grid, of a scalar an error."""
    for container in (*_graphs(model.graph), *model.functions):
        if not any(is_standard(node, "GridSample") for node in container.node):
            continue
        nodes = list(container.node)
        del container.node[:]
        for place, node in enumerate(nodes):
            if is_standard(node, "GridSample") and len(node.input) > 1:
                container.node.extend(_sliced(node, f"grid_{place}/"))
            container.node.append(node)


def _sliced(node: NodeProto, prefix: str) -> list[NodeProto]:
    """Nodes that give all of the node's grid; the node reads their result from now on."""
    ends = {"first": 0, "last": FAR}
    made = [
        helper.make_node("Constant", [], [prefix + name], value_ints=[end])
        for name, end in ends.items()
    ]
    inputs = [node.input[1], *(prefix + name for name in ends)]
    node.input[1] = prefix + "all"
    return [*made, helper.make_node("Slice", inputs, [prefix + "all"])]


def _graphs(graph: GraphProto) -> Iterable[GraphProto]:
    """The graph and those inside it."""
    yield graph
    for node in graph.node:
        for body in subgraphs(node):
            yield from _graphs(body)


def _everywhere(model: ModelProto) -> Iterable[NodeProto]:
    """All nodes at any depth, those of functions too."""
    functions = [node for function in model.functions for node in function.node]
    return _deep([*model.graph.node, *functions])


def _deep(nodes: Iterable[NodeProto]) -> Iterable[NodeProto]:
    for node in nodes:
        yield node
        yield from inner_nodes(node)
