"""What a class of Python cells is made of, as text: two classes of one hash behave alike."""

import hashlib
import inspect
from collections.abc import Iterator
from types import FunctionType
from typing import Any


def source_hash(cls: type, root: type) -> str | None:
    """SHA-256 of the source of `cls` and of what it inherits below `root`; None if unreadable."""
    own = [base for base in cls.__mro__ if base not in root.__mro__]
    try:
        text = "\n".join(map(_source, own))
    except (OSError, TypeError):
        return None
    return hashlib.sha256(text.encode()).hexdigest()


def captured_names(cls: type) -> list[str]:
    """Local variables of an enclosing function that methods use: no source tells their values."""
    names = {name for function in _functions(cls) for name in function.__code__.co_freevars}
    return sorted(names - {"__class__"})  # which super() uses


def _source(cls: type) -> str:
    try:
        return inspect.getsource(cls)
    except (OSError, TypeError):
        # A notebook keeps the source of functions, not of classes.
        parts = [inspect.getsource(function) for function in _functions(cls)]
        return "\n".join([cls.__name__, *_constants(cls), *parts])


def _constants(cls: type) -> Iterator[str]:
    simple = (bool, int, float, str, tuple, list, dict, type(None))
    for name, value in vars(cls).items():
        if isinstance(value, simple) and not name.startswith("__"):
            yield f"{name} = {value!r}"


def _functions(cls: type) -> Iterator[FunctionType]:
    for value in vars(cls).values():
        for part in (value, *_inside(value)):
            if isinstance(part, FunctionType):
                yield part


def _inside(value: Any) -> tuple[Any, ...]:
    """The functions that properties, static and class methods are made of."""
    if isinstance(value, property):
        return value.fget, value.fset
    return (value.__func__,) if isinstance(value, staticmethod | classmethod) else ()
