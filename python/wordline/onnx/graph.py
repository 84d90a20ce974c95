"""A loaded network: its steps in order, and their execution."""

from collections.abc import Callable, Sequence
from typing import Any, Self, TypeVar

import numpy as np

from wordline.errors import fail
from wordline.onnx.interface import Feeds, checked_feeds
from wordline.onnx.loading import Parts, load_parts
from wordline.onnx.memory import within_memory
from wordline.onnx.products import Floats, Multiply, Product, exact_product
from wordline.onnx.segments import Step
from wordline.onnx.source import Source
from wordline.onnx.steps import AnalogStep, DigitalStep
from wordline.onnx.summary import table

T = TypeVar("T")


class Graph:
    """An ONNX network as steps that a mapped network executes. Made by `Graph.load`.

    Attributes:
        inputs, outputs: what the network takes and gives, in the model's order.
        steps: segment 0, the analog steps on its results, segment 1, ... (empty ones left out).
        node_table: for each node of the model where it runs and why; `summary()` prints it.
        digest: SHA-256 of the model's content, to recognise it again.
    """

    def __init__(self, parts: Parts):
        self.inputs, self.outputs, self.steps = parts.inputs, parts.outputs, parts.steps
        self.node_table, self.digest = parts.node_table, parts.digest
        self._constants = parts.constants
        self._releases = _releases(self.steps, [value.name for value in self.outputs])

    @classmethod
    def load(cls, model: Source, *, keep_digital: Sequence[str] = (), threads: int = 1) -> Self:
        """Read, check and cut a model.

        Args:
            model: path of a .onnx file, its bytes, or an onnx.ModelProto (not changed).
            keep_digital: names or patterns ("head.*") of nodes that must not become analog.
            threads: threads of ONNX Runtime inside one operator.

        Raises:
            OSError: no such file (FileNotFoundError), a directory, missing external weights.
            ValueError: a damaged or invalid model; one that ONNX Runtime cannot run; random
                operators without a seed; weights of analog nodes that are not finite; a
                pattern of `keep_digital` that names no node.
            TypeError: `model` or `keep_digital` is of another type.
        """
        with within_memory("model"):
            return cls(load_parts(model, keep_digital, threads))

    @property
    def analog_steps(self) -> list[AnalogStep]:
        """The analog steps in the order of execution."""
        return [step for step in self.steps if isinstance(step, AnalogStep)]

    @property
    def products(self) -> list[Product]:
        """The products of all analog steps in the order of execution."""
        return [product for step in self.analog_steps for product in step.products]

    def summary(self) -> str:
        """One line for each node: its name, operator, where it runs and why."""
        return table(self.node_table)

    def run(self, feeds: Feeds, multiply: Multiply | None = None) -> list[Any]:
        """The network's outputs in the model's order.

        Args:
            feeds: arrays by input name, or the one array of a network with one input.
            multiply: executes a product: float32 input in, float32 output with bias out. None
                runs every step in ONNX Runtime.

        Raises:
            ValueError, TypeError: feeds that do not fit the inputs (see `checked_feeds`), or
                a `multiply` that returns another shape or type than the product's.
        """
        values = checked_feeds(self.inputs, feeds)
        with within_memory("network"):
            self._execute(values, multiply)
        return [self._output(value.name, values) for value in self.outputs]

    def _execute(self, values: dict[str, Any], multiply: Multiply | None) -> None:
        """Runs the steps; `values` gains their results, and loses what nobody needs any more."""
        for step, release in zip(self.steps, self._releases, strict=True):
            if isinstance(step, DigitalStep):
                values.update(step.run(values))
            elif multiply is None:
                values.update(step.exact(values))
            else:
                values.update(step.run(values, _checked(multiply)))
            for name in release:
                del values[name]

    def trace(self, feeds: Feeds) -> dict[str, list[Floats]]:
        """What each product would be given in a digital network, in order of its calls."""
        return self._observe(feeds, lambda product, x: x)

    def macs(self, feeds: Feeds) -> dict[str, int]:
        """Multiply-accumulates of each product for inputs like `feeds`, by product name."""
        seen = self._observe(feeds, lambda product, x: product.macs(x.shape))
        return {name: sum(counts) for name, counts in seen.items()}

    def _observe(self, feeds: Feeds, look: Callable[[Product, Floats], T]) -> dict[str, list[T]]:
        """What `look` sees at each product of a digital run, by product name."""
        seen: dict[str, list[T]] = {product.name: [] for product in self.products}

        def watched(product: Product, x: Floats, first_window: int) -> Floats:
            seen[product.name].append(look(product, x))
            return exact_product(product, x)

        self.run(feeds, watched)
        return seen

    def _output(self, name: str, values: dict[str, Any]) -> Any:
        if name in self._constants:
            return _copied(self._constants[name])
        fed = any(value.name == name for value in self.inputs)
        return _copied(values[name]) if fed else values[name]

    def __repr__(self) -> str:
        names = ", ".join(value.name for value in self.inputs)
        analog = len(self.analog_steps)
        return f"<Graph({names}): {analog} analog steps, {len(self.steps) - analog} segments>"


def _checked(multiply: Multiply) -> Multiply:
    """`multiply` with its results looked at."""

    def watched(product: Product, x: Floats, first_window: int) -> Floats:
        expected = product.output_shape(x.shape)
        y = multiply(product, x, first_window)
        if y.shape != expected or y.dtype != np.float32:
            fail(
                ValueError,
                "a product is executed to what its node needs",
                name=f"product '{product.name}'",
                value=f"{y.dtype} {y.shape}",
                allowed=f"float32 {expected}",
            )
        return y

    return watched


def _releases(steps: Sequence[Step], outputs: Sequence[str]) -> list[list[str]]:
    """For each step the values that no later step and no output needs."""
    needed, releases = set(outputs), []
    for step in reversed(steps):
        touched = [*step.inputs, *step.outputs]
        releases.append([name for name in dict.fromkeys(touched) if name not in needed])
        needed.update(touched)
    return releases[::-1]


def _copied(value: Any) -> Any:
    """A caller may write into a result; feeds and constants must not change by that."""
    return value.copy() if isinstance(value, np.ndarray) else list(value)
