"""MatMul with a constant on either side, a vector, a matrix or a batch of matrices."""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from onnx import NodeProto

from wordline.onnx.constants import Constants
from wordline.onnx.products import Floats, Multiply, Product, Shape
from wordline.onnx.single import SingleStep
from wordline.onnx.weights import StaysDigital, constant_side, weights


@dataclass(eq=False)
class MatMulStep(SingleStep):
    """A product along the last axis of the data, or the one before if the constant is `left`.

    batch: the axes of the constant before its matrices: one group of the product each.
    vector: the constant has one axis, which the output lacks.
    swapped: the last two axes of the data change places before.
    """

    left: bool = False
    batch: Shape = ()
    vector: bool = False
    swapped: bool = False

    def multiplied(self, x: Floats, multiply: Multiply) -> Floats:
        """See `SingleStep.multiplied`."""
        lone = x.ndim == 1
        if self.swapped and not lone:
            x = x.swapaxes(-1, -2)
        self._check(x)
        rows = x[None] if lone else x.swapaxes(-1, -2) if self.left else x
        y = self._batched(rows, multiply)
        if lone:
            y = y[..., 0, :]
        if self.vector:
            y = y[..., 0]
        return y.swapaxes(-1, -2) if self.left and not lone and not self.vector else y

    def _check(self, x: Floats) -> None:
        K = len(self.product.weights)
        axis = -2 if self.left and x.ndim > 1 else -1
        if x.ndim == 0 or x.shape[axis] != K:
            self.refuse(x.shape, f"(..., {K}, any)" if axis == -2 else f"(..., {K})")

    def _batched(self, x: Floats, multiply: Multiply) -> Floats:
        """(..., rows, K) to (..., rows, N), with the axes before the last two broadcast."""
        axes = max(len(self.batch), x.ndim - 2)
        x = x.reshape((1,) * (axes + 2 - x.ndim) + x.shape)
        groups = (1,) * (axes - len(self.batch)) + self.batch
        apart = [axis for axis in range(axes) if groups[axis] > 1]
        if not apart:
            return multiply(self.product, np.ascontiguousarray(x), 0)
        if any(x.shape[axis] not in (1, groups[axis]) for axis in apart):
            self.refuse(x.shape, f"one that broadcasts to the batch {self.batch}")
        others = [axis for axis in range(axes) if axis not in apart]
        order = [*others, axes, *apart, axes + 1]
        sizes = [groups[i] if i in apart else x.shape[i] for i in range(axes)]
        x = np.broadcast_to(x, (*sizes, *x.shape[-2:])).transpose(order)
        lead = x.shape[: len(others) + 1]
        rows = np.ascontiguousarray(x).reshape(*lead, prod(x.shape[len(lead) :]))
        y = multiply(self.product, rows, 0)
        each = (*(groups[axis] for axis in apart), y.shape[-1] // self.product.groups)
        return y.reshape(*lead, *each).transpose(np.argsort(order))


def matmul_step(node: NodeProto, constants: Constants) -> MatMulStep:
    """A MatMul node. Raises StaysDigital with the reason."""
    side = constant_side(node, constants)
    return matmul_of(node, *weights(node, constants, side), side)


def matmul_of(node: NodeProto, W: Floats, dtype: np.dtype[Any], side: int) -> MatMulStep:
    """The step of a node whose input `side` is the constant W. Raises StaysDigital."""
    if W.ndim == 0:
        raise StaysDigital("0-d weights")
    vector = W.ndim == 1
    if vector:
        W = W[:, None]
    elif side == 0:
        W = W.swapaxes(-1, -2)
    batch, K, N = W.shape[:-2], *W.shape[-2:]
    groups = prod(batch)
    matrix = np.ascontiguousarray(W.reshape(groups, K, N).swapaxes(0, 1)).reshape(K, groups * N)
    return MatMulStep(
        node.name,
        "MatMul",
        node.input[1 - side],
        node.output[0],
        Product(node.name, matrix, None, groups),
        dtype,
        left=side == 0,
        batch=batch,
        vector=vector,
    )
