"""Which rows of a product's input belong to which sample of the network.

Noise and read epochs belong to samples, so a wrong answer here would make results depend on how
data are cut into batches.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wordline.errors import fail
from wordline.onnx import Graph
from wordline.onnx.interface import Feeds

Floats = NDArray[np.float32]


def count_samples(graph: Graph, feeds: Feeds, *, ordered: bool = True) -> int:
    """Samples in a call of the network: the length of the batch axis, which is the first axis of
    the inputs whose first axis is free, else of the network's first input; 1 for scalars.

    ordered: results depend on samples; else nothing is lost when their number is not clear.

    Raises:
        ValueError: inputs with a free first axis disagree about its length, where it matters.
    """
    lengths = _lengths(graph, feeds)
    free = {n for name, n in lengths.items() if _is_free(graph, name)}
    if len(free) > 1 and ordered:
        fail(
            ValueError,
            "inputs with a free first axis have one length, the number of samples",
            name="x",
            value=", ".join(f"{name}: {n}" for name, n in lengths.items()),
            remedy="give every input the same number of samples",
        )
    return (free.pop() if len(free) == 1 else 0) or next(iter(lengths.values()), 1)


def cut(feeds: Feeds, count: int, part: slice) -> Feeds:
    """Some of the samples: inputs as long as there are samples are cut, others passed whole."""
    if isinstance(feeds, Mapping):
        return {n: v[part] if np.shape(v)[:1] == (count,) else v for n, v in feeds.items()}
    return feeds[part] if np.ndim(feeds) else feeds


def _lengths(graph: Graph, feeds: Feeds) -> dict[str, int]:
    """Length of the first axis of each input that has one, in the network's order."""
    names = [value.name for value in graph.inputs]
    named = feeds if isinstance(feeds, Mapping) else dict(zip(names, [feeds], strict=False))
    return {n: np.shape(named[n])[0] for n in names if n in named and np.ndim(named[n])}


def _is_free(graph: Graph, name: str) -> bool:
    shapes = {value.name: value.shape for value in graph.inputs}
    shape = shapes[name]
    return shape is None or (len(shape) > 0 and shape[0] is None)


@dataclass(frozen=True)
class Order:
    """How the rows of a product's input run through the samples: as (outer, samples, inner).

    Samples lead where outer is 1, and run fastest where inner is 1: a sequence before its batch.
    """

    outer: int
    inner: int

    def split(self, rows: int) -> tuple[int, int] | None:
        """(outer, inner) for `rows` rows of each sample; None where that cannot be known."""
        if self.outer == 1:
            return 1, rows
        if self.inner == 1:
            return rows, 1
        return (self.outer, self.inner) if self.outer * self.inner == rows else None


LEADS = Order(1, 1)
# Dynamic quantisation scales a batch by all its samples, which moves values by a code and scales
# codes: rows are compared by how far they are from proportional.
NEAR = 0.02


def sample_orders(graph: Graph, feeds: Feeds, count: int) -> dict[str, Order | None]:
    """For each product how its rows run through the samples; None where they do not.

    Found by running the first sample alone and the first two together through the digital network;
    a network that takes no other batch than its own is believed to lead with its samples.
    """
    try:
        one, two = (graph.trace(cut(feeds, count, slice(n))) for n in (1, 2))
    except ValueError:
        return {product.name: LEADS for product in graph.products}
    conv = {product.name: product.conv is not None for product in graph.products}
    return {name: find_order(one[name], two[name], conv[name]) for name in one}


def as_rows(x: Floats, conv: bool) -> Floats:
    """One row per window, or per image: what belongs to one sample as a whole."""
    return x.reshape(len(x), -1) if conv else x.reshape(-1, x.shape[-1])


def find_order(one: Sequence[Floats], two: Sequence[Floats], conv: bool) -> Order | None:
    """The order in which every call of two samples holds what the first alone gives.

    The second sample may need more calls: it may be the longer sequence.
    """
    if not one or not two:
        return LEADS if bool(one) == bool(two) else None
    pairs = [(as_rows(a, conv), as_rows(b, conv)) for a, b in zip(one, two, strict=False)]
    if any(len(b) != 2 * len(a) for a, b in pairs):
        return None
    rows = len(pairs[0][0])
    orders = [Order(rows // n, n) for n in range(rows, 0, -1) if rows % n == 0] or [LEADS]
    misses = [max(_miss(a, b, order) for a, b in pairs) for order in orders]
    best = int(np.argmin(misses))
    return orders[best] if misses[best] <= NEAR else None


def _miss(one: Floats, two: Floats, order: Order) -> float:
    """How far the first sample of two is from itself alone: 0 for proportional, 1 for unrelated."""
    split = order.split(len(one))
    if split is None:
        return float("inf")
    first = two.reshape(split[0], 2, split[1], -1)[:, 0].reshape(one.shape)
    a, b = _centred(first), _centred(one)
    lengths = float(np.sqrt((a @ a) * (b @ b)))
    return 1.0 - float(a @ b) / lengths if lengths > 0 else float(a @ a != b @ b)


def _centred(values: Floats) -> NDArray[np.float64]:
    finite = np.nan_to_num(values.astype(np.float64).reshape(-1), posinf=0.0, neginf=0.0)
    return finite - finite.mean() if finite.size else finite


def refuse_order(product: str) -> None:
    """A layer that reads with noise must know which sample each of its rows belongs to."""
    fail(
        ValueError,
        "the rows of this layer's input do not run through the samples in any order, so its noise"
        " cannot be told apart by sample",
        name=product,
        value="several samples at once",
        allowed="inputs with a batch axis, or a batch with further axes folded in",
        remedy="run one sample at a time, export the model with the batch as the first axis of its "
        "inputs, or keep this node digital (keep_digital=)",
    )
