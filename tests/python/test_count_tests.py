"""The closing line of the whole check adds up what ctest and pytest say, however they say it."""

import count_tests
import pytest


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("100% tests passed, 0 tests failed out of 12", (12, 0)),
        ("100% tests passed out of 12", (12, 0)),
        ("92% tests passed, 1 test failed out of 12", (11, 1)),
        ("===== 5 passed in 0.10s =====", (5, 0)),
        ("= 2 failed, 5 passed, 1 skipped, 1 error in 75.20s (0:01:15) =", (5, 3)),
        ("================== 3 errors in 0.2s ==================", (0, 3)),
        ("test cases: 1 | 1 failed", (0, 0)),  # repeated inside ctest's output
    ],
)
def test_one_line(line: str, expected: tuple[int, int]) -> None:
    assert count_tests.count(f"before\n{line}\nafter\n") == expected


def test_lines_add_up() -> None:
    log = "50% tests passed, 1 test failed out of 2\n=== 3 passed in 1.0s ===\n"
    assert count_tests.count(log) == (4, 1)
