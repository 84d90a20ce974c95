"""Checks of what the methods and settings of Python cells give, with the method's name."""

import math
import traceback
from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from wordline._spec import plain
from wordline.errors import fail


def failure_of(method: str, problem: Exception) -> NoReturn:
    """Raise what a user's method raised, with its name and line: only text passes the core."""
    last = traceback.extract_tb(problem.__traceback__)[-1]
    rule = f"{type(problem).__name__}: {problem} ({last.filename}:{last.lineno})"
    kind = next((k for k in (TypeError, OSError) if isinstance(problem, k)), ValueError)
    raise kind(f"{method} failed with {rule}") from problem


def checked_array(
    method: str, value: Any, count: int, unit: str, numbers: bool = False
) -> NDArray[np.float64]:
    """`value` as `count` finite numbers, none negative; with `numbers` one for all will do."""
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        fail(TypeError, "an array of numbers is needed", name=method, value=type(value).__name__)
    if numbers and array.ndim == 0:
        array = np.full(count, float(array))
    if array.shape != (count,):
        rule = "there is one number per cell"
        fail(ValueError, rule, name=f"{method}: shape", value=array.shape, allowed=f"({count},)")
    wrong = np.flatnonzero(~((array >= 0.0) & np.isfinite(array)))
    if wrong.size:
        first = wrong[0]
        fail(
            ValueError,
            "numbers are finite and not negative",
            name=f"{method}: cell {first} of {count}",
            value=array[first],
            unit=unit,
            allowed="[0, inf)",
        )
    return np.ascontiguousarray(array)


def checked_window(method: str, given: Any) -> tuple[float, float, int]:
    """(g_min, g_max, levels) of what `window` returned."""
    if not isinstance(given, tuple) or len(given) not in (2, 3):
        allowed = "(g_min, g_max) or (g_min, g_max, levels)"
        fail(TypeError, "a window is a tuple", name=method, value=repr(given), allowed=allowed)
    low, high, levels = checked_array(method, (*given, 0)[:3], 3, "")
    if low >= high:
        rule = "g_min lies below g_max"
        fail(ValueError, rule, name=f"{method}: g_min", value=low, unit="S", allowed=f"< {high}")
    if levels == 1 or levels != int(levels) or levels > 65536:
        fail(
            ValueError,
            "levels are counted, and a cell has at least two",
            name=f"{method}: levels",
            value=levels,
            allowed="0 (continuous), [2, 65536]",
        )
    return float(low), float(high), int(levels)


def setting_of(name: str, given: Any, default: Any) -> Any:
    """A setting as plain data of the kind of its default."""
    value = plain(given.tolist() if hasattr(given, "tolist") else given)
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if default is not None and value is not None and type(value) is not type(default):
        allowed = type(default).__name__
        fail(TypeError, "wrong kind of setting", name=name, value=repr(given), allowed=allowed)
    _check_plain(name, value)
    return value


def _check_plain(name: str, value: Any) -> None:
    if isinstance(value, list):
        for item in value:
            _check_plain(name, item)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            _check_plain(f"{name}.{key}", item)
    elif not isinstance(value, bool | int | float | str | None):
        allowed = "None, bool, int, float, str, and lists or dicts of them"
        fail(TypeError, "settings are plain data", name=name, value=repr(value), allowed=allowed)
    elif isinstance(value, float) and not math.isfinite(value):
        fail(ValueError, "numbers are finite", name=name, value=value)
