"""The one way Wordline's Python half refuses something; the C++ core writes the same sentences."""

from typing import NoReturn


class ConvergenceError(RuntimeError):
    """An iterative solver stopped before it reached its tolerance; there is no result."""


def fail(
    kind: type[Exception],
    rule: str,
    *,
    name: str = "",
    value: object = "",
    unit: str = "",
    allowed: str = "",
    remedy: str = "",
) -> NoReturn:
    """Raise `kind` with the message "name = value unit: rule; allowed: ...; what to do".

    Args:
        kind: ValueError, TypeError, IndexError, OSError (or a class below it) or ConvergenceError.
        rule: the broken rule, a whole clause: "an ADC has at least one bit".
        name: the setting, argument, node or file: "adc.bits". `value`: what was given, in `unit`.
        allowed: what is accepted: "[1, 16]".
        remedy: what to do: "use None for an ideal converter".

    Parts left empty are left out of the message.
    """
    raise kind(_sentence(rule, _given(name, str(value), unit), allowed, remedy))


def _given(name: str, value: str, unit: str) -> str:
    if not value:
        return name
    text = f"{name} = {value}" if name else f"got {value}"
    return f"{text} {unit}" if unit else text


def _sentence(rule: str, given: str, allowed: str, remedy: str) -> str:
    text = f"{given}: {rule}" if given else rule
    if allowed:
        text += f"; allowed: {allowed}"
    return f"{text}; {remedy}" if remedy else text
