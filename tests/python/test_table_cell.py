"""A measured table as a cell: from a file to a study."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import wordline as wl
from cases import small_data, small_mapped

COLUMNS = {
    "state": [5e-6, 5e-6, 40e-6, 40e-6],
    "time": [1.0, 3600.0, 1.0, 3600.0],
    "mean": [5.1e-6, 5.4e-6, 39.8e-6, 39.1e-6],
    "sigma": [0.62e-6, 0.81e-6, 1.1e-6, 1.42e-6],
}
CSV = """# 64 cells per state
state_uS, time_h,       mean_uS, sigma_nS
5,        0.000277777777777777778, 5.1, 620
5,        1,                       5.4, 810
40,       0.000277777777777777778, 39.8, 1100
40,       1,                       39.1, 1420
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "device.csv").write_text(CSV)
    return tmp_path / "device.csv"


def test_the_numbers_of_a_file_become_settings(file: Path) -> None:
    cell = wl.TableCell.read(file, levels=4)
    for name, column in COLUMNS.items():
        np.testing.assert_allclose(getattr(cell, name), column, rtol=1e-15)
    assert cell.levels == 4
    file.unlink()
    chip = wl.Chip(cell=cell)
    assert chip.cell == cell
    assert wl.TableCell(**{k: np.array(v) for k, v in COLUMNS.items()}).mean == COLUMNS["mean"]


def test_h5py_writes_such_a_file_too(tmp_path: Path, file: Path) -> None:
    with h5py.File(tmp_path / "device.h5", "w") as h5:
        for name, column in COLUMNS.items():
            h5[name] = np.array(column) * (1e6 if name == "mean" else 1.0)
        h5["mean"].attrs["unit"] = "uS"
    cell = wl.TableCell.read(tmp_path / "device.h5")
    np.testing.assert_allclose(cell.mean, COLUMNS["mean"], rtol=1e-15)
    np.testing.assert_allclose(cell.sigma, wl.TableCell.read(file).sigma, rtol=1e-15)


def test_every_way_to_name_a_file_gives_the_same_chip(file: Path, tmp_path: Path) -> None:
    cell = wl.TableCell.read(file)
    assert wl.Cell.read(file) == cell
    assert wl.Chip(cell=str(file)).cell == cell
    toml = tmp_path / "chip.toml"
    toml.write_text(f'[cell]\nmodel = "table"\nfile = "{file}"\nlevels = 4\n')
    assert wl.Chip.preset(str(toml)).cell == cell.replace(levels=4)
    changed = wl.Chip().override({"cell": str(file), "cell.read_noise": 0.01})
    assert changed.cell == cell.replace(read_noise=0.01)


def test_another_table_is_another_study(file: Path, tmp_path: Path) -> None:
    x, y = small_data()
    options: dict[str, Any] = {"chips": 2, "store": tmp_path / "s.h5", "progress": False}
    options["age"] = 60.0
    first = small_mapped(wl.Chip(cell=str(file))).monte_carlo(x, y, **options)
    again = small_mapped(wl.Chip(cell=str(file))).monte_carlo(x, y, **options)
    assert again.accuracy.values == first.accuracy.values
    file.write_text(CSV.replace("810", "811"))
    with pytest.raises(ValueError, match=r"differs in chip \(cell.sigma"):
        small_mapped(wl.Chip(cell=str(file))).monte_carlo(x, y, **options)


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda path: wl.TableCell.read(path.with_name("gone.csv")), OSError, "gone.csv"),
        (lambda path: wl.TableCell.read(path.with_suffix(".txt")), ValueError, "allowed: .csv"),
        (lambda path: wl.ReRAM.read(path), ValueError, "use wl.TableCell"),
        (lambda path: small_mapped(wl.Chip(cell=str(path))).program(age=3601.0), ValueError, "360"),
        (lambda path: small_mapped(wl.Chip(cell=str(path))).program(reads=1), ValueError, "reads"),
        (lambda path: damaged(path, "5.4", "5.4 uS"), ValueError, "line 4, column mean = '5.4 uS'"),
        (lambda path: damaged(path, "mean_uS", "mean_V"), ValueError, "line 2, column mean = V"),
    ],
)
def test_refused(file: Path, make: Any, kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        make(file)


def damaged(file: Path, old: str, new: str) -> wl.Cell:
    file.write_text(CSV.replace(old, new))
    return wl.TableCell.read(file)
