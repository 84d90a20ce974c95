"""The room checker refuses what it should, and nothing else: each case is a small wrong tree."""

from pathlib import Path

import check_rooms
import pytest


def rules(root: Path, files: dict[str, str]) -> list[str]:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return [str(finding).split(": ")[0] + " " + finding.rule for finding in check_rooms.check(root)]


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("core/a.cpp", '#include "core/b.hpp"'),
        ("devices/a.cpp", '#include "core/b.hpp"'),
        ("mapper/a.cpp", '#include "cost/b.hpp"'),
        ("python/bindings/a.cpp", '#include "mapper/b.hpp"'),
        ("tests/core/a.cpp", '#include "tests/catch.hpp"'),
        ("bench/a.cpp", '#include "crossbar/b.hpp"'),
        ("core/hdf5_file.cpp", "#include <hdf5.h>"),
        ("crossbar/a.cpp", "#include <hwy/highway.h>"),
    ],
)
def test_allowed(tmp_path: Path, file: str, line: str) -> None:
    assert rules(tmp_path, {file: line + "\n"}) == []


@pytest.mark.parametrize(
    ("file", "line", "rule"),
    [
        ("core/a.cpp", '#include "devices/b.hpp"', "include-order"),
        ("devices/a.hpp", '#include "crossbar/b.hpp"', "include-order"),
        ("crossbar/a.cpp", '#include "cost/b.hpp"', "include-order"),
        ("cost/a.cpp", '#include "devices/b.hpp"', "include-order"),
        ("mapper/a.cpp", '#  include "python/bindings/b.hpp"', "include-order"),
        ("cost/a.cpp", '#include "tests/catch.hpp"', "include-order"),
        ("mapper/a.cpp", '#include "bench/b.hpp"', "include-order"),
        ("tests/core/a.cpp", '#include "examples/b.hpp"', "include-order"),
        ("core/a.cpp", '#include "b.hpp"', "include-root"),
        ("devices/a.cpp", '#include "../core/b.hpp"', "include-unknown"),
        ("core/a.cpp", '#include "gadgets/b.hpp"', "include-unknown"),
        ("core/a.cpp", "#include <devices/b.hpp>", "include-root"),
        ("core/file.cpp", "#include <hdf5.h>", "hdf5"),
        ("mapper/a.cpp", "#include <hdf5/serial/hdf5_hl.h>", "hdf5"),
        ("tests/core/a.cpp", "#include <H5Ppublic.h>", "hdf5"),
        ("python/bindings/a.cpp", 'auto m = py::module_::import("wordline.map");', "python-face"),
        ("core/a.cpp", "void f() {", "unreadable"),
        ("python/wordline/a.py", "def f(:", "unreadable"),
    ],
)
def test_refused(tmp_path: Path, file: str, line: str, rule: str) -> None:
    number = 1 if rule == "unreadable" else 2
    assert rules(tmp_path, {file: "\n" + line + "\n"}) == [f"{file}:{number} {rule}"]


def cpp_function(lines: int) -> str:
    return "void f() {\n" + "  g();\n" * (lines - 2) + "}\n"


def python_function(lines: int) -> str:
    return 'def f():\n    """Long\n    words."""\n' + "    g()\n" * (lines - 1)


@pytest.mark.parametrize(
    ("file", "make"), [("core/a.cpp", cpp_function), ("python/wordline/a.py", python_function)]
)
def test_function_size(tmp_path: Path, file: str, make) -> None:
    assert rules(tmp_path, {file: make(40)}) == []
    assert rules(tmp_path, {file: make(41)}) == [f"{file}:1 function-size"]


def test_file_size(tmp_path: Path) -> None:
    assert rules(tmp_path, {"core/a.cpp": "int a;\n" * 400}) == []
    assert rules(tmp_path, {"core/a.cpp": "int a;\n" * 401}) == ["core/a.cpp:401 file-size"]


TRICKY = r"""#pragma once
#define OPEN(a) { \
  a
// {
/* { */ namespace a::b {
extern "C" {
struct Foo : Bar<int> {
  Foo(int a) : a_{a}, b_(2) {
    x = '{';
    y = 1'000'000;
  }
  std::vector<int> v = {1, 2};
  const char* text() const { return R"toml({{{)toml"; }
};
template <class T, class = std::enable_if_t<is_same<T, int>>>
void late(T x) {  // }
  auto inner = [&](int a) { return a; };
}
constexpr std::array<Foo, 2> all{{{1, 2}, {3, f(2)}}};
}
}
TEST_CASE("brace {", "[tag]") { late(1); }
"""


def test_braces_that_are_not_braces(tmp_path: Path) -> None:
    assert rules(tmp_path, {"core/a.cpp": TRICKY}) == []
    found = [(f.name, f.line, f.length) for f in check_rooms.cpp_functions(TRICKY)]
    assert found == [("Foo", 8, 4), ("text", 13, 1), ("late", 16, 3), ("TEST_CASE", 22, 1)]


def test_findings_are_printed_and_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules(tmp_path, {"core/a.cpp": '#include "b.hpp"\n'})
    assert check_rooms.main(tmp_path) == 1
    assert capsys.readouterr().out.startswith("core/a.cpp:1: include-root: ")
