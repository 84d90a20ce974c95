"""What the converters of one layer see and say while samples run through a chip."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordline.errors import fail
from wordline.layers import Floats, Run, nodes_of
from wordline.onnx import Graph, Product
from wordline.onnx.interface import Feeds

Numbers = NDArray[np.float64]
Info = Mapping[str, Any]
MOST = 2**31  # bytes of currents, and as many of codes


@dataclass(frozen=True, eq=False)
class Probe:
    """Conversions of a layer, in the order of samples, windows and cycles.

    Attributes:
        current: (vectors, conversions, columns): A, or V where voltages are sensed.
        code: the same shape; None for an ideal converter.
        columns: what each column is, (columns,) each: output (-1 for a reference column), slice,
            polarity, section, row_tile, and read: which of the reads that share its array.
        low, high: (columns,) ends of the converters' codes; None for an ideal converter.
        sense: what is converted: "current" or "voltage".
    """

    current: Numbers
    code: Numbers | None
    columns: Mapping[str, NDArray[np.int64]]
    low: Numbers | None
    high: Numbers | None
    sense: str = "current"

    def codes(self, layer: str) -> Numbers:
        """The codes. Raises ValueError for an ideal converter, naming the `layer`."""
        if self.code is None:
            remedy = "set adc.bits, or look at the currents"
            fail(ValueError, "an ideal converter has no codes", name=layer, remedy=remedy)
        return self.code

    @property
    def unit(self) -> str:
        """Of the currents."""
        return "V" if self.sense == "voltage" else "A"

    def at_ends(self) -> NDArray[np.bool_]:
        """Which codes are at an end of their converter's range; none of an ideal one."""
        if self.code is None or self.low is None or self.high is None:
            return np.zeros(self.current.shape, dtype=bool)
        ends: NDArray[np.bool_] = (self.code <= self.low) | (self.code >= self.high)
        return ends

    @property
    def saturated(self) -> float:
        """Part of the codes at an end of their converter's range."""
        ends = self.at_ends()
        return float(np.mean(ends)) if ends.size else 0.0


class _Reached(Exception):
    """The layer that was asked for has done all it does."""


def probe(graph: Graph, run: Run, layer: str, x: Feeds, first: int, sense: str) -> Probe:
    """Run `x` up to the end of the layer's node. Raises ValueError for more than 2 GB."""
    samples, node, found = run.start(graph, x, first), nodes_of(graph), list[dict[str, Any]]()

    def watched(product: Product, given: Floats, first_window: int) -> Floats:
        if found and node[product.name] != node[layer]:
            raise _Reached
        if product.name == layer:
            ordered = run.layers[layer].depends_on_samples
            call = samples.call(product, given, first_window, ordered)
            _require_room(run, product, given, found)
            found.append(run.layers[layer].probe(run.programmed[layer], call.x, **call.options))
        return run.multiply(product, given, first_window, samples)

    with contextlib.suppress(_Reached):
        graph.run(x, watched)
    return _joined(found, run.layers[layer].info(), sense)


def _require_room(run: Run, product: Product, x: Floats, found: Sequence[Info]) -> None:
    info = run.layers[product.name].info()
    shape = product.output_shape(x.shape)
    vectors = int(np.prod(shape)) // product.weights.shape[1]
    columns = sum(place["cols_used"] for place in info["placement"])
    wanted = 8 * vectors * info["conversions"] * columns + sum(p["current"].nbytes for p in found)
    if wanted > MOST:
        fail(
            ValueError,
            "every single conversion is kept",
            name=f"currents of '{product.name}'",
            value=f"{wanted / 2**30:.1f}",
            unit="GB",
            allowed=f"up to {MOST / 2**30:g} GB",
            remedy="give fewer samples",
        )


def _joined(found: Sequence[Info], info: Info, sense: str) -> Probe:
    names = ("output", "slice", "polarity", "section", "row_tile", "read")
    columns = {name: np.asarray(found[0][name], dtype=np.int64) for name in names}
    current = np.concatenate([part["current"] for part in found])
    if "code" not in found[0]:
        return Probe(current, None, columns, None, None, sense)
    codes = np.concatenate([part["code"] for part in found])
    ends = {(row["tile"], row["slice"]): (row["low"], row["high"]) for row in info["adc"]}
    tiles = columns["section"] * info["row_tiles"] + columns["row_tile"]
    places = zip(tiles.tolist(), columns["slice"].tolist(), strict=True)
    low, high = np.array([ends[place] for place in places], dtype=np.float64).T
    return Probe(current, codes, columns, low, high, sense)
