"""The order in which a recurrent cell reads a batch of sequences of unequal length."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from wordline.onnx.products import Floats


@dataclass(frozen=True, eq=False)
class Sequences:
    """lengths: (batch,) time steps of each sequence. time: axis of the padded batch.

    reverse: read each sequence from its own end.
    """

    lengths: NDArray[np.int64]
    time: int
    reverse: bool

    @cached_property
    def active(self) -> NDArray[np.bool_]:
        """(batch, time): whether a sequence still runs at that step."""
        return np.arange(self.time)[None, :] < self.lengths[:, None]

    @property
    def steps(self) -> int:
        """Time steps until the longest sequence ends."""
        return int(self.lengths.max(initial=0))

    def arranged(self, x: Floats) -> Floats:
        """(batch, time, ...) from the model's order to the cell's, or back; zero past the end."""
        if self.reverse:
            places = np.arange(self.time)[None, :]
            places = np.where(self.active, self.lengths[:, None] - 1 - places, places)
            x = np.take_along_axis(x, places[:, :, None], axis=1)
        return np.where(self.active[:, :, None], x, np.float32(0))
