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
# The multiply with its packing.
KERNEL = ("crossbar::N_", "crossbar::pack_")


def record(data: Path, work: Callable[[], object]) -> None:
    """Samples this process while it works, not while it starts."""
    command = ["perf", "record", "-q", "-o", str(data), "-p", str(os.getpid())]
    with subprocess.Popen(command) as perf:
        time.sleep(1.0)  # it says nothing when it is ready
        work()
        perf.send_signal(signal.SIGINT)


def shares(data: Path) -> list[tuple[float, str]]:
    options = ["--stdio", "--no-children", "-g", "none", "-s", "sym", "-F", "overhead,sym"]
    command = ["perf", "report", "-i", str(data), *options]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = [line.split(maxsplit=1) for line in text.splitlines() if "%" in line]
    return [(float(line[0].rstrip("%")) / 100, line[1]) for line in lines if line[0] != "#"]


def main() -> None:
    if shutil.which("perf") is None:
        sys.stderr.write("no perf here: the share outside the multiply is not measured\n")
        return
    x = np.random.default_rng(1).random((32, 3, 32, 32)).astype(np.float32)
    programmed = wl.load(resnet20()).map(chip(), calibrate=x[:1]).program()
    programmed(x)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "perf.data"
        record(data, lambda: [programmed(x) for _ in range(RUNS)])
        found = shares(data)
    kernel = sum(share for share, name in found if any(part in name for part in KERNEL))
    report("ResNet-20, share outside the kernel", 1 - kernel, f"{RUNS} runs of 32 images")


if __name__ == "__main__":
    main()
