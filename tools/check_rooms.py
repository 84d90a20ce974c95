"""Checks the order of the rooms and the size of files and functions.

Prints every finding as `path:line: rule: what`.
Each room may include only itself and the rooms to its left. CMake links them so already; this reads
the include lines, because use of a header alone slips past the linker.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from measure import cpp_functions, python_functions

# What each room may include besides itself.
ROOMS = {
    "core": (),
    "devices": ("core",),
    "crossbar": ("core", "devices"),
    "cost": ("core",),
    "mapper": ("core", "devices", "crossbar", "cost"),
    "python": ("core", "devices", "crossbar", "cost", "mapper"),
}
USERS = ("tests", "bench", "examples")  # may include any room; no room includes them
OTHER = ("tools",)
CPP = {".cpp", ".hpp", ".h", ".inl"}
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
HDF5 = re.compile(r"^(hdf5.*|H5[A-Za-z]*)\.h$")
FACE = re.compile(r'import\(\s*"wordline')  # pybind11 reaching back into the Python package
MAX_FILE = 400
MAX_FUNCTION = 40


class Finding(NamedTuple):
    path: Path
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


def allowed(folder: str) -> tuple[str, ...]:
    if folder in ROOMS:
        return (folder, *ROOMS[folder])
    return (folder, *(room for room in ROOMS if room != "python"))


def check_quoted(path: Path, target: str) -> tuple[str, str] | None:
    folder, _, rest = target.partition("/")
    if not rest:
        return "include-root", f'"{target}" does not name its room, as in "core/{target}"'
    if folder not in ROOMS and folder not in USERS:
        return "include-unknown", f'"{target}" is in no room (libraries go in <>)'
    if folder not in allowed(path.parts[0]):
        return "include-order", f'{path.parts[0]} may not use "{target}"'
    return None


def check_angled(path: Path, target: str) -> tuple[str, str] | None:
    if target.partition("/")[0] in (*ROOMS, *USERS):
        return "include-root", f'<{target}> is ours: write "{target}"'
    if HDF5.match(Path(target).name) and not path.as_posix().startswith("core/hdf5"):
        return "hdf5", "only core/hdf5* may use the HDF5 library"
    return None


def check_includes(path: Path, lines: list[str]) -> Iterator[Finding]:
    for number, line in enumerate(lines, 1):
        if path.parts[0] in ROOMS and FACE.search(line):
            yield Finding(path, number, "python-face", "no room may import the Python package")
        if match := INCLUDE.match(line):
            check = check_quoted if match[1] == '"' else check_angled
            if fault := check(path, match[2]):
                yield Finding(path, number, *fault)


def check_size(path: Path, text: str) -> Iterator[Finding]:
    lines = text.count("\n")
    if lines > MAX_FILE:
        yield Finding(path, lines, "file-size", f"{lines} lines, at most {MAX_FILE}")
    functions = cpp_functions(text) if path.suffix in CPP else python_functions(text)
    for function in functions:
        if function.length > MAX_FUNCTION:
            message = f"{function.name} has {function.length} lines, at most {MAX_FUNCTION}"
            yield Finding(path, function.line, "function-size", message)


def check_file(root: Path, path: Path) -> Iterator[Finding]:
    text = (root / path).read_text(encoding="utf-8")
    if path.suffix in CPP:
        yield from check_includes(path, text.splitlines())
    try:
        yield from check_size(path, text)
    except (SyntaxError, ValueError) as error:
        yield Finding(path, 1, "unreadable", str(error))


def sources(root: Path) -> Iterator[Path]:
    for folder in (*ROOMS, *USERS, *OTHER):
        for path in sorted((root / folder).rglob("*")):
            hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
            if path.suffix in {*CPP, ".py"} and path.is_file() and not hidden:
                yield path.relative_to(root)


def check(root: Path) -> list[Finding]:
    return [finding for path in sources(root) for finding in check_file(root, path)]


def main(root: Path) -> int:
    findings = check(root)
    for finding in findings:
        print(finding)
    print(f"check_rooms: {len(findings)} findings in {sum(1 for _ in sources(root))} files")
    return int(bool(findings))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
