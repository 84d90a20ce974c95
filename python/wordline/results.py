"""The results of a Monte-Carlo study as numbers and tables: metrics over chips, and cost."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordline.cost import Cost
from wordline.errors import fail
from wordline.estimate import Estimate
from wordline.metrics import ACCURACY
from wordline.record import Record
from wordline.settings import differences
from wordline.specs import Chip
from wordline.tables import Column, Table
from wordline.units import shown, shown_area, shown_count, shown_percent


class Results:
    """What a study found: the base of `Study`.

    Attributes:
        record: all that is stored. metric: name of the (main) metric, "accuracy" if none was
        given. seed, samples, version, git_id: where it comes from.
    """

    def __init__(self, record: Record):
        self.record = record
        identity = record.identity
        self.seed, self.samples, self.version = identity.seed, identity.samples, identity.version
        self.git_id = record.git_id
        self.metric = next(iter(record.digital))

    @cached_property
    def metrics(self) -> dict[str, Estimate]:
        """Every metric by name: mean over chips with Student's t interval, at the last age."""
        return {name: self._estimate(name, -1) for name in self.record.digital}

    @property
    def mean(self) -> Estimate:
        """The (main) metric: mean over chips with Student's t interval, at the last age."""
        return self.metrics[self.metric]

    @property
    def values(self) -> tuple[float, ...]:
        """The (main) metric of each chip, at the last age."""
        return self.mean.values

    @property
    def digital(self) -> float:
        """The (main) metric of the network without crossbars, on the same data."""
        return self.record.digital[self.metric]

    @property
    def accuracy(self) -> Estimate:
        """Part of the samples classified correctly: mean over chips with Student's t interval.

        Raises:
            ValueError: the study measured something else.
        """
        self._require_accuracy("accuracy", "mean")
        return self.mean

    @property
    def digital_accuracy(self) -> float:
        """Accuracy without crossbars. Raises ValueError: the study measured something else."""
        self._require_accuracy("digital_accuracy", "digital")
        return self.digital

    @property
    def times(self) -> tuple[float, ...]:
        """s since programming: the ages at which the chips were looked at."""
        return self.record.identity.times

    @property
    def over_time(self) -> Table:
        """One row per age and metric: mean over chips, its interval, and the digital value."""
        rows = [
            _time_row(age, name, self._estimate(name, k), self.record.digital[name])
            for name in self.record.digital
            for k, age in enumerate(self.times)
        ]
        age = Column("age_s", "age", shown("s"))
        keys = ("metric", "mean", "half_width", "digital")
        return Table([age, *(Column(key) for key in keys)], rows)

    def _estimate(self, name: str, time: int) -> Estimate:
        values = [chip.values[name][time] for chip in self.record.chips]
        return Estimate.of(values, self.record.confidence)

    @property
    def is_accuracy(self) -> bool:
        """Whether the metric is the accuracy of a classifier."""
        return self.record.identity.metric_code == ACCURACY

    def _require_accuracy(self, name: str, instead: str) -> None:
        if not self.is_accuracy:
            remedy = f"use study.{instead}"
            fail(ValueError, f"the study measured {self.metric}", name=name, remedy=remedy)

    @property
    def chip(self) -> Chip:
        """The settings of the chips."""
        return Chip(**self.record.identity.chip)

    @property
    def layer_settings(self) -> dict[str, dict[str, Any]]:
        """The settings of layers that differ from `chip`, by layer and dotted name."""
        identity = self.record.identity
        return {name: differences(identity.chip, c) for name, c in identity.layer_chips.items()}

    @property
    def chips(self) -> Table:
        """One row per chip, with its metrics at the last age."""
        rows = [
            {
                "chip": c.index,
                **{name: values[-1] for name, values in c.values.items()},
                "array_energy_j": _array_energy(c.uses),
                "pulses": c.pulses,
            }
            for c in self.record.chips
        ]
        measured = [Column(name, name) for name in self.record.digital]
        energy = Column("array_energy_j", "array energy", shown("J"))
        return Table([Column("chip"), *measured, energy, Column("pulses")], rows)

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
            Column("column_loss", "mean loss in the lines", shown_percent),
        ]
        return Table(columns, self.layer_rows())

    def layer_rows(self) -> list[dict[str, Any]]:
        """The rows of `layers` as plain data; energy, area and latency are None without a price."""
        cost = self.record.cost or {"layers": []}
        priced = {row["layer"]: row for row in cost["layers"]}
        return [
            _layer_row(
                info, [c.uses[place] for c in self.record.chips], priced.get(info["name"], {})
            )
            for place, info in enumerate(self.record.layers)
        ]

    def to_dict(self) -> dict[str, Any]:
        """What `wordline run --json` prints."""
        cost = self.record.cost or {}
        return {
            **self._measured(),
            "energy_j": cost.get("energy_j"),
            "area_m2": cost.get("area_m2"),
            "latency_s": cost.get("latency_s"),
            "utilisation": cost.get("utilisation"),
            "operations": cost.get("operations"),
            "energy_by_component": cost.get("energy_by_component_j"),
            "cost_problem": self.record.cost_problem or None,
            "layers": self.layer_rows(),
            "chip": self.record.identity.chip,
            "layer_settings": self.layer_settings,
            "samples": self.samples,
            "seed": self.seed,
            "version": self.version,
            "git_id": self.git_id,
        }

    def _measured(self) -> dict[str, Any]:
        """The metrics; accuracy under the names that it always had."""
        measured: dict[str, Any] = {
            "metric": self.metric,
            "metrics": {name: found.to_dict() for name, found in self.metrics.items()},
            "digital": self.record.digital,
        }
        if self.is_accuracy:
            old = {"accuracy": self.mean.to_dict(), "digital_accuracy": self.digital}
            measured = {**old, **measured}
        if len(self.times) > 1:
            measured["over_time"] = [dict(row) for row in self.over_time]
        return measured


def _time_row(age: float, name: str, found: Estimate, digital: float) -> dict[str, Any]:
    return {
        "age_s": age,
        "metric": name,
        "mean": found.mean,
        "half_width": found.half_width,
        "digital": digital,
    }


def _array_energy(uses: list[dict[str, Any]]) -> float:
    """J per sample in the cells of all layers."""
    activities = [use["activity"] for use in uses]
    return float(sum(a["array_energy"] / max(a["samples"], 1) for a in activities))


def _mean(numbers: Iterable[float]) -> float:
    return float(np.mean(list(numbers)))


def _layer_row(
    info: dict[str, Any], uses: list[dict[str, Any]], priced: dict[str, Any]
) -> dict[str, Any]:
    activity = uses[0]["activity"]
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
        "column_loss": _mean(use.get("column_loss", 0.0) for use in uses),
        "worst_column_loss": max(use.get("worst_column_loss", 0.0) for use in uses),
        "input_scale": info["input"]["scale"],
        "signed_inputs": info["input"]["signed"],
    }
