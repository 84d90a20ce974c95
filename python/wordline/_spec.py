"""Settings as Python objects: what the classes in `wordline.specs` share.

The C++ core describes every setting once; the classes are made from that description at import.
Values are checked by the core, never here.
"""

import copy
import inspect
import os
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

from wordline import _core
from wordline.errors import fail
from wordline.tables import Column, Table

Settings = dict[str, Any]


@dataclass(frozen=True)
class Field:
    """One setting as the core describes it; `annotation` is its Python type as text."""

    name: str
    annotation: str
    unit: str
    help: str
    allowed: str
    default: Any
    spec: str

    def line(self) -> str:
        """ "bits: resolution. int | None, bit, [1, 16]; default 8" """
        facts = ", ".join(part for part in (self.annotation, self.unit, self.allowed) if part)
        return f"{self.name}: {self.help}. {facts}; default {self.default!r}"


class Spec:
    """A group of settings: checked when made, then fixed. `replace` makes a changed one."""

    _name: ClassVar[str] = ""
    _fields: ClassVar[dict[str, Field]] = {}
    _classes: ClassVar[dict[str, type["Spec"]]] = {}  # by name of class and by word of cell model
    _values: Settings

    def __init__(self, **settings: Any):
        given = {name: plain(value) for name, value in settings.items()}
        object.__setattr__(self, "_values", _core.canonical(self._name, given))

    def to_dict(self) -> Settings:
        """All settings as plain dicts, lists, numbers and text, defaults included."""
        return copy.deepcopy(self._values)

    def replace(self, **changes: Any) -> Self:
        """The same with some settings changed: `adc.replace(bits=6)`."""
        return type(self)(**{**self._values, **changes})

    @property
    def table(self) -> Table:
        """All settings with value, unit and meaning."""
        columns = [Column(name) for name in ("setting", "value", "unit", "meaning")]
        rows = [
            {
                "setting": f.name,
                "value": repr(getattr(self, f.name)),
                "unit": f.unit,
                "meaning": f.help,
            }
            for f in self._fields.values()
        ]
        return Table(columns, rows)

    def _tree(self) -> Settings:
        """The settings as another spec holds them."""
        return self._values

    @classmethod
    def _of(cls, tree: Settings) -> "Spec":
        """The spec of a tree that the core has checked before."""
        return _restored(cls, {key: item for key, item in tree.items() if key in cls._fields})

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"settings are fixed: use replace({name}=...), which makes a new one")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"settings are fixed: {name} cannot be deleted")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._values == other._values

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self._values)

    def __repr__(self) -> str:
        changed = {
            f.name: getattr(self, f.name)
            for f in self._fields.values()
            if self._values[f.name] != plain(f.default)
        }
        settings = ", ".join(f"{name}={value!r}" for name, value in changed.items())
        return f"{self._name}({settings})"

    def _repr_html_(self) -> str:
        return f"<b>{self._name}</b>{self.table._repr_html_()}"


class Cell(Spec):
    """A memory cell: a registered model with its settings."""

    _model: ClassVar[str] = ""

    @classmethod
    def preset(cls, name: str, **changes: Any) -> Self:
        """A cited preset, or your own .toml file in the same form, with some settings changed.

        `wl.Cell.preset` accepts presets of all models, `wl.ReRAM.preset` those of its own.

        Raises:
            ValueError: unknown name, or a preset of another model.
            OSError: the file cannot be read.
        """
        settings = _core.cell_preset(str(name))
        made = Spec._classes[settings.pop("model")]
        if not issubclass(made, cls):
            remedy = f"use wl.{made._name}"
            fail(
                ValueError,
                "this is a cell of another model",
                name=cls._name,
                value=name,
                remedy=remedy,
            )
        return made(**{**settings, **changes})

    @classmethod
    def read(cls, path: str | os.PathLike[str], **changes: Any) -> Self:
        """A cell from a file, with some settings changed.

        `wl.TableCell.read("device.csv", levels=8)`: a .csv or .h5 file with the columns state,
        time, mean and sigma is a measured table; a .toml file is a preset of your own. The
        settings hold the numbers, the file is not needed any more.

        Raises:
            ValueError: a damaged or incomplete file, named with line and column, or another model.
            OSError: the file cannot be read.
        """
        if not str(path).endswith((".csv", ".h5", ".hdf5", ".toml")):
            fail(
                ValueError,
                "the name of a file says what it is",
                name="path",
                value=path,
                allowed=".csv, .h5, .hdf5, .toml",
            )
        return cls.preset(str(path), **changes)

    def _tree(self) -> Settings:
        return {"model": self._model, **self._values}


class ChipBase(Spec):
    """What a chip can do besides holding its settings."""

    @classmethod
    def preset(cls, name: str, **changes: Any) -> Self:
        """A cited chip, or your own .toml file, with some settings changed.

        A file either states its numbers with their sources, as cited presets do, or just lists
        settings (`cell = "neurram-2022"`, `[adc]`, `bits = 6`).

        Raises:
            ValueError: unknown name or bad settings. OSError: the file cannot be read.
        """
        return cls(**{**_chip_settings(str(name)), **changes})

    @classmethod
    def ideal(cls) -> Self:
        """The chip without any error: continuous weights, inputs and conversions."""
        return cls(**_core.ideal_chip())

    def override(self, changes: Mapping[str, Any]) -> Self:
        """The chip with settings changed by dotted names, in the order given.

        >>> chip.override({"adc.bits": 6, "cell": "neurram-2022", "cell.g_max": 50e-6})
        """
        settings = self.to_dict()
        for name, value in changes.items():
            _set(settings, str(name), plain(value))
        return type(self)(**settings)


def plain(value: Any) -> Any:
    """Specs inside dicts, lists and tuples become settings."""
    if isinstance(value, Spec):
        return value._tree()
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def make_class(schema: Settings) -> type[Spec]:
    """The class of one description, registered under its name; nested classes come first."""
    name, model = schema["name"], schema["model"]
    base = Cell if model else ChipBase if name == "Chip" else Spec
    fields = {field["name"]: _field(field) for field in schema["fields"]}
    body = {
        "__doc__": _doc(schema["help"], fields),
        "__module__": "wordline.specs",
        "__signature__": _signature(fields),
        "_name": name,
        "_fields": fields,
        "_model": model,
        **{field.name: _property(field) for field in fields.values()},
    }
    made = type(name, (base,), body)
    Spec._classes[name] = Spec._classes[model or name] = made
    return made


def _property(field: Field) -> property:
    def get(self: Spec) -> Any:
        value = self._values[field.name]
        return _wrapped(field.spec, value)

    return property(get, doc=field.line())


def _wrapped(spec: str, value: Any) -> Any:
    """A nested spec as an object of its class; lists and tables as copies."""
    made = Spec._classes.get(value["model"] if spec == "Cell" else spec)
    if made is None:
        return copy.deepcopy(value)
    return made._of(value)


def _restored(made: type[Spec], values: Settings) -> Spec:
    """A spec of settings that the core has checked before."""
    spec = made.__new__(made)
    object.__setattr__(spec, "_values", values)
    return spec


def _field(info: Settings) -> Field:
    default = _wrapped(info["spec"], info["default"]) if info["spec"] else info["default"]
    annotation = _annotation(info)
    return Field(
        info["name"], annotation, info["unit"], info["help"], _allowed(info), default, info["spec"]
    )


def _annotation(info: Settings) -> str:
    kind, spec = info["type"], info["spec"]
    words = f"Literal[{', '.join(map(repr, info['choices']))}]".replace("'", '"')
    if kind == "word":
        text = words
    elif kind == "word or pair":
        text = f"{words} | Sequence[float]"
    elif kind.startswith("list of"):
        text = "Sequence[Mapping[str, Any]]" if spec else f"Sequence[{kind.split()[-1]}]"
    elif kind == "Cell":
        text = "Cell | str"
    elif spec and spec not in Spec._classes:
        text = "Mapping[str, Any]"
    else:
        text = kind
    return f"{text} | None" if info["optional"] else text


def _allowed(info: Settings) -> str:
    low, high = info["low"], info["high"]
    if low is None and high is None:
        return ""
    left = "(-inf" if low is None else f"{'(' if info['low_open'] else '['}{low:g}"
    right = "inf)" if high is None else f"{high:g}{')' if info['high_open'] else ']'}"
    return f"{left}, {right}"


def _signature(fields: Mapping[str, Field]) -> inspect.Signature:
    keyword = inspect.Parameter.KEYWORD_ONLY
    return inspect.Signature(
        [
            inspect.Parameter(f.name, keyword, default=f.default, annotation=f.annotation)
            for f in fields.values()
        ]
    )


def _doc(help_text: str, fields: Mapping[str, Field]) -> str:
    head = help_text[0].upper() + help_text[1:].rstrip(".") + "."
    wrap = textwrap.TextWrapper(
        92, initial_indent=" " * 4, subsequent_indent=" " * 8, break_long_words=False
    )
    lines = [wrap.fill(field.line()) for field in fields.values()]
    return "\n".join([head, "", "Args (by keyword):", *lines])


def _chip_settings(name: str) -> Settings:
    if name.endswith(".toml") and Path(name).is_file():
        text = Path(name).read_text(encoding="utf-8", errors="replace")
        tree: Settings = _core.parse_toml(text, name)
        if "preset" not in tree:
            return tree
    return _core.chip_preset(name)


def _set(settings: Settings, name: str, value: Any) -> None:
    """Set `value` at a dotted name; unknown names are left to the core to refuse."""
    *path, last = name.split(".")
    for depth, part in enumerate(path):
        inner = settings.setdefault(part, {})
        if part == "cell" and depth == 0 and isinstance(inner, str):
            inner = settings[part] = _core.cell_preset(inner)
        if not isinstance(inner, dict):
            rule = f"'{part}' is one value and holds no further settings"
            fail(ValueError, rule, name=name, value=value, remedy="check the name")
        settings = inner
    settings[last] = value
