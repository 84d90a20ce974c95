"""Prints specs.pyi, made from the descriptions in the C++ core: `python -m wordline._stubs`.

Editors complete and type checkers check what is written there; `make stubs` puts it in its place.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from wordline import _core
from wordline._spec import Field, Spec

STUB = Path(__file__).with_name("specs.pyi")

_HEAD = '''\
"""The classes of settings. Written by `make stubs`; do not edit."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

from wordline._spec import Cell, ChipBase, Spec
'''


def generate() -> str:
    """The text of specs.pyi."""
    names = [schema["name"] for schema in _core.schemas()]
    classes = [_class(Spec._classes[name]) for name in names]
    ordered = sorted(names, key=lambda name: (not name.isupper(), name))
    listed = "".join(f'    "{name}",\n' for name in ordered)
    return "\n".join([_HEAD, f"__all__ = [\n{listed}]\n", "\n".join(classes)])


def _class(made: type[Spec]) -> str:
    fields = list(made._fields.values())
    doc = (made.__doc__ or "").replace("\n", "\n    ").replace("    \n", "\n")
    lines = [
        f"class {made._name}({made.__bases__[0].__name__}):",
        f'    """{doc}\n    """\n',
        "    def __init__(",
        "        self,",
        "        *,",
        *(f"        {f.name}: {f.annotation} = {_default(f)}," for f in fields),
        "    ) -> None: ...",
        "    def replace(  # type: ignore[override]",
        "        self,",
        "        *,",
        *(f"        {f.name}: {f.annotation} = ...," for f in fields),
        "    ) -> Self: ...",
        *_properties(fields),
    ]
    return "\n".join(lines) + "\n"


def _properties(fields: list[Field]) -> Iterator[str]:
    for field in fields:
        yield "    @property"
        yield f"    def {field.name}(self) -> {_given_back(field)}: ..."


def _given_back(field: Field) -> str:
    """What an attribute holds: a preset name given for a cell has become the cell."""
    return "Cell" if field.annotation == "Cell | str" else field.annotation


def _default(field: Field) -> str:
    simple = field.default is None or isinstance(field.default, bool | int | float | str)
    return repr(field.default).replace("'", '"') if simple else "..."


if __name__ == "__main__":
    import wordline.specs  # noqa: F401  (makes the classes)

    sys.stdout.write(generate())
