"""Which rows of a product's input belong to which sample of the network.

Noise and read epochs belong to samples, so a wrong answer here would make results depend on how
data are cut into batches.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from wordline.errors import fail
from wordline.onnx import Graph
from wordline.onnx.interface import Feeds

Floats = NDArray[np.float32]


def count_samples(graph: Graph, feeds: Feeds) -> int:
    """Samples in a call of the network: the length of the batch axis, which is the first axis of
    the inputs whose first axis is free, else of the network's first input; 1 for scalars.

    Raises:
        ValueError: inputs with a free first axis disagree about its length.
    """
    lengths = _lengths(graph, feeds)
    free = {n for name, n in lengths.items() if _is_free(graph, name)}
    if len(free) > 1:
        fail(
            ValueError,
            "inputs with a free first axis have one length, the number of samples",
            name="x",
            value=", ".join(f"{name}: {n}" for name, n in lengths.items()),
            remedy="give every input the same number of samples",
        )
    return next(iter(free), None) or next(iter(lengths.values()), 1)


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


def samples_lead(graph: Graph, feeds: Feeds, count: int) -> dict[str, bool]:
    """For each product, whether the first axis of its inputs runs sample by sample: then the
    rows of the first sample are what that sample alone gives. False for a transposed batch.

    Found by running the first sample alone and the first two together through the digital network;
    a network that takes no other batch than its own is believed when the rows divide evenly.
    """
    try:
        one, two = (graph.trace(cut(feeds, count, slice(n))) for n in (1, 2))
    except ValueError:
        return {product.name: True for product in graph.products}
    return {name: _lead(one[name], two[name]) for name in one}


def _lead(one: Sequence[Floats], two: Sequence[Floats]) -> bool:
    """Whether every call of a product with two samples begins with what the first alone gives.

    The second sample may need more calls: it may be the longer sequence.
    """
    return bool(one) == bool(two) and all(map(_leads, one, two))


def _leads(one: Floats, two: Floats) -> bool:
    if two.size != 2 * one.size:
        return False
    first = two.reshape(-1)[: one.size]
    return np.allclose(first, one.reshape(-1), rtol=1e-4, atol=1e-6, equal_nan=True)


def refuse_order(product: str) -> None:
    """A layer that reads with noise must know which sample each of its rows belongs to."""
    fail(
        ValueError,
        "the first axis of this layer's input does not run sample by sample, so its noise cannot be"
        " told apart by sample",
        name=product,
        value="several samples at once",
        allowed="inputs whose first axis is the batch, or a batch with further axes folded in",
        remedy="run one sample at a time, export the model with the batch as the first axis of its "
        "inputs, or keep this node digital (keep_digital=)",
    )
