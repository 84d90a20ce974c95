"""Where a 2-d convolution window lies on its input, by the rules of ONNX Conv."""

from dataclasses import dataclass
from typing import Literal

from wordline.errors import fail

AutoPad = Literal["NOTSET", "SAME_UPPER", "SAME_LOWER"]


@dataclass(frozen=True)
class ConvGeometry:
    """Kernel, strides and dilations as (vertical, horizontal), in pixels.

    `pads` is (top, left, bottom, right) and holds when `auto_pad` is NOTSET. With SAME_UPPER or
    SAME_LOWER the pads follow from the input size: ask `pads_for`. (VALID is NOTSET without pads.)
    """

    kernel: tuple[int, int]
    strides: tuple[int, int] = (1, 1)
    dilations: tuple[int, int] = (1, 1)
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)
    auto_pad: AutoPad = "NOTSET"

    def pads_for(self, height: int, width: int) -> tuple[int, int, int, int]:
        """Zero rows and columns (top, left, bottom, right) around a height x width input."""
        if self.auto_pad == "NOTSET":
            return self.pads
        top, bottom = self._same_pads(0, height)
        left, right = self._same_pads(1, width)
        return top, left, bottom, right

    def out_size(self, height: int, width: int) -> tuple[int, int]:
        """Windows (down, across) on a height x width input.

        Raises:
            ValueError: the padded input is smaller than the (dilated) kernel.
        """
        top, left, bottom, right = self.pads_for(height, width)
        padded = (height + top + bottom, width + left + right)
        reach = (self._reach(0), self._reach(1))
        if padded[0] < reach[0] or padded[1] < reach[1]:
            fail(
                ValueError,
                "the padded input of a convolution is at least as large as its kernel",
                name="height x width",
                value=f"{height}x{width}",
                unit="pixels",
                allowed=f"{reach[0]}x{reach[1]} or more after pads {(top, left, bottom, right)}",
                remedy="feed larger images",
            )
        down, across = ((padded[i] - reach[i]) // self.strides[i] + 1 for i in (0, 1))
        return down, across

    def _reach(self, axis: int) -> int:
        return self.dilations[axis] * (self.kernel[axis] - 1) + 1

    def _same_pads(self, axis: int, size: int) -> tuple[int, int]:
        """Pads before and after, so that ceil(size / stride) windows fit."""
        stride = self.strides[axis]
        total = max(0, (-(-size // stride) - 1) * stride + self._reach(axis) - size)
        small, large = total // 2, total - total // 2
        return (small, large) if self.auto_pad == "SAME_UPPER" else (large, small)
