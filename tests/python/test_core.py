"""The door between Python and C++: numbers, files, errors, signals, the interpreter lock."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import wordline as wl
from interrupts import seconds_to_stop
from wordline import _core

W = np.ones((4, 3), np.float32)
CONV = {"kernel": (2, 2), "stride": (1, 1), "dilation": (1, 1)}
CONV |= {"pad_before": (0, 0), "pad_after": (0, 0)}


def layer() -> _core.Layer:
    return _core.Layer("fc", 0, wl.Chip.ideal().to_dict(), W, None)


def run(x: Any, conv: Any = None) -> Any:
    one = layer()
    return one.run(one.program(0, 0), x, _core.Tally(one), conv)


def test_a_layer_by_itself() -> None:
    x = np.arange(8, dtype=np.float32).reshape(2, 4)
    np.testing.assert_allclose(run(x), x @ W, rtol=1e-6)
    np.testing.assert_allclose(run(np.stack([x] * 3, axis=1)), np.stack([x @ W] * 3, axis=1))
    image = np.arange(9, dtype=np.float32).reshape(1, 1, 3, 3)
    assert run(image, CONV).shape == (1, 3, 2, 2)
    one = layer()
    tally, other = _core.Tally(one), _core.Tally(one)
    one.run(one.program(0, 0), x, tally)
    other.merge(tally)
    assert other.activity() == tally.activity()
    assert tally.activity()["macs"] == 24


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: run([[1.0]]), TypeError, "fc.input = list: .*numpy.ndarray of float32"),
        (lambda: run(np.ones((2, 4))), TypeError, r"fc.input = float64 \(2, 4\).*float32"),
        (lambda: run(np.ones(4, np.float32)), ValueError, r"allowed: \(samples, ..., 4\)"),
        (lambda: run(np.ones((2, 5), np.float32)), ValueError, "allowed: 4"),
        (lambda: run(np.ones((4, 2), np.float32).T), ValueError, "C-contiguous"),
        (lambda: run(np.ones((2, 4), np.float32), CONV), ValueError, "3 to 5 axes"),
        (lambda: run(np.ones((1, 1, 1, 1), np.float32), CONV), ValueError, "kernel"),
        (lambda: run(np.ones((1, 1, 3, 3), np.float32), {}), ValueError, "conv.kernel"),
        (lambda: _core.Layer("l", 0, {}, W[0], None), ValueError, "l.weights.*2 axes"),
        (lambda: _core.Layer("l", 0, {}, W, W), ValueError, "l.bias"),
        (lambda: _core.Layer("l", 0, {}, W, W[:2, 0].copy()), ValueError, "bias"),
        (lambda: _core.Layer("l", 0, {}, W * np.inf, None), ValueError, "finite"),
        (lambda: _core.canonical("Foo", {}), ValueError, "Foo"),
        (lambda: _core.canonical("ADC", {1: 2}), TypeError, "text"),  # type: ignore[dict-item]
        (lambda: _core.price("32nm", [], True), ValueError, "layer"),
        (lambda: _core.price("32nm", [{"name": "a"}], True), ValueError, "use.arrays"),
        (lambda: _core.price("33nm", [], True), ValueError, "allowed: 32nm"),
        (lambda: _core.mean_interval([], 0.95), ValueError, "value"),
        (lambda: _core.mean_interval([1.0, 2.0], 1.0), ValueError, "confidence"),
    ],
)
def test_refused(make: Callable[[], Any], kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        make()


def test_settings_take_numpy_numbers() -> None:
    assert wl.ADC(bits=np.int64(6), noise=np.float32(0.5)) == wl.ADC(bits=6, noise=0.5)  # type: ignore[arg-type]
    assert wl.ADC(range=np.array([0.0, 1.0])) == wl.ADC(range=(0, 1))  # type: ignore[arg-type]
    assert wl.ReRAM(shot_noise=np.bool_(False)) == wl.ReRAM(shot_noise=False)  # type: ignore[arg-type]


def test_numbers_come_back_as_written(tmp_path: Path) -> None:
    path = str(tmp_path / "a.h5")
    numbers = np.linspace(0, 1, 7)

    def fill(file: _core.Hdf5File) -> None:
        file.write("/a/numbers", numbers)
        file.write("/a/counts", np.arange(6).reshape(2, 3), 4)
        file.set_attribute("/a", "text", "100 µS")

    _core.write_atomically(path, "study", 1, fill)
    file = _core.Hdf5File.open(path, "study", 1)
    np.testing.assert_array_equal(file.read_float64("/a/numbers"), numbers)
    assert file.read_int64("/a/counts").tolist() == [[0, 1, 2], [3, 4, 5]]
    assert file.attribute_text("/a", "text") == "100 µS"
    assert file.children("/a") == ["counts", "numbers"]
    with pytest.raises(TypeError, match="complex128"):
        _core.write_atomically(path, "study", 1, lambda f: f.write("/z", np.ones(1, complex)))
    assert _core.Hdf5File.open(path, "study", 1).exists("/a/numbers")
    assert os.listdir(tmp_path) == ["a.h5"]


# A shell that starts the tests in the background lets them inherit an ignored SIGINT.
LONG_RUN = """
import signal, sys, numpy as np, wordline as wl
signal.signal(signal.SIGINT, signal.default_int_handler)
W = np.random.default_rng(0).standard_normal((512, 512))
x = np.random.default_rng(1).random((512, {columns}))
cell = wl.GaussianCell(read_noise=0.05, g_min=1e-6)
matrix = wl.Matrix(W, wl.Chip(cell=cell), x[:, :8])
print("ready", flush=True)
{then}
"""


def test_ctrl_c_stops_a_run_within_a_second() -> None:
    script = LONG_RUN.format(columns=60_000, then="matrix @ x")
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(1.0)
    assert process.poll() is None, "the run was too short for this test"
    assert seconds_to_stop(process) < 1.0
    _, errors = process.communicate(timeout=30)
    assert errors.strip().endswith("KeyboardInterrupt")


def test_python_threads_run_while_the_core_works() -> None:
    rng = np.random.default_rng(0)
    cell = wl.GaussianCell(read_noise=0.05, g_min=1e-6)
    matrix = wl.Matrix(rng.standard_normal((512, 256)), wl.Chip(cell=cell), rng.random((256, 8)))
    x = rng.random((256, 20_000))
    gaps, done = [0.0], threading.Event()

    def watch() -> None:
        last = time.monotonic()
        while not done.is_set():
            time.sleep(0.001)
            now = time.monotonic()
            gaps.append(now - last)
            last = now

    watcher = threading.Thread(target=watch)
    watcher.start()
    start = time.monotonic()
    matrix @ x
    took = time.monotonic() - start
    done.set()
    watcher.join()
    assert took > 0.2, "the run was too short for this test"
    assert max(gaps) < took / 2


def test_several_python_threads_may_run_one_chip() -> None:
    rng = np.random.default_rng(0)
    matrix = wl.Matrix(
        rng.standard_normal((32, 64)), wl.Chip(cell="milo-2021"), rng.random((64, 8))
    )
    x = rng.random((64, 500))
    expected = matrix @ x
    results: list[Any] = [None] * 4

    def work(place: int) -> None:
        results[place] = matrix @ x

    threads = [threading.Thread(target=work, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results:
        np.testing.assert_array_equal(result, expected)
