"""What the Python benchmarks share: one line of JSON per figure, medians of runs that alternate."""

import json
import statistics
import sys
import time
from collections.abc import Callable

import wordline as wl


def report(name: str, ratio: float, detail: str) -> None:
    """One figure; judge.py adds the goal of that name."""
    sys.stdout.write(json.dumps({"name": name, "ratio": float(f"{ratio:.3g}"), "detail": detail}))
    sys.stdout.write("\n")
    sys.stdout.flush()


def fastest(above: list[float], below: list[float]) -> str:
    """The same ratio of the fastest runs. Shorter ones find a quiet moment more easily."""
    a, b = min(above), min(below)
    return f", fastest runs {a:.4f} / {b:.4f} s = {a / b:.3g}"


def seconds(work: Callable[[], object]) -> float:
    time.sleep(0.1)  # threads of what ran before stop waiting for more
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def times(*works: Callable[[], object], turns: int = 5) -> list[list[float]]:
    """How long each took, taking turns."""
    rows = [[seconds(work) for work in works] for _ in range(turns)]
    return [list(column) for column in zip(*rows, strict=True)]


def medians(*works: Callable[[], object], turns: int = 5) -> list[float]:
    """The median time of each, taking turns."""
    return [statistics.median(column) for column in times(*works, turns=turns)]


def chip(cell: wl.Cell | None = None) -> wl.Chip:
    """8-bit weights in four slices, pairs, 128x128, bit-serial 8-bit inputs, an 8-bit ADC."""
    return wl.Chip(
        cell=cell or wl.IdealCell(),
        array=wl.Array(rows=128, cols=128),
        weights=wl.Weights(bits=8, slice_bits=2, encoding="differential"),
        dac=wl.DAC(bits=8, bits_per_cycle=1),
        adc=wl.ADC(bits=8, range="calibrated"),
    )
