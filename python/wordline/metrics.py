"""What a study measures on each chip: accuracy, or a function of its user's."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from wordline.errors import fail
from wordline.identify import function_digest, function_name

Outputs = list[Any]
Metric = Callable[[Outputs, Any], float | Mapping[str, float]]
Values = dict[str, float]
Labels = NDArray[np.integer[Any]]

ACCURACY = "accuracy"


class Scorer(Protocol):
    """Turns the outputs of all batches into numbers. `name`: of the metric. `digest`: of what it
    does, empty if that cannot be told."""

    name: str
    digest: str

    def part(self, outputs: Outputs, first: int, count: int) -> Any:
        """What is kept of one batch, the samples from `first` on."""

    def values(self, parts: Sequence[Any]) -> Values:
        """The metric by name, from what was kept of all batches."""

    def chosen(self, parts: Sequence[Any]) -> NDArray[np.int64] | None:
        """The chosen classes, where the metric chooses."""


@dataclass
class Accuracy:
    """The part of the labels that the network chooses: the largest element along the last axis of
    its first output."""

    labels: Labels
    name: str = ACCURACY
    digest: str = ACCURACY

    def part(self, outputs: Outputs, first: int, count: int) -> NDArray[np.int64]:
        """See `Scorer.part`."""
        chosen: NDArray[np.int64] = np.argmax(outputs[0], axis=-1).astype(np.int64)
        labels = self.labels[first : first + count]
        if chosen.shape != labels.shape:
            fail(
                ValueError,
                "there is one label per class choice of the network",
                name="y: shape of a batch",
                value=labels.shape,
                allowed=str(chosen.shape),
                remedy="the classes are read along the last axis of the first output",
            )
        return chosen

    def values(self, parts: Sequence[Any]) -> Values:
        """See `Scorer.values`."""
        return {self.name: float(np.mean(self.chosen(parts) == self.labels))}

    def chosen(self, parts: Sequence[Any]) -> NDArray[np.int64]:
        """See `Scorer.chosen`."""
        return np.concatenate(parts)


class Function:
    """A metric of the user's: called once per chip with the outputs of all samples."""

    def __init__(self, metric: Metric, targets: Any):
        if not callable(metric):
            allowed = "a function (outputs, y) -> float or dict of float"
            fail(TypeError, "a metric is a function", name="metric", value=metric, allowed=allowed)
        self._metric, self._targets = metric, targets
        self.name, self.digest = function_name(metric), function_digest(metric)

    def part(self, outputs: Outputs, first: int, count: int) -> tuple[int, Outputs]:
        """See `Scorer.part`."""
        return count, outputs

    def values(self, parts: Sequence[Any]) -> Values:
        """See `Scorer.values`."""
        found = self._metric(joined(parts), self._targets)
        named = dict(found) if isinstance(found, Mapping) else {self.name: found}
        if not named:
            fail(ValueError, "a metric gives at least one number", name=self.name)
        return {str(name): _number(str(name), value) for name, value in named.items()}

    def chosen(self, parts: Sequence[Any]) -> None:
        """See `Scorer.chosen`."""
        return


def joined(parts: Sequence[tuple[int, Outputs]]) -> Outputs:
    """The outputs of all batches one after the other. Raises ValueError if the first axis of one
    is not the batch."""
    if len(parts) == 1:
        return parts[0][1]
    return [_joined(k, parts) for k in range(len(parts[0][1]))]


def _joined(output: int, parts: Sequence[tuple[int, Outputs]]) -> Any:
    for count, outputs in parts:
        shape = np.shape(outputs[output])
        if shape[:1] != (count,):
            fail(
                ValueError,
                "outputs of several batches are joined along their first axis, the batch",
                name=f"output {output}: shape for {count} samples",
                value=shape,
                allowed=f"({count}, ...)",
                remedy="run all samples as one batch: batch=len(x)",
            )
    return np.concatenate([outputs[output] for _, outputs in parts])


def _number(name: str, value: Any) -> float:
    array = np.asarray(value)
    if array.ndim or array.dtype.kind not in "fiu":
        allowed = "one float, or a dict of float by name"
        given = f"{type(value).__name__} {value!r:.60}"
        fail(TypeError, "a metric gives one number", name=name, value=given, allowed=allowed)
    if not np.isfinite(array):
        fail(ValueError, "a metric gives a finite number", name=name, value=value)
    return float(array)
