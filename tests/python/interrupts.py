"""What tests of interrupted runs share."""

import os
import signal
import subprocess


def cpu_seconds(pid: int) -> float:
    """Processor time of a process: it does not grow while others hold the machine."""
    with open(f"/proc/{pid}/stat") as stat:
        user, system = stat.read().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def seconds_to_stop(process: subprocess.Popen[str]) -> float:
    """Sends SIGINT and waits for the end; the processor time until then, in seconds per core."""
    start = cpu_seconds(process.pid)
    process.send_signal(signal.SIGINT)
    # Its times stay readable until it is reaped.
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    return (cpu_seconds(process.pid) - start) / (os.cpu_count() or 1)
