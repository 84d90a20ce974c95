"""A mean over independent chips with its confidence interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from wordline import _core


@dataclass(frozen=True)
class Estimate:
    """mean ± half_width: Student's t interval over `n` chips. One chip has no interval.

    Attributes:
        half_width, std: None for one chip. confidence: probability that the interval holds the
            true mean over all chips. values: one per chip.
    """

    mean: float
    half_width: float | None
    std: float | None
    n: int
    confidence: float
    values: tuple[float, ...]

    @classmethod
    def of(cls, values: Sequence[float], confidence: float = 0.95) -> Self:
        """Raises ValueError: no values, not finite ones, a confidence outside (0, 1)."""
        found = _core.mean_interval([float(v) for v in values], confidence)
        return cls(
            mean=found["mean"],
            half_width=found["half_width"],
            std=found["std"],
            n=found["n"],
            confidence=confidence,
            values=tuple(float(v) for v in values),
        )

    def to_dict(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "mean": self.mean,
            "half_width": self.half_width,
            "confidence": self.confidence,
            "chips": self.n,
            "values": list(self.values),
        }

    def __float__(self) -> float:
        return self.mean

    def __repr__(self) -> str:
        if self.half_width is None:
            return f"{four_digits(self.mean)} (1 chip, no interval)"
        level = f"{100 * self.confidence:g} %"
        mean, half = (f"{value:.4f}" for value in (self.mean, self.half_width))
        if not _is_ordinary(self.mean):
            mean, half = four_digits(self.mean), f"{self.half_width:.2g}"
        return f"{mean} ± {half} ({level} CI over {self.n} chips)"


def four_digits(value: float) -> str:
    """0.8971, but 1.234e-06: four places behind the point where they say enough."""
    return f"{value:.4f}" if _is_ordinary(value) else f"{value:.4g}"


def _is_ordinary(value: float) -> bool:
    return value == 0 or 1e-2 <= abs(value) < 1e4
