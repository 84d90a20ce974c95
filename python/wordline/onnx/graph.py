"""A loaded network: its steps in order, and their execution."""

from collections.abc import Callable, Sequence
from typing import Any, Self, TypeVar

import numpy as np

from wordline.errors import fail
from wordline.onnx.interface import Feeds, checked_feeds
from wordline.onnx.loading import Parts, load_parts
from wordline.onnx.segments import Step
from wordline.onnx.source import Source
from wordline.onnx.steps import AnalogStep, DigitalStep, Floats, exact
from wordline.onnx.summary import table

# Executes an analog step: takes its float32 input in ONNX layout and returns its whole output,
# bias included, in ONNX layout, float32. It must not write into its input.
Analog = Callable[[AnalogStep, Floats], Floats]
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
        return cls(load_parts(model, keep_digital, threads))

    @property
    def analog_steps(self) -> list[AnalogStep]:
        """The analog steps in the order of execution."""
        return [step for step in self.steps if isinstance(step, AnalogStep)]

    def summary(self) -> str:
        """One line for each node: its name, operator, where it runs and why."""
        return table(self.node_table)

    def run(self, feeds: Feeds, analog: Analog = exact) -> list[Any]:
        """The network's outputs in the model's order.

        Args:
            feeds: arrays by input name, or the one array of a network with one input.
            analog: executes an analog step: float32 input in, float32 output with bias out.

        Raises:
            ValueError, TypeError: feeds that do not fit the inputs (see `checked_feeds`), or
                an `analog` that returns another shape or type than its step's.
        """
        values = checked_feeds(self.inputs, feeds)
        for step, release in zip(self.steps, self._releases, strict=True):
            if isinstance(step, DigitalStep):
                values.update(step.run(values))
            else:
                values[step.output] = _run_analog(step, values[step.input], analog)
            for name in release:
                del values[name]
        return [self._output(value.name, values) for value in self.outputs]

    def trace(self, feeds: Feeds) -> dict[str, Floats]:
        """The input each analog step would see in a digital network, by step name."""
        return self._observe(feeds, lambda step, x: x)

    def macs(self, feeds: Feeds) -> dict[str, int]:
        """Multiply-accumulates of each analog step for inputs like `feeds`, by step name."""
        return self._observe(feeds, lambda step, x: step.macs(x.shape))

    def _observe(self, feeds: Feeds, look: Callable[[AnalogStep, Floats], T]) -> dict[str, T]:
        """What `look` sees at each analog step of a digital run, by step name."""
        seen: dict[str, T] = {}

        def watched(step: AnalogStep, x: Floats) -> Floats:
            seen[step.name] = look(step, x)
            return exact(step, x)

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


def _run_analog(step: AnalogStep, x: Floats, analog: Analog) -> Floats:
    expected = step.output_shape(x.shape)
    y = analog(step, x)
    if y.shape != expected or y.dtype != np.float32:
        fail(
            ValueError,
            "an analog step returns what its node would",
            name=f"step '{step.name}'",
            value=f"{y.dtype} {y.shape}",
            allowed=f"float32 {expected}",
        )
    return y


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
