"""Fingerprints of what people pass in: data of any plain kind, and functions."""

import functools
import hashlib
import inspect
import sys
import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

_PLAIN = (type(None), type(...), bool, int, float, complex, str, bytes)


def digest(data: Any) -> str:
    """SHA-256 of arrays: types, shapes and bytes; also of dicts, lists, numbers, text, functions.

    Empty for None. Equal contents give equal digests; a dict's order does not count.

    Raises:
        TypeError: something whose contents cannot be told.
    """
    if data is None:
        return ""
    state = hashlib.sha256()
    _add(state, data)
    return state.hexdigest()


def function_digest(function: Callable[..., Any]) -> str:
    """SHA-256 of what a function does, as far as it can be seen: its code, default arguments,
    closure and bound or partial arguments. Not of the functions and modules that it calls.

    Empty if something in it cannot be told: two such functions cannot be told apart.
    """
    try:
        return digest(function)
    except (TypeError, ValueError, RecursionError):  # ValueError: a closure that is still empty
        return ""


def function_name(function: Callable[..., Any]) -> str:
    """What people call it: `mse`; of a partial, the function's; "metric" for a lambda."""
    if isinstance(function, functools.partial):
        return function_name(function.func)
    name = str(getattr(function, "__name__", type(function).__name__))
    return "metric" if name == "<lambda>" else name


def _add(state: Any, value: Any) -> None:
    """Add a value, its kind before it so that no two values look alike."""
    kind, parts = _taken_apart(value)
    state.update(f"{kind}({len(parts)}|".encode())
    for part in parts:
        if isinstance(part, bytes):
            state.update(f"{len(part)}:".encode() + part)
        else:
            _add(state, part)


def _taken_apart(value: Any) -> tuple[str, list[Any]]:
    if isinstance(value, _PLAIN):
        return type(value).__name__, [repr(value).encode()]
    if isinstance(value, np.ndarray | np.generic):
        return "array", _array(np.asarray(value))
    if isinstance(value, Mapping):
        pairs = sorted(value.items(), key=lambda pair: repr(pair[0]))
        return "dict", [item for pair in pairs for item in pair]
    if isinstance(value, list | tuple):
        return "list", list(value)
    if isinstance(value, set | frozenset):
        return "set", [repr(item).encode() for item in sorted(value, key=repr)]
    return _callable(value)


def _array(value: np.ndarray[Any, Any]) -> list[bytes]:
    array = np.ascontiguousarray(value)
    data = repr(array.tolist()).encode() if array.dtype == object else array.tobytes()
    return [array.dtype.str.encode(), repr(value.shape).encode(), data]


def _callable(value: Any) -> tuple[str, list[Any]]:
    if isinstance(value, functools.partial):
        return "partial", [value.func, value.args, value.keywords]
    if isinstance(value, types.MethodType):
        return "method", [value.__func__, value.__self__]
    if isinstance(value, types.FunctionType):
        cells = [cell.cell_contents for cell in value.__closure__ or ()]
        kept = [value.__defaults__, value.__kwdefaults__, cells, _plain_globals(value)]
        return "function", [_code(value), *kept]
    if isinstance(value, type):
        return "class", [_source(value)]
    if _is_of_a_library(value):
        return "library", [value.__module__, value.__qualname__]
    if callable(value) and hasattr(value, "__dict__"):
        return "object", [type(value), vars(value)]
    raise TypeError(f"the contents of a {type(value).__name__} cannot be told")


def _plain_globals(function: types.FunctionType) -> dict[str, Any]:
    """The numbers, texts and arrays of its module that a function names."""
    named = {name: function.__globals__.get(name) for name in function.__code__.co_names}
    plain = (bool, int, float, complex, str, bytes, np.ndarray)
    return {name: value for name, value in sorted(named.items()) if isinstance(value, plain)}


def _is_of_a_library(value: Any) -> bool:
    """Whether it is a compiled function, or one like numpy.mean, that its module knows by name."""
    module = sys.modules.get(getattr(value, "__module__", None) or "")
    return module is not None and getattr(module, getattr(value, "__qualname__", ""), None) is value


def _code(function: types.FunctionType) -> Any:
    """The text of a function; of a lambda, whose text holds its surroundings too, the code."""
    if function.__name__ != "<lambda>":
        try:
            return _source(function)
        except TypeError:
            pass
    return _compiled(function.__code__)


def _compiled(code: types.CodeType) -> list[Any]:
    constants = [_compiled(c) if isinstance(c, types.CodeType) else c for c in code.co_consts]
    return [code.co_code, constants, code.co_names, code.co_varnames, code.co_freevars]


def _source(thing: Any) -> str:
    try:
        return inspect.cleandoc(inspect.getsource(thing))
    except OSError as error:
        raise TypeError(f"the source of {thing!r} cannot be found") from error
