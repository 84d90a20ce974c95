"""A progress bar on the terminal's error stream; silent when that is a file or a notebook."""

import contextlib
import sys
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def progress_bar(
    total: int, unit: str, *, enabled: bool = True
) -> Iterator[Callable[[float], None]]:
    """Gives a function that says how many more steps are done.

    Args:
        total: number of steps. unit: what they are: "chips".
        enabled: False shows nothing, nor does an error stream that is no terminal.
    """
    if not (enabled and sys.stderr.isatty()):
        yield lambda steps: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = TextColumn(unit), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(unit, total=total)
        yield lambda steps: progress.advance(task, steps)
