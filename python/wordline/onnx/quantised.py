"""Operators on integer codes: their product is the float operator on what the codes mean."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, helper

from wordline.errors import fail
from wordline.onnx.products import Floats, Multiply
from wordline.onnx.runtime import Engine
from wordline.onnx.single import SingleStep
from wordline.onnx.steps import AnalogStep

Given = str | NDArray[Any]  # the name of a value, or a constant


@dataclass(frozen=True, eq=False)
class Source:
    """What the codes of an input mean: scale · (code - zero); None: 1 and 0.

    dynamic: the input is float, and is first quantised to uint8 over its own range.
    """

    name: str
    scale: Given | None = None
    zero: Given | None = None
    dynamic: bool = False

    @property
    def names(self) -> list[str]:
        """The values it reads."""
        return [self.name, *(v for v in (self.scale, self.zero) if isinstance(v, str))]

    def read(self, values: Mapping[str, Any], label: str) -> Floats:
        """The meaning, float32, by the arithmetic of DequantizeLinear."""
        x = values[self.name]
        if self.dynamic:
            return _dynamic(x)
        if self.zero is not None:
            x = x.astype(np.int32) - _scalar(self.zero, values, label).astype(np.int32)
        whole: Floats = x.astype(np.float32)
        return whole if self.scale is None else whole * _scalar(self.scale, values, label)


def _scalar(given: Given, values: Mapping[str, Any], label: str) -> NDArray[Any]:
    array: NDArray[Any] = values[given] if isinstance(given, str) else given
    if array.size != 1:
        fail(
            ValueError,
            "a quantised input has one scale and one zero point",
            name=f"node '{label}': shape of {given if isinstance(given, str) else 'its scale'}",
            value=str(array.shape),
            allowed="one element",
            remedy="keep the node digital (keep_digital)",
        )
    return array.reshape(())


def _dynamic(x: Floats) -> Floats:
    """x as uint8 codes over its range, and back; the formula of ONNX's DynamicQuantizeLinear."""
    low, high = np.minimum(x.min(initial=0), 0), np.maximum(x.max(initial=0), 0)
    scale = np.float32((high - low) / np.float32(255))
    if scale == 0:
        return x
    zero = np.clip(np.rint(-low / scale), 0, 255)
    codes = np.clip(np.rint(x / scale) + zero, 0, 255)
    result: Floats = ((codes - zero) * scale).astype(np.float32)
    return result


@dataclass(frozen=True, eq=False)
class Target:
    """How a float result is written: as dtype, in codes of `scale` and `zero` if that is given."""

    dtype: np.dtype[Any]
    scale: np.float32 | None = None
    zero: int = 0

    def written(self, y: Floats) -> NDArray[Any]:
        """The result, rounded to the nearest code (ties to even) and clipped to the type."""
        if self.dtype.kind == "f":
            return y.astype(self.dtype, copy=False)
        limits = np.iinfo(self.dtype)
        with np.errstate(over="ignore"):  # beyond float32: the largest code
            whole = np.rint(y if self.scale is None else y / self.scale).astype(np.float64)
        return np.clip(whole + self.zero, limits.min, limits.max).astype(self.dtype)


class QuantisedStep(AnalogStep):
    """A node such as QLinearConv as: codes to float, a float operator, float to codes.

    Digitally (`exact`) it is the node itself in ONNX Runtime, to the last bit.
    """

    def __init__(
        self,
        name: str,
        op: str,
        source: Source,
        inner: SingleStep,
        bias: Given | None,
        target: Target,
        output: str,
        whole: bytes,
    ):
        """inner: the float operator from "x" to "y". bias: float32, added to its result.

        whole: a model of the node with its constants, whose inputs lack types.
        """
        self.name, self.op, self.dtype = name, op, target.dtype
        names = [*source.names, bias] if isinstance(bias, str) else source.names
        self.inputs, self.outputs = list(dict.fromkeys(names)), [output]
        self.products = inner.products
        self._source, self._inner, self._bias, self._target = source, inner, bias, target
        self._whole = whole
        self._engine: Engine | None = None

    def run(self, values: Mapping[str, Any], multiply: Multiply) -> dict[str, Any]:
        """See `AnalogStep.run`."""
        x = self._source.read(values, self.name)
        y = self._inner.run({"x": x}, multiply)["y"]
        if self._bias is not None:
            y = y + (values[self._bias] if isinstance(self._bias, str) else self._bias)
        return {self.outputs[0]: self._target.written(y)}

    def exact(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """See `AnalogStep.exact`."""
        feeds = {name: values[name] for name in self.inputs}
        if self._engine is None:
            self._engine = self._typed(feeds)
        return dict(zip(self.outputs, self._engine.run(self.outputs, feeds), strict=True))

    def _typed(self, feeds: Mapping[str, NDArray[Any]]) -> Engine:
        """The node in ONNX Runtime for inputs of these types; a model need not state them."""
        model = ModelProto.FromString(self._whole)
        for value in model.graph.input:
            element = helper.np_dtype_to_tensor_dtype(feeds[value.name].dtype)
            value.type.tensor_type.elem_type = element
        return Engine(model.SerializeToString(), f"node '{self.name}'")


def with_product(inner: SingleStep, **changes: Any) -> SingleStep:
    """The step with some fields of its product changed."""
    return replace(inner, product=replace(inner.product, **changes))
