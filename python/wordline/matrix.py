"""A single matrix on crossbars, for those who need no network."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wordline import _core
from wordline.activity import activity_table
from wordline.cost import Cost
from wordline.errors import fail
from wordline.numbers import number, seed_and_chip
from wordline.specs import Chip
from wordline.tables import Table

Floats = NDArray[np.float32]


class Matrix:
    """A weight matrix on a programmed chip: `wl.Matrix(W, chip) @ x` is W @ x, as the chip does it.

    Args:
        W: (N outputs, K inputs), finite numbers, used as float32.
        chip: the settings.
        calibrate: typical inputs (K,) or (K, n), needed where the chip's ranges are calibrated.
        seed, chip_index: which chip is programmed; the same numbers give the same chip.
        age: seconds since programming. threads: 0 means all; results do not depend on it.

    Raises:
        ValueError: weights that are not finite or no matrix, calibration data missing.

    Examples:
        >>> W = wl.Matrix(weights, wl.Chip.preset("isaac-2016"), calibrate=x)
        >>> y = W @ x
    """

    def __init__(
        self,
        W: ArrayLike,
        chip: Chip,
        calibrate: ArrayLike | None = None,
        *,
        seed: int = 0,
        chip_index: int = 0,
        age: float = 0.0,
        threads: int = 0,
    ):
        weights = _floats(W, "W", (2,))
        self.shape: tuple[int, int] = (weights.shape[0], weights.shape[1])
        self.chip, self._threads = chip, threads
        columns = np.ascontiguousarray(weights.T)
        self._layer = _core.Layer("matrix", 0, chip.to_dict(), columns, None)
        self._calibration = None if calibrate is None else self._rows(calibrate, "calibrate")
        self._calibrate()
        self._program(seed, chip_index, age)

    def __matmul__(self, x: ArrayLike) -> Floats:
        """W @ x for x of shape (K,) or (K, n): float32 of shape (N,) or (N, n)."""
        return self.multiply(x)

    def multiply(self, x: ArrayLike, *, first: int = 0) -> Floats:
        """W @ x. `first` is the absolute index of the first column of x: noise belongs to it."""
        y = self._run(self._rows(x, "x"), first, _core.Tally(self._layer))
        return y[0] if np.ndim(x) == 1 else np.ascontiguousarray(y.T)

    def program(self, *, seed: int = 0, chip_index: int = 0, age: float = 0.0) -> Self:
        """The same matrix on another chip, or at another age."""
        other = type(self).__new__(type(self))
        other.__dict__.update(self.__dict__)
        other._program(seed, chip_index, age)
        return other

    def cost(self, x: ArrayLike | None = None) -> Cost:
        """Energy, area and latency of one product, from the calibration data or from `x`.

        Raises:
            ValueError: no data, or a component without a stated price.
        """
        rows = self._calibration if x is None else self._rows(x, "x")
        if rows is None:
            fail(ValueError, "energy depends on the data", name="cost", remedy="call cost(x)")
        tally = _core.Tally(self._layer)
        self._run(rows, 0, tally)
        use = self._layer.use(self._programmed, tally)
        return Cost.of(self.chip.tech, [use], is_run=x is not None)

    def activity(self, x: ArrayLike) -> Table:
        """What happened while `x` ran: conversions and the part of them that hit an end of the
        ADC's range, inputs and the part of them beyond the DAC's range.
        """
        tally = _core.Tally(self._layer)
        self._run(self._rows(x, "x"), 0, tally)
        return activity_table([self._layer.use(self._programmed, tally)])

    def __repr__(self) -> str:
        arrays = self._layer.info()["arrays"]
        return f"<Matrix {self.shape[0]}x{self.shape[1]} on {arrays} arrays>"

    def _calibrate(self) -> None:
        if not self._layer.needs_calibration:
            return
        if self._calibration is None:
            fail(
                ValueError,
                "calibrated ranges need sample data",
                name="calibrate",
                value=None,
                allowed=f"inputs of shape ({self.shape[1]}, n)",
                remedy="pass calibrate=x, or choose dac.range and adc.range that need no data",
            )
        self._layer.calibrate(self._calibration, threads=self._threads)

    def _program(self, seed: int, chip_index: int, age: float) -> None:
        seed, chip = seed_and_chip(seed, chip_index)
        seconds = number("age", age, 0.0, "s")
        self._programmed = self._layer.program(seed, chip, seconds, threads=self._threads)

    def _run(self, rows: Floats, first: int, tally: _core.Tally) -> Floats:
        y: Floats = self._layer.run(
            self._programmed, rows, tally, first=first, threads=self._threads
        )
        return y

    def _rows(self, x: ArrayLike, name: str) -> Floats:
        """Columns of x as rows, (n, K)."""
        columns = _floats(x, name, (1, 2))
        if columns.shape[0] != self.shape[1]:
            fail(
                ValueError,
                "the input does not fit the matrix",
                name=f"{name}: shape",
                value=columns.shape,
                allowed=f"({self.shape[1]},) or ({self.shape[1]}, n)",
            )
        return np.ascontiguousarray(columns.reshape(self.shape[1], -1).T)


def _floats(value: Any, name: str, axes: tuple[int, ...]) -> Floats:
    array = np.asarray(value)
    if array.dtype.kind not in "fiu":
        allowed = "real numbers"
        fail(TypeError, "wrong element type", name=name, value=array.dtype, allowed=allowed)
    if array.ndim not in axes:
        allowed = " or ".join(f"{n} axes" for n in axes)
        fail(ValueError, "wrong number of axes", name=name, value=array.shape, allowed=allowed)
    return array.astype(np.float32)
