"""A trained network: loaded from ONNX, run digitally, mapped onto crossbars."""

import html
from collections.abc import Sequence
from typing import Any

import numpy as np

from wordline.errors import fail
from wordline.mapped import Mapped
from wordline.onnx import AnalogStep, Graph, NodeRow
from wordline.onnx.interface import Feeds, ValueInfo
from wordline.onnx.source import Source
from wordline.specs import Chip
from wordline.tables import Column, Table


def load(model: Source, *, keep_digital: Sequence[str] = (), threads: int = 1) -> "Network":
    """Load an ONNX model.

    Args:
        model: path of a .onnx file, its bytes, or an onnx.ModelProto.
        keep_digital: names or patterns ("head.*") of nodes that must not go onto crossbars.
        threads: threads of ONNX Runtime inside one operator.

    Raises:
        OSError: no such file, a directory, missing external weights.
        ValueError: a damaged or invalid model, weights that are not finite, unseeded random
            operators, a pattern that names no node.

    Examples:
        >>> net = wl.load("fashion_cnn.onnx")
        >>> logits = net(x)[0]
    """
    label = "model" if isinstance(model, bytes) or not isinstance(model, str) else model
    return Network(Graph.load(model, keep_digital=keep_digital, threads=threads), label)


class Network:
    """A network whose weight layers can go onto crossbars; made by `load`.

    Attributes:
        graph: its steps. inputs, outputs: names, types and shapes, in the model's order.
    """

    def __init__(self, graph: Graph, label: str):
        self.graph, self.label = graph, label

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

    def map(self, chip: Chip, calibrate: Feeds | None = None, *, threads: int = 0) -> Mapped:
        """Lay the weights out on a chip: tiles and ranges, no randomness yet.

        Args:
            chip: the settings of the chip.
            calibrate: typical inputs, a few hundred samples; they fix the ranges that the chip's
                settings leave to be calibrated.
            threads: 0 means all. The result does not depend on it.

        Raises:
            ValueError: a range is to be calibrated and there are no samples.

        Examples:
            >>> mapped = net.map(wl.Chip.preset("isaac-2016"), calibrate=x[:256])
        """
        if not isinstance(chip, Chip):
            given = type(chip).__name__
            fail(TypeError, "a chip is needed", name="chip", value=given, allowed="wordline.Chip")
        return Mapped(self.graph, chip, calibrate, threads)

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
        weights = sum(int(np.size(step.weights)) for step in self.analog_steps)
        layers = len(self.analog_steps)
        return f"Network {self.label}: {layers} analog layers with {weights} weights"


def _row(node: NodeRow) -> dict[str, str]:
    why = f"into {node.step}" if node.place == "folded" else node.detail
    if node.place == "digital":
        why = f"{why} ({node.step})" if why else node.step
    return {"node": node.name, "operator": node.op, "runs": node.place, "why": why}
