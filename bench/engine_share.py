"""Share of a network's run outside the multiply, by samples of its processor time (perf)."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import wordline as wl
from figures import chip, report
from resnet import resnet20

RUNS = 60
# The multiply with its packing; counting what drives rows for their energy is no part of it.
KERNEL = ("crossbar::N_", "crossbar::pack_", "crossbar::detail::", "crossbar::multiply")
COUNTING = ("::count_strips", "::count_some", "::count_all")


def record(data: Path, work: Callable[[], object]) -> None:
    """Samples this process while it works, not while it starts."""
    command = ["perf", "record", "-q", "-o", str(data), "-p", str(os.getpid())]
    with subprocess.Popen(command) as perf:
        time.sleep(1.0)  # it says nothing when it is ready
        try:
            work()
        finally:
            perf.send_signal(signal.SIGINT)
    if not data.exists():
        raise RuntimeError(f"perf record wrote nothing and ended with {perf.returncode}")


def shares(data: Path) -> list[tuple[float, str]]:
    options = ["--stdio", "--no-children", "-g", "none", "-s", "sym", "-F", "overhead,sym"]
    command = ["perf", "report", "-i", str(data), *options]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = [line.split(maxsplit=1) for line in text.splitlines() if "%" in line]
    return [(float(line[0].rstrip("%")) / 100, line[1]) for line in lines if line[0] != "#"]


def outside(run: Callable[[], object]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "perf.data"
        record(data, lambda: [run() for _ in range(RUNS)])
        found = shares(data)
    names = [(share, name) for share, name in found if not any(part in name for part in COUNTING)]
    return 1 - sum(share for share, name in names if any(part in name for part in KERNEL))


def main() -> None:
    if shutil.which("perf") is None:
        sys.stderr.write("no perf here: the share outside the multiply is not measured\n")
        return
    x = np.random.default_rng(1).random((32, 3, 32, 32)).astype(np.float32)
    programmed = wl.load(resnet20()).map(chip(), calibrate=x[:1]).program()
    programmed(x)
    one, two = (outside(lambda n=n: programmed(x, threads=n)) for n in (1, 2))
    report("ResNet-20, share outside the kernel", one, f"{RUNS} runs of 32 images, 1 thread")
    report("ResNet-20, share with waiting threads", two, f"{RUNS} runs of 32 images, 2 threads")


if __name__ == "__main__":
    main()
