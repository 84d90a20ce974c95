"""Programmed chips on disk. docs/file_format.md says what is in them."""

import json
import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordline import _core
from wordline.errors import fail
from wordline.record import build, chip_units

KIND, VERSION = "chip", 1
Numbers = NDArray[np.float64]
Path = str | os.PathLike[str]


@dataclass(frozen=True, eq=False)
class LayerFile:
    """One layer of a chip's file: S in (arrays, rows, columns), J, pulses."""

    name: str
    ranges: dict[str, Any]
    ageing: dict[str, Any]
    pulses: float
    energy: float
    conductance: Numbers
    target: Numbers


@dataclass(frozen=True, eq=False)
class ChipFile:
    """All that a chip's file holds.

    Attributes:
        model: serialised, weights inside. model_digest: of its content, as `Graph.digest`.
        chip: full settings; layer_chips: those of layers that differ, by name.
        calibration: SHA-256 of the samples that set the ranges, empty for none.
    """

    model: bytes
    model_digest: str
    label: str
    keep_digital: tuple[str, ...]
    threads: int
    chip: dict[str, Any]
    layer_chips: dict[str, dict[str, Any]]
    calibration: str
    seed: int
    index: int
    layers: list[LayerFile]


def write_chip(path: Path, chip: ChipFile) -> None:
    """Write it whole or not at all. Raises OSError naming the file."""

    def fill(file: _core.Hdf5File) -> None:
        _write_head(file, chip)
        file.write("/model", np.frombuffer(chip.model, dtype=np.uint8))
        for place, layer in enumerate(chip.layers):
            _write_layer(file, f"/layers/{place}", layer)

    _core.write_atomically(os.fspath(path), KIND, VERSION, fill)


def read_chip(path: Path) -> ChipFile:
    """Read it. Raises OSError: no such file, damaged, no chip, or of a later format."""
    file = _core.Hdf5File.open(os.fspath(path), KIND, VERSION)
    try:
        return _read_open(file, path)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, OSError):
            raise
        rule = f"the contents are not those of a chip ({error})"
        return fail(OSError, rule, name=os.fspath(path), remedy="save the chip again")
    finally:
        file.close()


def _read_open(file: _core.Hdf5File, path: Path) -> ChipFile:
    places = sorted(file.children("/layers"), key=int)
    return ChipFile(
        model=file.read_uint8("/model").tobytes(),
        model_digest=file.attribute_text("/", "model_sha256"),
        label=file.attribute_text("/", "model_name"),
        keep_digital=tuple(_read_json(file, path, "/", "keep_digital")),
        threads=file.attribute_integer("/", "onnxruntime_threads"),
        chip=dict(_read_json(file, path, "/", "chip").items()),
        layer_chips=dict(_read_json(file, path, "/", "layer_chips").items()),
        calibration=file.attribute_text("/", "calibration_sha256"),
        seed=file.attribute_integer("/", "seed"),
        index=file.attribute_integer("/", "chip_index"),
        layers=[_read_layer(file, path, f"/layers/{place}") for place in places],
    )


def _write_head(file: _core.Hdf5File, chip: ChipFile) -> None:
    attributes = {
        "model_sha256": chip.model_digest,
        "model_name": chip.label,
        "keep_digital": json.dumps(chip.keep_digital),
        "onnxruntime_threads": chip.threads,
        "chip": json.dumps(chip.chip),
        "chip_units": json.dumps(chip_units(), ensure_ascii=False),
        "layer_chips": json.dumps(chip.layer_chips),
        "calibration_sha256": chip.calibration,
        "seed": chip.seed,
        "chip_index": chip.index,
        "build": build(),
        "instruction_set": _core.instruction_set(),
    }
    for name, value in attributes.items():
        file.set_attribute("/", name, value)
    file.make_group("/layers")


def _write_layer(file: _core.Hdf5File, group: str, layer: LayerFile) -> None:
    file.make_group(group)
    attributes = {
        "name": layer.name,
        "ranges": json.dumps(layer.ranges),
        "ageing": json.dumps(layer.ageing),
        "pulses": float(layer.pulses),
        "program_energy_j": float(layer.energy),
    }
    for name, value in attributes.items():
        file.set_attribute(group, name, value)
    file.write(f"{group}/conductance", layer.conductance)
    file.write(f"{group}/target", layer.target)


def _read_layer(file: _core.Hdf5File, path: Path, group: str) -> LayerFile:
    return LayerFile(
        name=file.attribute_text(group, "name"),
        ranges=_read_json(file, path, group, "ranges"),
        ageing=_read_ageing(file, path, group),
        pulses=file.attribute_number(group, "pulses"),
        energy=file.attribute_number(group, "program_energy_j"),
        conductance=file.read_float64(f"{group}/conductance"),
        target=file.read_float64(f"{group}/target"),
    )


def _read_ageing(file: _core.Hdf5File, path: Path, group: str) -> dict[str, Any]:
    ageing = _read_json(file, path, group, "ageing")
    names = {"age", "temperature", "reads", "extrapolate"}
    if not isinstance(ageing, dict) or set(ageing) != names:
        allowed = ", ".join(sorted(names))
        rule = f"the attribute ageing of {group} is something else"
        fail(OSError, rule, name=os.fspath(path), value=ageing, allowed=allowed)
    return ageing


def _read_json(file: _core.Hdf5File, path: Path, group: str, name: str) -> Any:
    try:
        return json.loads(file.attribute_text(group, name))
    except json.JSONDecodeError as error:
        rule = f"the attribute {name} of {group} is no JSON ({error})"
        fail(OSError, rule, name=os.fspath(path), remedy="save the chip again")
