"""Random codes, and models of one QLinear node.

Weights have 7 bits: without VNNI instructions ONNX Runtime adds products of uint8 and int8 in
pairs of 16 bits, which saturate with 8-bit weights (its quantiser calls the cure reduce_range).
"""

from typing import Any

import numpy as np
from graphs import Builder
from onnx import ModelProto, TensorProto
from wordline.onnx.constants import Constants
from wordline.onnx.randomness import Randomness

TYPES = {np.uint8: TensorProto.UINT8, np.int8: TensorProto.INT8}
FEW = 1e-3  # of the elements may differ by one code (definitions: equality with ONNX Runtime)


def codes(rng: Any, dtype: Any, *shape: int, bits: int = 8) -> Any:
    """Random codes of all values; with `bits` those in the middle of the type's range."""
    low = np.iinfo(dtype).min + 128 - 2 ** (bits - 1)
    return rng.integers(low, low + 2**bits, shape).astype(dtype)


def known(model: ModelProto) -> Constants:
    return Constants(model, model.graph.node, Randomness(model.functions))


def qlinear(
    b: Builder, op: str, x: Any, w: Any, channels: int | None, bias: bool = False, **attributes: Any
) -> tuple[ModelProto, dict[str, Any]]:
    """A model of one QLinear node; scales and zero points for each channel, or for all.

    Results spread over some 60 codes around their zero point.
    """
    rng, count = b.rng, () if channels is None else (channels,)
    w_scale = rng.uniform(0.005, 0.02, count).astype(np.float32)
    w_zero = codes(rng, w.dtype, *count, bits=3)
    if channels is not None and w.dtype == np.int8:
        w_zero[:] = 0  # ONNX Runtime takes no other
    x_scale, x_zero = np.float32(rng.uniform(0.01, 0.05)), codes(rng, x.dtype, bits=4)
    spread = w[0].size if op == "QLinearConv" else w.shape[-2]
    y_scale = np.float32(x_scale * w_scale.mean() * 74 * 37 * np.sqrt(spread) / 30)
    kind = TYPES[x.dtype.type]
    names = [b.input("x", None, kind), b.tensor(x_scale), b.tensor(x_zero)]
    names += [b.tensor(w), b.tensor(w_scale), b.tensor(w_zero)]
    names += [b.tensor(y_scale), b.tensor(codes(rng, x.dtype, bits=5))]
    if bias:
        names.append(b.tensor(rng.integers(-3000, 3000, w.shape[0]).astype(np.int32)))
    return b.model((b.node(op, *names, name="n", **attributes), kind)), {"x": x}
