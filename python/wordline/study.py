"""The result of a Monte-Carlo study: accuracy over chips, cost, tables, plots and a report."""

import html
import os
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from wordline.cost import Cost
from wordline.errors import fail
from wordline.estimate import Estimate
from wordline.record import Record
from wordline.specs import Chip
from wordline.store import load
from wordline.tables import Column, Table
from wordline.units import shown, shown_area, shown_count, shown_percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Study:
    """Accuracy and cost of a network over many chips. Made by `Mapped.monte_carlo`, or `load`.

    Attributes:
        accuracy: mean and confidence interval over chips. digital_accuracy: without crossbars.
        record: all that is stored. seed, samples, version, git_id: where it comes from.
    """

    def __init__(self, record: Record):
        self.record = record
        identity = record.identity
        self.digital_accuracy = record.digital_accuracy
        self.seed, self.samples, self.version = identity.seed, identity.samples, identity.version
        self.git_id = record.git_id

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a study that `monte_carlo(..., store=path)` has finished.

        Raises:
            OSError: no such file, a damaged one, no study, or a later format.
        """
        return cls(load(path))

    @cached_property
    def accuracy(self) -> Estimate:
        """Part of the samples classified correctly: mean over chips with Student's t interval."""
        return Estimate.of([chip.accuracy for chip in self.record.chips], self.record.confidence)

    @property
    def chip(self) -> Chip:
        """The settings of the chips."""
        return Chip(**self.record.identity.chip)

    @property
    def chips(self) -> Table:
        """One row per chip."""
        rows = [
            {
                "chip": c.index,
                "accuracy": c.accuracy,
                "array_energy_j": _array_energy(c.uses),
                "pulses": c.pulses,
            }
            for c in self.record.chips
        ]
        energy = Column("array_energy_j", "array energy", shown("J"))
        return Table([Column("chip"), Column("accuracy"), energy, Column("pulses")], rows)

    @property
    def predictions(self) -> NDArray[np.int64]:
        """Chosen classes, (chips, *labels); kept by `monte_carlo(..., predictions=True)`."""
        kept = [c.predictions for c in self.record.chips if c.predictions is not None]
        if len(kept) != len(self.record.chips):
            remedy = "run monte_carlo(..., predictions=True)"
            fail(ValueError, "the chosen classes were not kept", name="predictions", remedy=remedy)
        return np.stack(kept)

    @cached_property
    def cost(self) -> Cost:
        """Energy, area and latency of one inference; energies are means over the chips.

        Raises:
            ValueError: the technology states no price for a component of the chip.
        """
        if self.record.cost is None:
            fail(ValueError, self.record.cost_problem, name="cost")
        return Cost(self.record.cost)

    @property
    def layers(self) -> Table:
        """One row per layer: arrays, energy, latency, and how often its converters were full."""
        keys = ("layer", "matrix", "arrays", "utilisation")
        columns = [Column(key) for key in keys[:3]]
        columns += [
            Column("utilisation", "", shown_percent),
            Column("energy_j", "energy", shown("J")),
            Column("area_m2", "area", shown_area),
            Column("latency_s", "latency", shown("s")),
            Column("operations", "", shown_count),
            Column("saturated", "saturated conversions", shown_percent),
            Column("clipped", "clipped inputs", shown_percent),
        ]
        return Table(columns, self.layer_rows())

    def layer_rows(self) -> list[dict[str, Any]]:
        """The rows of `layers` as plain data; energy, area and latency are None without a price."""
        cost = self.record.cost or {"layers": []}
        priced = {row["layer"]: row for row in cost["layers"]}
        return [
            _layer_row(info, self.record.chips[0].uses[place], priced.get(info["name"], {}))
            for place, info in enumerate(self.record.layers)
        ]

    def to_dict(self) -> dict[str, Any]:
        """What `wordline run --json` prints."""
        cost = self.record.cost or {}
        return {
            "accuracy": self.accuracy.to_dict(),
            "digital_accuracy": self.digital_accuracy,
            "energy_j": cost.get("energy_j"),
            "area_m2": cost.get("area_m2"),
            "latency_s": cost.get("latency_s"),
            "utilisation": cost.get("utilisation"),
            "operations": cost.get("operations"),
            "energy_by_component": cost.get("energy_by_component_j"),
            "cost_problem": self.record.cost_problem or None,
            "layers": self.layer_rows(),
            "chip": self.record.identity.chip,
            "samples": self.samples,
            "seed": self.seed,
            "version": self.version,
            "git_id": self.git_id,
        }

    def plot(self, path: str | os.PathLike[str] | None = None) -> "Figure":
        """Accuracy per chip with its interval, energy by component, energy and size by layer.

        Args:
            path: also write it there (.png, .pdf, .svg).
        """
        from wordline.plots import study_figure

        figure = study_figure(self)
        if path is not None:
            figure.savefig(path)
        return figure

    def report(self, path: str | os.PathLike[str]) -> None:
        """Write one HTML file with tables and plots inside. Raises OSError if it cannot."""
        from wordline.report import write_report

        write_report(self, path)

    def __repr__(self) -> str:
        return f"{self._title()}\n\n{self.layers!r}"

    def _repr_html_(self) -> str:
        return f"<b>{html.escape(self._title())}</b>{self.layers._repr_html_()}"

    def _title(self) -> str:
        text = (
            f"Study: accuracy {self.accuracy!r} on {self.samples} samples, "
            f"digital {self.digital_accuracy:.4f}, seed {self.seed}"
        )
        return text if self.record.cost is None else f"{text}\n{self.cost._title()}"


def _array_energy(uses: list[dict[str, Any]]) -> float:
    """J per sample in the cells of all layers."""
    activities = [use["activity"] for use in uses]
    return float(sum(a["array_energy"] / max(a["samples"], 1) for a in activities))


def _layer_row(info: dict[str, Any], use: dict[str, Any], priced: dict[str, Any]) -> dict[str, Any]:
    activity = use["activity"]
    return {
        "layer": info["name"],
        "matrix": f"{info['inputs']}x{info['outputs']}",
        "arrays": info["arrays"],
        "slices": info["slices"],
        "cells_used": info["cells_used"],
        "utilisation": info["cells_used"] / info["cells"],
        "energy_j": priced.get("energy_j"),
        "area_m2": priced.get("area_m2"),
        "latency_s": priced.get("latency_s"),
        "operations": 2 * activity["macs"] / max(activity["samples"], 1),
        "saturated": activity["saturations"] / max(activity["conversions"], 1),
        "clipped": activity["input_clips"] / max(activity["inputs"], 1),
        "input_scale": info["input"]["scale"],
        "signed_inputs": info["input"]["signed"],
    }
