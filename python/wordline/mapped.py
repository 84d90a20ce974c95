"""A network laid out on a chip."""

import html
import os
from typing import TYPE_CHECKING, Any

from wordline.cost import Cost
from wordline.design import Design
from wordline.errors import fail
from wordline.monte_carlo import monte_carlo as study_of
from wordline.numbers import checked_ageing, seed_and_chip
from wordline.onnx.interface import Feeds
from wordline.programmed import ProgrammedNetwork
from wordline.summary import Summary, layer_table, summary
from wordline.tables import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Mapped:
    """A network on a chip: tiles, ranges and placement, without randomness. Made by `Network.map`.

    Calling it runs chip 0 of seed 0, programmed on first use: `mapped(x)` returns what ONNX
    Runtime would return for the same model, the list of outputs.

    Attributes:
        design: what programming starts from. graph: the network's steps.
        chip: the settings; settings: those of each layer. calibration: the samples given.
    """

    def __init__(self, design: Design, calibration: Feeds | None):
        self.design, self.calibration = design, calibration
        self.graph, self.settings, self.chip = design.graph, design.settings, design.settings.chip
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
    ) -> ProgrammedNetwork:
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
        programmed = self.design.program(seed, chip, past, threads)
        return ProgrammedNetwork(self.design, programmed, seed, chip)

    def cost(self, x: Feeds | None = None) -> Cost:
        """Energy, area and latency of one inference.

        Without `x` it is an estimate from the calibration data's activity, and labelled so: the
        calibration samples run through chip 0 of seed 0. With `x` those samples run instead.

        Raises:
            ValueError: no data at all, layers in several technologies, or a technology that
                states no price for a component.
        """
        feeds = self.calibration if x is None else x
        if feeds is None:
            remedy = "call cost(x), or map with calibrate="
            fail(ValueError, "energy depends on the data", name="cost", remedy=remedy)
        run = self._first_chip().start()
        run.outputs(self.graph, feeds, 0)
        return Cost.of(self.settings.technology, run.uses(), is_run=x is not None)

    monte_carlo = study_of  # a method with one signature and one docstring

    @property
    def layers(self) -> Table:
        """Size and ranges of each layer on its arrays."""
        return layer_table(self.layer_info())

    def layer_info(self) -> list[dict[str, Any]]:
        """All that is known of each layer before it runs, as plain numbers."""
        return self.design.info()

    def summary(self) -> Summary:
        """Every layer with its operator, arrays, reads and settings of its own; then the nodes
        that stay digital, and why."""
        return summary(self.graph, self.settings, self.layer_info(), self._title())

    def plot(self, path: str | os.PathLike[str] | None = None) -> "Figure":
        """A picture of the arrays: the used part of each in the colour of its layer.

        Args:
            path: also write it there (.png, .pdf, .svg).
        """
        from wordline.placement_plot import placement_figure

        figure = placement_figure(self.layer_info(), self._title())
        if path is not None:
            figure.savefig(path)
        return figure

    def _first_chip(self) -> ProgrammedNetwork:
        if self._first is None:
            self._first = self.program()
        return self._first

    def __repr__(self) -> str:
        return f"{self._title()}\n{self.layers!r}"

    def _repr_html_(self) -> str:
        return f"<b>{html.escape(self._title())}</b>{self.layers._repr_html_()}"

    def _title(self) -> str:
        info = self.layer_info()
        sizes = sorted({f"{layer['rows']}x{layer['cols']}" for layer in info})
        size = " and ".join(sizes) or f"{self.chip.array.rows}x{self.chip.array.cols}"
        arrays = sum(layer["arrays"] for layer in info)
        return f"{len(info)} layers on {arrays} arrays of {size} cells"
