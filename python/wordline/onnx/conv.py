"""Conv with constant weights: 1 to 3 spatial axes, groups, all pads."""

from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from wordline.onnx.constants import Constants
from wordline.onnx.geometry import AutoPad, ConvGeometry
from wordline.onnx.nodes import attribute
from wordline.onnx.products import Floats, Multiply, Product
from wordline.onnx.single import Addend, SingleStep, rescaled
from wordline.onnx.weights import StaysDigital, given, single, weights


@dataclass(eq=False)
class ConvStep(SingleStep):
    """A convolution. crop: pixels cut off before and after each axis (negative pads)."""

    crop: tuple[int, ...] = ()

    def multiplied(self, x: Floats, multiply: Multiply) -> Floats:
        """See `SingleStep.multiplied`."""
        if any(self.crop):
            axes = len(self.crop) // 2
            self._require_rank(x, axes)
            sizes = x.shape[2:]
            cuts = [slice(self.crop[i], sizes[i] - self.crop[i + axes]) for i in range(axes)]
            x = x[tuple([slice(None)] * 2 + cuts)]
        return multiply(self.product, x, 0)

    def _require_rank(self, x: Floats, axes: int) -> None:
        if x.ndim != axes + 2:
            self.refuse(x.shape, f"batch, channels and {axes} spatial axes")

    def normalised(
        self, output: str, factor: NDArray[np.float64], shift: NDArray[np.float64]
    ) -> SingleStep | None:
        """See `SingleStep.normalised`."""
        if self.addend is not None:
            return None
        return replace(self, output=output, product=rescaled(self.product, factor, shift))


def conv_step(node: NodeProto, constants: Constants) -> ConvStep:
    """A Conv node. Raises StaysDigital with the reason."""
    W, dtype = weights(node, constants)
    groups = attribute(node, "group", 1)
    if not 3 <= W.ndim <= 5:
        raise StaysDigital(f"convolution with {W.ndim - 2} spatial axes")
    if groups < 1 or W.shape[0] % groups:
        raise StaysDigital(f"{W.shape[0]} filters in {groups} groups")
    pads, geometry = conv_geometry(node, W.shape[2:])
    bias, addend = channel_bias(node, constants, W.shape[0], W.ndim - 2)
    matrix = np.ascontiguousarray(W.reshape(W.shape[0], -1).T)
    product = Product(node.name, matrix, bias, groups, geometry)
    crop = tuple(max(-pad, 0) for pad in pads)
    return ConvStep(
        node.name, "Conv", node.input[0], node.output[0], product, dtype, addend, crop=crop
    )


def channel_bias(
    node: NodeProto, constants: Constants, channels: int, axes: int
) -> tuple[Floats | None, Addend | None]:
    """Input 2, one number for each channel: as a constant, or as something added digitally."""
    name = given(node, 2)
    if not name:
        return None, None
    if name not in constants:
        return None, Addend(name, axes=axes)
    values = constants.value(name)
    if values.shape != (channels,):
        raise StaysDigital(f"bias of shape {values.shape} for {channels} channels")
    return single(values), None


def conv_geometry(node: NodeProto, kernel: tuple[int, ...]) -> tuple[tuple[int, ...], ConvGeometry]:
    """The node's own pads, which may be negative, and its geometry without those."""
    auto_pad = padding(node)
    axes = len(kernel)
    require_kernel(node, kernel)
    pads = numbers(node, "pads", (0,) * 2 * axes) if auto_pad == "NOTSET" else (0,) * 2 * axes
    geometry = ConvGeometry(
        kernel,
        positive(node, "strides", axes),
        positive(node, "dilations", axes),
        tuple(max(pad, 0) for pad in pads),
        cast(AutoPad, "NOTSET" if auto_pad == "VALID" else auto_pad),
    )
    if geometry.auto_pad != "NOTSET":
        _require_plain_same(geometry)
    return pads, geometry


def _require_plain_same(conv: ConvGeometry) -> None:
    """Outside these cases ONNX Runtime crops by a rule of its own, or refuses."""
    if any(stride > kernel + 1 for kernel, stride in zip(conv.kernel, conv.strides, strict=True)):
        raise StaysDigital(f"{conv.auto_pad} with strides longer than the kernel")
    if any(dilation != 1 for dilation in conv.dilations):
        raise StaysDigital(f"{conv.auto_pad} with dilations")


def require_kernel(node: NodeProto, kernel: tuple[int, ...]) -> None:
    """Raise StaysDigital where attribute and weights contradict: ONNX Runtime has the word."""
    stated = tuple(attribute(node, "kernel_shape", kernel))
    if stated != kernel:
        raise StaysDigital(f"kernel_shape {stated} for weights of {kernel}")


def padding(node: NodeProto) -> str:
    """The attribute auto_pad: one of ONNX's four words."""
    word: str = attribute(node, "auto_pad", "NOTSET")
    if word not in ("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"):
        raise StaysDigital(f"auto_pad = {word!r}")
    return word


def positive(node: NodeProto, name: str, axes: int) -> tuple[int, ...]:
    """An attribute with one number, 1 or more, for each spatial axis."""
    values = numbers(node, name, (1,) * axes)
    if min(values) < 1:
        raise StaysDigital(f"{name} = {values}")
    return values


def numbers(node: NodeProto, name: str, default: tuple[int, ...]) -> tuple[int, ...]:
    """An attribute with as many whole numbers as `default` has."""
    values: Any = attribute(node, name, default)
    if len(values) != len(default):
        raise StaysDigital(f"{name} = {tuple(values)} for {len(default)} places")
    return tuple(int(value) for value in values)
