"""A model may ask for any amount of memory: it gets what the machine has left, and then an error.

Without a limit Linux grants more than there is, and ends some process when that is used.
"""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

from wordline.errors import fail

if sys.platform == "linux":
    import resource

_GROUP = Path("/sys/fs/cgroup")
_lock = Lock()
_users = 0
_before = (-1, -1)


@contextlib.contextmanager
def within_memory(label: str) -> Iterator[None]:
    """Bounds what this process may allocate to what is available; on Linux only.

    Raises:
        ValueError: the block needs more.
    """
    _enter()
    try:
        yield
    except MemoryError as error:
        fail(
            ValueError,
            f"it needs more memory than is available ({' '.join(str(error).split())})",
            name=label,
            remedy="feed fewer samples at once, or check the sizes in the model",
        )
    finally:
        _leave()


def limit_memory(more: int) -> tuple[int, int]:
    """Let this process allocate `more` bytes; returns the limits as they were."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    limit = _used() + more
    if before[0] != resource.RLIM_INFINITY:
        limit = min(limit, before[0])
    resource.setrlimit(resource.RLIMIT_AS, (limit, before[1]))
    return before


def _enter() -> None:
    """The first thread sets the limit, which holds for the process."""
    global _users, _before
    if sys.platform != "linux":
        return
    with _lock:
        if _users == 0:
            _before = limit_memory(_available())
        _users += 1


def _leave() -> None:
    global _users
    if sys.platform != "linux":
        return
    with _lock:
        _users -= 1
        if _users == 0:
            resource.setrlimit(resource.RLIMIT_AS, _before)


def _used() -> int:
    pages = int(Path("/proc/self/statm").read_text().split(maxsplit=1)[0])
    return pages * resource.getpagesize()


def _available() -> int:
    """Bytes that the machine, and the container, can give without ending a process."""
    rows = Path("/proc/meminfo").read_text().splitlines()
    sizes = {row.partition(":")[0]: int(row.split()[1]) * 1024 for row in rows}
    machine = sizes["MemAvailable"] + sizes["SwapFree"]
    return min(machine, _granted() or machine)


def _granted() -> int | None:
    """What the control group of a container has left; None without a limit."""
    with contextlib.suppress(OSError, ValueError):
        limit = int((_GROUP / "memory.max").read_text())
        return max(limit - int((_GROUP / "memory.current").read_text()), 0)
    return None
