"""What lies where on a chip, as tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wordline.onnx import Graph, NodeRow
from wordline.settings import Settings
from wordline.tables import Column, Table, text
from wordline.units import shown_percent

Info = Mapping[str, Any]


@dataclass(frozen=True)
class Summary:
    """`layers`: one row per layer on crossbars. `digital`: one row per node that is not."""

    title: str
    layers: Table
    digital: Table

    def __repr__(self) -> str:
        return "\n\n".join([self.title, repr(self.layers), repr(self.digital)])

    def _repr_html_(self) -> str:
        return self.layers._repr_html_() + self.digital._repr_html_()


def summary(graph: Graph, settings: Settings, info: Sequence[Info], title: str) -> Summary:
    """See `Mapped.summary`."""
    operators = {p.name: step.op for step in graph.analog_steps for p in step.products}
    rows = [
        {
            **_layer_row(layer),
            "operator": operators[layer["name"]],
            "settings": _settings(settings, layer["name"]),
        }
        for layer in info
    ]
    digital = [_node_row(node) for node in graph.node_table if node.place == "digital"]
    return Summary(
        title,
        Table(_columns(_SUMMARY), rows),
        Table(_columns(("node", "operator", "why")), digital, "digital nodes"),
    )


def layer_table(info: Sequence[Info]) -> Table:
    """Layers as people want to see them at first."""
    return Table(_columns(_LAYERS), [_layer_row(layer) for layer in info])


_LAYERS = (
    "name",
    "matrix",
    "arrays",
    "slices",
    "cells_used",
    "utilisation",
    "cycles",
    "signed",
    "input_scale",
)
_SUMMARY = (
    "name",
    "operator",
    "matrix",
    "groups",
    "arrays",
    "slices",
    "utilisation",
    "cycles",
    "conversions",
    "inputs",
    "adc",
    "settings",
)


def _columns(keys: Sequence[str]) -> list[Column]:
    return [Column(key, "", shown_percent if key == "utilisation" else text) for key in keys]


def _layer_row(layer: Info) -> dict[str, Any]:
    return {
        **layer,
        "matrix": f"{layer['inputs']}x{layer['outputs']}",
        "utilisation": layer["cells_used"] / layer["cells"],
        "input_scale": layer["input"]["scale"],
        "signed": "yes" if layer["input"]["signed"] else "no",
        "inputs": _input_range(layer["input"]),
        "adc": _adc_range(layer["adc"]),
    }


def _input_range(given: Mapping[str, Any]) -> str:
    """The values that the DACs tell apart, as in "-1.5 ... 1.5"."""
    if given["scale"] is None:
        return "dynamic" if given["dynamic"] else "-"
    largest = given["scale"] * given["largest_code"]
    return f"{-largest if given['signed'] else 0:.4g} ... {largest:.4g}"


def _adc_range(ranges: Sequence[Mapping[str, Any]]) -> str:
    """The largest range of the layer's converters, in levels of one cell; a dash for ideal ones."""
    if not ranges:
        return "-"
    low = min(one["step"] * one["low"] for one in ranges)
    high = max(one["step"] * one["high"] for one in ranges)
    return f"{low:.4g} ... {high:.4g} levels"


def _settings(settings: Settings, name: str) -> str:
    """The settings of a layer that are not the chip's, as in "adc.bits=6"."""
    return ", ".join(f"{key}={value}" for key, value in settings.differences(name).items())


def _node_row(node: NodeRow) -> dict[str, str]:
    return {"node": node.name, "operator": node.op, "why": node.detail or "no constant weights"}
