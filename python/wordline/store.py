"""Studies on disk: finished chips as single files in `<study>.parts/`, then one merged file.

docs/file_format.md says what is in them. Only the coordinating process writes.
"""

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from wordline import _core
from wordline.errors import fail
from wordline.metrics import ACCURACY
from wordline.record import ChipResult, Identity, Record, chip_units

KIND, PART, VERSION = "study", "study-part", 2


class Store:
    """Where a study keeps its finished chips.

    Args:
        path: of the study's file; its folder must exist.
        identity: of the study. Files of another one are refused.

    Raises:
        ValueError: the file or its parts hold another study. OSError: a file is damaged.
    """

    def __init__(self, path: str | os.PathLike[str], identity: Identity):
        self.path, self.identity = Path(path), identity
        self.parts = self.path.with_name(self.path.name + ".parts")
        if not self.path.parent.is_dir():
            remedy = "make the folder first"
            fail(
                FileNotFoundError,
                "the folder of the study does not exist",
                name=str(path),
                remedy=remedy,
            )

    def finished(self) -> dict[int, ChipResult]:
        """The chips that an earlier run has left, by index."""
        found = {}
        if self.path.exists():
            record = load(self.path)
            self.identity.require_same(record.identity, str(self.path))
            found = {chip.index: chip for chip in record.chips}
        if self.parts.is_dir():
            found.update(self._parts())
        return found

    def add(self, chip: ChipResult) -> None:
        """Keep a finished chip: from now on it survives whatever happens to this process."""
        self.parts.mkdir(exist_ok=True)

        def fill(file: _core.Hdf5File) -> None:
            _write_identity(file, self.identity)
            _write_chip(file, chip)

        _core.write_atomically(str(self.parts / f"chip-{chip.index:06d}.h5"), PART, VERSION, fill)

    def unmerged(self) -> bool:
        """Whether the file is not there yet, or parts lie beside it."""
        return not self.path.exists() or self.parts.exists()

    def merge(self, record: Record) -> None:
        """Write the whole study in place of its parts."""
        _core.write_atomically(str(self.path), KIND, VERSION, lambda file: _write(file, record))
        shutil.rmtree(self.parts, ignore_errors=True)

    def _parts(self) -> dict[int, ChipResult]:
        found = {}
        for path in sorted(self.parts.iterdir()):
            if re.fullmatch(r"chip-\d+\.h5", path.name):  # a killed run leaves temporary files too
                file = _core.Hdf5File.open(str(path), PART, VERSION)
                self.identity.require_same(_read_identity(file), str(path))
                for index in file.children("/chips"):
                    found[int(index)] = _read_chip(file, int(index))
                file.close()
        return found


def load(path: str | os.PathLike[str]) -> Record:
    """Read a merged study.

    Raises:
        OSError: no such file, damaged, no study, or of a later format.
    """
    file = _core.Hdf5File.open(str(path), KIND, VERSION)
    indices = sorted(int(name) for name in file.children("/chips"))
    cost = json.loads(file.attribute_text("/", "cost")) if file.has_attribute("/", "cost") else None
    record = Record(
        identity=_read_identity(file),
        instruction_set=file.attribute_text("/", "instruction_set"),
        git_id=file.attribute_text("/", "git_id"),
        confidence=file.attribute_number("/", "confidence"),
        digital=_read_digital(file),
        layers=json.loads(file.attribute_text("/", "layers")),
        chips=[_read_chip(file, index) for index in indices],
        cost=cost,
        cost_problem=file.attribute_text("/", "cost_problem"),
    )
    file.close()
    return record


def _write(file: _core.Hdf5File, record: Record) -> None:
    _write_identity(file, record.identity)
    attributes = {
        "instruction_set": record.instruction_set,
        "confidence": record.confidence,
        "digital": json.dumps(record.digital),
        "layers": json.dumps(record.layers),
        "cost_problem": record.cost_problem,
    }
    if record.cost is not None:
        attributes["cost"] = json.dumps(record.cost)
    _set(file, "/", attributes)
    for chip in record.chips:
        _write_chip(file, chip)


def _write_identity(file: _core.Hdf5File, identity: Identity) -> None:
    attributes = {
        "model_sha256": identity.model,
        "analog_layers": json.dumps(identity.layers),
        "chip": json.dumps(identity.chip),
        "chip_units": json.dumps(chip_units(), ensure_ascii=False),
        "calibration_sha256": identity.calibration,
        "data_sha256": identity.data,
        "samples": identity.samples,
        "seed": identity.seed,
        "ageing": json.dumps(identity.ageing),
        "metric": identity.metric,
        "metric_code": identity.metric_code,
        "layer_chips": json.dumps(identity.layer_chips),
        "build": identity.build,
    }
    _set(file, "/", attributes)


def _read_identity(file: _core.Hdf5File) -> Identity:
    return Identity(
        model=file.attribute_text("/", "model_sha256"),
        layers=tuple(json.loads(file.attribute_text("/", "analog_layers"))),
        chip=json.loads(file.attribute_text("/", "chip")),
        calibration=file.attribute_text("/", "calibration_sha256"),
        data=file.attribute_text("/", "data_sha256"),
        samples=file.attribute_integer("/", "samples"),
        seed=file.attribute_integer("/", "seed"),
        ageing=json.loads(file.attribute_text("/", "ageing")),
        version=file.attribute_text("/", "wordline_version"),
        build=file.attribute_text("/", "build"),
        **_read_later(file),
    )


def _read_later(file: _core.Hdf5File) -> dict[str, Any]:
    """What version 1 did not have: all its studies were of accuracy, with one chip's settings."""
    if not file.has_attribute("/", "metric"):
        return {}
    return {
        "metric": file.attribute_text("/", "metric"),
        "metric_code": file.attribute_text("/", "metric_code"),
        "layer_chips": json.loads(file.attribute_text("/", "layer_chips")),
    }


def _read_digital(file: _core.Hdf5File) -> dict[str, float]:
    if file.has_attribute("/", "digital"):
        return dict(json.loads(file.attribute_text("/", "digital")))
    return {ACCURACY: file.attribute_number("/", "digital_accuracy")}


def _write_chip(file: _core.Hdf5File, chip: ChipResult) -> None:
    group = f"/chips/{chip.index}"
    file.make_group(group)
    attributes = {
        "metrics": json.dumps(list(chip.values)),
        "pulses": chip.pulses,
        "program_energy_j": chip.program_energy,
        "uses": json.dumps(chip.uses),
    }
    _set(file, group, attributes)
    file.write(f"{group}/values", np.array(list(chip.values.values()), dtype=np.float64).T.copy())
    if chip.predictions is not None:
        file.write(f"{group}/predictions", chip.predictions, 4)


def _read_chip(file: _core.Hdf5File, index: int) -> ChipResult:
    group = f"/chips/{index}"
    stored = f"{group}/predictions"
    return ChipResult(
        index=index,
        values=_read_values(file, group),
        uses=json.loads(file.attribute_text(group, "uses")),
        pulses=file.attribute_number(group, "pulses"),
        program_energy=file.attribute_number(group, "program_energy_j"),
        predictions=file.read_int64(stored) if file.exists(stored) else None,
    )


def _read_values(file: _core.Hdf5File, group: str) -> dict[str, list[float]]:
    if not file.has_attribute(group, "metrics"):  # version 1
        return {ACCURACY: [file.attribute_number(group, "accuracy")]}
    names = json.loads(file.attribute_text(group, "metrics"))
    columns = file.read_float64(f"{group}/values").T
    return {name: column.tolist() for name, column in zip(names, columns, strict=True)}


def _set(file: _core.Hdf5File, place: str, attributes: dict[str, Any]) -> None:
    for name, value in attributes.items():
        file.set_attribute(place, name, value)
