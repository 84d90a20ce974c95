"""Arrays of cells between lines that have resistance."""

from dataclasses import dataclass
from typing import Any, Literal

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from wordline import _core
from wordline._spec import Spec
from wordline.errors import fail
from wordline.specs import ExponentialSelector, Polynomial, Sinh, ThresholdSelector
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
        V, held: (rows,) and (cols,), behind the drivers and behind the sense inputs.
        word, bit: (rows, cols), potential of the word line and of the bit line at every cell.
        cell_voltage, cell_current: (rows, cols), from the word line to the bit line.
        driver_current: (rows,), from every driver into its line.
        column_current: (cols,), into every sense input.
        power: what all drivers and sense inputs give.
        steps: of Newton's method, 0 for linear cells.
    """

    G: Doubles
    V: Doubles
    held: Doubles
    word: Doubles
    bit: Doubles
    cell_current: Doubles
    driver_current: Doubles
    column_current: Doubles
    steps: int

    @property
    def cell_voltage(self) -> Doubles:
        return self.word - self.bit

    @property
    def power(self) -> float:
        return float(self.V @ self.driver_current - self.held @ self.column_current)

    def plot(self) -> Figure:
        """A map of the voltages that the cells see, rows from top to bottom as they stand."""
        figure = plt.figure(figsize=(6, 5), dpi=110, layout="constrained")
        axes = figure.subplots()
        image = axes.imshow(1e3 * self.cell_voltage, aspect="auto", interpolation="nearest")
        axes.set(xlabel="bit line (sensed below)", ylabel="word line (driven from the left)")
        figure.colorbar(image, label="cell voltage (mV)")
        axes.set_title(self._title(), fontsize="small")
        return figure

    def _title(self) -> str:
        ideal = float(np.sum(self.V @ self.G))
        if self.steps or self.held.any() or not ideal:
            return f"{1e6 * self.power:.3g} uW"
        return (
            f"{percent(1 - self.column_current.sum() / ideal)} of the ideal column current is lost"
        )


def solve(
    G: ArrayLike,
    V: ArrayLike,
    row: float = 0.0,
    col: float = 0.0,
    driver: ArrayLike = 0.0,
    sense: ArrayLike = 0.0,
    curve: Spec | None = None,
    selector: Spec | None = None,
    held: ArrayLike = 0.0,
) -> Solution:
    """All node voltages and currents of a driven array.

    Linear cells are solved by nodal analysis, with one sparse factor for one drive: to run many
    inputs through an array use `effective_conductance`, which agrees with it. Nonlinear cells are
    solved by Newton's method, see docs/methods/passive.md. Nodes without a way to a terminal are
    at 0 V; a line whose driver or sense input is infinite floats.

    Args:
        G, row, col, driver, sense: as in `effective_conductance`.
        V: (rows,), voltages of the drivers in V; 0 for a row at rest.
        curve: how cells of slope G bend: `wl.Sinh(v0=0.25)` or `wl.Polynomial(c2=, c3=)`; None:
            they are linear.
        selector: in series with every cell: `wl.ExponentialSelector(i0=, v0=)` or
            `wl.ThresholdSelector(v_th=, g_off=, g_on=, width=)`; None for none.
        held: voltage behind the sense inputs in V; one number, or one per column.

    Raises:
        TypeError, ValueError: as `effective_conductance`; V that does not fit or is not finite.
        ConvergenceError: no solution for nonlinear cells was found.

    Examples:
        >>> seen = wl.solve(np.full((64, 64), 50e-6), np.full(64, 0.2), row=2.0, col=2.0)
        >>> seen.plot()
    """
    cells, volts = reals("G", G, (2,)), reals("V", V, (1,))
    rest = _rest(cells, row, col, driver, sense, curve, selector, held)
    return Solution(cells, volts, rest["held"], **_core.solve(cells, volts, rest))


def to_spice(
    G: ArrayLike,
    V: ArrayLike,
    row: float = 0.0,
    col: float = 0.0,
    driver: ArrayLike = 0.0,
    sense: ArrayLike = 0.0,
    curve: Spec | None = None,
    selector: Spec | None = None,
    held: ArrayLike = 0.0,
) -> str:
    """The driven array as a deck for ngspice, which prints the current of every terminal.

    Arguments and errors are those of `solve`. `i(vsense3)` is the current of column 3 in A,
    `i(vdrive2)` the current that flows into the source of row 2. ngspice takes seconds for 64 x 64
    cells and minutes for 128 x 128.
    """
    cells, volts = reals("G", G, (2,)), reals("V", V, (1,))
    rest = _rest(cells, row, col, driver, sense, curve, selector, held)
    return _core.to_spice(cells, volts, rest)


@dataclass(frozen=True)
class Selected:
    """One cell of a passive array, read by itself.

    Attributes:
        cell_current: A, through the selected cell.
        sneak_current: A, all else that its column carries.
        disturb_voltage: V, the largest that another cell sees.
        solution: of the whole array.
    """

    cell_current: float
    sneak_current: float
    disturb_voltage: float
    solution: Solution


def select_cell(
    G: ArrayLike,
    cell: tuple[int, int],
    v_read: float,
    scheme: Literal["ground", "half", "third", "floating"] = "half",
    row: float = 0.0,
    col: float = 0.0,
    driver: float = 0.0,
    sense: float = 0.0,
    curve: Spec | None = None,
    selector: Spec | None = None,
) -> Selected:
    """Reads one cell of a passive array and tells its current from what sneaks past it.

    The word line of the cell is driven with v_read, its bit line sensed at 0 V. What the other
    lines do is the scheme:

        ground      all at 0 V: nothing sneaks past ideal lines, but all of the row conducts
        half        all at v_read / 2: cells of the row and of the column see half
        third       word lines at v_read / 3, bit lines at 2/3: no other cell sees more than a third
        floating    nothing: only what flows in circles through three other cells

    Args:
        cell: row and column of the cell.
        v_read: V on the word line.
        G, row, col, driver, sense, curve, selector: as in `solve`, one resistance for all lines.

    Raises:
        TypeError, ValueError, ConvergenceError: as `solve`; a cell or a scheme that is none.

    Examples:
        >>> seen = wl.select_cell(G, (3, 5), 0.4, "half", curve=wl.Sinh(v0=0.1))
        >>> margin = seen.cell_current / seen.sneak_current
    """
    cells = reals("G", G, (2,))
    rows, cols = cells.shape
    i, j = cell
    if not (0 <= i < rows and 0 <= j < cols):
        fail(ValueError, "no such cell", name="cell", value=cell, allowed=f"in {rows} x {cols}")
    if scheme not in _others:
        fail(ValueError, "no such scheme", name="scheme", value=scheme, allowed=", ".join(_others))
    v = float(reals("v_read", v_read, (0,)))
    word, bit = (part * v for part in _others[scheme])
    V, held = np.full(rows, word), np.full(cols, bit)
    ends = {
        "driver": np.full(rows, float(reals("driver", driver, (0,)))),
        "sense": np.full(cols, float(reals("sense", sense, (0,)))),
    }
    if scheme == "floating":
        ends["driver"][np.arange(rows) != i] = ends["sense"][np.arange(cols) != j] = np.inf
    V[i], held[j] = v, 0.0
    seen = solve(cells, V, row=row, col=col, curve=curve, selector=selector, held=held, **ends)
    current = float(seen.cell_current[i, j])
    others = np.abs(seen.cell_voltage)
    others[i, j] = 0.0
    return Selected(current, float(seen.column_current[j]) - current, float(others.max()), seen)


# Word lines and bit lines that are not selected, in parts of v_read.
_others = {
    "ground": (0.0, 0.0),
    "half": (0.5, 0.5),
    "third": (1 / 3, 2 / 3),
    "floating": (0.0, 0.0),
}


def _rest(
    cells: Doubles,
    row: ArrayLike,
    col: ArrayLike,
    driver: ArrayLike,
    sense: ArrayLike,
    curve: Spec | None,
    selector: Spec | None,
    held: ArrayLike,
) -> dict[str, Any]:
    names = ("row", "col", "driver", "sense")
    rest: dict[str, Any] = dict(zip(names, _lines(cells, row, col, driver, sense), strict=True))
    rest["held"] = per_line("held", held, cells.shape[1])
    for kind, given, allowed in (
        ("curve", curve, (Sinh, Polynomial)),
        ("selector", selector, (ExponentialSelector, ThresholdSelector)),
    ):
        if given is not None and not isinstance(given, allowed):
            classes = ", ".join(f"wl.{c.__name__}" for c in allowed)
            fail(TypeError, f"no {kind}", name=kind, value=type(given).__name__, allowed=classes)
        if given is not None:
            rest[kind] = {"class": type(given).__name__, "settings": given.to_dict()}
    return rest


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
