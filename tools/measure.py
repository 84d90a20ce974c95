"""Where functions begin and how many lines they have: C++ by counting braces, Python by its parser.

The C++ half is a heuristic for code as clang-format leaves it. Only the outermost function counts:
a lambda is part of the function around it, a member function is measured on its own.
"""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple


class Function(NamedTuple):
    name: str
    line: int
    length: int


# Comments, raw strings, strings, characters, preprocessor lines: no brace in them is one of the
# program. A quote behind a digit separates digits (1'000).
NOISE = re.compile(
    r"""//(?:\\\n|[^\n])*
      | /\*.*?\*/
      | \bu?8?[LU]?R"(?P<mark>[^()\s\\]*)\(.*?\)(?P=mark)"
      | "(?:\\.|[^"\\\n])*"
      | (?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'
      | ^[ \t]*\#(?:\\\n|[^\n])*
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
SCOPE = re.compile(r"^(?:inline\s+)?(?:namespace|struct|class|union|enum|extern)\b")
TEMPLATE = re.compile(r"^template\s*<(?:[^<>]|<(?:[^<>]|<[^<>]*>)*>)*>\s*")
TAIL = re.compile(r"(?:\)|\b(?:const|noexcept|override|final|mutable|try)|&|->[^(){};=]*)\s*$")
NAME = re.compile(r"([~\w:]+(?:\s*(?:==|<=>|\(\)|\[\]|[-+*/<>=!]+))?)\s*\(")
CLOSED = "\0"  # stands in a head for a closed braced value
AFTER_INITIALISERS = re.compile(rf"\)\s*(?:noexcept\s*)?:[^:].*{CLOSED}\s*$", re.DOTALL)


def blank(match: re.Match[str]) -> str:
    """A string leaves an empty one, all else nothing but its line ends: line numbers stay."""
    return ('""' if match[0].endswith('"') else "") + "\n" * match[0].count("\n")


def kind_of(head: str) -> str:
    """What a brace opens, from the text before it: a scope, a function or a value."""
    head = TEMPLATE.sub("", head.strip())
    if SCOPE.match(head):
        return "scope"
    if "(" not in head or head.count("(") != head.count(")"):
        return "value"
    return "function" if TAIL.search(head) or AFTER_INITIALISERS.search(head) else "value"


def name_of(head: str) -> str:
    found = NAME.search(TEMPLATE.sub("", head.strip()))
    return found[1] if found else "function"


def closing(code: str, opening: int) -> int:
    depth = 0
    for brace in re.finditer(r"[{}]", code[opening:]):
        depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            return opening + brace.start()
    raise ValueError("a brace opens that is never closed")


def cpp_functions(text: str) -> Iterator[Function]:
    code = NOISE.sub(blank, text)
    head, scopes, at = "", 0, 0
    while match := re.compile(r"[{};]").search(code, at):
        head += code[at : match.start()]
        at = match.end()
        kind = kind_of(head)
        if match[0] == "{" and kind != "scope":
            at = closing(code, match.start()) + 1
            if kind == "function":
                length = code.count("\n", match.start(), at) + 1
                yield Function(name_of(head), code.count("\n", 0, match.start()) + 1, length)
        elif match[0] != ";":
            scopes += 1 if match[0] == "{" else -1
        head = head + CLOSED if match[0] == "{" and kind == "value" else ""
    if scopes:
        raise ValueError("braces do not match")


def python_functions(text: str) -> Iterator[Function]:
    """Functions without their docstring, which may be as long as it likes."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            documented = ast.get_docstring(node, clean=False) is not None
            doc = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
            yield Function(node.name, node.lineno, (node.end_lineno or 0) - node.lineno + 1 - doc)
