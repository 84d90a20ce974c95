"""Arrays of cells between lines that have resistance."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wordline import _core
from wordline.errors import fail

Doubles = NDArray[np.float64]


def effective_conductance(
    G: ArrayLike,
    row: float = 0.0,
    col: float = 0.0,
    driver: ArrayLike = 0.0,
    sense: ArrayLike = 0.0,
) -> Doubles:
    """Conductance between every driver and every sense input of an array with line resistance.

    With linear cells an array stays a linear map however large the resistances are: rows driven
    with V give the column currents I = V @ effective_conductance(G, ...). Sense inputs are at
    virtual ground, rows that are not driven at 0 V. Word lines are driven at column 0, bit lines
    are sensed after the last row.

    The result is exact (every entry to about 1e-14 of itself) by hierarchical Kron reduction, see
    docs/methods/wires.md. A 128 x 128 array takes about 10 ms, a 1024 x 1024 one some seconds.

    Args:
        G: (rows, cols), conductance of the cells in S, 0 for a missing cell.
        row, col: resistance in ohm of a word-line and a bit-line segment between two cells.
        driver, sense: resistance in ohm between a terminal and its first or last cell; one number
            for all, or one per row and one per column.

    Resistances may be 0, which makes one node of two, and infinite, which leaves a line open.

    Returns:
        (rows, cols) in S. G itself when every resistance is 0.

    Raises:
        TypeError: something else than real numbers.
        ValueError: a conductance that is negative or not finite, a resistance that is negative or
            NaN, shapes that do not fit.

    Examples:
        >>> G = np.full((128, 128), 50e-6)
        >>> effective = wl.effective_conductance(G, row=2.0, col=2.0, driver=100.0, sense=50.0)
        >>> loss = 1 - effective.sum(axis=0) / G.sum(axis=0)
    """
    cells = _reals("G", G, (2,))
    rows, cols = cells.shape
    return _core.effective_conductance(
        cells,
        float(_reals("row", row, (0,))),
        float(_reals("col", col, (0,))),
        _per_line("driver", driver, rows),
        _per_line("sense", sense, cols),
    )


def _per_line(name: str, ohm: ArrayLike, lines: int) -> Doubles:
    given = _reals(name, ohm, (0, 1))
    return np.full(lines, given) if given.ndim == 0 else given


def _reals(name: str, value: ArrayLike, axes: tuple[int, ...]) -> Doubles:
    array = np.asarray(value)
    if array.dtype.kind not in "fiu":
        allowed = "real numbers"
        fail(TypeError, "wrong element type", name=name, value=array.dtype, allowed=allowed)
    if array.ndim not in axes:
        allowed = " or ".join(f"{n} axes" for n in axes)
        fail(ValueError, "wrong number of axes", name=name, value=array.shape, allowed=allowed)
    return np.ascontiguousarray(array, dtype=np.float64).reshape(array.shape)
