"""The cited presets that come with the library."""

from typing import Any

from wordline import _core
from wordline.errors import fail
from wordline.tables import Column, Table


def presets(kind: str | None = None) -> Table:
    """All presets, or those of one kind: "cell", "chip" or "technology"."""
    kinds = ("cell", "chip", "technology")
    if kind is not None and kind not in kinds:
        fail(
            ValueError, "unknown kind of preset", name="kind", value=kind, allowed=", ".join(kinds)
        )
    rows = [row for row in _core.presets() if kind in (None, row["kind"])]
    return Table([Column(key) for key in ("name", "kind", "model", "title")], rows)


def preset(name: str) -> Table:
    """Every number of one preset with its unit, its source and how it is known.

    Raises:
        ValueError: there is no preset of this name.
    """
    found = preset_info(name)
    columns = [Column(key) for key in ("path", "value", "unit", "basis", "source")]
    return Table(columns, found["numbers"], f"{name}: {found['title']}. {found['source']}")


def preset_info(name: str) -> dict[str, Any]:
    """One preset as plain data."""
    known = {row["name"]: row for row in _core.presets()}
    if name not in known:
        fail(ValueError, "unknown preset", name="preset", value=name, allowed=", ".join(known))
    return known[name]
