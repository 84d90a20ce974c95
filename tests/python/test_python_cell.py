"""Cells written in Python: the same results as the same equations in C++, and every misuse."""

import copy
import importlib
import json
import linecache
import pickle
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import wordline as wl
from cases import ROOT, small_data, small_mapped
from own_cells import Lognormal, Twin, reram

RNG = np.random.default_rng(4)
W = RNG.normal(size=(40, 50)).astype(np.float32)
X = RNG.uniform(size=(50, 30)).astype(np.float32)


def chip(cell: wl.Cell) -> wl.Chip:
    return wl.Chip(cell=cell, adc=wl.ADC(bits=None), array=wl.Array(rows=16, cols=32))


def matrix(cell: wl.Cell, **options: Any) -> wl.Matrix:
    return wl.Matrix(W, chip(cell), X, seed=2, **options)


def cell_with(**methods: Any) -> wl.Cell:
    """A `Lognormal` with other methods."""
    made = type("Changed", (Lognormal,), {"__module__": __name__, **methods})
    cell: wl.Cell = made()
    return cell


@pytest.mark.parametrize("age", [0.0, 1.0, 30.0])
def test_a_python_cell_does_what_the_same_equations_do_in_the_core(age: float) -> None:
    python, core = (matrix(cell, age=age) for cell in (Twin(), reram()))
    y = python @ X
    np.testing.assert_allclose(y, core @ X, rtol=1e-5, atol=1e-5 * np.abs(y).max())
    assert (y != matrix(Twin(), age=age).program(seed=3, age=age) @ X).any()


def test_pulses_and_energy_of_programming_are_reported() -> None:
    python, core = (small_mapped(chip(cell)).program(seed=1) for cell in (Twin(), reram()))
    assert python.pulses == core.pulses > 0
    assert python.energy == pytest.approx(core.energy)
    assert small_mapped(chip(Lognormal())).program().pulses == 0


def test_results_do_not_depend_on_threads_and_no_lock_is_lost() -> None:
    one = matrix(Twin(), threads=1, age=10.0) @ X
    for threads in (2, 16):
        np.testing.assert_array_equal(matrix(Twin(), threads=threads, age=10.0) @ X, one)


def test_a_method_is_called_once_per_array() -> None:
    CALLS.clear()
    mapped = matrix(cell_with(program=counted_program))
    arrays = mapped._layer.info()["arrays"]
    assert arrays > 4
    sizes = [len(target) for target in CALLS]
    assert sizes == [16 * 32] * arrays


CALLS: list[Any] = []


def counted_program(self: Any, target: Any, draws: Any) -> Any:
    CALLS.append(target)
    assert {a.shape for a in vars(draws).values()} == {(len(target), 4)}
    return Lognormal.program(self, target, draws)


def test_draws_have_the_distributions_they_are_said_to_have() -> None:
    seen: list[Any] = SEEN
    seen.clear()
    wl.Matrix(np.ones((64, 128)), chip(cell_with(program=seeing_program)), X[:1].repeat(128, 0))
    stacked = {name: np.concatenate([vars(d)[name] for d in seen]) for name in vars(seen[0])}
    n = stacked["d2d"].size
    for name in ("d2d", "write", "relax"):
        assert abs(stacked[name].mean()) < 4 / np.sqrt(n)
        assert abs(stacked[name].std() - 1) < 4 / np.sqrt(2 * n)
    assert abs(stacked["uniform"].mean() - 0.5) < 4 / np.sqrt(12 * n)
    assert stacked["uniform"].min() > 0
    assert stacked["uniform"].max() < 1
    columns = np.concatenate([stacked[name] for name in ("d2d", "write", "relax")], axis=1)
    correlation = np.corrcoef(columns, rowvar=False) - np.eye(12)
    assert np.abs(correlation).max() < 5 / np.sqrt(len(columns))  # 66 pairs


SEEN: list[Any] = []


def seeing_program(self: Any, target: Any, draws: Any) -> Any:
    SEEN.append(draws)
    return target


def test_a_python_cell_is_a_spec_like_any_other() -> None:
    cell = Lognormal(spread=0.1)
    assert cell == Lognormal(spread=0.1) != Lognormal()
    assert repr(cell) == "Lognormal(spread=0.1)"
    assert cell.to_dict() == {"g_min": 1e-6, "g_max": 1e-4, "spread": 0.1}
    assert cell.replace(spread=np.float32(0.5)).spread == 0.5
    assert type(Lognormal(spread=1).spread) is float  # an equal cell has equal settings
    assert cell.table.column("setting") == ["g_min", "g_max", "spread"]
    assert pickle.loads(pickle.dumps(cell)) == copy.deepcopy(cell) == cell
    with pytest.raises(AttributeError, match="replace"):
        cell.spread = 0.2


def test_a_chip_holds_a_python_cell_with_its_source() -> None:
    made = chip(Lognormal(spread=0.1))
    assert made.cell == Lognormal(spread=0.1)
    assert isinstance(made.cell, Lognormal)
    tree = made.to_dict()["cell"]
    assert (tree["model"], tree["class"]) == ("python", "own_cells:Lognormal")
    assert tree["settings"] == {"g_min": 1e-6, "g_max": 1e-4, "spread": 0.1}
    assert len(tree["source_sha256"]) == 64
    again = wl.Chip(**json.loads(json.dumps(made.to_dict())))
    assert again == made == pickle.loads(pickle.dumps(made))
    short = wl.Chip(cell={"model": "python", "class": "own_cells:Lognormal"})  # type: ignore[arg-type]
    assert short.cell == Lognormal()
    assert made.override({"cell.settings.spread": 0.3}).cell == Lognormal(spread=0.3)
    sources = {cell()._record()["source_sha256"] for cell in (Lognormal, Twin)}  # type: ignore[attr-defined]
    assert len(sources) == 2


def test_a_study_is_of_one_python_cell(tmp_path: Path) -> None:
    x, y = small_data()
    store = tmp_path / "study.h5"
    options: dict[str, Any] = {"chips": 2, "seed": 1, "store": store, "progress": False}
    first = small_mapped(chip(Lognormal())).monte_carlo(x, y, **options)
    again = small_mapped(chip(Lognormal())).monte_carlo(x, y, **options)
    assert first.accuracy.values == again.accuracy.values
    with pytest.raises(ValueError, match="spread"):
        small_mapped(chip(Lognormal(spread=0.2))).monte_carlo(x, y, **options)


def run_elsewhere(code: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", textwrap.dedent(code)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


SOURCE = """
import wordline as wl
class Mine(wl.PythonCell):
    g_max: float = 1e-4
    def window(self):
        return 0.0, self.g_max
    def program(self, target, draws):
        return target
"""
PICKLED = """
import pickle, wordline as wl
from mine import Mine
print(pickle.dumps(wl.Chip(cell=Mine(g_max=5e-5))).hex())
"""


def test_another_process_imports_the_class_or_says_why_not(tmp_path: Path) -> None:
    module = tmp_path / "mine.py"
    module.write_text(SOURCE)
    made = run_elsewhere(PICKLED, tmp_path)
    load = f"""
        import pickle
        settings = pickle.loads(bytes.fromhex("{made.stdout.strip()}")).to_dict()
        import wordline as wl
        print(wl.Chip(**settings).cell)
    """
    assert run_elsewhere(load, tmp_path).stdout == "Mine(g_max=5e-05)\n", made.stderr
    module.write_text(SOURCE.replace("return target", "return target * 1.0"))
    changed = run_elsewhere(load, tmp_path).stderr
    assert "ValueError" in changed
    assert "source of this Python cell has changed" in changed
    module.unlink()
    gone = run_elsewhere(load, tmp_path).stderr
    assert "ValueError" in gone
    assert "mine:Mine" in gone
    assert "cannot be imported" in gone


def test_a_class_of_a_notebook_has_a_source_one_of_a_string_has_none() -> None:
    def define(text: str, filename: str) -> Any:
        space: dict[str, Any] = {"__name__": "__main__"}
        exec(compile(text, filename, "exec"), space)
        return space["Mine"]

    def cell_of_notebook(text: str, number: int) -> Any:
        filename = f"<ipython-input-{number}>"
        linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
        return define(text, filename)

    first = cell_of_notebook(SOURCE, 1)
    old = wl.Chip(cell=first())
    changed = cell_of_notebook(SOURCE.replace("return target", "return 0.5 * target"), 2)
    assert first()._record()["source_sha256"] != changed()._record()["source_sha256"]
    assert type(old.cell) is first  # a class that was defined again does not take its place
    assert type(wl.Chip(cell=changed()).cell) is changed
    with pytest.raises(TypeError, match="in a file or in a notebook"):
        define(SOURCE, "<string>")()


def lying(value: Any) -> Callable[..., Any]:
    """A method that returns `value`, which is made of the first argument if it can be called."""
    return Lying(value)


class Lying:
    def __init__(self, value: Any):
        self.value = value

    def __get__(self, cell: Any, owner: Any = None) -> Any:
        return lambda *given: self.value(*given) if callable(self.value) else self.value


def raising(problem: BaseException) -> Any:
    def throw(*_: Any) -> Any:
        raise problem

    return lying(throw)


@pytest.mark.parametrize(
    ("methods", "kind", "message"),
    [
        (
            {"program": raising(ZeroDivisionError("of mine"))},
            ValueError,
            "ZeroDivisionError: of mi",
        ),
        ({"program": raising(TypeError("no"))}, TypeError, r"program failed with TypeError: no \("),
        ({"program": raising(KeyboardInterrupt("stop"))}, KeyboardInterrupt, "stop"),
        ({"program": lying(lambda g, _: g[1:])}, ValueError, r"shape = \(511,\).*\(512,\)"),
        (
            {"program": lying(lambda g, _: -g)},
            ValueError,
            r"program: cell 0 of 512 = -.* S: numbers",
        ),
        ({"program": lying(lambda g, _: g * np.nan)}, ValueError, "nan S: numbers are finite"),
        ({"program": lying("much")}, TypeError, "Changed.program = str: an array of numbers"),
        ({"program": lying(lambda g, _: (g, 1))}, TypeError, "conductances, pulses, energy"),
        ({"program": lying(lambda g, _: (g, -1, 0))}, ValueError, "not negative"),
        (
            {"fabricate": lying(lambda u: np.full(len(u), 3))},
            ValueError,
            "fabricate: a cell is not",
        ),
        ({"read_noise": lying(lambda g, _: g)}, TypeError, "read noise is three parts"),
        ({"read_noise": lying((0.0, 0.0, -1.0))}, ValueError, "read_noise: cell 0"),
        ({"epoch": lying(lambda g, *_: g * np.inf)}, ValueError, "epoch: cell"),
        ({"current": lying(lambda g, v: -g * v)}, ValueError, "current: cell 0 .* A"),
        ({"window": lying(3.0)}, TypeError, "Changed.window = 3.0: a window is a tuple"),
        ({"window": lying((1e-5, 1e-6))}, ValueError, "g_min lies below g_max"),
        ({"window": lying((1e-6, 1e-5, 1))}, ValueError, "levels = 1.0"),
        ({"window": raising(RuntimeError("lost"))}, ValueError, "window failed with RuntimeError"),
    ],
)
def test_what_a_method_does_wrong_is_named(methods: Any, kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        matrix(cell_with(**methods)) @ X


def test_ages_that_a_cell_does_not_describe_are_refused() -> None:
    with pytest.raises(ValueError, match="age = 5 s: the cell model Lognormal"):
        matrix(Lognormal(), age=5.0)
    mapped = small_mapped(chip(Twin()))
    mapped.program(age=100.0)
    with pytest.raises(ValueError, match=r"Twin\.age failed with ValueError: 1 to 100 s are known"):
        mapped.program(age=101.0)
    mapped.program(age=101.0, extrapolate=True)
    with pytest.raises(ValueError, match="temperature = 310 K: the cell model Twin"):
        mapped.program(age=5.0, temperature=310.0)
    with pytest.raises(ValueError, match="reads = 5 pulse: the cell model Twin"):
        mapped.program(age=5.0, reads=5.0)
    warm = small_mapped(chip(cell_with(age=lying(lambda g, *_: g), ages_with=("temperature",))))
    warm.program(temperature=310.0)


def defined(**body: Any) -> Any:
    return type("Bad", (wl.PythonCell,), {"__module__": __name__, **body})


def local_class() -> Any:
    factor = 2.0

    class Bad(Lognormal):
        def program(self, target: Any, draws: Any) -> Any:
            return target * factor

    return Bad


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: wl.PythonCell(), TypeError, "a subclass of PythonCell"),
        (lambda: defined()(), TypeError, "Bad.window: a Python cell has this method"),
        (lambda: defined(__annotations__={"a": float}), ValueError, "Bad.a: a setting has a defa"),
        (lambda: defined(__annotations__={"read": float}, read=1.0), ValueError, "belongs to all"),
        (lambda: defined(__annotations__={"a": object}, a=object()), TypeError, "plain data"),
        (local_class, ValueError, "factor: a cell is a function of its settings"),
        (lambda: Lognormal(sprad=0.1), ValueError, "sprad: unknown setting of Lognormal; allowed"),
        (lambda: Lognormal(spread="0.1"), TypeError, "spread = '0.1': wrong kind of setting"),
        (lambda: Lognormal(spread=float("nan")), ValueError, "spread = nan: numbers are finite"),
        (lambda: Lognormal(g_min=1.0), ValueError, "g_min lies below g_max"),
        (lambda: chip_of(**{"class": "no.such:Cell"}), ValueError, "no.such:Cell.*be imported"),
        (lambda: chip_of(**{"class": "own_cells:T_R"}), ValueError, "not a subclass"),
        (lambda: chip_of(**{"class": "own_cells"}), ValueError, "cannot be imported"),
        (lambda: chip_of(), ValueError, "described by its class"),
        (lambda: chip_of(**{"class": "own_cells:Twin", "g_max": 1}), ValueError, "g_max"),
        (
            lambda: chip_of(**{"class": "own_cells:Twin", "source_sha256": "0"}),
            ValueError,
            "has changed",
        ),
    ],
)
def test_refused(make: Callable[[], Any], kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        make()


def chip_of(**cell: Any) -> wl.Chip:
    return wl.Chip(cell={"model": "python", **cell})  # type: ignore[arg-type]


def test_the_example_of_the_documentation_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "docs" / "methods" / "devices_python.md").read_text(encoding="utf-8")
    code = page.split("```python\n")[1].split("```")[0]
    (tmp_path / "documented_cell.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    documented = importlib.import_module("documented_cell")
    x, _ = small_data()
    mapped = small_mapped(documented.chip)
    fresh, old = mapped.program()(x)[0], mapped.program(age=1e6)(x)[0]
    # G falls by 1e6^-0.08 = 0.33 above the idle partner, and the outputs with it.
    assert np.abs(old).mean() < 0.6 * np.abs(fresh).mean()
    with pytest.raises(ValueError, match=r"t0 = 0\.0 s is not positive"):
        documented.Drifting(t0=0.0)
