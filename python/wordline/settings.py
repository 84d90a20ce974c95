"""The settings of each layer's crossbars: one chip for all, with changes for some of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Self

from wordline.errors import fail
from wordline.specs import Chip

# By name or pattern of layers: another chip, or changes by dotted names of settings.
Change = Chip | Mapping[str, Any]
Changes = Mapping[str, Change] | Sequence[tuple[str, Change]]


@dataclass(frozen=True)
class Settings:
    """The chip whose settings hold where nothing else is said, and those of each layer by name."""

    chip: Chip
    layers: dict[str, Chip]

    @classmethod
    def of(cls, chip: Chip, changes: Changes | None, names: Mapping[str, str]) -> Self:
        """Apply `changes` in the order given: of two that meet in a layer the later one wins.

        Args:
            chip: the settings of all layers. changes: by layer or node, exact or as a pattern
                ("fc*"): dotted settings, or a whole chip in place of what was there.
            names: for each layer the node that it belongs to.

        Raises:
            TypeError: no Chip, or a change that is neither a Chip nor settings.
            ValueError: a pattern that names no layer; settings that the chip refuses.
        """
        layers = dict.fromkeys(names, _checked(chip, "chip"))
        for pattern, change in _pairs(changes):
            for name in _named(pattern, names):
                layers[name] = _changed(layers[name], change, pattern)
        return cls(chip, layers)

    def own(self) -> dict[str, Chip]:
        """Those layers whose settings differ from the chip's."""
        return {name: chip for name, chip in self.layers.items() if chip != self.chip}

    def differences(self, name: str) -> dict[str, Any]:
        """What a layer has otherwise than the chip, by dotted names of settings."""
        return differences(self.chip.to_dict(), self.layers[name].to_dict())

    @property
    def technology(self) -> str:
        """What the parts of all layers are priced in. Raises ValueError if they differ in it."""
        for name, chip in self.layers.items():
            if chip.tech != self.chip.tech:
                fail(
                    ValueError,
                    "all layers are priced in one technology",
                    name=f"tech of layer '{name}'",
                    value=chip.tech,
                    allowed=str(self.chip.tech),
                    remedy="give every layer the same tech, or ask for no cost",
                )
        return str(self.chip.tech)


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of `other` that `one` has not, by dotted names; None for those it lacks."""
    found: dict[str, Any] = {}
    for key in dict.fromkeys([*one, *other]):
        a, b = one.get(key), other.get(key)
        if isinstance(a, Mapping) and isinstance(b, Mapping):
            inner = differences(a, b)
            found.update({f"{key}.{name}": value for name, value in inner.items()})
        elif a != b:
            found[key] = b
    return found


def find(name: str, names: Iterable[str], what: str = "layer") -> str:
    """`name`, if it is one of `names`. Raises ValueError listing them."""
    known = list(names)
    if name not in known:
        allowed = ", ".join(known) or "none"
        fail(ValueError, f"no such {what}", name=what, value=repr(name), allowed=allowed)
    return name


def _pairs(changes: Changes | None) -> list[tuple[str, Change]]:
    pairs = list(changes.items() if isinstance(changes, Mapping) else changes or ())
    for pair in pairs:
        if not (isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[0], str)):
            allowed = 'a dict: {"fc*": {"adc.bits": 6}}'
            fail(TypeError, "settings go by layer", name="layers", value=pair, allowed=allowed)
    return pairs


def _named(pattern: str, names: Mapping[str, str]) -> list[str]:
    """The layers that a pattern means; an exact name is no pattern, whatever is in it."""
    exact = [name for name, node in names.items() if pattern in (name, node)]
    found = exact or [
        name
        for name, node in names.items()
        if fnmatchcase(name, pattern) or fnmatchcase(node, pattern)
    ]
    if not found:
        fail(
            ValueError,
            "the pattern names no layer",
            name="layers",
            value=repr(pattern),
            allowed=", ".join(names) or "none, the network has no analog layer",
            remedy=f"use these names, or a pattern like {_example(names)!r}",
        )
    return found


def _example(names: Mapping[str, str]) -> str:
    """A pattern that some of these layers have."""
    first = next(iter(names), "conv")
    return f"{first.rstrip('0123456789')}*"


def _changed(chip: Chip, change: Change, pattern: str) -> Chip:
    if isinstance(change, Mapping):
        return chip.override(change)
    return _checked(change, f"layers['{pattern}']")


def _checked(chip: Chip, name: str) -> Chip:
    if not isinstance(chip, Chip):
        allowed = "wordline.Chip" if name == "chip" else "wordline.Chip, or a dict of settings"
        fail(TypeError, "a chip is needed", name=name, value=type(chip).__name__, allowed=allowed)
    return chip
