"""Runs clang-tidy over the rooms and bindings, on all cores, skipping files that passed before.

A file is skipped when it, every project header it reaches, the rules and the compile command
are unchanged. Tests and benchmarks are left out: test macros hide what clang-tidy looks for and
would double the time.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TIDY = Path(sys.executable).with_name("clang-tidy")
FOLDERS = ("core", "devices", "crossbar", "cost", "mapper", "python")
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


@cache
def included(file: Path) -> tuple[Path, ...]:
    paths = (ROOT / name for name in INCLUDE.findall(file.read_text()))
    return tuple(path for path in paths if path.exists())


def reached(file: Path) -> list[Path]:
    seen: set[Path] = set()
    todo = [file]
    while todo:
        current = todo.pop()
        if current not in seen:
            seen.add(current)
            todo += included(current)
    return sorted(seen)


def digest(entry: dict[str, str]) -> str:
    key = hashlib.sha256(entry["command"].encode())
    for path in [ROOT / ".clang-tidy", ROOT / "pyproject.toml", *reached(Path(entry["file"]))]:
        key.update(path.read_bytes())
    return key.hexdigest()


@cache
def openmp_flags() -> tuple[str, ...]:
    """clang-tidy brings no omp.h, and GCC's gives `malloc` arguments that clang does not know."""
    command = ["g++", "-print-file-name=include"]
    folder = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return ("-idirafter", folder, "-D__malloc__(...)=")


def tidy(build: Path, file: str) -> bool:
    flags = ("-Wno-unknown-warning-option", *openmp_flags())
    extra = [f"--extra-arg={flag}" for flag in flags]
    command = [str(TIDY), "--quiet", "-p", str(build), *extra, file]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stdout + done.stderr, flush=True)
    return done.returncode == 0


def check(build: Path, entry: dict[str, str]) -> bool:
    stamp = build / "tidy" / digest(entry)
    passed = stamp.exists() or tidy(build, entry["file"])
    if passed:
        stamp.touch()
    return passed


def main(build: Path) -> int:
    (build / "tidy").mkdir(exist_ok=True)
    entries = json.loads((build / "compile_commands.json").read_text())
    ours = tuple(str(ROOT / folder) + "/" for folder in FOLDERS)
    entries = [entry for entry in entries if entry["file"].startswith(ours)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        passed = list(pool.map(lambda entry: check(build, entry), entries))
    print(f"clang-tidy: {len(passed)} files, {passed.count(False)} with findings")
    return int(not all(passed))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
