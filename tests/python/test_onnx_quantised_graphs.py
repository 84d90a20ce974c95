"""Operators on integer codes as analog steps equal ONNX Runtime, to one code on few elements."""

import pickle
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import onnx
import pytest
from graphs import Builder, assert_same, images, places, reference, runtime
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from onnx import ModelProto, TensorProto, helper
from quantised import FEW, TYPES, codes, known, qlinear
from wordline.onnx import Graph
from wordline.onnx.products import exact_product
from wordline.onnx.quantised import QuantisedStep
from wordline.onnx.quantised_nodes import is_quantised, quantised_step
from wordline.onnx.weights import StaysDigital

Draw = Callable[[st.SearchStrategy[Any]], Any]
CODES = st.sampled_from(list(TYPES))
SCALES = np.array([0.5, 0.03, 0.007, 0.2], np.float32)


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
            assert_same(actual, expected, quanta=max(FEW, 1 / max(expected.size, 1)))
    return step


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
    ("dtype", "zero"),
    [
        (np.int8, None),
        (np.int8, 0),
        (np.int8, 5),
        (np.uint8, 128),
        (np.uint8, None),
        (np.uint8, 3),
    ],
)
def test_steps_of_whole_weights_in_quantised_graphs(dtype: Any, zero: Any) -> None:
    b = Builder()
    w = codes(b.rng, dtype, 30, 4, bits=7)
    names = [b.input("x", None, TensorProto.UINT8), b.tensor(w), b.tensor(np.uint8(9))]
    names += [] if zero is None else [b.tensor(dtype(zero))]
    model = b.model((b.node("MatMulInteger", *names, name="n"), TensorProto.INT32))
    (product,) = assert_equals(model, {"x": codes(b.rng, np.uint8, 3, 30)}).products
    np.testing.assert_array_equal(product.weights, w.astype(np.float32) - (zero or 0))
    assert product.codes is not None
    assert (product.codes.scale, product.codes.zero) == (1.0, 9)
    np.testing.assert_array_equal(product.weight_scale, np.ones(4))


def test_places_in_quantised_graphs() -> None:
    b = Builder()
    x, w = codes(b.rng, np.uint8, 2, 3, 6, 6), codes(b.rng, np.int8, 4, 3, 2, 3, bits=7)
    model, feeds = qlinear(b, "QLinearConv", x, w, 4, bias=True)
    (expected,) = runtime(model, feeds)
    graph = Graph.load(model)
    assert places(graph) == {"n": "analog: QLinearConv 2x3, 18x4 weights"}
    assert graph.macs(feeds) == {"n": 18 * 4 * 2 * 5 * 4}
    kept = Graph.load(model, keep_digital=["n"])
    assert places(kept) == {"n": "digital: kept digital on request ('n') (segment 0)"}
    for network in (graph, kept):
        np.testing.assert_array_equal(network.run(feeds)[0], expected)
