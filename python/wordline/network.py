"""A trained network: loaded from ONNX, run digitally, mapped onto crossbars."""

import html
from collections.abc import Sequence
from typing import Any

from wordline.design import Design
from wordline.mapped import Mapped
from wordline.onnx import AnalogStep, Graph, NodeRow
from wordline.onnx.interface import Feeds, ValueInfo
from wordline.onnx.source import Source
from wordline.origin import Origin
from wordline.settings import Changes
from wordline.specs import Chip
from wordline.tables import Column, Table


def load(model: Source, *, keep_digital: Sequence[str] = (), threads: int = 1) -> "Network":
    """Load an ONNX model.

    Args:
        model: path of a .onnx file, its bytes, or an onnx.ModelProto.
        keep_digital: names or patterns ("head.*") of nodes that must not go onto crossbars.
        threads: threads of ONNX Runtime inside one operator.

    What the model contains can neither end the process nor fill its memory: on Linux ONNX Runtime
    meets it in a child process first (some 10 ms; the environment variable WORDLINE_TRUST_MODELS=1
    leaves that out).

    Raises:
        OSError: no such file, a directory, missing external weights.
        ValueError: a damaged or invalid model, weights that are not finite, unseeded random
            operators, a pattern that names no node.

    Examples:
        >>> net = wl.load("fashion_cnn.onnx")
        >>> logits = net(x)[0]
    """
    graph = Graph.load(model, keep_digital=keep_digital, threads=threads)
    return Network(graph, Origin(model, tuple(keep_digital), threads))


class Network:
    """A network whose weight layers can go onto crossbars; made by `load`.

    Attributes:
        graph: its steps. origin: where it comes from.
    """

    def __init__(self, graph: Graph, origin: Origin):
        self.graph, self.origin = graph, origin

    @property
    def inputs(self) -> list[ValueInfo]:
        """What the network takes."""
        return self.graph.inputs

    @property
    def outputs(self) -> list[ValueInfo]:
        """What the network gives."""
        return self.graph.outputs

    @property
    def analog_steps(self) -> list[AnalogStep]:
        """The layers that go onto crossbars, in the order of execution."""
        return self.graph.analog_steps

    def __call__(self, x: Feeds) -> list[Any]:
        """The digital result: the list of outputs, computed by ONNX Runtime.

        Args:
            x: one array, or a dict of arrays by input name.
        """
        return self.graph.run(x)

    def macs(self, x: Feeds) -> dict[str, int]:
        """Multiply-accumulates of each analog layer for inputs like `x`; 1 MAC = 2 operations."""
        return self.graph.macs(x)

    def map(
        self,
        chip: Chip,
        calibrate: Feeds | None = None,
        *,
        layers: Changes | None = None,
        threads: int = 0,
    ) -> Mapped:
        """Lay the weights out on a chip: tiles and ranges, no randomness yet.

        Args:
            chip: the settings of the chip.
            calibrate: typical inputs, a few hundred samples; they fix the ranges that the chip's
                settings leave to be calibrated.
            layers: other settings for some layers, by name or pattern: changes by dotted names, or
                a whole chip. Of two patterns that name one layer the later one wins. A list of
                pairs may name a pattern twice.
            threads: 0 means all. The result does not depend on it.

        Raises:
            ValueError: a range is to be calibrated and there are no samples; a pattern that names
                no layer. TypeError: no Chip.

        Examples:
            >>> mapped = net.map(wl.Chip.preset("isaac-2016"), calibrate=x[:256])
            >>> mapped = net.map(chip, x[:256], layers={"conv1": {"adc.bits": 6}, "fc*": other})
        """
        made = Design.of(self.graph, self.origin, chip, layers, calibrate, threads)
        return Mapped(made, calibrate)

    @property
    def nodes(self) -> Table:
        """For each node of the model where it runs, and why."""
        rows = [_row(node) for node in self.graph.node_table]
        return Table([Column(key) for key in ("node", "operator", "runs", "why")], rows)

    def __repr__(self) -> str:
        return f"{self._title()}\n{self.nodes!r}"

    def _repr_html_(self) -> str:
        return f"<b>{html.escape(self._title())}</b>{self.nodes._repr_html_()}"

    def _title(self) -> str:
        weights = sum(int(product.weights.size) for product in self.graph.products)
        layers = len(self.graph.products)
        return f"Network {self.origin.label}: {layers} analog layers with {weights} weights"


def _row(node: NodeRow) -> dict[str, str]:
    why = f"into {node.step}" if node.place == "folded" else node.detail
    if node.place == "digital":
        why = f"{why} ({node.step})" if why else node.step
    return {"node": node.name, "operator": node.op, "runs": node.place, "why": why}
