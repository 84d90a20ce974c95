"""A single matrix on crossbars."""

import numpy as np
import pytest
import wordline as wl
from cases import exact_chip, noisy_chip

RNG = np.random.default_rng(3)
W = RNG.standard_normal((7, 50)).astype(np.float32)
X = RNG.standard_normal((50, 9)).astype(np.float32)


def test_the_ideal_chip_multiplies_exactly() -> None:
    bound = 1e-5 * np.abs(W) @ np.abs(X)
    matrix = wl.Matrix(W, wl.Chip.ideal())
    assert matrix.shape == (7, 50)
    y = matrix @ X
    assert y.shape == (7, 9)
    assert y.dtype == np.float32
    assert (np.abs(y - W.astype(np.float64) @ X) <= bound).all()
    np.testing.assert_array_equal(matrix @ X[:, 0], y[:, 0])


@pytest.mark.parametrize("encoding", ["differential", "offset"])
@pytest.mark.parametrize("slice_bits", [1, 2, None])
def test_whole_numbers_are_exact(encoding: str, slice_bits: int | None) -> None:
    q = RNG.integers(-127, 128, (7, 50)).astype(np.float32)
    x = RNG.integers(0, 256, (50, 9)).astype(np.float32)
    q[:, 0], x[0] = 127, 255  # so that a code is one
    weights = wl.Weights(bits=8, slice_bits=slice_bits, encoding=encoding)  # type: ignore[arg-type]
    y = wl.Matrix(q, exact_chip(weights=weights), calibrate=x) @ x
    np.testing.assert_array_equal(y, (q.astype(np.int64) @ x.astype(np.int64)).astype(np.float32))


def test_seeds_chips_and_calls() -> None:
    matrix = wl.Matrix(W, noisy_chip(), calibrate=X, seed=1)
    y = matrix @ X
    np.testing.assert_array_equal(matrix @ X, y)
    np.testing.assert_array_equal(wl.Matrix(W, noisy_chip(), X, seed=1, threads=1) @ X, y)
    halves = [matrix.multiply(X[:, :4]), matrix.multiply(X[:, 4:], first=4)]
    np.testing.assert_array_equal(np.concatenate(halves, axis=1), y)
    assert (matrix.program(seed=2) @ X != y).any()
    assert (matrix.program(seed=1, chip_index=1) @ X != y).any()
    np.testing.assert_array_equal(matrix.program(seed=1) @ X, y)


def test_cost() -> None:
    matrix = wl.Matrix(W, noisy_chip(), calibrate=X)
    assert matrix.cost().operations == 2 * W.size
    assert matrix.cost().activity_of.startswith("calibration")
    assert matrix.cost(X).activity_of == "run"
    assert matrix.cost(X).energy > 0
    with pytest.raises(ValueError, match="energy depends on the data"):
        wl.Matrix(W, wl.Chip.ideal()).cost()


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: wl.Matrix(W[0], wl.Chip.ideal()), ValueError, "W = .*wrong number of axes"),
        (lambda: wl.Matrix(W * np.nan, wl.Chip.ideal()), ValueError, "finite"),
        (lambda: wl.Matrix(W.astype(complex), wl.Chip.ideal()), TypeError, "complex"),
        (lambda: wl.Matrix([["a"]], wl.Chip.ideal()), TypeError, "W"),
        (lambda: wl.Matrix(W, noisy_chip()), ValueError, "pass calibrate=x"),
        (lambda: wl.Matrix(W, noisy_chip(), X[:3]), ValueError, r"allowed: \(50,\) or \(50, n\)"),
        (lambda: wl.Matrix(W, noisy_chip(), X * np.inf), ValueError, "finite"),
        (lambda: wl.Matrix(W, wl.Chip.ideal()) @ X[:3], ValueError, r"x: shape = \(3, 9\)"),
        (lambda: wl.Matrix(W, wl.Chip.ideal()) @ (X * np.nan), ValueError, "finite"),
        (lambda: wl.Matrix(W, wl.Chip.ideal(), seed=-1), ValueError, "seed = -1"),
        (lambda: wl.Matrix(W, wl.Chip.ideal(), seed=1.5), TypeError, "seed"),  # type: ignore[arg-type]
    ],
)
def test_refused(make, kind, message: str) -> None:
    with pytest.raises(kind, match=message):
        make()
