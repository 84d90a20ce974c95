"""Analog steps with one product: one input, one output, perhaps something added digitally."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordline.errors import fail
from wordline.onnx.products import Floats, Multiply, Product
from wordline.onnx.runtime import Engine
from wordline.onnx.steps import AnalogStep
from wordline.onnx.weights import scaled, single


@dataclass(frozen=True, eq=False)
class Addend:
    """What a step adds to its product digitally: an array, or the value of that name.

    axes: axes of length 1 to append, so that a vector of channels meets their pixels.
    """

    source: str | Floats
    factor: float = 1.0
    axes: int = 0

    def read(self, values: Mapping[str, Any]) -> Floats:
        """The array, scaled, as float32."""
        array = single(values[self.source]) if isinstance(self.source, str) else self.source
        array = array.reshape((*array.shape, *(1,) * self.axes))
        return array if self.factor == 1.0 else scaled(self.factor, array)


@dataclass(eq=False)
class SingleStep(AnalogStep):
    """A product with the layout work of its operator around it.

    input, output: names of the values read and written. dtype: their element type.
    whole: the node itself in ONNX Runtime, where float32 would be too coarse; else None.
    """

    name: str
    op: str
    input: str
    output: str
    product: Product
    dtype: np.dtype[Any]
    addend: Addend | None = None
    whole: Engine | None = None
    inputs: list[str] = field(init=False)
    outputs: list[str] = field(init=False)
    products: list[Product] = field(init=False)

    def __post_init__(self) -> None:
        source = self.addend.source if self.addend else None
        self.inputs = [self.input, source] if isinstance(source, str) else [self.input]
        self.outputs, self.products = [self.output], [self.product]

    def run(self, values: Mapping[str, Any], multiply: Multiply) -> dict[str, Any]:
        """See `AnalogStep.run`."""
        x = single(values[self.input])
        if values[self.input].dtype != self.dtype:
            fail(
                TypeError,
                "input and weights are of one type",
                name=f"node '{self.name}': '{self.input}'",
                value=values[self.input].dtype,
                allowed=str(self.dtype),
                remedy="export the model again",
            )
        y = self.multiplied(x, multiply)
        if self.addend is not None:
            y = self.sum(y, self.addend.read(values))
        with np.errstate(over="ignore"):  # beyond float16 is infinite, as in ONNX Runtime
            return {self.output: np.asarray(y, self.dtype, order="C")}

    def exact(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """See `AnalogStep.exact`."""
        if self.whole is None:
            return super().exact(values)
        feeds = {name: values[name] for name in self.inputs}
        return {self.output: self.whole.run([self.output], feeds)[0]}

    @property
    def channels(self) -> int:
        """Channels of the output: those a BatchNormalization behind the step would tell apart."""
        return int(self.product.weights.shape[1])

    @abstractmethod
    def multiplied(self, x: Floats, multiply: Multiply) -> Floats:
        """The output for an input, both in the node's own layout, as float32."""

    def normalised(
        self, output: str, factor: NDArray[np.float64], shift: NDArray[np.float64]
    ) -> "SingleStep | None":
        """The step with output · factor + shift, of each channel, under another name.

        None where the weights cannot take that in.
        """
        return None

    def sum(self, y: Floats, addend: Floats) -> Floats:
        """y + addend. Raises ValueError where that has another shape than y."""
        try:
            fits = np.broadcast_shapes(y.shape, addend.shape) == y.shape
        except ValueError:
            fits = False
        if not fits:
            self.refuse(addend.shape, f"one that broadcasts to {y.shape}", "bias")
        return y + addend

    def refuse(self, shape: tuple[int, ...], allowed: str, what: str = "") -> None:
        """Raise ValueError for an input's shape."""
        fail(
            ValueError,
            "the input does not fit the weights",
            name=f"node '{self.name}': shape of {what or repr(self.input)}",
            value=str(tuple(shape)),
            allowed=allowed,
            remedy="check the shape of the network's input",
        )


def rescaled(
    product: Product, factor: NDArray[np.float64], shift: NDArray[np.float64] | None
) -> Product:
    """The product with output · factor + shift (shift None: without bias), for each output."""
    bias: Floats | None = None
    if shift is not None:
        old = 0.0 if product.bias is None else product.bias.astype(np.float64)
        with np.errstate(all="ignore"):
            bias = (old * factor + shift).astype(np.float32)
    steps = product.weight_scale
    if steps is not None:
        steps = steps * np.where(factor == 0, 1.0, np.abs(factor))
    weights = scaled(factor, product.weights)
    return replace(product, weights=weights, bias=bias, weight_scale=steps)
