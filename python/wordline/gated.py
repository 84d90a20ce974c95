"""Gated 1T1R arrays: inputs open rows, current comes along source lines."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wordline import _core
from wordline.errors import fail
from wordline.wires import Doubles, reals

ENDS = ("same", "opposite")


def gated_currents(
    G: ArrayLike,
    open_rows: ArrayLike,
    v_read: float,
    *,
    source: float = 0.0,
    col: float = 0.0,
    driver: float = 0.0,
    sense: float = 0.0,
    source_end: str = "same",
    off: float = 0.0,
) -> Doubles:
    """Column currents of an array whose inputs stand on the gates of its access transistors.

    Every column has a source line beside its bit line. An open row connects the two through its
    cell; a closed row does not, or by `off`. What a cell sees depends on the other open rows, so
    there is no matrix for all inputs: each one is solved exactly, in O(rows cols), see
    docs/methods/topologies.md.

    Args:
        G: (rows, cols), conductance of the cells with their open transistors in S.
        open_rows: (rows,) or (n, rows), bool.
        v_read: voltage of the source lines' drivers in V; sense inputs are at virtual ground.
        source, col: resistance in ohm of a source-line and a bit-line segment between two cells.
        driver, sense: resistance in ohm of a line's driver and of its sense input.
        source_end: "same" where source lines are driven at the end at which bit lines are sensed
            (after the last row), "opposite" where at the other (before the first row).
        off: conductance of a closed cell in S.

    Resistances may be 0, which makes one node of two, and infinite, which leaves a line open.

    Returns:
        (cols,) or (n, cols) in A. The drivers take v_read times their sum.

    Raises:
        TypeError: rows that are not bool, numbers that are not real.
        ValueError: negative or not finite numbers, shapes that do not fit, an unknown end.
    """
    cells, gates = reals("G", G, (2,)), _gates(open_rows)
    if source_end not in ENDS:
        allowed = ", ".join(ENDS)
        fail(ValueError, "no such end", name="source_end", value=source_end, allowed=allowed)
    ohm = {"source": source, "col": col, "driver": driver, "sense": sense, "off": off}
    lines: dict[str, Any] = {name: float(reals(name, value, (0,))) for name, value in ohm.items()}
    volt = float(reals("v_read", v_read, (0,)))
    lines["same_end"] = source_end == "same"
    currents = _core.gated_currents(cells, np.atleast_2d(gates), volt, lines)
    return currents if gates.ndim == 2 else currents[0]


def _gates(open_rows: ArrayLike) -> NDArray[np.bool_]:
    gates = np.asarray(open_rows)
    if gates.dtype != np.bool_:
        remedy = "compare: open_rows=x > 0"
        fail(TypeError, "a row is open or not", name="open_rows", value=gates.dtype, remedy=remedy)
    if gates.ndim not in (1, 2):
        allowed = "(rows,) or (n, rows)"
        fail(ValueError, "wrong shape", name="open_rows", value=gates.shape, allowed=allowed)
    return np.ascontiguousarray(gates)
