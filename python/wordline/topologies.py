"""Arrays that are not driven on their word lines: gated ones, and ones that add resistances."""

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wordline import _core
from wordline.errors import fail
from wordline.wires import per_line, reals

Doubles = NDArray[np.float64]


def gated_currents(
    G: ArrayLike,
    inputs: ArrayLike,
    v_read: float = 0.2,
    source: float = 0.0,
    col: float = 0.0,
    driver: ArrayLike = 0.0,
    sense: ArrayLike = 0.0,
    source_end: Literal["same", "opposite"] = "opposite",
    leakage: float = 0.0,
) -> Doubles:
    """Column currents of an array whose inputs open gates, with line resistance.

    Every column has a source line beside its bit line, driven with `v_read`; bit lines are sensed
    after the last row at virtual ground. An input bit opens the access devices of its row. Exact,
    O(rows * cols) per input vector: a vector chooses the network itself, so that no effective
    matrix serves all of them (docs/methods/topologies.md).

    Args:
        G: (rows, cols), conductance of the cells in S, 0 for a missing cell.
        inputs: (vectors, rows), bool or 0 and 1; 1 opens the row.
        v_read: V behind every driver.
        source, col: ohm of a source-line and a bit-line segment between two cells.
        driver, sense: ohm between a terminal and its line; one number, or one per column.
        source_end: the source line is driven at the end where the column is sensed ("same") or at
            the first row ("opposite").
        leakage: S of a closed access device, in series with its cell; 0 for one that cuts off.

    Resistances may be 0, which makes one node of two, and infinite, which leaves a line open.

    Returns:
        (vectors, cols) in A. The source drivers give v_read * currents.sum(axis=1) in W.

    Raises:
        TypeError: something else than real numbers.
        ValueError: numbers out of range, shapes that do not fit, inputs other than 0 and 1.

    Examples:
        >>> G = np.full((64, 32), 50e-6)
        >>> currents = wl.gated_currents(G, np.ones((1, 64)), source=1.0, col=1.0, driver=50.0)
    """
    cells = reals("G", G, (2,))
    lines = _gated_lines(cells, v_read, source, col, driver, sense, source_end, leakage)
    return _core.gated_currents(cells, _bits(inputs), lines)


def gated_to_spice(
    G: ArrayLike,
    inputs: ArrayLike,
    v_read: float = 0.2,
    source: float = 0.0,
    col: float = 0.0,
    driver: ArrayLike = 0.0,
    sense: ArrayLike = 0.0,
    source_end: Literal["same", "opposite"] = "opposite",
    leakage: float = 0.0,
) -> str:
    """The array of `gated_currents` with one input as a deck for ngspice.

    Arguments and errors are those of `gated_currents`, with inputs of shape (1, rows).
    `i(vsense3)` is the current of column 3 in A, `i(vsource3)` what flows into its driver.
    """
    cells, bits = reals("G", G, (2,)), _bits(inputs)
    if len(bits) != 1:
        fail(
            ValueError, "a deck has one input", name="inputs", value=bits.shape, allowed="(1, rows)"
        )
    lines = _gated_lines(cells, v_read, source, col, driver, sense, source_end, leakage)
    return _core.gated_to_spice(cells, bits, lines)


def _gated_lines(
    cells: Doubles,
    v_read: float,
    source: float,
    col: float,
    driver: ArrayLike,
    sense: ArrayLike,
    source_end: str,
    leakage: float,
) -> dict[str, Any]:
    if source_end not in ("same", "opposite"):
        fail(
            ValueError,
            "the source line is driven at one of its ends",
            name="source_end",
            value=source_end,
            allowed="same, opposite",
        )
    one = {"source": source, "col": col, "v_read": v_read, "leakage": leakage}
    return {
        **{name: float(reals(name, value, (0,))) for name, value in one.items()},
        "driver": per_line("driver", driver, cells.shape[1]),
        "sense": per_line("sense", sense, cells.shape[1]),
        "same_end": source_end == "same",
    }


def series_resistance(
    off: ArrayLike,
    on: ArrayLike,
    inputs: ArrayLike,
    segment: float = 0.0,
    terminals: ArrayLike = 0.0,
) -> Doubles:
    """Resistance of columns whose cells stand in series, each with two paths to choose from.

    As in Jung et al., Nature 601 (2022) 211: an input bit chooses the path through its cell, and a
    column is read by its resistance, terminals + (rows - 1) * segment + sum of the chosen paths.

    Args:
        off, on: (rows, cols) in ohm, path of an input 0 and of an input 1; infinite for none.
        inputs: (vectors, rows), bool or 0 and 1.
        segment: ohm between neighbouring cells of a column.
        terminals: ohm between a column's ends and what reads it; one number, or one per column.

    Returns:
        (vectors, cols) in ohm; times the current that reads a column it is its voltage.

    Raises:
        TypeError: something else than real numbers.
        ValueError: numbers out of range, shapes that do not fit, inputs other than 0 and 1.

    Examples:
        XNOR cells: the resistance counts the rows where input and weight agree.

        >>> weights = np.array([[1, 0], [1, 1]], dtype=bool)
        >>> on, off = np.where(weights, 9e3, 4e3), np.where(weights, 4e3, 9e3)
        >>> ohm = wl.series_resistance(off, on, [[1, 0]])
    """
    paths = reals("off", off, (2,))
    return _core.series_resistance(
        paths,
        reals("on", on, (2,)),
        _bits(inputs),
        float(reals("segment", segment, (0,))),
        per_line("terminals", terminals, paths.shape[1]),
    )


def _bits(inputs: ArrayLike) -> NDArray[np.bool_]:
    given = np.asarray(inputs)
    numbers = given if given.dtype.kind == "b" else reals("inputs", given, (2,))
    if not np.isin(numbers, (0, 1)).all():
        fail(ValueError, "an input opens its row or not", name="inputs", allowed="0, 1")
    return numbers.astype(np.bool_)
