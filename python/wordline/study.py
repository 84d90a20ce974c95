"""The result of a Monte-Carlo study: what it found, shown and kept."""

import html
import os
from typing import TYPE_CHECKING, Self

from wordline.estimate import four_digits
from wordline.results import Results
from wordline.store import load

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Study(Results):
    """Accuracy, or another metric, and cost of a network over many chips.

    Made by `Mapped.monte_carlo`, or `load`.
    """

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a study that `monte_carlo(..., store=path)` has finished.

        Raises:
            OSError: no such file, a damaged one, no study, or a later format.
        """
        return cls(load(path))

    def plot(self, path: str | os.PathLike[str] | None = None) -> "Figure":
        """The metric per chip (or over time) with its interval, energy by component, energy and
        latency by layer.

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
        parts = [self._title()]
        if len(self.times) > 1:
            parts.append(repr(self.over_time))
        return "\n\n".join([*parts, repr(self.layers)])

    def _repr_html_(self) -> str:
        times = self.over_time._repr_html_() if len(self.times) > 1 else ""
        return f"<b>{html.escape(self._title())}</b>{times}{self.layers._repr_html_()}"

    def _title(self) -> str:
        age = f" after {self.times[-1]:g} s" if len(self.times) > 1 else ""
        text = (
            f"Study: {self.metric} {self.mean!r}{age} on {self.samples} samples, "
            f"digital {four_digits(self.digital)}, seed {self.seed}"
        )
        return text if self.record.cost is None else f"{text}\n{self.cost._title()}"
