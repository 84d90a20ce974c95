"""Activation functions of recurrent nodes, with the defaults of ONNX Runtime."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from wordline.onnx.products import Floats

_Function = Callable[[Floats, np.float32, np.float32], Floats]


def _sigmoid(x: Floats, alpha: np.float32, beta: np.float32) -> Floats:
    decay = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + decay), decay / (1 + decay)).astype(np.float32)


# Formulas: https://onnx.ai/onnx/operators/onnx__LSTM.html
_FUNCTIONS: dict[str, _Function] = {
    "affine": lambda x, alpha, beta: alpha * x + beta,
    "relu": lambda x, alpha, beta: np.maximum(x, np.float32(0)),
    "leakyrelu": lambda x, alpha, beta: np.where(x >= 0, x, alpha * x),
    "thresholdedrelu": lambda x, alpha, beta: np.where(x > alpha, x, np.float32(0)),
    "tanh": lambda x, alpha, beta: np.tanh(x),
    "scaledtanh": lambda x, alpha, beta: alpha * np.tanh(beta * x),
    "sigmoid": _sigmoid,
    "hardsigmoid": lambda x, alpha, beta: np.clip(alpha * x + beta, 0, 1),
    "elu": lambda x, alpha, beta: np.where(x >= 0, x, alpha * np.expm1(np.minimum(x, 0))),
    "softsign": lambda x, alpha, beta: x / (1 + np.abs(x)),
    # Infinite from x = 89 on, as in ONNX Runtime.
    "softplus": lambda x, alpha, beta: np.log(1 + np.exp(x)),
}
# Values of (alpha, beta) where a function takes them and the node gives none. ONNX Runtime's
# choice (onnxruntime/core/providers/cpu/rnn/rnn_helpers.cc), zero where that names none.
_ALPHA = {
    "affine": 0.0,
    "leakyrelu": 0.01,
    "thresholdedrelu": 0.0,
    "scaledtanh": 0.0,
    "hardsigmoid": 0.2,
    "elu": 1.0,
}
_BETA = {"affine": 0.0, "scaledtanh": 0.0, "hardsigmoid": 0.5}


@dataclass(frozen=True)
class Activation:
    """A function by its name in small letters; alpha and beta are 0 where it takes none."""

    name: str
    alpha: float
    beta: float

    def __call__(self, x: Floats) -> Floats:
        """The function of each element."""
        return _FUNCTIONS[self.name](x, np.float32(self.alpha), np.float32(self.beta))


def activations(
    names: Sequence[str], alphas: Sequence[float], betas: Sequence[float]
) -> list[Activation]:
    """The functions of these names, in any case of letters.

    Functions that take an alpha (or beta) consume `alphas` (or `betas`) in order; the later ones
    go without.

    Raises:
        KeyError: ONNX has no such function.
    """
    alpha, beta = iter(alphas), iter(betas)
    return [_bound(name.lower(), alpha, beta) for name in names]


def _bound(name: str, alphas: Iterator[float], betas: Iterator[float]) -> Activation:
    if name not in _FUNCTIONS:
        raise KeyError(name)
    alpha = next(alphas, _ALPHA[name]) if name in _ALPHA else 0.0
    beta = next(betas, _BETA[name]) if name in _BETA else 0.0
    return Activation(name, alpha, beta)
