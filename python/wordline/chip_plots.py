"""Histograms of a programmed chip: its cells, and what its converters see and say."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from wordline.probe import Probe
from wordline.units import percent

_DPI = 110
_BLUE, _RED, _GREY = "#3366aa", "#bb4433", "#777777"
_BINS = 200


def conductance_figure(layer: str, cells: Mapping[str, NDArray[np.float64]]) -> Figure:
    """Cells of all arrays of a layer, programmed (filled) and as they were meant (outline)."""
    figure, axes = _figure(f"{layer}: conductances")
    now, target = 1e6 * cells["conductance"].ravel(), 1e6 * cells["target"].ravel()
    edges = np.histogram_bin_edges(np.concatenate([now, target]), bins=_BINS)
    axes.hist(now, edges.tolist(), color=_BLUE, label=f"{now.size} cells")
    axes.hist(target, edges.tolist(), histtype="step", color=_RED, label="targets")
    axes.set(xlabel="conductance (µS)", ylabel="cells", yscale="log")
    axes.legend(fontsize="small")
    return figure


def current_figure(layer: str, probe: Probe) -> Figure:
    """All currents (or voltages) that the converters of a layer were given."""
    figure, axes = _figure(f"{layer}: {probe.sense}s before conversion")
    seen = probe.current.ravel()
    factor, prefix = _prefix(seen)
    axes.hist(factor * seen, _BINS, color=_BLUE)
    axes.set(xlabel=f"{probe.sense} ({prefix}{probe.unit})", ylabel="conversions", yscale="log")
    return figure


def code_figure(layer: str, probe: Probe) -> Figure:
    """All codes of a layer; those at an end of their converter's range are red."""
    figure, axes = _figure(f"{layer}: ADC codes")
    codes = probe.codes(layer)
    ends = probe.at_ends()
    edges = _edges(codes)
    axes.hist([codes[~ends], codes[ends]], edges, color=[_BLUE, _RED], stacked=True)
    axes.set(xlabel="code", ylabel="conversions", yscale="log")
    label = f"{percent(probe.saturated)} of {codes.size} conversions at the ends of the range"
    axes.set_title(label, fontsize="small", color=_RED)
    return figure


def _figure(title: str) -> tuple[Figure, Axes]:
    figure = plt.figure(figsize=(6, 4), dpi=_DPI, layout="constrained")
    figure.suptitle(title)
    return figure, figure.subplots()


def _edges(codes: NDArray[np.float64]) -> list[float]:
    """A bin for each code, or for some neighbours where there are many."""
    low, high = (codes.min(), codes.max()) if codes.size else (0.0, 0.0)
    step = max(1.0, np.ceil((high - low + 1) / (2 * _BINS)))
    edges: list[float] = np.arange(low - 0.5, high + 0.5 + step, step).tolist()
    return edges


def _prefix(values: NDArray[np.float64]) -> tuple[float, str]:
    """A factor and its SI prefix that bring the largest value to 1 ... 1000."""
    largest = np.abs(values).max(initial=0.0)
    for factor, prefix in ((1.0, ""), (1e3, "m"), (1e6, "µ"), (1e9, "n")):
        if largest * factor >= 1.0:
            return factor, prefix
    return 1e9, "n"
