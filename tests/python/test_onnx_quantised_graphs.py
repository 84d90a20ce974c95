"""Quantised operators as analog steps equal ONNX Runtime, to one code on few elements.

Weights have 7 bits: without VNNI instructions ONNX Runtime adds products of uint8 and int8 in
pairs of 16 bits, which saturate with 8-bit weights (its quantiser calls the cure reduce_range).
"""

import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from graphs import Builder, assert_same, images, reference, runtime
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from onnx import ModelProto, TensorProto, helper
from onnxruntime import quantization
from wordline.onnx import Graph
from wordline.onnx.constants import Constants
from wordline.onnx.conv import conv_step
from wordline.onnx.gemm import gemm_step
from wordline.onnx.matmul import matmul_step
from wordline.onnx.products import InputCodes, Product, exact_product
from wordline.onnx.quantised import QuantisedStep
from wordline.onnx.quantised_codes import annotated, input_codes, producers, weight_scale
from wordline.onnx.quantised_nodes import is_quantised, quantised_step
from wordline.onnx.randomness import Randomness
from wordline.onnx.transposed import transposed_step
from wordline.onnx.weights import StaysDigital

Draw = Callable[[st.SearchStrategy[Any]], Any]
TYPES = {np.uint8: TensorProto.UINT8, np.int8: TensorProto.INT8}
CODES = st.sampled_from(list(TYPES))
FEW = 1e-3  # of the elements may differ by one code (definitions: equality with ONNX Runtime)


def codes(rng: Any, dtype: Any, *shape: int, bits: int = 8) -> Any:
    """Random codes of all values; with `bits` those in the middle of the type's range."""
    low = np.iinfo(dtype).min + 128 - 2 ** (bits - 1)
    return rng.integers(low, low + 2**bits, shape).astype(dtype)


def known(model: ModelProto) -> Constants:
    return Constants(model, model.graph.node, Randomness(model.functions))


def step_of(model: ModelProto) -> QuantisedStep:
    node = model.graph.node[-1]
    assert is_quantised(node)
    return quantised_step(node, known(model))


def assert_equals(model: ModelProto, feeds: Mapping[str, Any]) -> QuantisedStep:
    """One node: exact to the bit; with float products to one code, or 1e-6 of the largest."""
    step, (expected,) = step_of(model), runtime(model, feeds)
    (actual,) = step.exact(feeds).values()
    np.testing.assert_array_equal(actual, expected)
    assert step.dtype == actual.dtype
    for multiply in (exact_product, reference):
        ((name, actual),) = step.run(feeds, multiply).items()
        assert name == model.graph.output[0].name
        if expected.dtype == np.int32:
            assert actual.dtype == np.int32
            largest = np.abs(expected).max(initial=1)
            assert np.abs(actual - expected).max(initial=0) <= 1e-6 * largest
        else:
            assert_same(actual, expected, quanta=1 / max(expected.size, 1000))
    return step


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


@st.composite
def qlinear_convs(draw: Draw) -> tuple[ModelProto, dict[str, Any]]:
    b = Builder(draw(st.sampled_from([10, 13, 17])), seed=draw(st.integers(0, 1000)))
    axes, groups = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    filters = groups * draw(st.integers(1, 3))
    kernel = [draw(st.integers(1, 3)) for _ in range(axes)]
    x_type = draw(CODES)
    w_type = draw(CODES) if x_type == np.uint8 else np.int8
    x = codes(b.rng, x_type, 2, 2 * groups, *(draw(st.integers(3, 6)) for _ in range(axes)))
    w = codes(b.rng, w_type, filters, 2, *kernel, bits=7)
    attributes: dict[str, Any] = {"group": groups, "strides": [draw(st.integers(1, 2))] * axes}
    if draw(st.booleans()):
        attributes["pads"] = [draw(st.integers(0, 1)) for _ in range(2 * axes)]
    channels = draw(st.sampled_from([None, filters]))
    bias = draw(st.booleans())
    return qlinear(b, "QLinearConv", x, w, channels, bias, **attributes)


@st.composite
def qlinear_matmuls(draw: Draw) -> tuple[ModelProto, dict[str, Any]]:
    b = Builder(draw(st.sampled_from([10, 17, 21])), seed=draw(st.integers(0, 1000)))
    K, N = draw(st.integers(1, 40)), draw(st.integers(1, 5))
    x_type = draw(CODES)
    w_type = draw(CODES) if x_type == np.uint8 else np.int8
    lead = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    x, w = codes(b.rng, x_type, *lead, K), codes(b.rng, w_type, K, N, bits=7)
    return qlinear(b, "QLinearMatMul", x, w, draw(st.sampled_from([None, N])))


@st.composite
def integers(draw: Draw) -> tuple[ModelProto, dict[str, Any]]:
    """MatMulInteger and ConvInteger, with zero points constant, fed or absent."""
    b = Builder(draw(st.sampled_from([10, 17])), seed=draw(st.integers(0, 1000)))
    conv = draw(st.booleans())
    x_type, w_type = draw(CODES), draw(CODES)
    if x_type == np.int8 or conv:
        x_type, w_type = np.uint8, np.uint8 if conv else w_type
    N = draw(st.integers(1, 4))
    x = codes(b.rng, x_type, *((2, 3, 5, 5) if conv else (2, 3, 30)))
    w = codes(b.rng, w_type, *((N, 3, 2, 3) if conv else (30, N)), bits=7)
    feeds: dict[str, Any] = {"x": x}
    names = [b.input("x", None, TYPES[x_type]), b.tensor(w)]
    zero = draw(st.sampled_from(["constant", "fed", "absent"]))
    if zero == "fed":
        feeds["zero"] = codes(b.rng, x_type)
        names.append(b.input("zero", [], TYPES[x_type]))
    else:
        names.append(b.tensor(codes(b.rng, x_type)) if zero == "constant" else "")
    if draw(st.booleans()):
        count = () if conv or draw(st.booleans()) else (N,)
        names.append(b.tensor(codes(b.rng, w_type, *count, bits=3)))
    while not names[-1]:
        names.pop()
    attributes = {"pads": [1, 0, 1, 2]} if conv else {}
    y = b.node("ConvInteger" if conv else "MatMulInteger", *names, name="n", **attributes)
    return b.model((y, TensorProto.INT32)), feeds


@st.composite
def microsofts(draw: Draw) -> tuple[ModelProto, dict[str, Any]]:
    """Operators of the domain com.microsoft."""
    b = Builder(17, seed=draw(st.integers(0, 1000)))
    b.opsets["com.microsoft"] = 1
    K, N = draw(st.integers(1, 20)), draw(st.integers(1, 5))
    op = draw(st.sampled_from(["QGemm", "MatMulIntegerToFloat", "DynamicQuantizeMatMul"]))
    turned = op == "QGemm" and draw(st.booleans())
    w_type = draw(CODES)
    w = b.tensor(codes(b.rng, w_type, *((N, K) if turned else (K, N)), bits=7))
    count = draw(st.sampled_from([(), (N,)]))
    scale = b.tensor(b.rng.uniform(0.01, 0.02, count).astype(np.float32))
    zero = b.tensor(codes(b.rng, w_type, *count, bits=3))
    options: dict[str, Any] = {"name": "n", "domain": "com.microsoft"}
    if op == "DynamicQuantizeMatMul":
        bias = [b.weight(N)] if draw(st.booleans()) else []
        x = images(4, K) * np.float32(draw(st.sampled_from([0.0, 1.0, 30.0])))
        y = b.node(op, b.input("x"), w, scale, zero, *bias, **options)
        return b.model(y), {"x": x}
    x = codes(b.rng, np.uint8, 4, K)
    name, feeds = b.input("x", None, TensorProto.UINT8), {"x": x}
    x_zero = b.tensor(codes(b.rng, np.uint8))
    if op == "MatMulIntegerToFloat":
        feeds["scale"] = np.array([0.03], np.float32)
        bias = [b.weight(N)] if draw(st.booleans()) else []
        y = b.node(op, name, w, b.input("scale"), scale, x_zero, zero, *bias, **options)
        return b.model(y), feeds
    C = b.tensor(b.rng.integers(-999, 999, N).astype(np.int32)) if draw(st.booleans()) else ""
    out = [b.tensor(np.float32(1.5)), b.tensor(codes(b.rng, np.uint8, bits=5))]
    out = out if draw(st.booleans()) else []
    given = [name, b.tensor(np.float32(0.02)), x_zero, w, scale, zero, C, *out]
    alpha = draw(st.sampled_from([1.0, 0.5]))
    y = b.node(op, *given, transB=int(turned), alpha=alpha, **options)
    return b.model((y, TensorProto.UINT8) if out else y), feeds


@settings(
    max_examples=250,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.one_of(qlinear_convs(), qlinear_matmuls(), integers(), microsofts()))
def test_random_quantised_graphs_equal_onnx_runtime(case: tuple[ModelProto, Any]) -> None:
    event(case[0].graph.node[-1].op_type)
    assert_equals(*case)


class Samples(quantization.CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, count: int):
        self._left = [{"x": images(8, 3, 16, 16, seed=i)} for i in range(count)]

    def get_next(self) -> Any:
        return self._left.pop() if self._left else None


def float_model(convs_only: bool) -> ModelProto:
    b = Builder(17)
    x = b.input("x", ["N", 3, 16, 16])
    x = b.node("Relu", b.conv(x, 3, 8, name="first", pads=[1] * 4))
    x = b.node("MaxPool", b.conv(x, 8, 8, name="second", group=2), kernel_shape=[2, 2])
    if convs_only:
        return b.model(b.conv(x, 8, 16, name="third"))
    x = b.node("Reshape", x, b.tensor(np.array([-1, 8 * 13 * 13])))
    x = b.node("Relu", b.node("Gemm", x, b.weight(1352, 64), b.weight(64), name="third"))
    return b.model(b.node("MatMul", x, b.weight(64, 50), name="last"))


def quantise(tmp_path: Path, kind: str, model: ModelProto, **options: Any) -> ModelProto:
    """The model quantised by ONNX Runtime's own tool: "dynamic", "QDQ" or "QOperator"."""
    source, result = tmp_path / "float.onnx", tmp_path / "quantised.onnx"
    onnx.save(model, source)
    if kind == "dynamic":
        types = {"weight_type": quantization.QuantType.QUInt8}
        quantization.quantize_dynamic(source, result, reduce_range=True, **types)
    else:
        how = {"quant_format": quantization.QuantFormat[kind], "reduce_range": True}
        quantization.quantize_static(source, result, Samples(4), **how, **options)
    return onnx.load(result)


@pytest.mark.parametrize("per_channel", [False, True])
@pytest.mark.parametrize("kind", ["QDQ", "QOperator"])
@pytest.mark.parametrize("convs_only", [True, False])
def test_graphs_quantised_by_onnx_runtime(
    tmp_path: Path, kind: str, per_channel: bool, convs_only: bool
) -> None:
    model = quantise(tmp_path, kind, float_model(convs_only), per_channel=per_channel)
    x, graph = images(32, 3, 16, 16, seed=9), Graph.load(model)
    names = ["first", "second", "third"] if convs_only else ["first", "second", "third", "last"]
    assert [product.name.removesuffix("_quant") for product in graph.products] == names
    (expected,) = runtime(model, {"x": x})
    grid = input_codes(model.graph.output[0].name, producers(model.graph.node), known(model))
    assert grid is not None
    for multiply in (None, exact_product, reference):
        (actual,) = graph.run(x, multiply)
        apart = np.rint(actual / grid.scale) - np.rint(expected / grid.scale)
        assert np.abs(apart).max() <= 1
        assert np.mean(apart != 0) <= FEW
        assert len(np.unique(np.rint(actual / grid.scale))) > 50


def test_graphs_quantised_dynamically_by_onnx_runtime(tmp_path: Path) -> None:
    model = quantise(tmp_path, "dynamic", float_model(convs_only=False))
    x, graph = images(32, 3, 16, 16, seed=9), Graph.load(model)
    assert {step.op for step in graph.analog_steps} == {"ConvInteger", "MatMulInteger"}
    assert len(graph.analog_steps) == 4
    (expected,) = runtime(model, {"x": x})
    for multiply in (None, exact_product, reference):
        (actual,) = graph.run(x, multiply)
        # Some hidden elements may differ by one code of 255 over their range.
        assert np.abs(actual - expected).max() <= np.abs(expected).max() / 255
        apart = np.abs(actual - expected) > 1e-4 * np.abs(expected).max()
        assert np.mean(apart) <= 0.01


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


@pytest.mark.parametrize(
    ("scale", "axis", "zero"),
    [
        (np.resize(SCALES, 6), 0, None),  # a step that varies along k
        (SCALES[0], 1, np.int8(3)),
        (SCALES, 1, np.array([0, 0, 0, 1], np.int8)),
    ],
    ids=["along k", "zero point", "one zero point"],
)
def test_weights_of_quantised_graphs_without_one_step_an_output(
    scale: Any, axis: int, zero: Any
) -> None:
    rng = np.random.default_rng(2)
    x, w = codes(rng, np.int8, 3, 6), codes(rng, np.int8, 6, 4)
    product = qdq("MatMul", x, w, scale, axis=axis, zero=zero)
    assert product.weight_scale is None
    assert product.codes is not None
    assert (product.codes.low, product.codes.high) == (-128, 127)


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


def test_codes_and_steps_of_integer_operators_in_quantised_graphs() -> None:
    b = Builder()
    x, w = codes(b.rng, np.uint8, 3, 30), codes(b.rng, np.int8, 30, 4, bits=7)
    model, feeds = qlinear(b, "QLinearMatMul", x, w, 4)
    constants, node = known(model), model.graph.node[-1]
    (product,) = assert_equals(model, feeds).products
    assert product.name == "n"
    assert product.codes is not None
    assert product.codes.scale == constants.value(node.input[1])
    assert product.codes.zero == constants.value(node.input[2])
    scales = constants.value(node.input[4])
    np.testing.assert_array_equal(product.weight_scale, scales.astype(np.float64))
    np.testing.assert_array_equal(product.weights, w * scales)


@pytest.mark.parametrize("place", [1, 3, 4, 5, 6])
def test_quantised_graphs_with_changing_grids(place: int) -> None:
    """Only a changing scale of the input, without a bias, leaves something fixed to map."""
    b = Builder()
    x, w = codes(b.rng, np.uint8, 3, 30), codes(b.rng, np.int8, 30, 4, bits=7)
    model, feeds = qlinear(b, "QLinearMatMul", x, w, None)
    name = model.graph.node[-1].input[place]
    (tensor,) = (t for t in model.graph.initializer if t.name == name)
    value = onnx.numpy_helper.to_array(tensor)
    model.graph.initializer.remove(tensor)
    element = helper.np_dtype_to_tensor_dtype(value.dtype)
    model.graph.input.append(helper.make_tensor_value_info(name, element, value.shape))
    if place == 1:
        assert assert_equals(model, {**feeds, name: value}).products[0].codes is None
    else:
        with pytest.raises(StaysDigital, match=r"(is|are) not constant"):
            step_of(model)


def test_an_input_zero_point_for_each_row_is_refused_in_quantised_graphs() -> None:
    b = Builder()
    w, kind = b.tensor(codes(b.rng, np.int8, 5, 4)), TensorProto.UINT8
    names = [b.input("x", None, kind), w, b.input("zero", None, kind)]
    model = b.model((b.node("MatMulInteger", *names, name="n"), TensorProto.INT32))
    feeds = {"x": codes(b.rng, np.uint8, 3, 5), "zero": codes(b.rng, np.uint8, 3)}
    step = step_of(model)
    with pytest.raises(ValueError, match=r"node 'n': shape of zero = .*one scale and one zero"):
        step.run(feeds, exact_product)
    with pytest.raises(ValueError, match="node 'n'"):
        step.exact(feeds)


def test_constant_left_sides_of_quantised_graphs_stay_digital() -> None:
    b = Builder()
    w, kind = codes(b.rng, np.uint8, 4, 5), TensorProto.UINT8
    y = b.node("MatMulInteger", b.tensor(w), b.input("x", None, kind), name="n")
    with pytest.raises(StaysDigital, match="weights are not constant"):
        step_of(b.model((y, TensorProto.INT32)))


def test_namesakes_of_integer_operators_in_quantised_graphs() -> None:
    assert not is_quantised(helper.make_node("QLinearConv", [], [], domain="com.microsoft"))
    assert not is_quantised(helper.make_node("QGemm", [], []))
    assert is_quantised(helper.make_node("QGemm", [], [], domain="com.microsoft"))


def test_quantised_graphs_pickle() -> None:
    b = Builder()
    x, w = codes(b.rng, np.uint8, 3, 30), codes(b.rng, np.int8, 30, 4, bits=7)
    model, feeds = qlinear(b, "QLinearMatMul", x, w, 4)
    step = assert_equals(model, feeds)
    copy = pickle.loads(pickle.dumps(step))
    np.testing.assert_array_equal(*(next(iter(s.exact(feeds).values())) for s in (step, copy)))


@pytest.mark.parametrize("alpha", [1.0, 0.25])
@pytest.mark.parametrize("quantised", [True, False])
def test_bias_and_factor_of_qgemm_in_quantised_graphs(alpha: float, quantised: bool) -> None:
    b = Builder()
    b.opsets["com.microsoft"] = 1
    x, kind = codes(b.rng, np.uint8, 30, 6), TensorProto.UINT8
    w = codes(b.rng, np.int8, 6, 4, bits=7)
    names = [
        b.input("x", None, kind),
        b.tensor(np.float32(0.02)),
        b.tensor(np.uint8(128)),
        b.tensor(w),
    ]
    names += [b.tensor(SCALES), b.tensor(np.zeros(4, np.int8))]
    names.append(b.tensor(np.array([20000, -20000, 50000, 9000], np.int32)))
    names += [b.tensor(np.float32(2.0)), b.tensor(np.uint8(120))] if quantised else []
    y = b.node("QGemm", *names, name="n", alpha=alpha, domain="com.microsoft")
    step = assert_equals(b.model((y, kind) if quantised else y), {"x": x})
    np.testing.assert_array_equal(step.products[0].weight_scale, SCALES.astype(np.float64) * alpha)


@pytest.mark.parametrize(
    ("dtype", "zero", "fits"),
    [
        (np.int8, None, True),
        (np.int8, 0, True),
        (np.int8, 5, False),
        (np.uint8, 128, True),
        (np.uint8, None, False),
        (np.uint8, 3, False),
    ],
)
def test_steps_of_whole_weights_in_quantised_graphs(dtype: Any, zero: Any, fits: bool) -> None:
    b = Builder()
    w = codes(b.rng, dtype, 30, 4, bits=7)
    names = [b.input("x", None, TensorProto.UINT8), b.tensor(w), b.tensor(np.uint8(9))]
    names += [] if zero is None else [b.tensor(dtype(zero))]
    model = b.model((b.node("MatMulInteger", *names, name="n"), TensorProto.INT32))
    (product,) = assert_equals(model, {"x": codes(b.rng, np.uint8, 3, 30)}).products
    np.testing.assert_array_equal(product.weights, w.astype(np.float32) - (zero or 0))
    assert product.codes is not None
    assert (product.codes.scale, product.codes.zero) == (1.0, 9)
    if fits:
        np.testing.assert_array_equal(product.weight_scale, np.ones(4))
    else:
        assert product.weight_scale is None


def test_places_of_a_maximum_are_no_codes_of_quantised_graphs() -> None:
    b = Builder()
    x = b.input("x", None, TensorProto.UINT8)
    x = b.node("DequantizeLinear", x, b.tensor(np.float32(0.5)), b.tensor(np.uint8(3)))
    y, where = b.nodes("MaxPool", x, outs=["y", "where"], kernel_shape=[2, 2])
    model = b.model(y, (where, TensorProto.INT64))
    sources = producers(model.graph.node)
    assert input_codes(y, sources, known(model)) is not None
    assert input_codes(where, sources, known(model)) is None
