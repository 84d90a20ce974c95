"""Adds up the closing lines of ctest and pytest in a log: `N passed, N failed`."""

import re
import sys
from pathlib import Path

# "100% tests passed, 0 tests failed out of 12"; ctest 4 says "100% tests passed out of 12".
CTEST = re.compile(r"^\d+% tests passed(?:, (\d+) tests? failed)? out of (\d+)", re.MULTILINE)
PYTEST = re.compile(r"^=+ (.*\d+ (?:passed|failed|error).*) in [\d.]+s.*=+$", re.MULTILINE)


def words(line: str) -> dict[str, int]:
    return {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|error)", line)}


def count(log: str) -> tuple[int, int]:
    passed = failed = 0
    for bad, total in CTEST.findall(log):
        passed += int(total) - int(bad or 0)
        failed += int(bad or 0)
    for line in PYTEST.findall(log):
        found = words(line)
        passed += found.get("passed", 0)
        failed += found.get("failed", 0) + found.get("error", 0)
    return passed, failed


if __name__ == "__main__":
    log = re.sub(r"\x1b\[[0-9;]*m", "", Path(sys.argv[1]).read_text(errors="replace"))
    print("{} passed, {} failed".format(*count(log)))
