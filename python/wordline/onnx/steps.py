"""The two kinds of steps a network consists of."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper

from wordline.errors import fail
from wordline.onnx.geometry import ConvGeometry
from wordline.onnx.runtime import Engine

Floats = NDArray[np.float32]
Shape = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class AnalogStep:
    """A product with a constant matrix: output = input · weights + bias.

    weights: (K inputs, N outputs) float32 in C order, alpha and a folded BatchNormalization
        included. For Conv K runs over (channel, kernel row, kernel column).
    bias: (N,) float32, added digitally; None for none.
    input, output: names of the values read and written, in ONNX layout: Conv takes
        (batch, channels, height, width), Gemm (rows, K), MatMul (..., K).
    """

    name: str
    op: Literal["Conv", "Gemm", "MatMul"]
    input: str
    output: str
    weights: Floats
    bias: Floats | None = None
    conv: ConvGeometry | None = None

    def output_shape(self, shape: Shape) -> Shape:
        """Shape of the output for an input of `shape`. Raises ValueError if it does not fit."""
        K, N = self.weights.shape
        if self.conv is not None:
            channels = K // prod(self.conv.kernel)
            if len(shape) != 4 or shape[1] != channels:
                self._refuse(shape, f"(batch, {channels}, height, width)")
            return (shape[0], N, *self.conv.out_size(*shape[2:]))
        if not shape or shape[-1] != K or (self.op == "Gemm" and len(shape) != 2):
            self._refuse(shape, f"(rows, {K})" if self.op == "Gemm" else f"(..., {K})")
        return (*shape[:-1], N)

    def macs(self, shape: Shape) -> int:
        """Multiply-accumulates for an input of `shape` (2 operations each), padding included."""
        return int(self.weights.shape[0]) * prod(self.output_shape(shape))

    @property
    def inputs(self) -> list[str]:
        """The one value read, as a list like that of a DigitalStep."""
        return [self.input]

    @property
    def outputs(self) -> list[str]:
        """The one value written, as a list."""
        return [self.output]

    def _refuse(self, shape: Shape, allowed: str) -> None:
        fail(
            ValueError,
            "the input does not fit the weights",
            name=f"node '{self.name}': shape of '{self.input}'",
            value=str(tuple(shape)),
            allowed=allowed,
            remedy="check the shape of the network's input",
        )

    @cached_property
    def _engine(self) -> Engine:
        """A model of this one node. It is fed the weights: as constants they would be copied."""
        names = ["x", "w"] if self.bias is None else ["x", "w", "b"]
        node = helper.make_node(self.op, names, ["y"], **self._attributes())
        x, w, b, y = (helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in "xwby")
        graph = helper.make_graph([node], self.name, [x, w, b][: len(names)], [y])
        opset = [helper.make_opsetid("", 13)]
        model = helper.make_model(graph, opset_imports=opset, ir_version=8)
        return Engine(model.SerializeToString(), f"node '{self.name}'")

    def _attributes(self) -> dict[str, Any]:
        if self.conv is None:
            return {}
        conv = self.conv
        place = {"auto_pad": conv.auto_pad} if conv.auto_pad != "NOTSET" else {"pads": conv.pads}
        return {"strides": conv.strides, "dilations": conv.dilations, **place}

    def _feeds(self, x: Floats) -> dict[str, Floats]:
        weights = self.weights
        if self.conv is not None:
            N = weights.shape[1]
            weights = np.ascontiguousarray(weights.T).reshape(N, -1, *self.conv.kernel)
        feeds = {"x": x, "w": weights}
        return feeds if self.bias is None else {**feeds, "b": self.bias}


@dataclass(eq=False)
class DigitalStep:
    """A segment: the nodes between analog steps that ONNX Runtime runs as one model.

    inputs, outputs: names of the values read and written. nodes: names of the graph's nodes.
    """

    name: str
    inputs: list[str]
    outputs: list[str]
    nodes: list[str]
    engine: Engine

    def run(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The outputs by name. Raises ValueError where ONNX Runtime stops."""
        feeds = {name: values[name] for name in self.inputs}
        return dict(zip(self.outputs, self.engine.run(self.outputs, feeds), strict=True))


def exact(step: AnalogStep, x: Floats) -> Floats:
    """The digital result of an analog step, bias included, computed by ONNX Runtime.

    Args:
        x: float32, in the layout of the step's input.

    Raises:
        ValueError: the shape does not fit the weights.
    """
    step.output_shape(x.shape)
    result: Floats = step._engine.run(None, step._feeds(x))[0]
    return result
