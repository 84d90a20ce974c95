"""Prints what pyproject.toml asks for to build and run the package, with the extras named."""

import sys
import tomllib
from pathlib import Path


def requirements(pyproject: Path, extras: list[str]) -> list[str]:
    data = tomllib.loads(pyproject.read_text())
    wanted = data["build-system"]["requires"] + data["project"]["dependencies"]
    for extra in extras:
        wanted += data["project"]["optional-dependencies"][extra]
    return sorted(set(wanted))


if __name__ == "__main__":
    root = Path(__file__).resolve().parent.parent
    print("\n".join(requirements(root / "pyproject.toml", sys.argv[1:])))
