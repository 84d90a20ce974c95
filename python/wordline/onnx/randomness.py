"""Random operators: which nodes hold one, and the refusal of those without a seed.

A result must be a function of the model, the chip, the data and the seed. Without a `seed`
attribute ONNX Runtime seeds from the clock.
"""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
from onnx import FunctionProto, GraphProto, NodeProto

from wordline.errors import fail
from wordline.onnx.nodes import DEFAULT_DOMAINS, array, attribute, is_standard, subgraphs

_GENERATORS = {
    *(
        (domain, op)
        for domain in DEFAULT_DOMAINS
        for op in (
            "RandomNormal",
            "RandomNormalLike",
            "RandomUniform",
            "RandomUniformLike",
            "Multinomial",
            "Bernoulli",
        )
    ),
    ("com.microsoft", "Sampling"),
    ("com.microsoft", "BiasDropout"),
    ("com.microsoft", "BitmaskDropout"),
}

# Tells the value of a constant by its name; None where it is not constant.
Lookup = Callable[[str], np.ndarray | None]


class Randomness:
    """Finds random nodes, through bodies of If, Loop and Scan and through functions."""

    def __init__(self, functions: Iterable[FunctionProto]):
        self._functions = {(f.domain, f.name): f for f in functions}

    def within(self, node: NodeProto, lookup: Lookup) -> Iterator[NodeProto]:
        """Random nodes the node is or contains."""
        if (node.domain, node.op_type) in _GENERATORS or _trains_dropout(node, lookup):
            yield node
        for body in subgraphs(node):
            local = _nested(body, lookup)
            for inner in body.node:
                yield from self.within(inner, local)
        function = self._functions.get((node.domain, node.op_type))
        for inner in function.node if function else ():
            yield from self.within(inner, _nothing_known)

    def refuse_unseeded(self, node: NodeProto, lookup: Lookup) -> None:
        """Raise ValueError if the node is, or contains, a random operator without a seed."""
        for culprit in self.within(node, lookup):
            if not any(item.name == "seed" for item in culprit.attribute):
                fail(
                    ValueError,
                    f"{culprit.op_type} draws random numbers without a seed,"
                    " so no result could be repeated",
                    name=f"node '{node.name}'",
                    remedy="give it a `seed` attribute, or export the model in inference mode",
                )


def _trains_dropout(node: NodeProto, lookup: Lookup) -> bool:
    """Dropout is the identity unless its third input, training_mode, is (or may be) true."""
    if not is_standard(node, "Dropout") or len(node.input) < 3 or not node.input[2]:
        return False
    training = lookup(node.input[2])
    return training is None or bool(np.any(training))


def _nested(body: GraphProto, outer: Lookup) -> Lookup:
    known = {tensor.name: tensor for tensor in body.initializer}
    for node in body.node:
        value = attribute(node, "value")
        if is_standard(node, "Constant") and value is not None:
            known[node.output[0]] = value

    def lookup(name: str) -> np.ndarray | None:
        return array(known[name]) if name in known else outer(name)

    return lookup


def _nothing_known(_: str) -> None:
    return None
