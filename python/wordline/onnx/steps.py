"""The two kinds of steps a network consists of."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from wordline.onnx.products import Multiply, Product, exact_product
from wordline.onnx.runtime import Engine


class AnalogStep(ABC):
    """A node whose products with constant matrices the caller executes.

    All else the node does (layout, sums of windows, gates, types other than float32) happens here,
    digitally. The first axis of every input a product is given runs sample by sample where that
    of the node's input does.

    Attributes:
        name: of the node. op: its operator.
        inputs: names of the values read, without constants. outputs: names of those written.
        products: what goes onto crossbars, in the order of their first use.
        dtype: element type of the outputs.
    """

    name: str
    op: str
    inputs: list[str]
    outputs: list[str]
    products: list[Product]
    dtype: np.dtype[Any] = np.dtype(np.float32)

    @abstractmethod
    def run(self, values: Mapping[str, Any], multiply: Multiply) -> dict[str, Any]:
        """The outputs by name, with the types and shapes that ONNX Runtime would give.

        Args:
            values: at least those of `inputs`, by name.
            multiply: executes a product; what it is given must not be written to.

        Raises:
            ValueError: a shape does not fit the weights.
        """

    def exact(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The digital outputs by name. Raises ValueError if a shape does not fit."""
        return self.run(values, exact_product)


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
