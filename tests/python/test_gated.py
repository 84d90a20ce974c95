"""Gated arrays and arrays that add resistances."""

from typing import Any

import numpy as np
import pytest
import wordline as wl

RNG = np.random.default_rng(6)
G = RNG.uniform(1e-6, 1e-4, (5, 3))
BITS = RNG.integers(0, 2, (4, 5))


def test_without_metal_open_cells_add_up() -> None:
    np.testing.assert_allclose(wl.gated_currents(G, BITS, v_read=0.1), 0.1 * BITS @ G, rtol=1e-14)


@pytest.mark.parametrize(("end", "fed"), [("same", 4), ("opposite", 0)])
def test_columns_equal_nodal_analysis(end: Any, fed: int) -> None:
    currents = wl.gated_currents(
        G, BITS, source=30.0, col=20.0, driver=100.0, sense=[50.0, 60.0, 70.0], source_end=end
    )
    for bits, row in zip(BITS, currents, strict=True):
        for j, seen in enumerate(row):
            Y = np.zeros((10, 10))  # source nodes, then bit nodes
            pairs = [(i, 5 + i, bits[i] * G[i, j]) for i in range(5)]
            pairs += [(i, i + 1, 1 / 30) for i in range(4)]
            pairs += [(5 + i, 6 + i, 1 / 20) for i in range(4)]
            for a, b, g in pairs:
                Y[[a, b], [a, b]] += g
                Y[[a, b], [b, a]] -= g
            sense = 50.0 + 10.0 * j
            Y[fed, fed] += 1 / 100
            Y[9, 9] += 1 / sense
            into = np.zeros(10)
            into[fed] = 0.2 / 100
            assert seen == pytest.approx(np.linalg.solve(Y, into)[9] / sense, rel=1e-11, abs=1e-16)


def test_columns_in_series_add_up() -> None:
    on, off = 1 / G, 2 / G
    ohm = wl.series_resistance(off, on, BITS, segment=3.0, terminals=7.0)
    np.testing.assert_allclose(ohm, BITS @ on + (1 - BITS) @ off + 19.0, rtol=1e-14)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"G": -G}, "G"),
        ({"inputs": 2 * np.ones((1, 5))}, "inputs"),
        ({"inputs": np.ones((1, 4))}, "inputs"),
        ({"inputs": np.ones(5, dtype=bool)}, "inputs"),
        ({"source": -1.0}, "source"),
        ({"sense": [1.0, 2.0]}, "sense"),
        ({"source_end": "left"}, "source_end"),
        ({"v_read": np.inf}, "v_read"),
        ({"leakage": -1.0}, "leakage"),
    ],
)
def test_refusals_name_what_is_wrong(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        wl.gated_currents(**{"G": G, "inputs": BITS, **arguments})


def test_series_refuses_paths_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="on"):
        wl.series_resistance(1 / G, 1 / G[:2], BITS)
    with pytest.raises(TypeError, match="off"):
        wl.series_resistance("none", 1 / G, BITS)
