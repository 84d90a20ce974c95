"""A picture of the arrays of a chip: which part of each holds weights, and of which layer."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from wordline.units import percent

_DPI = 110
_WIDTH = 10.0  # inches
_GAP = 0.15  # of an array's side, between arrays
_LABELLED = 40  # layers named in the legend; more of them would fill the picture
_EMPTY, _EDGE = "#eeeeee", "#888888"


def placement_figure(layers: Sequence[Mapping[str, Any]], title: str) -> Figure:
    """Arrays in reading order, layer by layer, each a rectangle in proportion to its cells."""
    count = sum(layer["arrays"] for layer in layers)
    across = max(1, math.ceil(math.sqrt(1.8 * count)))
    down = max(1, math.ceil(count / across))
    height = _WIDTH * down / across + 0.6 + 0.2 * math.ceil(min(len(layers), _LABELLED + 1) / 3)
    figure: Figure = plt.figure(figsize=(_WIDTH, height), dpi=_DPI, layout="constrained")
    axes = figure.subplots()
    _draw(axes, layers, across)
    axes.set(xlim=(-_GAP, across * (1 + _GAP)), ylim=(down * (1 + _GAP), -_GAP), title=title)
    axes.set_aspect("equal")
    axes.axis("off")
    _legend(figure, layers)
    return figure


def _draw(axes: Axes, layers: Sequence[Mapping[str, Any]], across: int) -> None:
    largest = max((max(layer["rows"], layer["cols"]) for layer in layers), default=1)
    whole, used, colours, place = [], [], [], 0
    for number, layer in enumerate(layers):
        for array in layer["placement"]:
            x, y = (1 + _GAP) * (place % across), (1 + _GAP) * (place // across)
            width, height = layer["cols"] / largest, layer["rows"] / largest
            whole.append(Rectangle((x, y), width, height))
            part = array["cols_used"] / largest, array["rows_used"] / largest
            used.append(Rectangle((x, y), *part))
            colours.append(_colour(number))
            place += 1
    axes.add_collection(PatchCollection(whole, facecolor=_EMPTY, edgecolor="none"))
    axes.add_collection(PatchCollection(used, facecolor=colours, edgecolor="none"))
    axes.add_collection(PatchCollection(whole, facecolor="none", edgecolor=_EDGE, linewidth=0.6))


def _legend(figure: Figure, layers: Sequence[Mapping[str, Any]]) -> None:
    handles = [
        Patch(color=_colour(number), label=_label(layer))
        for number, layer in enumerate(layers[:_LABELLED])
    ]
    if len(layers) > _LABELLED:
        handles.append(Patch(color="none", label=f"... {len(layers) - _LABELLED} more"))
    if handles:
        columns = min(3, len(handles))
        figure.legend(handles=handles, loc="outside lower center", fontsize="small", ncols=columns)


def _label(layer: Mapping[str, Any]) -> str:
    share = percent(layer["cells_used"] / layer["cells"])
    arrays = "1 array" if layer["arrays"] == 1 else f"{layer['arrays']} arrays"
    return f"{layer['name']}: {arrays}, {share} used"


def _colour(number: int) -> Any:
    """Twenty colours in turn, strong ones first."""
    return colormaps["tab20"]((2 * number + number // 10) % 20)
