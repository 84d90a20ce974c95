"""Studies: intervals, files, resuming after a kill, tables, plots and reports."""

import inspect
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import wordline as wl
from cases import noisy_chip, small_cnn, small_data, small_mapped
from interrupts import seconds_to_stop
from wordline.record import chip_units

CHIPS = 4
X, Y = small_data()


def study(store: Path | None = None, mapped: wl.Mapped | None = None, **options: Any) -> wl.Study:
    options = {"chips": CHIPS, "seed": 5, **options}
    return (mapped or small_mapped()).monte_carlo(X, Y, store=store, **options)


def same(one: wl.Study, other: wl.Study) -> bool:
    """All numbers of both studies are equal."""
    return one.to_dict() == other.to_dict() and one.chips.rows == other.chips.rows


def test_the_method_names_its_options() -> None:
    options = inspect.signature(small_mapped().monte_carlo).parameters
    assert {"x", "y", "chips", "seed", "store", "age"} <= set(options)
    assert "mapped" not in options


def test_accuracy_is_the_mean_over_chips_with_students_interval() -> None:
    done = study(predictions=True)
    shares = [float(np.mean(p == Y)) for p in done.predictions]
    assert list(done.accuracy.values) == shares
    assert done.accuracy.mean == pytest.approx(np.mean(shares))
    quantile = 3.182446305284263  # Student's t, 3 degrees of freedom, 97.5 %
    half = quantile * np.std(shares, ddof=1) / 2
    assert done.accuracy.half_width == pytest.approx(half)
    assert repr(done.accuracy) == f"{np.mean(shares):.4f} ± {half:.4f} (95 % CI over 4 chips)"
    narrow = study(confidence=0.5).accuracy
    assert narrow.half_width < half  # type: ignore[operator]
    assert "(50 % CI over 4 chips)" in repr(narrow)


def test_a_chip_of_a_study_is_the_programmed_chip() -> None:
    done = study(predictions=True)
    mapped = small_mapped()
    for k in range(CHIPS):
        chosen = mapped.program(seed=5, chip=k)(X)[0].argmax(axis=-1)
        np.testing.assert_array_equal(done.predictions[k], chosen)


@pytest.mark.parametrize("options", [{"threads": 1, "batch": 24}, {"threads": 16, "batch": 5}])
def test_threads_and_batches_change_nothing(options: dict[str, int]) -> None:
    assert same(study(), study(**options))


def test_seeds_differ_and_chips_are_numbered() -> None:
    assert study().accuracy.values != study(seed=6).accuracy.values
    assert study(chips=2).accuracy.values == study().accuracy.values[:2]
    assert repr(study(chips=1).accuracy).endswith("(1 chip, no interval)")


def test_cost_is_of_the_run() -> None:
    done = study()
    assert done.cost.activity_of == "run"
    energies = [small_mapped().program(seed=5, chip=k).cost(X).energy for k in range(CHIPS)]
    assert done.cost.energy == pytest.approx(np.mean(energies))
    assert done.cost.energy == pytest.approx(sum(done.cost.energy_by_component.values()))
    assert [row["layer"] for row in done.layers] == small_mapped().layers.column("name")


def test_what_has_no_price_is_no_reason_to_fail() -> None:
    chip = noisy_chip(adc=wl.ADC(bits=3))
    done = study(mapped=small_mapped(chip))
    assert done.to_dict()["energy_j"] is None
    assert "[4, 10]" in done.to_dict()["cost_problem"]
    with pytest.raises(ValueError, match=r"\[4, 10\]"):
        _ = done.cost
    assert "accuracy" in repr(done)
    done.plot()


def test_a_stored_study_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "study.h5"
    done = study(path, predictions=True)
    loaded = wl.Study.load(path)
    assert same(loaded, done)
    assert loaded.chip == noisy_chip()
    np.testing.assert_array_equal(loaded.predictions, done.predictions)
    assert list(tmp_path.iterdir()) == [path]
    with h5py.File(path) as file:
        assert file.attrs["wordline_format"].decode() == "study"
        assert file.attrs["seed"] == 5
        assert set(file["chips"]) == {"0", "1", "2", "3"}
        assert file["chips/2/values"][...].tolist() == [[done.accuracy.values[2]]]


def as_version_1(path: Path) -> None:
    """The attributes that docs/file_format.md gives for the accuracy of version 1."""
    with h5py.File(path, "r+") as file:
        file.attrs["format_version"] = np.int64(1)
        file.attrs["digital_accuracy"] = json.loads(file.attrs["digital"])["accuracy"]
        for name in ("metric", "metric_code", "layer_chips", "digital"):
            del file.attrs[name]
        for chip in file["chips"].values():
            chip.attrs["accuracy"] = chip["values"][0, 0]
            del chip["values"], chip.attrs["metrics"]


def test_studies_of_version_1_are_read(tmp_path: Path) -> None:
    path = tmp_path / "study.h5"
    done = study(path)
    as_version_1(path)
    assert same(wl.Study.load(path), done)
    assert same(study(path), done)


def test_a_finished_study_is_read_and_grows(tmp_path: Path) -> None:
    path = tmp_path / "study.h5"
    study(path, chips=2)
    stamp = path.stat().st_mtime_ns
    assert same(study(path, chips=2), study(chips=2))
    assert path.stat().st_mtime_ns == stamp
    assert same(study(path), study())
    assert len(wl.Study.load(path).chips) == CHIPS
    assert same(study(path, chips=1), study(chips=1))
    assert len(wl.Study.load(path).chips) == CHIPS


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": 6}, r"seed \(6 here, 5 there\)"),
        (
            {"mapped": small_mapped(noisy_chip(adc=wl.ADC(bits=6)))},
            r"chip \(adc.bits: 6 here, 8 there",
        ),
        ({"age": 1.0}, r"ageing \(age: 1.0 here, 0.0 there\)"),
        ({"mapped": wl.load(small_cnn()).map(noisy_chip(), calibrate=X[:8])}, "calibration"),
    ],
)
def test_another_study_is_refused(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = tmp_path / "study.h5"
    study(path, chips=1)
    with pytest.raises(ValueError, match=message):
        study(path, **{"chips": 1, **change})
    with pytest.raises(ValueError, match=r"samples \(12 here, 24 there\)"):
        small_mapped().monte_carlo(X[:12], Y[:12], chips=1, seed=5, store=path)


# A shell that starts the tests in the background lets them inherit an ignored SIGINT.
KILLED = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, {tests!r})
import test_study, wordline.store
add = wordline.store.Store.add
def slow(self, chip):
    add(self, chip)
    print(chip.index, flush=True)
    if chip.index == 1:
        sys.stdin.read()
wordline.store.Store.add = slow
test_study.study({path!r})
"""


def test_a_killed_study_resumes_with_the_same_result(tmp_path: Path) -> None:
    path = tmp_path / "study.h5"
    script = KILLED.format(tests=str(Path(__file__).parent), path=str(path))
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, "-c", script], stdin=pipe, stdout=pipe, text=True)
    assert process.stdout is not None
    assert [process.stdout.readline() for _ in range(2)] == ["0\n", "1\n"]
    process.send_signal(signal.SIGKILL)
    process.communicate()
    parts = path.with_name("study.h5.parts")
    assert sorted(p.name for p in parts.iterdir()) == ["chip-000000.h5", "chip-000001.h5"]
    assert not path.exists()
    (parts / "chip-000002.h5.tmp-1-0").write_bytes(b"cut short")
    with pytest.raises(ValueError, match="seed"):
        study(path, seed=6)
    programmed: list[int] = []
    mapped = small_mapped()
    program = mapped.program

    def counted(**options: Any) -> Any:
        programmed.append(options["chip"])
        return program(**options)

    mapped.program = counted  # type: ignore[method-assign]
    assert same(study(path, mapped=mapped), study())
    assert programmed == [2, 3]
    assert same(wl.Study.load(path), study())
    assert not parts.exists()


def test_ctrl_c_keeps_finished_chips(tmp_path: Path) -> None:
    path = tmp_path / "study.h5"
    script = KILLED.format(tests=str(Path(__file__).parent), path=str(path))
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdin=pipe, stdout=pipe, stderr=pipe, text=True
    )
    assert process.stdout is not None
    assert [process.stdout.readline() for _ in range(2)] == ["0\n", "1\n"]
    assert seconds_to_stop(process) < 1.0
    _, errors = process.communicate()
    assert "KeyboardInterrupt" in errors
    assert same(study(path), study())


def damaged(path: Path) -> None:
    data = bytearray(path.read_bytes())
    for place in range(len(data) // 4, len(data), len(data) // 40):
        data[place] ^= 0xFF
    path.write_bytes(bytes(data))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda path: path.unlink(), "no such file"),
        (lambda path: path.write_bytes(b"rubbish"), "no HDF5 file"),
        (lambda path: path.write_bytes(path.read_bytes()[:3000]), "damaged|cut short"),
        (damaged, "study.h5"),
    ],
)
def test_damaged_files_are_named(tmp_path: Path, spoil: Any, message: str) -> None:
    path = tmp_path / "study.h5"
    study(path, chips=1)
    spoil(path)
    with pytest.raises(OSError, match=message):
        wl.Study.load(path)


def test_foreign_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "foreign.h5"
    with h5py.File(path, "w") as file:
        file.attrs["a"] = 1
    with pytest.raises(OSError, match=r"foreign\.h5"):
        wl.Study.load(path)
    with pytest.raises(OSError, match=r"foreign\.h5"):
        study(path)
    with pytest.raises(OSError, match="folder"):
        study(tmp_path / "no" / "study.h5")


@pytest.mark.parametrize(
    ("y", "options", "kind", "message"),
    [
        (Y[:5], {}, ValueError, "one label per sample"),
        (Y.astype(float), {}, TypeError, "labels are whole numbers"),
        (np.stack([Y, Y], axis=1), {}, ValueError, "one label per class choice"),
        (Y, {"chips": 0}, ValueError, "chips = 0"),
        (Y, {"chips": 2.0}, TypeError, "chips"),
        (Y, {"seed": -1}, ValueError, "seed = -1"),
        (Y, {"seed": 2**63}, ValueError, "seed"),
        (Y, {"batch": 0}, ValueError, "batch = 0"),
        (Y, {"confidence": 1.0}, ValueError, "confidence"),
        (Y, {"threads": -1}, ValueError, "threads"),
        (Y, {"chip": 3}, TypeError, "chip"),
    ],
)
def test_refused(y: Any, options: dict[str, Any], kind: Any, message: str) -> None:
    mapped = small_mapped()
    with pytest.raises(kind, match=message):
        mapped.monte_carlo(X, y, **{"chips": 1, **options})


def test_predictions_must_be_asked_for() -> None:
    with pytest.raises(ValueError, match="predictions=True"):
        _ = study(chips=1).predictions


def test_units_of_the_chip_are_stored() -> None:
    units = chip_units()
    assert units["adc.range"] == "A"
    assert units["array.wires.row"] == "ohm"
    assert units["cell(reram).g_max"] == "S"


def test_plots_and_report(tmp_path: Path) -> None:
    done = study()
    for name in ("a.png", "a.svg"):
        done.plot(tmp_path / name)
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert "<svg" in (tmp_path / "a.svg").read_text()
    done.report(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert page.startswith("<!DOCTYPE html>")
    assert page.rstrip().endswith("</html>")
    assert "src=" in page
    assert 'src="http' not in page
    for text in (repr(done.accuracy), "data:image/png;base64,", "Ledger", "ADC", done.git_id):
        assert text in page
    with pytest.raises(OSError, match="cannot write the report"):
        done.report(tmp_path / "no" / "report.html")
    assert done._repr_html_().count("<table>") == 1
