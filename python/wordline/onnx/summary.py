"""Where each node of the graph runs, and why, for people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from wordline.onnx.constants import Constants
from wordline.onnx.steps import AnalogStep

Place = Literal["analog", "digital", "folded", "constant", "removed"]


@dataclass(frozen=True)
class NodeRow:
    """One node: its unique name, operator, where it runs, why there, and in which step.

    `step` is the name of the AnalogStep or DigitalStep; empty for constant and removed nodes.
    """

    name: str
    op: str
    place: Place
    detail: str
    step: str = ""

    def __str__(self) -> str:
        if self.place == "folded":
            return f"folded into {self.step}"
        text = f"{self.place}: {self.detail}" if self.detail else self.place
        return f"{text} ({self.step})" if self.place == "digital" else text


def describe(step: AnalogStep, constants: Constants, weights: str) -> str:
    """ "Conv 3x3, 144x32 weights", with the operator that computed the weights, if any."""
    kernel = f" {step.conv.kernel[0]}x{step.conv.kernel[1]}" if step.conv else ""
    text = f"{step.op}{kernel}, {step.weights.shape[0]}x{step.weights.shape[1]} weights"
    operator = constants.operator(weights)
    return f"{text} from {operator}" if operator else text


def table(rows: Sequence[NodeRow]) -> str:
    """The rows as aligned text, one node a line, under a line with the totals."""
    analog = sum(row.place == "analog" for row in rows)
    digital = sum(row.place == "digital" for row in rows)
    title = f"{len(rows)} nodes: {analog} analog, {digital} digital"
    return "\n".join([title, *_aligned([(row.name, row.op, str(row)) for row in rows])])


def _aligned(cells: Iterable[tuple[str, str, str]]) -> list[str]:
    cells = list(cells)
    widths = [max((len(row[i]) for row in cells), default=0) for i in (0, 1)]
    return [f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c}" for a, b, c in cells]
