"""Gated arrays: what their columns carry."""

import numpy as np
import pytest
import wordline as wl

R_CELL = 1e4


def test_one_open_cell_is_a_row_of_resistors() -> None:
    G, one = np.full((5, 2), 1 / R_CELL), np.eye(5, dtype=bool)
    seen = wl.gated_currents(G, one, 0.2, source=2.0, col=3.0, driver=50.0, sense=20.0)
    expected = 0.2 / (R_CELL + 70 + 5 * (4 - np.arange(5)))
    np.testing.assert_allclose(seen, np.stack([expected, expected], axis=1), rtol=1e-13)
    other = wl.gated_currents(G, one, 0.2, source=2.0, col=3.0, source_end="opposite")
    path = 2.0 * np.arange(5) + 3.0 * (4 - np.arange(5))
    np.testing.assert_allclose(other[:, 0], 0.2 / (R_CELL + path), rtol=1e-13)


def test_ideal_lines_give_the_sum_of_open_cells() -> None:
    random = np.random.default_rng(1)
    G, rows = random.uniform(1e-6, 1e-4, (9, 4)), random.random((6, 9)) < 0.5
    np.testing.assert_allclose(wl.gated_currents(G, rows, 0.2), 0.2 * rows @ G, rtol=1e-13)
    closed = 0.2 * (rows @ G + ~rows @ np.full_like(G, 1e-8))
    np.testing.assert_allclose(wl.gated_currents(G, rows, 0.2, off=1e-8), closed, rtol=1e-13)
    assert wl.gated_currents(G, rows[0], 0.2).shape == (4,)


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ({"open_rows": np.ones(3)}, TypeError, "open_rows = float64: a row is open or not"),
        ({"open_rows": np.ones(4, bool)}, ValueError, "open = 4 rows"),
        ({"source_end": "left"}, ValueError, "source_end = left: no such end; allowed: same, opp"),
        ({"col": -1.0}, ValueError, "col = -1 ohm: a resistance is not negative"),
        ({"off": np.inf}, ValueError, "off = inf S"),
        ({"v_read": np.nan}, ValueError, "v_read"),
        ({"G": np.full((3, 2), -1.0)}, ValueError, "not negative"),
    ],
)
def test_refused(change, kind, message: str) -> None:
    given = {"G": np.full((3, 2), 1e-5), "open_rows": np.ones(3, bool), "v_read": 0.2, **change}
    with pytest.raises(kind, match=message):
        wl.gated_currents(**given)
