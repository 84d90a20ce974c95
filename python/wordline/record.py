"""What a study is of, and what one chip gave: the plain data behind Study and its file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from wordline import _core
from wordline._spec import Field, Spec
from wordline.errors import fail
from wordline.layers import Use
from wordline.metrics import ACCURACY


@dataclass(frozen=True)
class Identity:
    """Everything that a study's results are a function of. Studies resume only on equal ones.

    Attributes:
        model, data, calibration: SHA-256 of contents; calibration is empty for none.
        layers: names of the analog layers, in order. chip: full settings. samples: of the data.
        layer_chips: full settings of the layers that have others, by name.
        ageing: seconds (a list for several ages), temperature, reads, extrapolate.
        metric, metric_code: its name, and SHA-256 of what it does.
        version: of this library.
        build: what else the last bit depends on: commit, CPU target, version of ONNX Runtime.
    """

    model: str
    layers: tuple[str, ...]
    chip: dict[str, Any]
    calibration: str
    data: str
    samples: int
    seed: int
    ageing: dict[str, Any]
    version: str
    build: str
    layer_chips: dict[str, dict[str, Any]] = field(default_factory=dict)
    metric: str = ACCURACY
    metric_code: str = ACCURACY

    @property
    def times(self) -> tuple[float, ...]:
        """s, the ages at which every chip is looked at."""
        age = self.ageing["age"]
        return tuple(age) if isinstance(age, list | tuple) else (age,)

    def require_same(self, other: "Identity", file: str) -> None:
        """Raise ValueError naming what differs between this study and the one in `file`."""
        names = [name for name in vars(self) if getattr(self, name) != getattr(other, name)]
        if not names:
            return
        parts = [
            f"{name} ({_difference(getattr(self, name), getattr(other, name))})" for name in names
        ]
        fail(
            ValueError,
            f"the file holds another study, which differs in {', '.join(parts)}",
            name="store",
            value=file,
            remedy="choose another name for the store, or delete the old one",
        )


@dataclass
class ChipResult:
    """One chip: its metrics, what its layers did, and (if kept) the predicted classes.

    values: by name of the metric, one for each age. uses: of all ages together.
    predictions: at the last age.
    """

    index: int
    values: dict[str, list[float]]
    uses: list[Use]
    pulses: float = 0.0
    program_energy: float = 0.0
    predictions: NDArray[np.int64] | None = None


@dataclass
class Record:
    """A whole study as it is stored.

    Attributes:
        layers: size and ranges of each layer. cost: the priced ledger, or None and why not.
        digital: metrics of the digital network on the same data, by name.
    """

    identity: Identity
    instruction_set: str
    git_id: str
    confidence: float
    digital: dict[str, float]
    layers: list[dict[str, Any]]
    chips: list[ChipResult] = field(default_factory=list)
    cost: dict[str, Any] | None = None
    cost_problem: str = ""


def build() -> str:
    """What else the last bit depends on: the code, the CPU target and ONNX Runtime."""
    runtime = f"onnxruntime {onnxruntime.__version__}"
    return f"{_core.git_id()}, {_core.instruction_set()}, {runtime}"


def chip_units() -> dict[str, str]:
    """The unit of every setting of a chip that has one, by dotted name; cells by their model."""
    units = _units(Spec._classes["Chip"]._fields.values(), "")
    for name, made in Spec._classes.items():
        if name == getattr(made, "_model", ""):
            units.update(_units(made._fields.values(), f"cell({name})."))
    return units


def _units(fields: Any, prefix: str) -> dict[str, str]:
    units: dict[str, str] = {}
    for one in fields:
        units.update(_unit(one, prefix))
    return units


def _unit(one: Field, prefix: str) -> dict[str, str]:
    if one.unit:
        return {prefix + one.name: one.unit}
    nested = Spec._classes.get(one.spec)
    return _units(nested._fields.values(), f"{prefix}{one.name}.") if nested else {}


def _difference(now: Any, then: Any) -> str:
    """What changed, short: dotted names of settings, or both values."""
    if isinstance(now, dict) and isinstance(then, dict):
        return ", ".join(_changed(now, then, ""))
    short = [str(v)[:12] if isinstance(v, str) and len(v) == 64 else str(v) for v in (now, then)]
    return f"{short[0]} here, {short[1]} there"


def _changed(now: Mapping[str, Any], then: Mapping[str, Any], prefix: str) -> list[str]:
    found = []
    for key in dict.fromkeys([*now, *then]):
        a, b = now.get(key), then.get(key)
        if isinstance(a, Mapping) and isinstance(b, Mapping):
            found += _changed(a, b, f"{prefix}{key}.")
        elif a != b:
            found.append(f"{prefix}{key}: {a} here, {b} there")
    return found
