"""Adds up the closing lines of ctest, pytest and Catch2 in a log and prints `N passed, N failed`."""

import re
import sys
from pathlib import Path

CTEST = re.compile(r"^\d+% tests passed(?:, (\d+) tests? failed)? out of (\d+)", re.MULTILINE)
PYTEST = re.compile(r"^=+ (.*\d+ (?:passed|failed|error).*) in [\d.]+s.*=+$", re.MULTILINE)
CATCH_GREEN = re.compile(r"^All tests passed \(.* in (\d+) test cases?\)", re.MULTILINE)
CATCH_RED = re.compile(r"^test cases: +\d+ \|(.*)$", re.MULTILINE)


def words(line: str) -> dict[str, int]:
    return {word: int(number) for number, word in re.findall(r"(\d+) ([a-z]+)", line)}


def count(log: str) -> tuple[int, int]:
    ctest = [
        (int(total) - int(failed or 0), int(failed or 0)) for failed, total in CTEST.findall(log)
    ]
    counted = [words(line) for line in PYTEST.findall(log) + CATCH_RED.findall(log)]
    other = [
        (w.get("passed", 0), w.get("failed", 0) + w.get("error", 0) + w.get("errors", 0))
        for w in counted
    ]
    green = [(int(cases), 0) for cases in CATCH_GREEN.findall(log)]
    pairs = ctest + other + green
    return sum(passed for passed, _ in pairs), sum(failed for _, failed in pairs)


if __name__ == "__main__":
    passed, failed = count(re.sub(r"\x1b\[[0-9;]*m", "", Path(sys.argv[1]).read_text()))
    print(f"{passed} passed, {failed} failed")
