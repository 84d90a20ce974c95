"""Checks of plain arguments, before the core sees them."""

import math
from typing import Any

import numpy as np

from wordline.errors import fail

LARGEST_SEED = 2**63 - 1
LARGEST_COUNT = 2**31 - 1


def whole(name: str, value: object, low: int, high: int = LARGEST_COUNT) -> int:
    """`value` as an int. Raises TypeError if it is none, ValueError outside [low, high]."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        fail(TypeError, "a whole number is needed", name=name, value=repr(value), allowed="int")
    if not low <= value <= high:
        fail(ValueError, "out of range", name=name, value=value, allowed=f"[{low}, {high}]")
    return int(value)


def number(name: str, value: object, low: float, unit: str) -> float:
    """`value` as a float. Raises TypeError if it is none, ValueError below `low` or not finite."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        fail(TypeError, "a number is needed", name=name, value=repr(value), allowed="float")
    if not (low <= value < math.inf):
        allowed = f"[{low:g}, inf)"
        fail(ValueError, "out of range", name=name, value=value, unit=unit, allowed=allowed)
    return float(value)


def checked_ageing(
    age: object, temperature: object, reads: object, extrapolate: object
) -> dict[str, Any]:
    """The arguments of `Mapped.program` that say what a chip has gone through, checked."""
    return {
        "age": number("age", age, 0.0, "s"),
        "temperature": number("temperature", temperature, 1.0, "K"),
        "reads": number("reads", reads, 0.0, "pulse"),
        "extrapolate": bool(extrapolate),
    }


def seed_and_chip(seed: object, chip: object) -> tuple[int, int]:
    """Which chip of which study, checked."""
    return whole("seed", seed, 0, LARGEST_SEED), whole("chip", chip, 0)
