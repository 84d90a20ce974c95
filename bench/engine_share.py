"""Share of a network's run outside the multiply, by samples of its processor time (perf)."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import wordline as wl
from figures import chip, report
from resnet import resnet20

# The multiply with its packing; calibration, which has the same sums, is too short to matter.
KERNEL = ("crossbar::N_", "crossbar::pack_")


def run() -> None:
    x = np.random.default_rng(1).random((32, 3, 32, 32)).astype(np.float32)
    programmed = wl.load(resnet20()).map(chip(), calibrate=x[:1]).program()
    for _ in range(60):
        programmed(x)


def shares(data: Path) -> list[tuple[float, str]]:
    options = ["--stdio", "--no-children", "-g", "none", "-s", "sym", "-F", "overhead,sym"]
    command = ["perf", "report", "-i", str(data), *options]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = [line.split(maxsplit=1) for line in text.splitlines() if "%" in line]
    return [(float(line[0].rstrip("%")) / 100, line[1]) for line in lines if line[0] != "#"]


def main() -> None:
    if "--run" in sys.argv:
        return run()
    if shutil.which("perf") is None:
        sys.stderr.write("no perf here: the share outside the multiply is not measured\n")
        return None
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "perf.data"
        record = ["perf", "record", "-q", "-o", str(data), sys.executable, __file__, "--run"]
        subprocess.run(record, check=True)
        found = shares(data)
    kernel = sum(share for share, name in found if any(part in name for part in KERNEL))
    report("ResNet-20, share outside the kernel", 1 - kernel, "60 runs of 32 images with start-up")
    return None


if __name__ == "__main__":
    main()
