"""One process that tries inputs: reads "first count" lines, writes a line before and after each.

Its crash or hang is the parent's to notice (`run.py`), which knows from the last line what was in
flight.
"""

import faulthandler
import gc
import json
import os
import resource
import sys
import warnings
from typing import Any, TextIO

MEMORY = 1 << 30  # bytes of address space beyond what the imports take


def main() -> None:
    """Arguments: the run's seed, and a file for the Python stack of a crash."""
    seed, crash = int(sys.argv[1]), open(sys.argv[2], "w")  # noqa: SIM115 -- until the end
    answers = _silence()
    from seeds import seeds
    from target import made, outcome
    from wordline.onnx import rehearsal, runtime

    rehearsal.SECONDS, runtime.LOOP_SECONDS = 4, 2
    pool = seeds()
    _limit_memory()
    faulthandler.enable(crash)
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        first, count = map(int, line.split())
        for index in range(first, first + count):
            _say(answers, "start", index)
            given, random = made(pool, seed, index)
            _say(answers, "end", index, *outcome(given, random))
        gc.collect()
        _say(answers, "batch")


def _say(answers: TextIO, *words: Any) -> None:
    answers.write(json.dumps(words) + "\n")
    answers.flush()


def _silence() -> TextIO:
    """A copy of standard output; the libraries' own goes nowhere."""
    answers = os.fdopen(os.dup(1), "w")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    return answers


def _limit_memory() -> None:
    with open("/proc/self/statm") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
