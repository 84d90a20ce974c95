"""A network laid out on a chip, and one programmed chip of it."""

import html
from collections.abc import Mapping
from typing import Any

from wordline import _core
from wordline.cost import Cost
from wordline.errors import fail
from wordline.layers import Run, calibrate_layers, make_layers
from wordline.monte_carlo import monte_carlo
from wordline.numbers import checked_ageing, seed_and_chip
from wordline.onnx import Graph
from wordline.onnx.interface import Feeds
from wordline.specs import Chip
from wordline.study import Study
from wordline.tables import Column, Table, text
from wordline.units import shown_percent


class Mapped:
    """A network on a chip: tiles, ranges and placement, without randomness. Made by `Network.map`.

    Calling it runs chip 0 of seed 0, programmed on first use: `mapped(x)` returns what ONNX
    Runtime would return for the same model, the list of outputs.

    Attributes:
        graph: the network's steps. chip: its settings.
    """

    def __init__(self, graph: Graph, chip: Chip, calibration: Feeds | None, threads: int = 0):
        self.graph, self.chip, self.calibration = graph, chip, calibration
        self._layers = make_layers(graph, chip)
        calibrate_layers(graph, self._layers, calibration, threads)
        self._first: ProgrammedNetwork | None = None

    def __call__(self, x: Feeds) -> list[Any]:
        """The outputs of chip 0 of seed 0. `program` makes other chips."""
        return self._first_chip()(x)

    def program(
        self,
        *,
        seed: int = 0,
        chip: int = 0,
        age: float = 0.0,
        temperature: float = 300.0,
        reads: float = 0.0,
        extrapolate: bool = False,
        threads: int = 0,
    ) -> "ProgrammedNetwork":
        """Program one chip. The same arguments always give the same chip.

        Args:
            seed: of the study, 0 or more. chip: index of the chip in it.
            age: seconds between programming and use, at `temperature` (K).
            reads: read pulses each cell has seen before (read disturb).
            extrapolate: accept times outside the range that the cell's source covers.
            threads: 0 means all. The result does not depend on it.

        Raises:
            ValueError: an age outside the fitted range of the cell model.
        """
        seed, chip = seed_and_chip(seed, chip)
        past = checked_ageing(age, temperature, reads, extrapolate)
        programmed = {
            name: layer.program(seed, chip, **past, threads=threads)
            for name, layer in self._layers.items()
        }
        return ProgrammedNetwork(self.graph, self._layers, programmed, self.chip.tech)

    def cost(self, x: Feeds | None = None) -> Cost:
        """Energy, area and latency of one inference.

        Without `x` it is an estimate from the calibration data's activity, and labelled so: the
        calibration samples run through chip 0 of seed 0. With `x` those samples run instead.

        Raises:
            ValueError: no data at all, or the technology states no price for a component.
        """
        feeds = self.calibration if x is None else x
        if feeds is None:
            remedy = "call cost(x), or map with calibrate="
            fail(ValueError, "energy depends on the data", name="cost", remedy=remedy)
        run = self._first_chip().start()
        run.outputs(self.graph, feeds, 0)
        return Cost.of(self.chip.tech, run.uses(), is_run=x is not None)

    def monte_carlo(self, x: Feeds, y: Any, **options: Any) -> Study:
        """Accuracy over many chips. See `wordline.monte_carlo.monte_carlo` for the options.

        Examples:
            >>> study = mapped.monte_carlo(x, y, chips=50, seed=7, store="study.h5")
            >>> study.accuracy
            0.8971 ± 0.0042 (95 % CI over 50 chips)
        """
        return monte_carlo(self, x, y, **options)

    @property
    def layers(self) -> Table:
        """Size and ranges of each layer on its arrays."""
        return layer_table(self.layer_info())

    def layer_info(self) -> list[dict[str, Any]]:
        """All that is known of each layer before it runs, as plain numbers."""
        return [layer.info() for layer in self._layers.values()]

    def _first_chip(self) -> "ProgrammedNetwork":
        if self._first is None:
            self._first = self.program()
        return self._first

    def __repr__(self) -> str:
        return f"{self._title()}\n{self.layers!r}"

    def _repr_html_(self) -> str:
        return f"<b>{html.escape(self._title())}</b>{self.layers._repr_html_()}"

    def _title(self) -> str:
        arrays = sum(info["arrays"] for info in self.layer_info())
        size = f"{self.chip.array.rows}x{self.chip.array.cols}"
        return f"{len(self._layers)} layers on {arrays} arrays of {size} cells"


class ProgrammedNetwork:
    """One programmed chip. Calling it never changes it. Made by `Mapped.program`.

    Attributes:
        pulses: programming pulses spent. energy: J of programming; 0 where no source gives it.
    """

    def __init__(
        self,
        graph: Graph,
        layers: Mapping[str, _core.Layer],
        programmed: Mapping[str, _core.ProgrammedLayer],
        technology: str,
    ):
        self._graph, self._layers, self._programmed = graph, layers, programmed
        self._technology = technology
        self.pulses = sum(layer.pulses for layer in programmed.values())
        self.energy = sum(layer.energy for layer in programmed.values())

    def __call__(self, x: Feeds, *, first: int = 0, threads: int = 0) -> list[Any]:
        """The list of outputs.

        Args:
            x: one array, or a dict of arrays by input name.
            first: absolute index of the first sample: noise belongs to samples, so cutting data
                into several calls changes nothing when each says where it starts.
            threads: 0 means all. The result does not depend on it.
        """
        return self.start(threads).outputs(self._graph, x, first)

    def start(self, threads: int = 0) -> Run:
        """A run of this chip that counts what happens, from nothing."""
        return Run(self._layers, self._programmed, threads)

    def cost(self, x: Feeds) -> Cost:
        """Energy, area and latency of one inference on this chip, from a run of `x`."""
        run = self.start()
        run.outputs(self._graph, x, 0)
        return Cost.of(self._technology, run.uses(), is_run=True)


def layer_table(info: list[dict[str, Any]]) -> Table:
    """Layers as people want to see them."""
    rows = [
        {
            **layer,
            "matrix": f"{layer['inputs']}x{layer['outputs']}",
            "utilisation": layer["cells_used"] / layer["cells"],
            "input_scale": layer["input"]["scale"],
            "signed": "yes" if layer["input"]["signed"] else "no",
        }
        for layer in info
    ]
    keys = ("name", "matrix", "arrays", "slices", "cells_used", "utilisation", "cycles")
    columns = [
        Column(key, "", shown_percent if key == "utilisation" else text)
        for key in (*keys, "signed", "input_scale")
    ]
    return Table(columns, rows)
