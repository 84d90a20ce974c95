"""Memory cells written in Python, on NumPy arrays."""

import copy
import functools
import importlib
import inspect
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wordline import _core
from wordline._cell_checks import checked_array, checked_window, failure_of, setting_of
from wordline._cell_source import captured_names, source_hash
from wordline._spec import Cell, Field, Settings, Spec, plain
from wordline.errors import fail

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Draws:
    """Random numbers of every cell, four of each kind: arrays of shape (cells, 4).

    They are functions of seed, chip and the weight a cell holds, so results do not depend on order
    or threads. Use a column for one thing only.

    Attributes:
        d2d: standard normals that a cell keeps for ever. write: standard normals, and
        uniform: numbers between 0 and 1, both drawn at every programming.
        relax: standard normals for what happens afterwards, the same at every age.
    """

    d2d: Floats
    write: Floats
    uniform: Floats
    relax: Floats


class Read(NamedTuple):
    """How cells are read. SI units; noise of a read has the bandwidth 1/(2 t_read)."""

    v_read: float
    t_read: float
    temperature: float
    t_inference: float


class Ageing(NamedTuple):
    """What cells have gone through since programming. SI units; `reads` counts read pulses."""

    seconds: float
    temperature: float
    reads: float
    extrapolate: bool
    v_read: float
    t_read: float


class PythonCell(Cell):
    """A memory cell of your own: write a subclass with `window`, `program` and what else it has.

    Settings are annotated attributes with a default: numbers, text, booleans, None or lists, in SI
    units. Methods get and return NumPy arrays of one element per cell; each is called once per
    array, on one thread at a time, and must be a function of its arguments and settings. Random
    numbers arrive as arguments. Stuck cells are held at the ends of the window by the core.

    Settings and a hash of the class's source belong to the chip and its studies. Other processes
    import the class by its name, so a class for them stands in a module.

    >>> class Lognormal(wl.PythonCell):
    ...     g_min: float = 1e-6
    ...     g_max: float = 100e-6
    ...     spread: float = 0.05
    ...
    ...     def window(self):
    ...         return self.g_min, self.g_max
    ...
    ...     def program(self, target, draws):
    ...         return target * np.exp(self.spread * draws.write[:, 0])
    >>> chip = wl.Chip(cell=Lognormal(spread=0.1))

    Attributes:
        ages_with: which of "time", "temperature" and "reads" `age` describes. Asking a cell for
            another one is refused.
        STUCK_LRS, STUCK_HRS: what `fabricate` returns for cells stuck at g_max and g_min.
    """

    STUCK_LRS: ClassVar[int] = 1
    STUCK_HRS: ClassVar[int] = 2
    ages_with: ClassVar[tuple[str, ...]] = ("time",)

    _model = "python"
    _source: ClassVar[str | None] = None

    def window(self) -> tuple[float, float] | tuple[float, float, int]:
        """Conductances (S) at zero bias: (g_min, g_max) or (g_min, g_max, levels).

        `levels` counts the distinct, evenly spaced targets; 0, or nothing, means continuous.
        """
        self._lacks("window")

    def program(self, target: Floats, draws: Draws) -> Floats | tuple[Floats, float, float]:
        """Conductances (S) of cells just programmed to `target` (S), none negative.

        Or a tuple: conductances, programming pulses and energy (J) spent on all cells together.
        """
        self._lacks("program")

    def fabricate(self, uniform: Floats) -> ArrayLike:
        """For each cell 0, STUCK_LRS or STUCK_HRS. `uniform`: (cells, 4) numbers in (0, 1)."""
        return np.zeros(len(uniform), dtype=np.int64)

    def age(self, target: Floats, draws: Draws, ageing: Ageing) -> Floats:
        """Conductances (S) at an age after programming; `draws` are those of `program`.

        Not incremental: the same draws at several ages give one trajectory. Not called for age 0.
        Raise ValueError for ages that the model does not cover.
        """
        self._lacks("age")

    def read_noise(self, G: Floats, read: Read) -> tuple[ArrayLike, ArrayLike, ArrayLike]:
        """(a0, a1, a2), arrays or numbers: the variance a0 + a1 |V| + a2 V² of one read's current.

        In A², A²/V and A²/V². Thermal noise is a0 = 4kTG/(2 t_read); a conductance noise of
        sigma S is a2 = sigma².
        """
        return 0.0, 0.0, 0.0

    def epoch(self, G: Floats, normals: Floats, read: Read, ageing: Ageing) -> Floats:
        """`G` with the slow noise of one read epoch. `normals`: (cells, 4) standard normals."""
        return G

    def current(self, G: Floats, V: float) -> Floats:
        """Current (A) of each cell at V >= 0 (V), G being its conductance at zero bias."""
        return G * V

    def check(self) -> None:
        """Raise ValueError for settings that do not go together. Called when a cell is made."""

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if captured := captured_names(cls):
            fail(
                ValueError,
                "a cell is a function of its settings, so its class uses no local variables",
                name=cls.__qualname__,
                value=", ".join(captured),
                remedy="make them settings or global constants",
            )
        cls._name = cls.__name__
        cls._fields = _declared(cls)
        cls._source = source_hash(cls, PythonCell)
        _known[_path(cls), None] = _known[_path(cls), cls._source] = cls

    def __init__(self, **settings: Any):
        cls = type(self)
        if not cls._fields.keys() >= settings.keys():
            unknown = ", ".join(settings.keys() - cls._fields.keys())
            allowed = ", ".join(cls._fields) or "none"
            fail(ValueError, f"unknown setting of {cls.__name__}", name=unknown, allowed=allowed)
        if cls is PythonCell or cls._source is None:
            fail(
                TypeError,
                "a Python cell is a subclass of PythonCell whose source can be read",
                name=cls.__name__,
                remedy="write it in a file or in a notebook",
            )
        values = {
            name: setting_of(name, settings.get(name, field.default), field.default)
            for name, field in cls._fields.items()
        }
        object.__setattr__(self, "_values", values)
        for name, value in values.items():
            object.__setattr__(self, name, tuple(value) if isinstance(value, list) else value)
        self.check()
        self._traits()

    @classmethod
    def _of(cls, tree: Settings) -> Spec:
        return resolve({key: value for key, value in tree.items() if key != "model"})

    def _record(self) -> Settings:
        """All that makes this cell again."""
        settings = copy.deepcopy(self._values)
        cls = type(self)
        return {"class": _path(cls), "settings": settings, "source_sha256": cls._source}

    def _tree(self) -> Settings:
        return {"model": self._model, **self._record()}

    def __reduce__(self) -> tuple[Any, ...]:
        return resolve, (self._record(),)

    # What the core calls. Each asks the user's method and checks what it gives.

    def _traits(self) -> tuple[Any, ...]:
        window = checked_window(self._method("window"), self._ask("window"))
        described = self.ages_with if self._has("age") else ()
        ages = tuple(word in described for word in ("time", "temperature", "reads"))
        linear, slow, fast = (self._has(name) for name in ("current", "epoch", "read_noise"))
        return type(self).__name__, window, ages, not linear, slow, fast

    def _fabricated(self, uniform: Floats) -> NDArray[np.uint8]:
        stuck = self._checked("fabricate", self._ask("fabricate", uniform), len(uniform), "")
        allowed = (0, self.STUCK_LRS, self.STUCK_HRS)
        if not np.isin(stuck, allowed).all():
            rule = "a cell is not stuck (0), STUCK_LRS or STUCK_HRS"
            fail(ValueError, rule, name=self._method("fabricate"), allowed="0, 1, 2")
        return stuck.astype(np.uint8)

    def _programmed(self, target: Floats, draws: tuple[Floats, ...]) -> tuple[Floats, float, float]:
        given = self._ask("program", target, Draws(*draws))
        parts = given if isinstance(given, tuple) else (given, 0.0, 0.0)
        if len(parts) != 3:
            allowed = "conductances, or (conductances, pulses, energy)"
            fail(TypeError, "wrong result", name=self._method("program"), allowed=allowed)
        spent = self._checked("program", parts[1:], 2, "")
        G = self._checked("program", parts[0], len(target), "S")
        return G, float(spent[0]), float(spent[1])

    def _aged(self, target: Floats, draws: tuple[Floats, ...], ageing: tuple[Any, ...]) -> Floats:
        G = self._ask("age", target, Draws(*draws), Ageing(*ageing))
        return self._checked("age", G, len(target), "S")

    def _in_epoch(
        self, G: Floats, normals: Floats, read: tuple[Any, ...], ageing: tuple[Any, ...]
    ) -> Floats:
        noisy = self._ask("epoch", G, normals, Read(*read), Ageing(*ageing))
        return self._checked("epoch", noisy, len(G), "S")

    def _noise(self, G: Floats, read: tuple[Any, ...]) -> tuple[Floats, ...]:
        parts = self._ask("read_noise", G, Read(*read))
        if not isinstance(parts, tuple) or len(parts) != 3:
            rule, name = "read noise is three parts", self._method("read_noise")
            fail(TypeError, rule, name=name, value=type(parts).__name__, allowed="(a0, a1, a2)")
        return tuple(self._checked("read_noise", x, len(G), "", numbers=True) for x in parts)

    def _currents(self, G: Floats, V: float) -> Floats:
        return self._checked("current", self._ask("current", G, V), len(G), "A")

    def _ask(self, name: str, *arguments: Any) -> Any:
        try:
            return getattr(self, name)(*arguments)
        except Exception as problem:
            failure_of(self._method(name), problem)

    def _checked(
        self, name: str, value: Any, count: int, unit: str, numbers: bool = False
    ) -> Floats:
        return checked_array(self._method(name), value, count, unit, numbers)

    def _method(self, name: str) -> str:
        return f"{type(self).__name__}.{name}"

    def _has(self, name: str) -> bool:
        return getattr(type(self), name) is not getattr(PythonCell, name)

    def _lacks(self, name: str) -> NoReturn:
        fail(
            TypeError,
            "a Python cell has this method",
            name=self._method(name),
            remedy="write it; see help(wl.PythonCell)",
        )


_known: dict[tuple[str, str | None], type[PythonCell]] = {}  # by path, and by path and source
Spec._classes[PythonCell._model] = PythonCell


def resolve(record: Settings) -> PythonCell:
    """The cell that a chip's settings describe: its class is known, or imported by its name.

    Importing runs the module that the settings name, as unpickling would.

    Raises:
        ValueError: the class cannot be imported, or its source is not that of the record.
    """
    unknown = record.keys() - {"class", "settings", "source_sha256"}
    path, source = record.get("class"), record.get("source_sha256")
    if unknown or not isinstance(path, str):
        fail(
            ValueError,
            "a Python cell is described by its class, settings and source_sha256",
            name="cell",
            value=", ".join(sorted(unknown)) or repr(path),
            allowed='class = "module:Class", settings = {...}',
        )
    made = _known.get((path, source)) or _imported(path, source)
    return made(**record.get("settings", {}))


def _imported(path: str, source: str | None) -> type[PythonCell]:
    module, _, name = path.partition(":")
    try:
        made = functools.reduce(getattr, name.split("."), importlib.import_module(module))
    except (ImportError, AttributeError, ValueError) as problem:
        fail(
            ValueError,
            f"this Python cell cannot be imported ({problem})",
            name="cell.class",
            value=path,
            remedy="put its class in a module on the Python path, and make the chip from there",
        )
    if not (isinstance(made, type) and issubclass(made, PythonCell)):
        rule = "this is not a subclass of wordline.PythonCell"
        fail(ValueError, rule, name="cell.class", value=path)
    if source not in (None, made._source):
        fail(
            ValueError,
            "the source of this Python cell has changed since the chip was made",
            name=f"{path} source_sha256",
            value=str(made._source),
            allowed=str(source),
            remedy="restore that source, or make the chip again",
        )
    return made


def _path(cls: type) -> str:
    return f"{cls.__module__}:{cls.__qualname__}"


def _declared(cls: type) -> dict[str, Field]:
    """The settings of a class: annotated attributes, those of its bases first."""
    fields = {}
    for base in reversed(cls.__mro__):
        if base in PythonCell.__mro__:
            continue
        for name, annotation in inspect.get_annotations(base).items():
            if not name.startswith("_") and "ClassVar" not in str(annotation):
                fields[name] = _field(cls, name, annotation)
    return fields


def _field(cls: type, name: str, annotation: Any) -> Field:
    if hasattr(PythonCell, name):
        rule = "this name belongs to all Python cells"
        fail(ValueError, rule, name=f"{cls.__name__}.{name}", remedy="choose another one")
    if not hasattr(cls, name):
        rule = "a setting has a default"
        fail(ValueError, rule, name=f"{cls.__name__}.{name}", remedy="write name: float = 0.0")
    kind = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    default = getattr(cls, name)
    return Field(name, kind, "", "", "", setting_of(name, default, plain(default)), "")


_core.set_python_cells(resolve)
