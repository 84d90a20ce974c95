"""Values of a graph that no feed can change: initializers and all that follows from them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from onnx import (
    GraphProto,
    ModelProto,
    NodeProto,
    SparseTensorProto,
    TensorProto,
    TypeProto,
    ValueInfoProto,
    helper,
)

from wordline.onnx.nodes import (
    DEFAULT_DOMAINS,
    array,
    attribute,
    is_standard,
    reads,
    subgraphs,
    writes,
)
from wordline.onnx.randomness import Randomness
from wordline.onnx.runtime import Engine
from wordline.onnx.sizes import fixed, grows, large, refuse_large, refuse_size
from wordline.onnx.source import wrap


class Constants:
    """The constant values of a graph, and the nodes that compute them.

    Constant nodes belong to no segment: each segment gets its own copy of those it needs, so
    that ONNX Runtime sees the same constant subgraphs (and folds or fuses them alike) as in the
    whole model. An initializer that is also a graph input (IR version 3 lists all of them)
    counts as constant.
    """

    def __init__(self, model: ModelProto, nodes: Sequence[NodeProto], randomness: Randomness):
        """`nodes` in topological order; those that draw random numbers are not constant."""
        self._model = model
        self._functions = {(f.domain, f.name) for f in model.functions}
        self._dense: dict[str, TensorProto] = {t.name: t for t in model.graph.initializer}
        self._sparse: dict[str, SparseTensorProto] = {
            t.values.name: t for t in model.graph.sparse_initializer
        }
        self._producers: dict[str, NodeProto] = {}
        self._nodes = nodes
        self._places: dict[str, int] = {}  # of each constant's node in `nodes`
        for place, node in enumerate(nodes):
            # A loop may run for ever: it is run when the network is, not to see what it gives.
            fixed = all(name in self for name in reads(node)) and not self._runs_bodies(node)
            if fixed and not any(randomness.within(node, self.lookup)):
                self._producers.update((name, node) for name in writes(node))
                self._places.update((name, place) for name in writes(node))

    @property
    def opset(self) -> int:
        """Version of ONNX's own operators in the model; 0 if it uses none."""
        imports = self._model.opset_import
        return int(next((o.version for o in imports if o.domain in DEFAULT_DOMAINS), 0))

    def calls_function(self, node: NodeProto) -> bool:
        """Whether the node calls a function of the model's own."""
        return (node.domain, node.op_type) in self._functions

    def __contains__(self, name: str) -> bool:
        return name in self._dense or name in self._sparse or name in self._producers

    def computes(self, node: NodeProto) -> bool:
        """Whether the node's results are constant."""
        return any(name in self._producers for name in writes(node))

    def lookup(self, name: str) -> np.ndarray | None:
        """The value, or None where it is not a constant tensor."""
        return self.value(name) if name in self else None

    def value(self, name: str) -> Any:
        """The value: an array (a list for sequences). Computed where it is not stored."""
        name = self._origin(name)
        if name in self._dense:
            return array(self._dense[name])
        if name in self._sparse:
            return _expanded(self._sparse[name])
        node = self._producers.get(name)
        if node is not None and is_standard(node, "Constant"):
            tensor = attribute(node, "value")
            if tensor is not None:
                return array(tensor)
        return self._computed(name)

    def operator(self, name: str) -> str:
        """The operator that computes the value: "Transpose"; empty where it is merely stored."""
        node = self._producers.get(self._origin(name))
        return "" if node is None or is_standard(node, "Constant") else node.op_type

    def _origin(self, name: str) -> str:
        """The constant itself, where `name` is a copy of a copy of it."""
        while (node := self._producers.get(name)) and is_standard(node, "Identity"):
            name = node.input[0]
        return name

    def embed(self, graph: GraphProto, names: Iterable[str]) -> None:
        """Put before the nodes of `graph` what it takes to have the constants `names`."""
        needed = self.closure(names)
        nodes = [*self._computing(needed), *graph.node]
        del graph.node[:]
        graph.node.extend(nodes)
        graph.initializer.extend(self._dense[n] for n in needed if n in self._dense)
        graph.sparse_initializer.extend(self._sparse[n] for n in needed if n in self._sparse)

    def part(
        self, nodes: Iterable[NodeProto], inputs: Iterable[ValueInfoProto], outputs: Iterable[str]
    ) -> bytes:
        """Some of the model's nodes as a serialised model, with the constants they need.

        The types of the outputs are left to ONNX Runtime.
        """
        nodes, outputs = list(nodes), list(outputs)
        given = [ValueInfoProto(name=name) for name in outputs]
        graph = helper.make_graph(nodes, "segment", list(inputs), given)
        needed = [*outputs, *(name for node in nodes for name in reads(node))]
        self.embed(graph, [name for name in needed if name in self])
        return wrap(self._model, graph)

    def closure(self, names: Iterable[str]) -> dict[str, None]:
        """The constants `names` and all they are computed from, in a reproducible order."""
        needed: dict[str, None] = {}
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in needed:
                needed[name] = None
                node = self._producers.get(name)
                waiting.extend(reads(node) if node else ())
        return needed

    def producer(self, name: str) -> NodeProto | None:
        """The node that computes a constant; None where it is merely stored."""
        return self._producers.get(name)

    def foldable(self, types: Mapping[str, TypeProto]) -> bool:
        """Whether ONNX Runtime may compute constants while it makes a session: all are small.

        Not only constants count: from an input of fixed sizes it makes constants, too.
        """
        growing = [name for name, node in self._producers.items() if grows(node)]
        told = all(name in types and fixed(types[name]) for name in growing)
        return told and not any(large(given) for given in types.values())

    def _runs_bodies(self, node: NodeProto) -> bool:
        """Whether the node has bodies, or may have them as the call of a function."""
        return self.calls_function(node) or any(True for _ in subgraphs(node))

    def _computing(self, names: Iterable[str]) -> list[NodeProto]:
        """The nodes that compute the constants `names`, each once, in the model's order."""
        places = {self._places[name] for name in names if name in self._producers}
        return [self._nodes[place] for place in sorted(places)]

    def _computed(self, name: str) -> Any:
        """A constant expression's value, after a look at the sizes on the way."""
        nodes = self._computing(self.closure([name]))
        values = [value for node in nodes for value in writes(node)]
        engine = Engine(self.part([], [], values), f"constant '{name}'", folding=False)
        refuse_large(nodes, engine.output_shapes())
        return engine.run([name], {})[0]


def _expanded(tensor: SparseTensorProto) -> np.ndarray:
    """A sparse initializer as a dense array; its places are linear, or one row of axes each."""
    refuse_size(f"tensor '{tensor.values.name}'", tensor.dims)
    values = array(tensor.values)
    places = array(tensor.indices)
    dense = np.zeros(tuple(tensor.dims), values.dtype)
    if places.ndim == 1:
        dense.flat[places] = values
    else:
        dense[tuple(places.T)] = values
    return dense
