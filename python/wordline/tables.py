"""Tables for people: aligned text in terminals, HTML in notebooks, dicts for programs."""

import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

Row = Mapping[str, Any]


def text(value: Any) -> str:
    """A value as a cell shows it: None is a dash, floats have four digits."""
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


@dataclass(frozen=True)
class Column:
    """A column: the key in the rows, the heading (default: the key), how its values are shown."""

    key: str
    title: str = ""
    show: Callable[[Any], str] = text

    @property
    def heading(self) -> str:
        """The title, or the key with spaces."""
        return self.title or self.key.replace("_", " ")


class Table(Sequence[Row]):
    """Rows of named values. `table[0]["energy_j"]` is a number; `print(table)` shows all."""

    def __init__(self, columns: Sequence[Column], rows: Sequence[Row], title: str = ""):
        self.columns, self.rows, self.title = tuple(columns), tuple(dict(r) for r in rows), title

    def column(self, key: str) -> list[Any]:
        """The values of one column."""
        return [row[key] for row in self.rows]

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | Sequence[Row]:
        return self.rows[index]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __repr__(self) -> str:
        cells = [[c.heading for c in self.columns], *self._cells()]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        numeric = self._numeric()
        lines = [
            "  ".join(
                cell.rjust(width) if right else cell.ljust(width)
                for cell, width, right in zip(row, widths, numeric, strict=True)
            ).rstrip()
            for row in cells
        ]
        lines.insert(1, "  ".join("-" * width for width in widths))
        return "\n".join([self.title, *lines] if self.title else lines)

    def _repr_html_(self) -> str:
        title = f"<caption>{html.escape(self.title)}</caption>" if self.title else ""
        head = "".join(f"<th>{html.escape(c.heading)}</th>" for c in self.columns)
        align = ["right" if right else "left" for right in self._numeric()]
        body = "".join(f"<tr>{_html_cells(row, align)}</tr>" for row in self._cells())
        return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def _cells(self) -> list[list[str]]:
        return [[c.show(row.get(c.key)) for c in self.columns] for row in self.rows]

    def _numeric(self) -> list[bool]:
        """Which columns hold numbers only, and stand flush right."""
        return [
            all(isinstance(row.get(c.key), int | float | None) for row in self.rows)
            for c in self.columns
        ]


def _html_cells(row: Sequence[str], align: Sequence[str]) -> str:
    cells = zip(row, align, strict=True)
    return "".join(f'<td style="text-align:{a}">{html.escape(cell)}</td>' for cell, a in cells)
