"""Arrays of cells between lines that have resistance."""

from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from wordline import _core
from wordline.errors import fail
from wordline.units import percent

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
    cells = reals("G", G, (2,))
    return _core.effective_conductance(cells, *_lines(cells, row, col, driver, sense))


@dataclass(frozen=True)
class Solution:
    """A driven array: voltages in V, currents in A, power in W.

    Attributes:
        word, bit: (rows, cols), potential of the word line and of the bit line at every cell.
        cell_voltage, cell_current: (rows, cols), from the word line to the bit line.
        driver_current: (rows,), from every driver into its line.
        column_current: (cols,), into every sense input.
        power: what all drivers give.
    """

    G: Doubles
    V: Doubles
    word: Doubles
    bit: Doubles
    cell_current: Doubles
    driver_current: Doubles
    column_current: Doubles

    @property
    def cell_voltage(self) -> Doubles:
        return self.word - self.bit

    @property
    def power(self) -> float:
        return float(self.V @ self.driver_current)

    def plot(self) -> Figure:
        """A map of the voltages that the cells see, rows from top to bottom as they stand."""
        figure = plt.figure(figsize=(6, 5), dpi=110, layout="constrained")
        axes = figure.subplots()
        image = axes.imshow(1e3 * self.cell_voltage, aspect="auto", interpolation="nearest")
        axes.set(xlabel="bit line (sensed below)", ylabel="word line (driven from the left)")
        figure.colorbar(image, label="cell voltage (mV)")
        ideal = float(np.sum(self.V @ self.G))
        lost = 1 - self.column_current.sum() / ideal if ideal else 0.0
        axes.set_title(f"{percent(lost)} of the ideal column current is lost", fontsize="small")
        return figure


def solve(
    G: ArrayLike,
    V: ArrayLike,
    row: float = 0.0,
    col: float = 0.0,
    driver: ArrayLike = 0.0,
    sense: ArrayLike = 0.0,
    v0: float | None = None,
) -> Solution:
    """All node voltages and currents of a driven array.

    Linear cells are solved by nodal analysis, with one sparse factor for one drive: to run many
    inputs through an array use `effective_conductance`, which agrees with it. Nonlinear cells are
    solved by Newton's method, see docs/methods/passive.md. Sense inputs are at virtual ground;
    nodes without a way to a terminal are at 0 V.

    Args:
        G, row, col, driver, sense: as in `effective_conductance`.
        V: (rows,), voltages of the drivers in V; 0 for a row at rest.
        v0: cells carry I = G v0 sinh(V / v0), v0 in V; None: they are linear. Segments of nonlinear
            arrays have a resistance above 0.

    Raises:
        TypeError, ValueError: as `effective_conductance`; V that does not fit or is not finite.
        ConvergenceError: no solution for nonlinear cells was found.

    Examples:
        >>> seen = wl.solve(np.full((64, 64), 50e-6), np.full(64, 0.2), row=2.0, col=2.0)
        >>> seen.plot()
    """
    cells, volts = reals("G", G, (2,)), reals("V", V, (1,))
    lines = _lines(cells, row, col, driver, sense)
    if v0 is None:
        return Solution(cells, volts, **_core.solve(cells, volts, *lines))
    shape = float(reals("v0", v0, (0,)))
    return Solution(cells, volts, **_core.solve_sinh(cells, volts, *lines, shape))


def to_spice(
    G: ArrayLike,
    V: ArrayLike,
    row: float = 0.0,
    col: float = 0.0,
    driver: ArrayLike = 0.0,
    sense: ArrayLike = 0.0,
) -> str:
    """The driven array as a deck for ngspice, which prints the current of every terminal.

    Arguments and errors are those of `solve`. `i(vsense3)` is the current of column 3 in A,
    `i(vdrive2)` the current that flows into the source of row 2. ngspice takes seconds for 64 x 64
    cells and minutes for 128 x 128.
    """
    cells, volts = reals("G", G, (2,)), reals("V", V, (1,))
    return _core.to_spice(cells, volts, *_lines(cells, row, col, driver, sense))


def _lines(
    cells: Doubles, row: ArrayLike, col: ArrayLike, driver: ArrayLike, sense: ArrayLike
) -> tuple[float, float, Doubles, Doubles]:
    rows, cols = cells.shape
    return (
        float(reals("row", row, (0,))),
        float(reals("col", col, (0,))),
        per_line("driver", driver, rows),
        per_line("sense", sense, cols),
    )


def per_line(name: str, ohm: ArrayLike, lines: int) -> Doubles:
    """One resistance for every line, from one number or from one per line."""
    given = reals(name, ohm, (0, 1))
    return np.full(lines, given) if given.ndim == 0 else given


def reals(name: str, value: ArrayLike, axes: tuple[int, ...]) -> Doubles:
    """`value` as float64 with one of these numbers of axes. Raises TypeError, ValueError."""
    array = np.asarray(value)
    if array.dtype.kind not in "fiu":
        allowed = "real numbers"
        fail(TypeError, "wrong element type", name=name, value=array.dtype, allowed=allowed)
    if array.ndim not in axes:
        allowed = " or ".join(f"{n} axes" for n in axes)
        fail(ValueError, "wrong number of axes", name=name, value=array.shape, allowed=allowed)
    return np.ascontiguousarray(array, dtype=np.float64).reshape(array.shape)
