"""Workers, and what the parent notices of them: answers, crashes and hangs."""

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

BATCH = 200  # inputs a worker is given at a time
WORKER = Path(__file__).with_name("worker.py")
SECONDS = 10.0  # one input may take
IMPORTS = 120.0  # seconds until a new worker answers first, on a busy machine

Report = Callable[[int, str, str], None]  # index, what happened, details


class Worker:
    """One child process, its work that is left, and the input in flight."""

    def __init__(self, seed: int, script: Path):
        self._seed, self._script = seed, script
        self.left: range = range(0)
        self.flying: int | None = None
        self.start()

    def start(self) -> None:
        """A new process; whatever is left is given to it."""
        file, name = tempfile.mkstemp(prefix="wordline-fuzz-")
        os.close(file)
        self._crash = Path(name)
        self.process = subprocess.Popen(
            [sys.executable, str(self._script), str(self._seed), str(self._crash)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
        self._buffer = b""
        self.deadline = time.monotonic() + IMPORTS
        if self.left:
            self.give(self.left)

    def give(self, work: range) -> None:
        """Inputs to try."""
        self.left = work
        assert self.process.stdin is not None
        self.process.stdin.write(f"{work.start} {len(work)}\n".encode())
        self.process.stdin.flush()

    def lines(self) -> list[list[str]] | None:
        """Answers that have arrived; None when the process has ended."""
        assert self.process.stdout is not None
        data = os.read(self.process.stdout.fileno(), 1 << 16)
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        return [json.loads(line) for line in lines] if data else None

    def ended(self) -> str:
        """Waits for the process; how it ended, and its stack."""
        code = self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            pipe.close()  # type: ignore[union-attr]
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"
        stack = self._crash.read_text(errors="replace")
        self._crash.unlink()
        return f"{how}\n{stack}"


@dataclass
class Pool:
    """Spreads inputs over workers and counts outcomes.

    report: called for each finding. script: what the workers run.
    """

    seed: int
    report: Report
    script: Path = WORKER
    counts: Counter[str] = field(default_factory=Counter)

    def run(self, work: range, workers: int, progress: Callable[[int], None]) -> None:
        """Try all of `work`."""
        batches = iter([work[i : i + BATCH] for i in range(0, len(work), BATCH)])
        self._selector = selectors.DefaultSelector()
        for batch in [b for _, b in zip(range(workers), batches, strict=False)]:
            worker = Worker(self.seed, self.script)
            self._watch(worker)
            worker.give(batch)
        while self._selector.get_map():
            for key, _ in self._selector.select(timeout=0.5):
                self._hear(key.data, batches)
            for key in list(self._selector.get_map().values()):
                if time.monotonic() > key.data.deadline:
                    key.data.process.kill()
                    self._lost(key.data, f"more than {SECONDS:g} s")
            progress(self.counts.total())
        self._selector.close()

    def _watch(self, worker: Worker) -> None:
        self._selector.register(worker.process.stdout, selectors.EVENT_READ, worker)  # type: ignore[arg-type]

    def _hear(self, worker: Worker, batches: Iterator[range]) -> None:
        answers = worker.lines()
        if answers is None:
            self._lost(worker, "")
            return
        for word, *rest in answers:
            if word == "batch":
                self._next(worker, batches)
            elif word == "start":
                worker.flying = int(rest[0])
                worker.deadline = time.monotonic() + SECONDS
            else:
                self._count(worker, *rest)  # type: ignore[arg-type]

    def _next(self, worker: Worker, batches: Iterator[range]) -> None:
        batch = next(batches, None)
        if batch is not None:
            worker.deadline = time.monotonic() + IMPORTS
            worker.give(batch)
            return
        self._selector.unregister(worker.process.stdout)  # type: ignore[arg-type]
        worker.process.stdin.close()  # type: ignore[union-attr]
        worker.ended()

    def _count(self, worker: Worker, index: int, what: str, details: str) -> None:
        self.counts[what] += 1
        worker.left, worker.flying = range(index + 1, worker.left.stop), None
        worker.deadline = time.monotonic() + IMPORTS
        if details:
            self.report(index, what, details)

    def _lost(self, worker: Worker, why: str) -> None:
        """The process crashed, or hung and was ended; a new one goes on after the culprit."""
        self._selector.unregister(worker.process.stdout)  # type: ignore[arg-type]
        details = worker.ended()
        if worker.flying is None:
            raise RuntimeError(f"a worker ended between two inputs: {details}")
        self._count(worker, worker.flying, why or details.partition("\n")[0], details)
        worker.start()
        self._watch(worker)
        if not worker.left:
            worker.give(range(0))
