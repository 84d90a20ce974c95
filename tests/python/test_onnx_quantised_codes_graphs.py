"""What quantised models state about the inputs and weights of their float operators."""

from typing import Any

import numpy as np
import pytest
from graphs import Builder, assert_same, reference, runtime
from onnx import TensorProto
from quantised import TYPES, codes, known
from wordline.onnx.conv import conv_step
from wordline.onnx.gemm import gemm_step
from wordline.onnx.matmul import matmul_step
from wordline.onnx.products import InputCodes, Product
from wordline.onnx.quantised_codes import annotated, input_codes, producers, weight_scale
from wordline.onnx.transposed import transposed_step


def qdq(
    op: str, x: Any, w: Any, w_scale: Any, axis: int = 1, zero: Any = None, **attributes: Any
) -> Product:
    """The product of DequantizeLinear on input and weights, then `op`; it equals ONNX Runtime."""
    b = Builder(17)
    name = b.node(
        "DequantizeLinear",
        b.input("x", None, TYPES[x.dtype.type]),
        b.tensor(np.float32(0.25)),
        b.tensor(x.dtype.type(7)),
    )
    zero = np.zeros(np.shape(w_scale), w.dtype) if zero is None else zero
    weights = b.node("DequantizeLinear", b.tensor(w), b.tensor(w_scale), b.tensor(zero), axis=axis)
    model = b.model(b.node(op, name, weights, name="n", **attributes))
    constants, node = known(model), model.graph.node[-1]
    build = {
        "Conv": conv_step,
        "ConvTranspose": transposed_step,
        "Gemm": gemm_step,
        "MatMul": matmul_step,
    }[op]
    step = annotated(build(node, constants), node, producers(model.graph.node), constants)
    feed = {step.input: np.float32(0.25) * (x.astype(np.float32) - 7)}
    (expected,) = runtime(model, {"x": x})
    assert_same(step.run(feed, reference)[step.output], expected)
    return step.product


SCALES = np.array([0.5, 0.03, 0.007, 0.2], np.float32)


@pytest.mark.parametrize(
    ("op", "w", "attributes"),
    [
        ("MatMul", (6, 4), {}),
        ("MatMul", (2, 6, 4), {"axis": 2}),
        ("Gemm", (6, 4), {"alpha": 1.0}),
        ("Gemm", (4, 6), {"axis": 0, "transB": 1}),
        ("Conv", (4, 2, 3, 3), {"axis": 0, "group": 3}),
        ("Conv", (4, 6, 1, 2), {"axis": 0}),
        ("ConvTranspose", (6, 4, 2, 3), {}),
        ("ConvTranspose", (6, 4, 2, 3), {"group": 2}),
    ],
)
@pytest.mark.parametrize("each", [True, False])
def test_what_quantised_graphs_state(op: str, w: Any, attributes: Any, each: bool) -> None:
    rng = np.random.default_rng(1)
    if attributes.get("group") == 3:
        w = (6, *w[1:])
    count = w[attributes.get("axis", 1)] if op != "MatMul" else w[-1]
    # A batch of matrices with a scale for each column makes ONNX Runtime 1.32 fail.
    scale = np.resize(SCALES, count) if each and len(w) != 3 else SCALES[1]
    shape = (2, 6, 5, 5) if op.startswith("Conv") else (3, 6)
    x = codes(rng, np.uint8, *shape)
    product = qdq(op, x, codes(rng, np.int8, *w), scale, **attributes)
    assert product.codes is not None
    grid = product.codes
    assert (grid.scale, grid.zero, grid.low, grid.high) == (0.25, 7, 0, 255)
    assert product.weight_scale is not None
    assert product.weight_scale.shape == product.weights.shape[1:]
    whole = product.weights / product.weight_scale
    np.testing.assert_allclose(whole, np.rint(whole), rtol=0, atol=1e-4)
    assert np.abs(whole).max() <= 128
    assert set(product.weight_scale) == {float(s) for s in np.atleast_1d(scale)}


def test_weights_of_quantised_graphs_without_one_step_an_output() -> None:
    rng = np.random.default_rng(2)
    x, w = codes(rng, np.int8, 3, 6), codes(rng, np.int8, 6, 4)
    product = qdq("MatMul", x, w, np.resize(SCALES, 6), axis=0, zero=None)
    assert product.weight_scale is None  # the step varies along k
    assert product.codes is not None
    assert (product.codes.low, product.codes.high) == (-128, 127)


@pytest.mark.parametrize("zero", [np.int8(3), np.array([0, 0, 0, 1], np.int8)], ids=["all", "one"])
def test_zero_points_of_weights_in_quantised_graphs_shift_multiples(zero: Any) -> None:
    rng = np.random.default_rng(2)
    x, w = codes(rng, np.int8, 3, 6), codes(rng, np.int8, 6, 4)
    product = qdq("MatMul", x, w, SCALES if zero.ndim else SCALES[0], axis=1, zero=zero)
    assert product.weight_scale is not None
    whole = product.weights / product.weight_scale
    np.testing.assert_allclose(whole, w.astype(float) - zero, rtol=0, atol=1e-4)


def test_unsigned_weights_of_quantised_graphs_around_their_middle() -> None:
    rng = np.random.default_rng(3)
    x, w = codes(rng, np.int8, 3, 6), codes(rng, np.uint8, 6, 4)
    product = qdq("MatMul", x, w, SCALES[0], zero=np.uint8(128))
    np.testing.assert_array_equal(product.weight_scale, np.full(4, 0.5))


def grid_of(*movers: tuple[str, dict[str, Any]], **kinds: Any) -> InputCodes | None:
    """The codes of a value behind QuantizeLinear, DequantizeLinear and the movers."""
    b = Builder(kinds.get("opset", 17))
    x = b.input("x", ["N", 4, 6, 6])
    scale = kinds.get("scale", np.float32(0.5))
    grid = [b.tensor(scale) if isinstance(scale, np.generic | np.ndarray) else b.input(scale, [])]
    if kinds.get("zero", np.uint8(3)) is not None:
        grid.append(b.tensor(kinds.get("zero", np.uint8(3))))
    x = b.node("DequantizeLinear", b.node("QuantizeLinear", x, *grid), *grid)
    for op, attributes in movers:
        more = [b.tensor(np.array(v)) for v in attributes.pop("inputs", [])]
        x = b.node(op, x, *more, **attributes)
    model = b.model(x)
    return input_codes(x, producers(model.graph.node), known(model))


@pytest.mark.parametrize(
    "movers",
    [
        [],
        [("MaxPool", {"kernel_shape": [2, 2]}), ("Flatten", {})],
        [("Reshape", {"inputs": [[-1, 144]]}), ("Unsqueeze", {"inputs": [[1]]})],
        [("Transpose", {"perm": [0, 2, 3, 1]}), ("Identity", {}), ("Relu", {})],
        [("Slice", {"inputs": [[1], [3], [1]]}), ("DepthToSpace", {"blocksize": 1})],
    ],
    ids=str,
)
def test_moves_keep_the_codes_of_quantised_graphs(movers: Any) -> None:
    grid = grid_of(*movers)
    assert grid is not None
    assert (grid.scale, grid.zero, grid.low, grid.high) == (0.5, 3, 0, 255)


def test_codes_of_quantised_graphs_without_zero_point_are_uint8() -> None:
    grid = grid_of(zero=None)
    assert grid is not None
    assert (grid.zero, grid.low, grid.high) == (0, 0, 255)


def test_quantised_graphs_without_one_fixed_grid() -> None:
    assert grid_of(("Neg", {})) is None
    assert grid_of(("AveragePool", {"kernel_shape": [2, 2]})) is None
    assert grid_of(scale="fed") is None
    assert grid_of(scale=np.resize(SCALES, 4), zero=np.zeros(4, np.int8)) is None


def test_other_weights_of_quantised_graphs_have_no_step() -> None:
    b = Builder()
    w = b.weight(4, 5)
    model = b.model(b.node("MatMul", b.input("x"), w))
    product = Product("n", known(model).value(w))
    assert weight_scale(product, w, producers(model.graph.node), known(model)) is None


def test_bias_of_quantised_graphs_behind_dequantize_linear() -> None:
    b = Builder()
    w = b.node("DequantizeLinear", b.tensor(codes(b.rng, np.int8, 4, 3, 2, 2)), b.tensor(SCALES[1]))
    codes_of_bias = np.array([100, -200, 3000, 4], np.int32)
    bias = b.node("DequantizeLinear", b.tensor(codes_of_bias), b.tensor(SCALES), axis=0)
    y = b.node("Conv", b.input("x", ["N", 3, 5, 5]), w, bias, name="n")
    model = b.model(y)
    step = conv_step(model.graph.node[-1], known(model))
    expected = codes_of_bias.astype(np.float32) * SCALES
    np.testing.assert_array_equal(step.product.bias, expected)


def test_places_of_a_maximum_are_no_codes_of_quantised_graphs() -> None:
    b = Builder()
    x = b.input("x", None, TensorProto.UINT8)
    x = b.node("DequantizeLinear", x, b.tensor(np.float32(0.5)), b.tensor(np.uint8(3)))
    y, where = b.nodes("MaxPool", x, outs=["y", "where"], kernel_shape=[2, 2])
    model = b.model(y, (where, TensorProto.INT64))
    sources = producers(model.graph.node)
    assert input_codes(y, sources, known(model)) is not None
    assert input_codes(where, sources, known(model)) is None
