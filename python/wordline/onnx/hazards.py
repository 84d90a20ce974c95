"""Attributes on which ONNX Runtime 1.32 ends the whole process instead of refusing.

Found by running it: a group of 0 divides by zero in its type inference, and negative pads of a
convolution read outside the image. Neither is legal ONNX, but its checker lets both pass.
"""

from collections.abc import Iterable

from onnx import ModelProto, NodeProto

from wordline.errors import fail
from wordline.onnx.nodes import attribute, inner_nodes, is_standard, subgraphs


def refuse_groups(model: ModelProto) -> None:
    """Raise ValueError for a node at any depth that states no positive number of groups."""
    functions = [node for function in model.functions for node in function.node]
    for node in _deep([*model.graph.node, *functions]):
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
    functions = [node for function in model.functions for node in function.node]
    for node in _deep([*model.graph.node, *functions]):
        bodies = subgraphs(node) if node.op_type in ("Loop", "Scan") else ()
        if any(all(is_standard(n, "Constant") for n in body.node) for body in bodies):
            fail(
                ValueError,
                "the body of a loop computes something",
                name=f"node '{node.name}'",
                remedy="leave the loop out of the model",
            )


def _deep(nodes: Iterable[NodeProto]) -> Iterable[NodeProto]:
    for node in nodes:
        yield node
        yield from inner_nodes(node)
