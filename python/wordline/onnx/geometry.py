"""Where a convolution window lies on its input, by the rules of ONNX Conv, in any dimension."""

from dataclasses import dataclass
from typing import Literal

from wordline.errors import fail

AutoPad = Literal["NOTSET", "SAME_UPPER", "SAME_LOWER"]


@dataclass(frozen=True)
class ConvGeometry:
    """Kernel, strides and dilations in pixels, one number for each spatial axis.

    `pads` lists the zeros before each axis, then those after each axis, and holds when `auto_pad`
    is NOTSET. With SAME_UPPER or SAME_LOWER the pads follow from the input's size: ask `pads_for`.
    (VALID is NOTSET without pads.) Left out: strides and dilations of 1, pads of 0.
    """

    kernel: tuple[int, ...]
    strides: tuple[int, ...] = ()
    dilations: tuple[int, ...] = ()
    pads: tuple[int, ...] = ()
    auto_pad: AutoPad = "NOTSET"

    def __post_init__(self) -> None:
        axes = len(self.kernel)
        for name, default in (("strides", (1,)), ("dilations", (1,)), ("pads", (0, 0))):
            object.__setattr__(self, name, getattr(self, name) or default * axes)

    def pads_for(self, *spatial: int) -> tuple[int, ...]:
        """Zeros before each axis, then after each axis, around an input of that size."""
        if self.auto_pad == "NOTSET":
            return self.pads
        pairs = [self._same_pads(axis, size) for axis, size in enumerate(spatial)]
        return (*(before for before, _ in pairs), *(after for _, after in pairs))

    def out_size(self, *spatial: int) -> tuple[int, ...]:
        """Windows along each axis of an input of that size.

        Raises:
            ValueError: the padded input is smaller than the (dilated) kernel.
        """
        axes, pads = range(len(self.kernel)), self.pads_for(*spatial)
        padded = [spatial[i] + pads[i] + pads[i + len(self.kernel)] for i in axes]
        reach = [self.reach(i) for i in axes]
        if any(padded[i] < reach[i] for i in axes):
            fail(
                ValueError,
                "the padded input of a convolution is at least as large as its kernel",
                name=_AXES.get(len(spatial), "size"),
                value="x".join(map(str, spatial)),
                unit="pixels",
                allowed=f"{'x'.join(map(str, reach))} or more after pads {pads}",
                remedy="feed larger inputs",
            )
        return tuple((padded[i] - reach[i]) // self.strides[i] + 1 for i in axes)

    def reach(self, axis: int) -> int:
        """Pixels from the first tap of the dilated kernel to its last, both included."""
        return self.dilations[axis] * (self.kernel[axis] - 1) + 1

    def _same_pads(self, axis: int, size: int) -> tuple[int, int]:
        """Pads before and after, so that ceil(size / stride) windows fit."""
        stride = self.strides[axis]
        total = max(0, (-(-size // stride) - 1) * stride + self.reach(axis) - size)
        small, large = total // 2, total - total // 2
        return (small, large) if self.auto_pad == "SAME_UPPER" else (large, small)


_AXES = {1: "length", 2: "height x width", 3: "depth x height x width"}
