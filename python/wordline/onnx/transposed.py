"""ConvTranspose with constant weights: a product on each input pixel, then a sum of windows."""

from dataclasses import dataclass, replace
from itertools import product as combinations
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from wordline.errors import fail
from wordline.onnx.constants import Constants
from wordline.onnx.conv import channel_bias, numbers, padding, positive, require_kernel
from wordline.onnx.nodes import attribute
from wordline.onnx.products import Floats, Multiply, Product
from wordline.onnx.single import SingleStep, rescaled
from wordline.onnx.weights import StaysDigital, weights

Numbers = tuple[int, ...]


@dataclass(frozen=True)
class Spread:
    """Where the taps of an input pixel land on the output, by the rules of ONNX Runtime.

    `pads` (before each axis, then after) holds when both `auto_pad` is NOTSET and
    `output_shape` is empty; `extra` is ONNX's output_padding.
    """

    kernel: Numbers
    strides: Numbers
    dilations: Numbers
    pads: Numbers
    extra: Numbers
    auto_pad: str
    output_shape: Numbers = ()

    def placed(self, axis: int, size: int) -> tuple[int, int]:
        """(pixels cut off before the first output pixel, output pixels) along an axis."""
        full = self._full(axis, size)
        same = self.auto_pad.startswith("SAME")
        if not self.output_shape and not same:
            before, after = self.pads[axis], self.pads[axis + len(self.kernel)]
            return before, full - before - after
        wanted = self.output_shape[axis] if self.output_shape else size * self.strides[axis]
        if self.output_shape and wanted > full:
            _refuse_large(wanted, full)
        total = max(0, full - wanted)
        before = total // 2 if self.auto_pad == "SAME_UPPER" else total - total // 2
        return before, full - total

    def _full(self, axis: int, size: int) -> int:
        reach = self.dilations[axis] * (self.kernel[axis] - 1) + 1
        return (size - 1) * self.strides[axis] + self.extra[axis] + reach


def _refuse_large(wanted: int, full: int) -> None:
    fail(
        ValueError,
        "the output_shape of a transposed convolution is not larger than what its windows cover",
        name="output_shape",
        value=wanted,
        unit="pixels",
        allowed=f"[1, {full}]",
        remedy="feed larger inputs",
    )


@dataclass(eq=False)
class TransposedStep(SingleStep):
    """A transposed convolution; `bias` is added once per output pixel, not per tap."""

    spread: Spread | None = None
    bias: Floats | None = None

    @property
    def channels(self) -> int:
        """See `SingleStep.channels`."""
        assert self.spread is not None
        return super().channels // prod(self.spread.kernel)

    def multiplied(self, x: Floats, multiply: Multiply) -> Floats:
        """See `SingleStep.multiplied`."""
        assert self.spread is not None
        channels = self.product.groups * self.product.weights.shape[0]
        axes = len(self.spread.kernel)
        if x.ndim != axes + 2 or x.shape[1] != channels:
            self.refuse(x.shape, f"(batch, {channels}) and {axes} spatial axes")
        rows = np.ascontiguousarray(x.reshape(*x.shape[:2], prod(x.shape[2:])).swapaxes(1, 2))
        y = self._overlapped(multiply(self.product, rows, 0), x.shape[2:])
        return y if self.bias is None else y + self.bias.reshape(-1, *(1,) * axes)

    def _overlapped(self, y: Floats, size: Numbers) -> Floats:
        """The sum of all windows: (batch, pixels, channels · taps) to an image."""
        assert self.spread is not None
        spread, axes = self.spread, range(len(size))
        placed = [spread.placed(i, size[i]) for i in axes]
        if all(size) and any(pixels < 1 for _, pixels in placed):
            self._refuse_empty(size)
        channels = y.shape[2] // prod(spread.kernel)
        windows = y.swapaxes(1, 2).reshape(len(y), channels, *spread.kernel, *size)
        image = self._blank((len(y), channels, *(pixels for _, pixels in placed)))
        for tap in combinations(*map(range, spread.kernel)):
            spots = [_spots(spread, i, tap[i], size[i], placed[i]) for i in axes]
            target: Any = (..., *(where for where, _ in spots))
            source: Any = (slice(None), slice(None), *tap, *(which for _, which in spots))
            image[target] += windows[source]
        return image

    def _blank(self, shape: Numbers) -> Floats:
        try:
            return np.zeros(shape, np.float32)
        except (MemoryError, ValueError) as error:
            fail(
                ValueError,
                f"the output does not fit into memory ({error})",
                name=f"node '{self.name}'",
                remedy="feed fewer or smaller samples at once",
            )

    def _refuse_empty(self, size: Numbers) -> None:
        fail(
            ValueError,
            "a transposed convolution gives at least one pixel",
            name=f"node '{self.name}': size of '{self.input}'",
            value="x".join(map(str, size)),
            unit="pixels",
            remedy="feed larger inputs",
        )

    def normalised(
        self, output: str, factor: NDArray[np.float64], shift: NDArray[np.float64]
    ) -> SingleStep | None:
        """See `SingleStep.normalised`."""
        if self.addend is not None or self.spread is None:
            return None
        old = 0.0 if self.bias is None else self.bias.astype(np.float64)
        with np.errstate(all="ignore"):  # what is not finite is refused by name later
            bias = (old * factor + shift).astype(np.float32)
        taps = np.repeat(factor, prod(self.spread.kernel))
        product = rescaled(self.product, taps, None)
        return replace(self, output=output, product=product, bias=bias)


def _spots(
    spread: Spread, axis: int, tap: int, size: int, placed: tuple[int, int]
) -> tuple[slice, slice]:
    """Output pixels that a tap reaches along an axis, and the input pixels they come from."""
    before, pixels = placed
    stride = spread.strides[axis]
    start = tap * spread.dilations[axis] - before
    first = max(0, -(start // stride))  # the first input pixel that lands at 0 or later
    last = min(size, -((start - pixels) // stride))
    count = max(0, last - first)
    begin = start + first * stride
    target = slice(begin, begin + count * stride, stride) if count else slice(0, 0)
    return target, slice(first, first + count)


def transposed_step(node: NodeProto, constants: Constants) -> TransposedStep:
    """A ConvTranspose node. Raises StaysDigital with the reason."""
    W, dtype = weights(node, constants)
    groups = attribute(node, "group", 1)
    axes = W.ndim - 2
    if not 1 <= axes <= 3:
        raise StaysDigital(f"convolution with {axes} spatial axes")
    if groups < 1 or W.shape[0] % groups:
        raise StaysDigital(f"{W.shape[0]} channels in {groups} groups")
    spread = _spread(node, W.shape[2:])
    bias, addend = channel_bias(node, constants, W.shape[1] * groups, axes)
    parts = W.reshape(groups, W.shape[0] // groups, -1).swapaxes(0, 1)
    matrix = np.ascontiguousarray(parts.reshape(W.shape[0] // groups, -1))
    return TransposedStep(
        node.name,
        "ConvTranspose",
        node.input[0],
        node.output[0],
        Product(node.name, matrix, None, groups),
        dtype,
        addend,
        spread=spread,
        bias=bias,
    )


def _spread(node: NodeProto, kernel: Numbers) -> Spread:
    axes = len(kernel)
    require_kernel(node, kernel)
    auto_pad = padding(node)
    strides, dilations = positive(node, "strides", axes), positive(node, "dilations", axes)
    extra = numbers(node, "output_padding", (0,) * axes)
    if any(not 0 <= extra[i] < strides[i] for i in range(axes)):
        raise StaysDigital(f"output_padding = {extra}")  # ONNX Runtime refuses it
    pads = numbers(node, "pads", (0,) * 2 * axes) if auto_pad == "NOTSET" else (0,) * 2 * axes
    shape = tuple(attribute(node, "output_shape", ()))[-axes:]
    if shape and (len(shape) != axes or min(shape) < 1):
        raise StaysDigital(f"output_shape = {shape}")
    return Spread(kernel, strides, dilations, pads, extra, auto_pad, shape)
