"""ONNX and ONNX Runtime meet a model in a child process first, which alone ends of its damage.

Both are compiled with assertions, and end the process for shapes that their inference of types
does not expect (a Slice of an axis that has become negative, in onnx 1.23 and onnxruntime 1.32).
What an inference may compute can be told only by doing it, so no rule beforehand covers them all.
"""

import contextlib
import faulthandler
import os
import signal
import sys
import warnings
from collections.abc import Callable
from typing import NoReturn

from wordline.errors import fail
from wordline.onnx.memory import limit_memory

SWITCH = "WORDLINE_TRUST_MODELS"
SECONDS = 120  # until a rehearsal is given up
MEMORY = 4 << 30  # bytes a rehearsal may take; it knows no large weights


def rehearse(task: Callable[[], object], label: str) -> None:
    """Run `task` in a fork of this process; exceptions in it are no concern here.

    On Linux only, as other systems hardly let a program with libraries fork. Does nothing where the
    environment says that models are to be trusted (WORDLINE_TRUST_MODELS=1).

    Raises:
        ValueError: the task ended its process, or took too long.
    """
    if sys.platform != "linux" or os.environ.get(SWITCH) == "1":
        return
    with warnings.catch_warnings():
        # Python 3.12 warns of forks beside threads; the child uses none of theirs.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        _perform(task)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        _refuse(os.WTERMSIG(status), label)


def _perform(task: Callable[[], object]) -> NoReturn:
    """In the child: end without a trace."""
    try:
        _limit()
        with contextlib.suppress(Exception):
            task()
    finally:
        os._exit(0)


def _limit() -> None:
    import resource

    faulthandler.disable()
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(SECONDS)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    limit_memory(MEMORY)


def _refuse(number: int, label: str) -> NoReturn:
    name = signal.Signals(number).name
    if number == signal.SIGALRM:
        rule = f"ONNX Runtime does not make sense of it within {SECONDS} s"
    else:
        rule = f"ONNX Runtime cannot load it: it would end the process with {name}"
    remedy = f"export the model again; {SWITCH}=1 leaves out this check of models"
    fail(ValueError, rule, name=label, remedy=remedy)
