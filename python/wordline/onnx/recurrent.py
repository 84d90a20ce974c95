"""LSTM, GRU and RNN: their matrices are products, their gates are computed digitally."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from wordline.errors import fail
from wordline.onnx.products import Floats, Multiply, Product
from wordline.onnx.recurrent_activations import Activation
from wordline.onnx.recurrent_cells import Cell, Gates, State
from wordline.onnx.recurrent_sequences import Sequences
from wordline.onnx.runtime import Engine
from wordline.onnx.steps import AnalogStep
from wordline.onnx.weights import single


@dataclass(frozen=True, eq=False)
class Direction:
    """One direction of a node.

    input: (K, gates · H) weights. recurrent: those of `Cell.split`, each (H, its gates · H).
    """

    input: Product
    recurrent: Sequence[Product]
    activations: Sequence[Activation]
    reverse: bool


class RecurrentStep(AnalogStep):
    """A recurrent node. One call of the input product serves all time steps, (batch, time, K).

    The recurrent product is called once for each time step t, (batch, H) with first_window = t; a
    sequence that has ended is fed zeros. A reversed direction counts t from the sequence's end.
    """

    def __init__(
        self,
        name: str,
        op: str,
        cell: Cell,
        directions: Sequence[Direction],
        names: Mapping[str, str],
        fixed: Mapping[str, NDArray[Any]],
        results: Sequence[str],
        clip: float | None,
        dtype: np.dtype[Any],
        whole: Engine,
    ):
        """names: the node's input by ONNX's name of it ("X", "sequence_lens"), if not constant.

        fixed: constant inputs by ONNX's name, with X's type where ONNX asks for that. results:
        names of Y, Y_h and Y_c, empty for unused ones. dtype: of all floats. whole: the node in
        ONNX Runtime with its inputs called as in ONNX.
        """
        self.name, self.op = name, op
        self.inputs = list(dict.fromkeys(names.values()))
        self.outputs = [result for result in results if result]
        self.products = [p for d in directions for p in (d.input, *d.recurrent)]
        self._cell, self._directions, self._results = cell, directions, results
        self._names, self._fixed = names, fixed
        self._clip, self._whole = clip, whole
        self.dtype = dtype
        self._hidden = directions[0].recurrent[0].weights.shape[0]

    def run(self, values: Mapping[str, Any], multiply: Multiply) -> dict[str, Any]:
        """See `AnalogStep.run`."""
        given = self._given(values)
        dtype = given["X"].dtype
        x = single(given["X"]).swapaxes(0, 1)
        runs = [
            self._direction(place, x, given, multiply) for place in range(len(self._directions))
        ]
        Y = np.stack([y.swapaxes(0, 1) for y, _ in runs], axis=1)
        ends = [np.stack(states) for states in zip(*(state for _, state in runs), strict=True)]
        with np.errstate(over="ignore"):  # beyond float16 is infinite, as in ONNX Runtime
            arrays = [array.astype(dtype, copy=False) for array in (Y, *ends)]
        return {n: a for n, a in zip(self._results, arrays, strict=False) if n}

    def exact(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """See `AnalogStep.exact`."""
        given = self._given(values)
        if given["X"].size == 0:  # ONNX Runtime 1.32 ends the process on a GRU without time steps
            return super().exact(values)
        return dict(
            zip(self.outputs, self._whole.run(None, given | self._matrices(given)), strict=True)
        )

    def _direction(
        self, place: int, x: Floats, given: Mapping[str, Any], multiply: Multiply
    ) -> tuple[Floats, State]:
        """Y (batch, time, H) and the final state of one direction. x: (batch, time, K)."""
        direction, (batch, time, _) = self._directions[place], x.shape
        lengths = np.asarray(given.get("sequence_lens", np.full(batch, time)), np.int64)
        order = Sequences(lengths, time, direction.reverse)
        gates, state = self._gates(place, given), self._start(place, batch, given)
        Y = np.zeros((batch, time, self._hidden), np.float32)
        inner = multiply(direction.input, order.arranged(x), 0) if order.steps and batch else x
        for t in range(order.steps):
            active = order.active[:, t : t + 1]
            new = self._step(direction, inner[:, t], state, active, t, gates, multiply)
            state = tuple(np.where(active, n, s) for n, s in zip(new, state, strict=True))
            Y[:, t] = np.where(active, state[0], np.float32(0))
        # A sequence of no steps ends in zeros, whatever its initial state: so does ONNX Runtime.
        ends = tuple(np.where(lengths[:, None] > 0, s, np.float32(0)) for s in state)
        return order.arranged(Y), ends

    def _step(
        self,
        direction: Direction,
        x: Floats,
        state: State,
        active: NDArray[np.bool_],
        t: int,
        gates: Gates,
        multiply: Multiply,
    ) -> State:
        def recur(place: int, h: Floats) -> Floats:
            return multiply(direction.recurrent[place], np.where(active, h, np.float32(0)), t)

        with np.errstate(all="ignore"):  # saturated gates and overflow, as in ONNX Runtime
            return self._cell.step(x, state, recur, gates)

    def _gates(self, place: int, given: Mapping[str, Any]) -> Gates:
        bias = single(given["B"][place]).reshape(2, -1) if "B" in given else None
        peepholes = single(given["P"][place]).reshape(3, -1) if "P" in given else None
        activations = self._directions[place].activations
        return Gates(self._hidden, bias, peepholes, self._clip, activations)

    def _start(self, place: int, batch: int, given: Mapping[str, Any]) -> State:
        zero = np.zeros((batch, self._hidden), np.float32)
        names = ("initial_h", "initial_c")[: self._cell.states]
        return tuple(single(given[name][place]) if name in given else zero for name in names)

    def _given(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """All inputs but W and R by ONNX's name, checked."""
        given = {**self._fixed, **{name: values[value] for name, value in self._names.items()}}
        x, K = given["X"], self._directions[0].input.weights.shape[0]
        if x.ndim != 3 or x.shape[2] != K:
            self._refuse("X", x.shape, f"(time, batch, {K})")
        directions, gates, H = len(self._directions), self._cell.gates, self._hidden
        shapes = {
            "B": (directions, 2 * gates * H),
            "sequence_lens": (x.shape[1],),
            "initial_h": (directions, x.shape[1], H),
            "initial_c": (directions, x.shape[1], H),
            "P": (directions, 3 * H),
        }
        for name in given.keys() & shapes.keys():
            if given[name].shape != shapes[name]:
                self._refuse(name, given[name].shape, str(shapes[name]))
        self._require_lengths(given.get("sequence_lens"), x.shape[0])
        return given

    def _require_lengths(self, lengths: NDArray[np.int32] | None, time: int) -> None:
        if lengths is not None and lengths.size and not 0 <= lengths.min() <= lengths.max() <= time:
            fail(
                ValueError,
                "a sequence is no longer than the padded batch",
                name=f"node '{self.name}': sequence_lens",
                value=str(lengths.tolist()),
                allowed=f"0 ... {time}",
                remedy="give each sequence its number of time steps",
            )

    def _refuse(self, name: str, shape: tuple[int, ...], allowed: str) -> NoReturn:
        fail(
            ValueError,
            "the input does not fit the weights",
            name=f"node '{self.name}': shape of {name} '{self._names.get(name, '')}'",
            value=str(tuple(shape)),
            allowed=allowed,
            remedy="check the shape of the network's input",
        )

    def _matrices(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """W and R as the node has them."""
        W = [d.input.weights.T for d in self._directions]
        R = [np.concatenate([p.weights.T for p in d.recurrent]) for d in self._directions]
        return {
            "W": np.stack(W).astype(given["X"].dtype),
            "R": np.stack(R).astype(given["X"].dtype),
        }
