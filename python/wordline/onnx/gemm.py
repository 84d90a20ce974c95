"""Gemm with a constant matrix on either side: alpha · A' · B' + beta · C."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from wordline.onnx.constants import Constants
from wordline.onnx.nodes import attribute
from wordline.onnx.products import Floats, Multiply, Product
from wordline.onnx.single import Addend, SingleStep, rescaled
from wordline.onnx.weights import (
    StaysDigital,
    constant_side,
    given,
    scaled,
    single,
    weights,
)


@dataclass(eq=False)
class GemmStep(SingleStep):
    """flips: the data have their K inputs along the first axis. left: the constant is A."""

    flips: bool = False
    left: bool = False

    def multiplied(self, x: Floats, multiply: Multiply) -> Floats:
        """See `SingleStep.multiplied`."""
        if x.ndim != 2 or x.shape[0 if self.flips else 1] != len(self.product.weights):
            K = len(self.product.weights)
            self.refuse(x.shape, f"({K}, rows)" if self.flips else f"(rows, {K})")
        rows = np.ascontiguousarray(x.T) if self.flips else x
        y = multiply(self.product, rows, 0)
        return y.T if self.left else y

    def normalised(
        self, output: str, factor: NDArray[np.float64], shift: NDArray[np.float64]
    ) -> SingleStep | None:
        """See `SingleStep.normalised`; channels are the outputs only of a constant B."""
        if self.addend is not None or self.left:
            return None
        return replace(self, output=output, product=rescaled(self.product, factor, shift))


def gemm_step(node: NodeProto, constants: Constants) -> GemmStep:
    """A Gemm node. Raises StaysDigital with the reason."""
    if constants.opset < 7:
        raise StaysDigital("Gemm of opset 6 or older")
    side = constant_side(node, constants)
    W, dtype = weights(node, constants, side)
    if W.ndim != 2:
        raise StaysDigital(f"{W.ndim}-d weights")
    turned = [bool(attribute(node, name, 0)) for name in ("transA", "transB")]
    matrix = W.T if turned[side] == (side == 1) else W
    alpha = attribute(node, "alpha", 1.0)
    matrix = np.ascontiguousarray(matrix if alpha == 1.0 else scaled(alpha, matrix))
    bias, addend = _bias(node, constants, matrix.shape[1], left=side == 0)
    return GemmStep(
        node.name,
        "Gemm",
        node.input[1 - side],
        node.output[0],
        Product(node.name, matrix, bias),
        dtype,
        addend,
        flips=turned[1 - side] == (side == 1),
        left=side == 0,
    )


def _bias(
    node: NodeProto, constants: Constants, N: int, left: bool
) -> tuple[Floats | None, Addend | None]:
    """beta · C as one number for each of the N outputs of the product, else as an addend."""
    name, beta = given(node, 2), attribute(node, "beta", 1.0)
    if not name or beta == 0.0:
        return None, None
    if name not in constants:
        return None, Addend(name, beta)
    C = single(constants.value(name))
    if C.size == 1 and C.ndim <= 2:
        return np.full(N, scaled(beta, C).reshape(()), np.float32), None
    if C.shape in ([(N, 1)] if left else [(N,), (1, N)]):
        return scaled(beta, C).reshape(-1), None
    return None, Addend(scaled(beta, C))
