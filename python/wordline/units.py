"""Numbers with SI prefixes, for people."""

import math
from collections.abc import Callable
from typing import Any

_PREFIXES = dict(zip(range(-18, 19, 3), "afpnµm kMGTPE", strict=True))


def si(value: float, unit: str) -> str:
    """Four digits with a prefix: si(1.234e-6, "J") is "1.234 µJ"."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g} {unit}"
    exponent = min(max(3 * math.floor(math.log10(abs(value)) / 3), -18), 18)
    prefix = _PREFIXES[exponent].strip()
    return f"{value / 10.0**exponent:.4g} {prefix}{unit}"


def area(value: float) -> str:
    """m^2 as mm² or µm²."""
    return f"{value * 1e6:.4g} mm²" if value >= 1e-8 else f"{value * 1e12:.4g} µm²"


def percent(value: float) -> str:
    """A fraction as a percentage: one decimal, or one digit where that would be 0.0."""
    return f"{100 * value:{'.1g' if 0 < abs(value) < 0.0005 else '.1f'}} %"


def shown(unit: str) -> Callable[[Any], str]:
    """How a table shows a column of this unit."""
    return lambda value: "-" if value is None else si(value, unit)


def shown_count(value: Any) -> str:
    """How a table shows a large count."""
    return "-" if value is None else f"{value:.0f}"


def shown_area(value: Any) -> str:
    """How a table shows m^2."""
    return "-" if value is None else area(value)


def shown_percent(value: Any) -> str:
    """How a table shows a fraction."""
    return "-" if value is None else percent(value)
