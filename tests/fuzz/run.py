"""Fuzzes the loading and running of ONNX models: `make fuzz`, or this file with --help.

An allowed end is success or a typed error of Wordline's own. Findings are kept beside this file as
found-*.onnx with a text; then the exit status is 1.
"""

import argparse
import hashlib
import re
import sys
import time
from pathlib import Path
from random import Random

from pool import Pool
from seeds import Seed, seeds
from wordline.onnx import runtime

HERE = Path(__file__).parent
FRAME = re.compile(r'File "[^"]*?([\w.]+)", line (\d+)')


def main() -> int:
    """The exit status."""
    options = _options()
    runtime.LOOP_SECONDS = 2
    if options.files:
        shown = [_show(Seed(str(f), f.read_bytes()), Random(0)) for f in options.files]
        return max(shown)
    if options.replay is not None:
        from target import made

        return _show(*made(seeds(), options.seed, options.replay))
    return _run(options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="inputs to try")
    parser.add_argument("--first", type=int, default=0, help="index of the first")
    parser.add_argument("--seed", type=int, default=1, help="input i is a function of it and i")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--replay", type=int, help="try this index alone, in this process")
    parser.add_argument("--files", type=Path, nargs="+", help="try these models, in this process")
    return parser.parse_args()


def _run(options: argparse.Namespace) -> int:
    findings = Findings(options.seed)
    pool = Pool(options.seed, findings.add)
    start = shown = time.monotonic()

    def progress(done: int) -> None:
        nonlocal shown
        if time.monotonic() - shown > 30:
            shown = time.monotonic()
            print(f"{done} inputs, {done / (shown - start):.0f}/s, {findings}", flush=True)

    work = range(options.first, options.first + options.count)
    pool.run(work, options.workers, progress)
    for what, number in pool.counts.most_common():
        print(f"{number:8d}  {what}")
    rate = pool.counts.total() / (time.monotonic() - start)
    print(f"{pool.counts.total()} inputs, {rate:.0f} inputs/s, seed {options.seed}: {findings}")
    return 1 if findings.total else 0


class Findings:
    """What must not happen: counted, and one of each kind is kept."""

    def __init__(self, seed: int):
        self._seed, self._seeds = seed, seeds()
        self._kinds: set[str] = set()
        self.total = 0

    def add(self, index: int, what: str, details: str) -> None:
        """Keep the input if it is the first of its kind: its end, and the innermost lines."""
        self.total += 1
        frames = FRAME.findall(details)
        kind = f"{what} {frames[:2] if what.startswith(('signal', 'more')) else frames[-2:]}"
        if kind in self._kinds:
            return
        self._kinds.add(kind)
        from target import made

        given, _ = made(self._seeds, self._seed, index)
        path = HERE / f"found-{hashlib.sha256(given.model).hexdigest()[:12]}.onnx"
        path.write_bytes(given.model)
        text = f"{what}\nseed {self._seed} index {index}, from {given.name}\n\n{details}"
        path.with_suffix(".txt").write_text(text)
        print(f"finding at index {index}: {what} ({path.name})", flush=True)

    def __str__(self) -> str:
        return f"{self.total} findings of {len(self._kinds)} kinds"


def _show(given: Seed, random: Random) -> int:
    from target import outcome

    print(given.name, flush=True)
    what, details = outcome(given, random)
    print(what, details, sep="\n", flush=True)
    return 1 if details else 0


if __name__ == "__main__":
    sys.exit(main())
