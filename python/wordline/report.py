"""A study as one HTML file that needs nothing beside it."""

import base64
import html
import io
import os
from pathlib import Path
from typing import Any

from wordline.errors import fail
from wordline.estimate import four_digits
from wordline.plots import study_figure
from wordline.results import Results
from wordline.specs import Chip
from wordline.units import area, percent, si

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72em; margin: 2em auto; padding: 0 1em; }
table { border-collapse: collapse; margin: 0.5em 0 1.5em; font-size: 14px; }
th, td { padding: 0.15em 0.7em; border-bottom: 1px solid #ddd; vertical-align: top; }
th { text-align: left; background: #f4f4f4; }
img { max-width: 100%; }
small { color: #666; }
"""


def write_report(study: Results, path: str | os.PathLike[str]) -> None:
    """Write the report. Raises OSError naming the file when it cannot be written."""
    parts = [_head(study), _plot(study), _metrics(study), _cost(study)]
    parts += [_section("Chips", study.chips._repr_html_()), _settings(study), _origin(study)]
    page = (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>Wordline study</title><style>{_STYLE}</style></head>"
        f"<body>{''.join(parts)}</body></html>\n"
    )
    try:
        Path(path).write_text(page, encoding="utf-8")
    except OSError as error:
        remedy = "check that the folder exists and may be written to"
        fail(
            type(error),
            f"cannot write the report ({error.strerror})",
            name=str(path),
            remedy=remedy,
        )


def _head(study: Results) -> str:
    lines = [
        f"<h1>{html.escape(f'{_name(study)} {study.mean!r}')}</h1>",
        f"<p>Digital network: {four_digits(study.digital)}, on {study.samples} samples.",
    ]
    if study.record.cost is not None:
        cost = study.cost
        lines.append(
            f" One inference takes {si(cost.energy, 'J')} and {si(cost.latency, 's')} on "
            f"{area(cost.area)}; {percent(cost.utilisation)} of the cells hold weights."
        )
    return "".join(lines) + "</p>"


def _name(study: Results) -> str:
    return "Accuracy" if study.is_accuracy else study.metric


def _metrics(study: Results) -> str:
    """Every metric at every age, where there is more than one number."""
    several = len(study.times) > 1 or len(study.metrics) > 1
    return _section("Metrics", study.over_time._repr_html_()) if several else ""


def _plot(study: Results) -> str:
    image = io.BytesIO()
    study_figure(study, managed=False).savefig(image, format="png")
    data = base64.b64encode(image.getvalue()).decode("ascii")
    return f'<img alt="metric, energy, layers" src="data:image/png;base64,{data}">'


def _cost(study: Results) -> str:
    layers = _section("Layers", study.layers._repr_html_())
    if study.record.cost is None:
        problem = f"<p>{html.escape(study.record.cost_problem)}</p>"
        return layers + _section("Cost: no price", problem)
    components = _section("Energy and area by component", study.cost.components._repr_html_())
    lines = _section("Ledger", study.cost.lines._repr_html_())
    return layers + components + lines


def _settings(study: Results) -> str:
    try:
        chip: Chip = study.chip
    except (ValueError, OSError) as problem:  # a technology file that has gone
        return _section("Chip", f"<p>{html.escape(str(problem))}</p>")
    names = ("cell", "array", "weights", "dac", "adc")
    parts = "".join(getattr(chip, name)._repr_html_() for name in names)
    own = "".join(map(_own_settings, study.layer_settings.items()))
    return _section("Chip", parts) + (_section("Settings of layers", own) if own else "")


def _own_settings(layer: tuple[str, dict[str, Any]]) -> str:
    changes = ", ".join(f"{name}={value}" for name, value in layer[1].items())
    return f"<p>{html.escape(layer[0])}: {html.escape(changes)}</p>"


def _origin(study: Results) -> str:
    identity = study.record.identity
    facts = {
        "seed": study.seed,
        "metric": f"{identity.metric}, code {identity.metric_code or 'unknown'}",
        "ageing": identity.ageing,
        "model (SHA-256)": identity.model,
        "data (SHA-256)": identity.data,
        "calibration (SHA-256)": identity.calibration,
        "Wordline": f"{study.version}, {study.git_id}",
        "instruction set": study.record.instruction_set,
    }
    rows = "".join(
        f"<tr><td>{html.escape(name)}</td><td>{html.escape(str(value))}</td></tr>"
        for name, value in facts.items()
    )
    return _section("Origin", f"<table>{rows}</table>")


def _section(title: str, body: str) -> str:
    return f"<h2>{html.escape(title)}</h2>{body}"
