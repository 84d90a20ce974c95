"""Arrays with line resistance."""

import threading
import time

import numpy as np
import pytest
import wordline as wl
from numpy.typing import NDArray

RNG = np.random.default_rng(5)


def pattern(rows: int, cols: int) -> NDArray[np.float64]:
    i, j = np.indices((rows, cols))
    return 1e-6 + 9.9e-5 * ((31 * i + 17 * j) % 97) / 96


def drive(rows: int) -> NDArray[np.float64]:
    return 0.2 * ((13 * np.arange(rows)) % 29) / 28


def dense(G: NDArray[np.float64], row: float, col: float, driver: float, sense: float):  # type: ignore[no-untyped-def]
    """The same from all nodes: one equation each, solved densely."""
    m, n = G.shape
    word, bit = np.arange(m * n).reshape(m, n), m * n + np.arange(m * n).reshape(m, n)
    Y = np.zeros((2 * m * n, 2 * m * n))

    def connect(a: NDArray[np.int64], b: NDArray[np.int64], g: NDArray[np.float64]) -> None:
        np.add.at(Y, (a, a), g)
        np.add.at(Y, (b, b), g)
        np.add.at(Y, (a, b), -g)
        np.add.at(Y, (b, a), -g)

    connect(word.ravel(), bit.ravel(), G.ravel())
    connect(word[:, 1:].ravel(), word[:, :-1].ravel(), np.full(m * (n - 1), 1 / row))
    connect(bit[1:].ravel(), bit[:-1].ravel(), np.full((m - 1) * n, 1 / col))
    Y[word[:, 0], word[:, 0]] += 1 / driver
    Y[bit[-1], bit[-1]] += 1 / sense
    into = np.zeros((2 * m * n, m))
    into[word[:, 0], np.arange(m)] = 1 / driver
    return np.linalg.solve(Y, into)[bit[-1]].T / sense


def test_a_published_case() -> None:
    """README of badcrossbar, whose first segments lie before the first and after the last cell."""
    R = [[345, 903, 755, 257, 646], [652, 401, 508, 166, 454], [442, 874, 190, 244, 635]]
    G = 1 / np.array(R)
    current = [1.5, 2.3, 1.7] @ wl.effective_conductance(G, 0.5, 0.5, 0.5, 0.5)
    expected = [0.01158503, 0.00919064, 0.01511568, 0.02583321, 0.00981179]
    np.testing.assert_allclose(current, expected, rtol=1e-6)


def test_a_golden_case() -> None:
    """SuperLU, a block-tridiagonal recursion and ngspice agree on these numbers to 1e-13."""
    G = pattern(32, 32)
    current = drive(32) @ wl.effective_conductance(G, row=2.5, col=2.5, driver=100, sense=50)
    np.testing.assert_allclose(
        [current[0], current[16], current[31], current.sum()],
        [1.308155751817e-4, 1.169207044704e-4, 1.219037756406e-4, 3.877312826336e-3],
        rtol=1e-9,
    )


def test_all_nodes_give_the_same() -> None:
    G = RNG.uniform(0, 1e-4, (9, 14))
    seen = wl.effective_conductance(G, 2, 3, 50, 70)
    np.testing.assert_allclose(seen, dense(G, 2, 3, 50, 70), rtol=1e-11)
    assert seen.dtype == np.float64


def test_ideal_and_open_lines() -> None:
    G = RNG.uniform(0, 1e-4, (5, 7))
    np.testing.assert_array_equal(wl.effective_conductance(G), G)
    for name in ("driver", "sense"):
        assert not wl.effective_conductance(G, 1, 1, **{name: np.inf}).any()
    first = wl.effective_conductance(G, row=np.inf)
    np.testing.assert_allclose(first[:, 0], G[:, 0], rtol=1e-15)
    assert not first[:, 1:].any()


def test_one_resistance_per_line() -> None:
    """A cell between two terminals is three resistances in series."""
    G = np.diag([1e-4, 2e-4])
    driver, sense = np.array([10.0, np.inf]), [0.0, 300.0]
    seen = wl.effective_conductance(G, driver=driver, sense=sense)
    np.testing.assert_allclose(seen, [[1 / (10 + 1e4), 0], [0, 0]], rtol=1e-14)
    driver[1] = 40.0
    seen = wl.effective_conductance(G, driver=driver, sense=sense)
    np.testing.assert_allclose(np.diag(seen), [1 / (10 + 1e4), 1 / (40 + 5e3 + 300)], rtol=1e-14)


def test_strided_and_whole_number_arrays() -> None:
    G = RNG.uniform(0, 1e-4, (8, 6))
    whole = np.arange(1, 13, dtype=np.int32).reshape(3, 4)
    np.testing.assert_array_equal(
        wl.effective_conductance(G.T[::2], 1, 1),
        wl.effective_conductance(G.T[::2].copy(), 1, 1),
    )
    np.testing.assert_array_equal(
        wl.effective_conductance(whole, 1, 1), wl.effective_conductance(whole.astype(float), 1, 1)
    )


def test_impossible_arrays_are_refused() -> None:
    G = np.full((2, 3), 1e-5)
    bad = G.copy()
    bad[1, 2] = -1e-6
    with pytest.raises(ValueError, match=r"G\[1, 2\] = -1e-06 S"):
        wl.effective_conductance(bad)
    with pytest.raises(ValueError, match="row = -1 ohm"):
        wl.effective_conductance(G, row=-1)
    with pytest.raises(ValueError, match="col = nan ohm"):
        wl.effective_conductance(G, col=np.nan)
    with pytest.raises(ValueError, match=r"driver\[1\]"):
        wl.effective_conductance(G, driver=[1, -1])
    with pytest.raises(ValueError, match="sense = 2 resistances"):
        wl.effective_conductance(G, sense=[1, 1])
    with pytest.raises(ValueError, match="wrong number of axes"):
        wl.effective_conductance(G[0])
    with pytest.raises(ValueError, match="at least one cell"):
        wl.effective_conductance(np.zeros((0, 3)))
    with pytest.raises(ValueError, match="wrong number of axes"):
        wl.effective_conductance(G, row=[1, 2])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="wrong element type"):
        wl.effective_conductance(G > 0)
    with pytest.raises(TypeError, match="wrong element type"):
        wl.effective_conductance(G, driver="1")  # type: ignore[arg-type]


def test_other_threads_run_meanwhile() -> None:
    G = RNG.uniform(1e-6, 1e-4, (768, 768))
    all_before, own_before = time.process_time(), time.thread_time()
    work = threading.Thread(target=wl.effective_conductance, args=(G, 1, 1, 1, 1))
    work.start()
    while work.is_alive():
        pass
    own = time.thread_time() - own_before
    # Shares of processor time do not change with other load;
    # with the lock held this thread would have next to none.
    assert own > 0.1 * (time.process_time() - all_before)
