"""Compares figures of two versions: compare.py BASE.jsonl CHANGE.jsonl, several lines per name."""

import json
import statistics
import sys
from pathlib import Path


def medians(path: str) -> dict[str, float]:
    """The median ratio of each name."""
    figures: dict[str, list[float]] = {}
    for line in Path(path).read_text().splitlines():
        if line.startswith("{"):
            figure = json.loads(line)
            figures.setdefault(figure["name"], []).append(figure["ratio"])
    return {name: statistics.median(values) for name, values in figures.items()}


def main() -> None:
    """Prints one line of JSON per name that both have."""
    base, change = medians(sys.argv[1]), medians(sys.argv[2])
    for name in base.keys() & change.keys():
        figure = {"name": name, "base": base[name], "change": change[name]}
        sys.stdout.write(json.dumps(figure | {"ratio": round(change[name] / base[name], 3)}) + "\n")


if __name__ == "__main__":
    main()
