"""Where each node of the graph runs, and why, for people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from onnx import NodeProto

from wordline.onnx.constants import Constants
from wordline.onnx.products import Product
from wordline.onnx.steps import AnalogStep
from wordline.onnx.transposed import TransposedStep

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


def describe(step: AnalogStep, constants: Constants, node: NodeProto) -> str:
    """ "Conv 3x3, 144x32 weights", with groups, and the operator that computed the weights."""
    text = ", ".join([_title(step), *(_size(product) for product in step.products)]) + " weights"
    names = [name for name in node.input[:2] if name in constants]
    operator = constants.operator(names[-1]) if names else ""
    return f"{text} from {operator}" if operator else text


def _title(step: AnalogStep) -> str:
    kernel = step.spread.kernel if isinstance(step, TransposedStep) and step.spread else ()
    conv = step.products[0].conv
    kernel = conv.kernel if conv else kernel
    return f"{step.op} {'x'.join(map(str, kernel))}" if kernel else step.op


def _size(product: Product) -> str:
    size = f"{product.weights.shape[0]}x{product.weights.shape[1]}"
    return size if product.groups == 1 else f"{product.groups} groups, {size}"


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
