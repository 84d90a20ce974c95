"""Energy, area and latency of one inference, each number with its source."""

import html
from collections.abc import Sequence
from typing import Any, Self

from wordline import _core
from wordline.tables import Column, Table
from wordline.units import area, percent, shown, shown_area, shown_count, shown_percent, si


class Cost:
    """The priced ledger of one inference. All numbers are SI; the lines sum to the totals.

    Attributes (numbers): energy (J), area (m^2), latency (s), utilisation, operations,
    rated_power (W). `activity_of` says whether the activity is of a run or an estimate from the
    calibration data.
    """

    def __init__(self, ledger: dict[str, Any]):
        self._ledger = ledger

    @classmethod
    def of(cls, technology: str, uses: Sequence[dict[str, Any]], *, is_run: bool) -> Self:
        """Price what layers did. Raises ValueError for components without a stated price."""
        return cls(_core.price(technology, list(uses), is_run))

    def to_dict(self) -> dict[str, Any]:
        """The whole ledger; keys end in their units."""
        return self._ledger

    @property
    def energy(self) -> float:
        """J per inference."""
        return float(self._ledger["energy_j"])

    @property
    def area(self) -> float:
        """m^2."""
        return float(self._ledger["area_m2"])

    @property
    def latency(self) -> float:
        """s per inference, layers one after the other."""
        return float(self._ledger["latency_s"])

    @property
    def utilisation(self) -> float:
        """Cells that hold weights, as a part of all cells."""
        return float(self._ledger["utilisation"])

    @property
    def operations(self) -> float:
        """Operations per inference; 1 multiply-accumulate = 2 operations."""
        return float(self._ledger["operations"])

    @property
    def rated_power(self) -> float:
        """W, all hardware at full load, as published; no part of the energy."""
        return float(self._ledger["rated_power_w"])

    @property
    def activity_of(self) -> str:
        """Whose activity was priced: "run" or "calibration (estimate)"."""
        return str(self._ledger["activity_of"])

    @property
    def energy_by_component(self) -> dict[str, float]:
        """J per inference."""
        return dict(self._ledger["energy_by_component_j"])

    @property
    def layers(self) -> Table:
        """One row per layer."""
        columns = [
            Column("layer"),
            Column("energy_j", "energy", shown("J")),
            Column("area_m2", "area", shown_area),
            Column("latency_s", "latency", shown("s")),
            Column("arrays"),
            Column("utilisation", "", shown_percent),
            Column("operations", "", shown_count),
        ]
        return Table(columns, self._ledger["layers"])

    @property
    def components(self) -> Table:
        """One row per component: energy, its share, and area."""
        areas, total = self._ledger["area_by_component_m2"], self.energy or 1.0
        rows = [
            {
                "component": name,
                "energy_j": energy,
                "share": energy / total,
                "area_m2": areas.get(name),
            }
            for name, energy in self.energy_by_component.items()
        ]
        columns = [
            Column("component"),
            Column("energy_j", "energy", shown("J")),
            Column("share", "", shown_percent),
            Column("area_m2", "area", shown_area),
        ]
        return Table(columns, rows)

    @property
    def lines(self) -> Table:
        """Every line of the ledger with formula, source and basis."""
        keys = ("layer", "component", "action", "count", "unit_energy_j", "energy_j", "area_m2")
        words = ("formula", "source", "basis")
        return Table([Column(key) for key in (*keys, *words)], self._ledger["lines"])

    def __repr__(self) -> str:
        return f"{self._title()}\n\n{self.components!r}\n\n{self.layers!r}"

    def _repr_html_(self) -> str:
        tables = self.components._repr_html_() + self.layers._repr_html_()
        return f"<b>{html.escape(self._title())}</b>{tables}"

    def _title(self) -> str:
        return (
            f"{si(self.energy, 'J')} per inference, {area(self.area)}, {si(self.latency, 's')}, "
            f"{percent(self.utilisation)} of cells used, {self.operations:.0f} operations; "
            f"technology {self._ledger['technology']}, activity of {self.activity_of}"
        )
