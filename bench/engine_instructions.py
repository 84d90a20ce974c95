"""Instructions of one multiply, counted by callgrind: other work does not disturb them.

Counts belong to a compiler; instructions.json keeps them. `--keep` writes this one's.
Callgrind has no AVX-512: what is counted is the AVX2 kernel.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from figures import report

HERE = Path(__file__).parent
PROGRAM = HERE.parent / "build" / "release" / "bench" / "bench_instructions"
KEPT = HERE / "instructions.json"


def counted(case: str, repeats: int) -> int:
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", str(PROGRAM)]
    run = subprocess.run([*command, case, str(repeats)], capture_output=True, text=True, check=True)
    found = re.search(r"Collected : (\d+)", run.stderr)
    if found is None:
        raise RuntimeError(run.stderr)
    return int(found[1])


def compiler() -> str:
    run = subprocess.run(["g++", "-dumpversion"], capture_output=True, text=True, check=True)
    return f"g++ {run.stdout.strip()}"


def main() -> None:
    if shutil.which("valgrind") is None:
        sys.stderr.write("no valgrind here: instructions are not counted\n")
        return
    kept = json.loads(KEPT.read_text())
    # What programs do before and after is in both counts.
    now = {
        case: counted(case, 2) - counted(case, 1)
        for case in ("bits", "ideal", "noise", "dnl", "analog")
    }
    if "--keep" in sys.argv:
        KEPT.write_text(json.dumps(kept | {compiler(): now}, indent=2) + "\n")
        return
    for case, count in now.items():
        before = kept[compiler()][case] if compiler() in kept else None
        detail = f"{count} instructions, kept for {compiler()}: {before}"
        report(f"instructions, {case}", count / before if before else 1.0, detail)


if __name__ == "__main__":
    main()
