"""How far a study is: a bar on a terminal's error stream, a line in a notebook, else nothing."""

import contextlib
import importlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

Advance = Callable[[float], None]


@contextlib.contextmanager
def progress_bar(total: int, unit: str, *, enabled: bool = True) -> Iterator[Advance]:
    """Gives a function that says how many more steps are done.

    Args:
        total: number of steps. unit: what they are: "chips".
        enabled: False shows nothing, nor does an error stream that goes to a file or a pipe.
    """
    if enabled and _in_notebook():
        yield _notebook_line(total, unit)
    elif enabled and sys.stderr.isatty():
        with _terminal_bar(total, unit) as advance:
            yield advance
    else:
        yield lambda steps: None


@contextlib.contextmanager
def _terminal_bar(total: int, unit: str) -> Iterator[Advance]:
    from rich import progress
    from rich.console import Console

    columns = (
        progress.TextColumn(unit),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TimeRemainingColumn(),
    )
    with progress.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(unit, total=total)
        yield lambda steps: bar.advance(task, steps)


def _in_notebook() -> bool:
    """Whether a Jupyter kernel runs this."""
    ipython: Any = sys.modules.get("IPython")
    return "ipykernel" in sys.modules and ipython is not None and bool(ipython.get_ipython())


def _notebook_line(total: int, unit: str) -> Advance:
    shown: Any = importlib.import_module("IPython.display")
    done = 0.0
    line = shown.display(shown.Pretty(f"0/{total} {unit}"), display_id=True)

    def advance(steps: float) -> None:
        nonlocal done
        done += steps
        line.update(shown.Pretty(f"{done:.1f}/{total} {unit}"))

    return advance
