"""Where functions begin and how many lines they have, in C++ (by counting braces) and in Python (by its own parser).

The C++ half is a heuristic for code as clang-format leaves it. Only the outermost function counts: a lambda is part of
the function around it, a member function inside a class is measured on its own.
"""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple


class Function(NamedTuple):
    name: str
    line: int
    length: int


# Comments, raw strings, strings, characters and preprocessor lines: nothing in them is a brace of the program. A digit
# before a quote is a separator (1'000).
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
TAIL = re.compile(r"(?:\)|\b(?:const|noexcept|override|final|mutable|try|else|do)|&|->[^(){};=]*)\s*$")
NAME = re.compile(r"([~\w:]+(?:\s*(?:==|<=>|\(\)|\[\]|[-+*/<>=!]+))?)\s*\(")


def blank(match: re.Match[str]) -> str:
    kept = re.sub(r"[^\n]", " ", match[0])
    return kept if "\n" in match[0] or not match[0].startswith('"') else '""'.ljust(len(kept))


def kind_of(head: str) -> str:
    """What a brace opens, told from the text before it: a scope (namespace, class), a function or a value."""
    head = TEMPLATE.sub("", head.strip())
    if SCOPE.match(head):
        return "scope"
    if head.count("(") != head.count(")"):
        return "value"
    return "function" if "(" in head and TAIL.search(head) else "value"


def ends_initialiser(head: str) -> bool:
    """In `Foo(int a) : a_{a} {` the last brace follows a closed value, not a name."""
    return bool(re.search(r"\)\s*(?:noexcept\s*)?:[^:]", head)) and head.rstrip().endswith("\0")


def name_of(head: str) -> str:
    found = NAME.search(TEMPLATE.sub("", head.strip()))
    return found[1] if found else "function"


def cpp_functions(text: str) -> Iterator[Function]:
    code = NOISE.sub(blank, text)
    stack: list[str] = []  # kinds of the open braces
    head, start = "", (0, "")
    for match in re.finditer(r"[{};]|[^{};]+", code):
        token, inside = match[0], "function" in stack or "value" in stack
        if token == "{":
            kind = "function" if not inside and ends_initialiser(head) else kind_of(head)
            stack.append("inner" if inside else kind)
            if not inside and kind == "function":
                start = (code.count("\n", 0, match.start()) + 1, name_of(head))
            head = head if inside or kind == "value" else ""
        elif token == "}":
            if not stack:
                raise ValueError("a brace closes that was never opened")
            kind = stack.pop()
            if kind == "function":
                last = code.count("\n", 0, match.start()) + 1
                yield Function(start[1], start[0], last - start[0] + 1)
            head = head + "\0" if kind == "value" else head if kind == "inner" else ""
        elif not inside:
            head = "" if token == ";" else head + token
    if stack:
        raise ValueError("braces do not match")


def python_functions(text: str) -> Iterator[Function]:
    """Functions without their docstring, which may be as long as it likes."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            documented = ast.get_docstring(node, clean=False) is not None
            doc = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
            yield Function(node.name, node.lineno, (node.end_lineno or 0) - node.lineno + 1 - doc)
