"""What layers did while samples ran, as a table: how busy and how full their converters were."""

from collections.abc import Sequence

from wordline.layers import Use
from wordline.tables import Column, Table
from wordline.units import shown_percent


def activity_table(uses: Sequence[Use]) -> Table:
    """One row per layer. `samples` is of the network; all counts are totals over them."""
    keys = ("layer", "samples", "windows", "conversions", "saturations", "saturated")
    more = ("inputs", "input_clips", "clipped")
    shares = ("saturated", "clipped")
    columns = [Column(k, "", shown_percent) if k in shares else Column(k) for k in (*keys, *more)]
    return Table(columns, [_row(use) for use in uses])


def _row(use: Use) -> dict[str, object]:
    activity = use["activity"]
    return {
        "layer": use["name"],
        **activity,
        "saturated": activity["saturations"] / max(activity["conversions"], 1),
        "clipped": activity["input_clips"] / max(activity["inputs"], 1),
    }
