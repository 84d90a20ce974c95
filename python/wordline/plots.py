"""Figures of studies. matplotlib is imported here only, when a figure is asked for."""

from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from wordline.results import Results
from wordline.units import si

_DPI = 110
_TICKS = 6  # ages that find room to be named one by one
_BLUE, _RED, _GREY = "#3366aa", "#bb4433", "#777777"


def study_figure(study: Results, *, managed: bool = True) -> Figure:
    """The metric per chip, or over time; energy by component; energy by layer.

    Args:
        managed: by pyplot, so that notebooks and `plt.show()` display it.
    """
    make: Any = plt.figure if managed else Figure
    figure: Figure = make(figsize=(12, 4), dpi=_DPI, layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    if len(study.times) > 1:
        draw_times(left, study)
    else:
        draw_chips(left, study)
    draw_components(middle, study)
    draw_layers(right, study)
    return figure


def draw_chips(axes: Axes, study: Results) -> None:
    """A dot per chip, the mean with its interval, the digital value."""
    estimate = study.mean
    chips = [chip.index for chip in study.record.chips]
    axes.plot(chips, estimate.values, "o", color=_BLUE, label="chip")
    axes.axhline(estimate.mean, color=_BLUE, label=f"mean {estimate.mean:.4g}")
    if estimate.half_width is not None:
        low, high = estimate.mean - estimate.half_width, estimate.mean + estimate.half_width
        label = f"{100 * estimate.confidence:g} % CI of the mean"
        axes.axhspan(low, high, color=_BLUE, alpha=0.2, label=label)
    _finish(axes, study, "chip")


def draw_times(axes: Axes, study: Results) -> None:
    """A line per chip over its age, the mean with its interval, the digital value."""
    for chip in study.record.chips:
        axes.plot(study.times, chip.values[study.metric], color=_BLUE, alpha=0.25, linewidth=0.8)
    rows = [row for row in study.over_time if row["metric"] == study.metric]
    means = [row["mean"] for row in rows]
    halves = [row["half_width"] or 0.0 for row in rows]
    label = f"mean, {100 * study.record.confidence:g} % CI"
    axes.errorbar(study.times, means, halves, fmt="o-", color=_BLUE, capsize=3, label=label)
    first = next(time for time in study.times if time > 0)
    axes.set_xscale("symlog", linthresh=first, linscale=0.4)
    if len(study.times) <= _TICKS:
        axes.set_xticks(study.times, [si(time, "s") for time in study.times])
        axes.minorticks_off()
    _finish(axes, study, "age (s)")


def _finish(axes: Axes, study: Results, xlabel: str) -> None:
    label = f"digital {study.digital:.4g}"
    axes.axhline(study.digital, color=_RED, linestyle="--", label=label)
    title = f"{study.metric[0].upper()}{study.metric[1:]}" if study.is_accuracy else study.metric
    ylabel = f"{study.metric} on {study.samples} samples"
    axes.set(title=title, xlabel=xlabel, ylabel=ylabel)
    axes.legend(fontsize="small")


def draw_components(axes: Axes, study: Results) -> None:
    """Energy of one inference by component, largest on top; parts below 0.1 % are left out."""
    if study.record.cost is None:
        return _say(axes, "Energy by component", study.record.cost_problem)
    cost = study.cost
    parts = sorted(cost.energy_by_component.items(), key=lambda part: part[1])
    shown = [(name, energy) for name, energy in parts if energy > 1e-3 * cost.energy]
    axes.barh([name for name, _ in shown], [1e9 * energy for _, energy in shown], color=_BLUE)
    title = f"Energy by component: {si(cost.energy, 'J')}"
    axes.set(title=title, xlabel="nJ per inference")
    return None


def draw_layers(axes: Axes, study: Results) -> None:
    """Energy and latency of each layer."""
    if study.record.cost is None:
        return _say(axes, "Layers", study.record.cost_problem)
    rows = study.layer_rows()
    names = [row["layer"] for row in rows][::-1]
    places = range(len(names))
    energy = [1e9 * row["energy_j"] for row in rows][::-1]
    axes.barh([p + 0.2 for p in places], energy, 0.4, color=_BLUE)
    axes.set_yticks(list(places), names)
    axes.set(title="Layers", xlabel="energy (nJ per inference)")
    axes.xaxis.label.set_color(_BLUE)
    second = axes.twiny()
    latency = [1e6 * row["latency_s"] for row in rows][::-1]
    second.barh([p - 0.2 for p in places], latency, 0.4, color=_GREY)
    second.set_xlabel("latency (µs)", color=_GREY)
    return None


def _say(axes: Axes, title: str, message: str) -> None:
    axes.set_title(title)
    axes.axis("off")
    axes.text(0.5, 0.5, message, ha="center", va="center", wrap=True, fontsize="small")
