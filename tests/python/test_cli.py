"""The command line: what it prints, its JSON, its errors."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import wordline as wl
from cases import MODEL, TEST, small_cnn, small_data
from wordline.cli import main, setting


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A folder with a small model, data and calibration data."""
    onnx.save(small_cnn(), tmp_path / "net.onnx")
    x, y = small_data()
    np.savez(tmp_path / "data.npz", x=x, y=y)
    np.savez(tmp_path / "fit.npz", x=x[:8])
    return tmp_path


def run(work: Path, *arguments: str) -> list[str]:
    base = ["run", str(work / "net.onnx"), "--chip", "isaac-2016", "--data", str(work / "data.npz")]
    return [*base, "--set", "weights.bits=8", "--set", "dac.bits=8", *arguments]


def test_run_prints_json(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = run(work, "--set", "cell=neurram-2022", "--chips", "3", "--seed", "4", "--json")
    arguments += ["--calibrate", str(work / "fit.npz")]
    assert main([*arguments, "-o", str(work / "study.h5")]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    result = json.loads(printed.out)
    assert set(result["accuracy"]) == {"mean", "half_width", "confidence", "chips", "values"}
    assert len(result["accuracy"]["values"]) == 3
    for key in ("energy_j", "area_m2", "latency_s", "utilisation", "operations"):
        assert result[key] > 0
    assert result["energy_j"] == pytest.approx(sum(result["energy_by_component"].values()))
    assert [row["layer"] for row in result["layers"]] == ["Conv_0", "Conv_2", "Gemm_7"]
    assert all(row["energy_j"] > 0 and row["latency_s"] > 0 for row in result["layers"])
    assert result["operations"] == sum(row["operations"] for row in result["layers"])
    assert result["chip"]["cell"]["model"] == "reram"
    assert (result["seed"], result["version"]) == (4, wl.__version__)
    assert result.pop("calibration") == str(work / "fit.npz")
    assert wl.Study.load(work / "study.h5").to_dict() == result


def test_run_equals_python(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(run(work, "--chips", "2", "--json", "--limit", "20", "--threads", "1")) == 0
    printed = capsys.readouterr()
    result = json.loads(printed.out)
    assert result.pop("calibration") == "first 20 of the scored data"
    assert "calibrated on the first 20 of the scored data" in printed.err
    x, y = small_data()
    chip = wl.Chip.preset("isaac-2016").override({"weights.bits": 8, "dac.bits": 8})
    study = wl.load(small_cnn()).map(chip, calibrate=x[:20]).monte_carlo(x[:20], y[:20], chips=2)
    assert study.to_dict() == result


def test_tables_and_reports(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store, page = work / "study.h5", work / "report.html"
    fit = ("--calibrate", str(work / "fit.npz"))
    assert main(run(work, "--chips", "2", "-o", str(store), *fit)) == 0
    assert "± " in capsys.readouterr().out
    assert main(["report", str(store), "-o", str(page)]) == 0
    assert page.read_text().startswith("<!DOCTYPE html>")
    assert main(["cost", *run(work)[1:]]) == 0
    assert "per inference" in capsys.readouterr().out
    assert main(["cost", *run(work, "--json")[1:]]) == 0
    assert json.loads(capsys.readouterr().out)["activity_of"] == "run"


def test_a_chip_of_your_own(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (work / "chip.toml").write_text('cell = "neurram-2022"\n[adc]\nbits = 6\n')
    arguments = ["cost", str(work / "net.onnx"), "--chip", str(work / "chip.toml")]
    assert main([*arguments, "--data", str(work / "data.npz"), "--set", "cell.g_max=5e-5"]) == 0
    assert "ADC" in capsys.readouterr().out


def test_presets(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["presets"]) == 0
    assert "neurram-2022" in capsys.readouterr().out
    assert main(["presets", "neurram-2022"]) == 0
    assert "Extended Data Fig. 3d" in capsys.readouterr().out
    assert main(["presets", "--json"]) == 0
    assert "isaac-2016" in [row["name"] for row in json.loads(capsys.readouterr().out)]
    assert main(["presets", "isaac-2016", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "chip"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("adc.bits=6", ("adc.bits", 6)),
        ("adc.bits=none", ("adc.bits", None)),
        ("adc.bits = None", ("adc.bits", None)),
        ("cell=neurram-2022", ("cell", "neurram-2022")),
        ("cell='neurram-2022'", ("cell", "neurram-2022")),
        ("cell.g_max=5e-5", ("cell.g_max", 5e-5)),
        ("adc.range=[0, 1e-6]", ("adc.range", [0, 1e-6])),
        ("cell.shot_noise=false", ("cell.shot_noise", False)),
        ("cell={model = 'ideal'}", ("cell", {"model": "ideal"})),
    ],
)
def test_settings_are_toml_or_text(text: str, expected: Any) -> None:
    assert setting(text) == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--set", "adc.bits=0"), "adc.bits = 0 bit: out of range; allowed: [1, 16]"),
        (("--set", "adc.bit=8"), "unknown setting of adc"),
        (("--set", "adc.bits"), "a setting is written name=value"),
        (("--set", "cell=nothing"), "unknown preset"),
        (("--set", "array.wires.row=-1"), "array.wires.row = -1 ohm: out of range"),
        (("--chip", "nothing"), "unknown preset"),
        (("--chip", "nothing.toml"), "nothing.toml"),
        (("--data", "nothing.npz"), "nothing.npz: no such file"),
        (("--calibrate", "nothing.npz"), "nothing.npz: no such file"),
        (("--chips", "0"), "chips = 0"),
        (("--seed", "-1"), "seed = -1"),
        (("-o", "/no/folder/study.h5"), "folder"),
    ],
)
def test_errors_are_one_line(
    work: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    assert main(run(work, "--chips", "1", *arguments)) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert printed.err.startswith("wordline: ")
    assert message in printed.err


def test_damaged_inputs(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (work / "bad.npz").write_bytes(b"rubbish")
    assert main(run(work, "--data", str(work / "bad.npz"))) == 2
    assert "not a .npz file, or damaged" in capsys.readouterr().err
    np.savez(work / "no_labels.npz", x=small_data()[0])
    assert main(run(work, "--data", str(work / "no_labels.npz"))) == 2
    assert "holds no array 'y'" in capsys.readouterr().err
    (work / "net.onnx").write_bytes(b"rubbish")
    assert main(run(work)) == 2
    assert "net.onnx" in capsys.readouterr().err
    (work / "study.h5").write_bytes(b"rubbish")
    assert main(["report", str(work / "study.h5"), "-o", str(work / "a.html")]) == 2
    assert "no HDF5 file" in capsys.readouterr().err


def test_the_command_itself() -> None:
    """As a user runs it: pixels scaled, JSON on a pipe, no bar, no traceback."""
    base = [sys.executable, "-m", "wordline"]
    arguments = ["cost", str(MODEL), "--chip", "isaac-2016", "--data", str(TEST), "--limit", "8"]
    done = subprocess.run([*base, *arguments, "--json"], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["operations"] == 2 * 923712
    assert done.stderr == ""
    bad = subprocess.run([*base, "run", "a.onnx"], capture_output=True, text=True, check=False)
    assert bad.returncode == 2
    assert "usage: wordline run" in bad.stderr
    assert "Traceback" not in bad.stderr
    shown = {**os.environ, "PYTHONWARNINGS": "error"}
    version = subprocess.run([*base, "--version"], capture_output=True, text=True, env=shown)
    assert version.stdout == f"wordline {wl.__version__}\n"
