"""One time step of RNN, GRU and LSTM cells, by the equations of ONNX.

A cell knows gates and biases; products with constant matrices it asks of `Matrices`. Arrays are
(batch, gates · hidden) or (batch, hidden), float32.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from wordline.onnx.products import Floats
from wordline.onnx.recurrent_activations import Activation

State = tuple[Floats, ...]  # (H,), or (H, C) of an LSTM
# Multiplies the state with the recurrent matrix of that place in `Cell.split`.
Recur = Callable[[int, Floats], Floats]


@dataclass(frozen=True, eq=False)
class Gates:
    """What one direction of a node gives its cell.

    hidden: H. bias: (2, gates · H), of the input and of the recurrence; None for none.
    peepholes: (3, H) of the input, output and forget gate; None for none. clip: bound of what
    activations take, or None. activations: those of this direction, in ONNX's order.
    """

    hidden: int
    bias: Floats | None
    peepholes: Floats | None
    clip: float | None
    activations: Sequence[Activation]

    def clipped(self, x: Floats) -> Floats:
        """Bounded to [-clip, clip]."""
        return x if self.clip is None else np.clip(x, np.float32(-self.clip), np.float32(self.clip))

    def parts(self, x: Floats) -> list[Floats]:
        """The gates in `x`, each (..., H)."""
        return np.split(x, x.shape[-1] // self.hidden, axis=-1)


class Cell(ABC):
    """A kind of recurrent cell.

    gates: blocks of H rows in W and R. states: arrays in a state. functions: activations of one
    direction, by default. split: for each product of the recurrence its name and its gates.
    """

    gates: int
    states: int
    functions: tuple[str, ...]
    split: tuple[tuple[str, slice], ...]

    @abstractmethod
    def step(self, x: Floats, state: State, recur: Recur, gates: Gates) -> State:
        """The next state. x: the step's product with the input matrix, without bias."""


class RnnCell(Cell):
    """H' = f(x W + H R + Wb + Rb)."""

    gates, states, functions = 1, 1, ("Tanh",)
    split = (("recurrent", slice(0, 1)),)

    def step(self, x: Floats, state: State, recur: Recur, gates: Gates) -> State:
        """See `Cell.step`."""
        total = x + recur(0, state[0])
        if gates.bias is not None:
            total = total + (gates.bias[0] + gates.bias[1])
        return (gates.activations[0](gates.clipped(total)),)


class GruCell(Cell):
    """Update z, reset r and hidden h gate; linear_before_reset = 0: r before the matrix of h."""

    gates, states, functions = 3, 1, ("Sigmoid", "Tanh")
    split: tuple[tuple[str, slice], ...] = (
        ("recurrent", slice(0, 2)),
        ("recurrent_hidden", slice(2, 3)),
    )

    def step(self, x: Floats, state: State, recur: Recur, gates: Gates) -> State:
        """See `Cell.step`."""
        (H,), (f, g) = state, gates.activations
        bias = None if gates.bias is None else [gates.parts(row) for row in gates.bias]
        xz, xr, xh = gates.parts(x)
        rz, rr, *rest = gates.parts(recur(0, H))
        z, r = xz + rz, xr + rr
        if bias is not None:
            z, r = z + (bias[0][0] + bias[1][0]), r + (bias[0][1] + bias[1][1])
        z, r = f(gates.clipped(z)), f(gates.clipped(r))
        h = xh + self._reset(H, r, rest, recur, None if bias is None else bias[1][2])
        if bias is not None:
            h = h + bias[0][2]
        return ((1 - z) * g(gates.clipped(h)) + z * H,)

    def _reset(
        self, H: Floats, r: Floats, rest: list[Floats], recur: Recur, bias: Floats | None
    ) -> Floats:
        """The recurrent part of the hidden gate, with its bias."""
        y = recur(1, r * H)
        return y if bias is None else y + bias


class LinearGruCell(GruCell):
    """linear_before_reset != 0: r after the matrix of h and its bias."""

    split = (("recurrent", slice(0, 3)),)

    def _reset(
        self, H: Floats, r: Floats, rest: list[Floats], recur: Recur, bias: Floats | None
    ) -> Floats:
        """See `GruCell._reset`. rest: the product of H with the hidden gate's matrix."""
        return r * (rest[0] if bias is None else rest[0] + bias)


class LstmCell(Cell):
    """Input i, output o, forget f and cell c gate."""

    gates, states, functions = 4, 2, ("Sigmoid", "Tanh", "Tanh")
    split = (("recurrent", slice(0, 4)),)

    def __init__(self, input_forget: bool):
        """input_forget: whether the forget gate is 1 - i."""
        self._input_forget = input_forget

    def step(self, x: Floats, state: State, recur: Recur, gates: Gates) -> State:
        """See `Cell.step`."""
        (H, C), (f, g, h) = state, gates.activations
        total = x + recur(0, H)
        if gates.bias is not None:
            total = total + (gates.bias[0] + gates.bias[1])
        i, o, forget, c = gates.parts(total)
        if gates.peepholes is not None:
            i, forget = i + gates.peepholes[0] * C, forget + gates.peepholes[2] * C
        i = f(gates.clipped(i))
        forget = 1 - i if self._input_forget else f(gates.clipped(forget))
        C = forget * C + i * g(gates.clipped(c))
        if gates.peepholes is not None:
            o = o + gates.peepholes[1] * C
        return f(gates.clipped(o)) * h(C), C
