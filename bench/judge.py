"""Adds goals to the figures of benchmarks: lines of JSON in and out, anything else to stderr.

A line has `name` and `ratio`; goals.json gives the goal of a name as {"at_least": x} or
{"at_most": x}. The exit status says whether every goal was reached.
"""

import json
import sys
from pathlib import Path

GOALS = json.loads((Path(__file__).parent / "goals.json").read_text())


def judged(figure: dict[str, object]) -> dict[str, object]:
    """The figure with the goal of its name, if it has one."""
    name, ratio = str(figure["name"]), float(str(figure["ratio"]))
    out: dict[str, object] = {"name": name, "ratio": ratio}
    for bound, goal in GOALS.get(name, {}).items():
        ok = ratio >= goal if bound == "at_least" else ratio <= goal
        out |= {"goal": goal, "bound": bound, "ok": ok}
    return out | {key: value for key, value in figure.items() if key not in out}


def main() -> int:
    """Judges standard input."""
    missed = 0
    for line in sys.stdin:
        if not line.startswith("{"):
            sys.stderr.write(line)
            continue
        figure = judged(json.loads(line))
        missed += figure.get("ok") is False
        sys.stdout.write(json.dumps(figure) + "\n")
        sys.stdout.flush()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
