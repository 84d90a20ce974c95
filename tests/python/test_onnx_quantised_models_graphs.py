"""Networks quantised by ONNX Runtime's own tool equal ONNX Runtime."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from graphs import Builder, assert_same, images, reference, runtime
from onnx import ModelProto
from onnxruntime import quantization
from quantised import FEW, codes, known
from wordline.onnx import Graph
from wordline.onnx.products import exact_product
from wordline.onnx.quantised_codes import input_codes, producers


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


QUINT8, QINT8 = quantization.QuantType.QUInt8, quantization.QuantType.QInt8


@pytest.mark.parametrize("convs_only", [True, False])
@pytest.mark.parametrize(
    ("kind", "types"),
    [
        ("QDQ", (QUINT8, QINT8)),
        ("QDQ", (QINT8, QINT8)),
        ("QOperator", (QUINT8, QINT8)),
        ("QOperator", (QUINT8, QUINT8)),
        ("QOperator", (QINT8, QINT8)),
    ],
    ids=str,
)
@pytest.mark.parametrize("per_channel", [False, True])
def test_graphs_quantised_by_onnx_runtime(
    tmp_path: Path, kind: str, types: Any, per_channel: bool, convs_only: bool
) -> None:
    options = {"per_channel": per_channel, "activation_type": types[0], "weight_type": types[1]}
    model = quantise(tmp_path, kind, float_model(convs_only), **options)
    x, graph = images(32, 3, 16, 16, seed=9), Graph.load(model)
    names = ["first", "second", "third"] if convs_only else ["first", "second", "third", "last"]
    assert [product.name.removesuffix("_quant") for product in graph.products] == names
    assert all(product.codes is not None for product in graph.products)
    if types[1] == QINT8:
        assert all(product.weight_scale is not None for product in graph.products)
    (expected,) = runtime(model, {"x": x})
    grid = input_codes(model.graph.output[0].name, producers(model.graph.node), known(model))
    assert grid is not None
    for multiply in (None, exact_product, reference):
        (actual,) = graph.run(x, multiply)
        apart = np.rint(actual / grid.scale) - np.rint(expected / grid.scale)
        assert np.abs(apart).max() <= 1
        assert np.mean(apart != 0) <= FEW
        assert len(np.unique(np.rint(actual / grid.scale))) > 50


def faithful(model: ModelProto, feeds: Mapping[str, Any]) -> Any:
    """ONNX Runtime's output without rounding activations to int8 where the model does not.

    By default version 1.32 does so wherever constant int8 weights meet DequantizeLinear and MatMul.
    """
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    options.add_session_config_entry("session.qdq_matmulnbits_accuracy_level", "1")
    session = ort.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return session.run(None, dict(feeds))[0]


@pytest.mark.parametrize("convs_only", [True, False])
def test_graphs_with_codes_of_16_bits(tmp_path: Path, convs_only: bool) -> None:
    """How many elements differ is not bounded: a code is hardly wider than float32 rounding."""
    types = {"activation_type": quantization.QuantType.QUInt16, "weight_type": QINT8}
    model = quantise(tmp_path, "QDQ", float_model(convs_only), **types)
    x, graph = images(32, 3, 16, 16, seed=9), Graph.load(model)
    expected = faithful(model, {"x": x})
    grid = graph.products[-1].codes
    assert grid is not None
    assert (grid.low, grid.high) == (0, 65535)
    grid = input_codes(model.graph.output[0].name, producers(model.graph.node), known(model))
    assert grid is not None
    for multiply in (None, exact_product, reference):
        (actual,) = graph.run(x, multiply)
        assert np.abs(np.rint(actual / grid.scale) - np.rint(expected / grid.scale)).max() <= 1


@pytest.mark.parametrize("scale", [np.float32(0.03), np.linspace(0.01, 0.05, 4, dtype=np.float32)])
def test_graphs_with_weights_alone_quantised(scale: Any) -> None:
    b = Builder()
    w = b.node("DequantizeLinear", b.tensor(codes(b.rng, np.int8, 64, 4)), b.tensor(scale), axis=1)
    model = b.model(b.node("MatMul", b.input("x", ["N", 64]), w, name="n"))
    x, graph = images(30, 64), Graph.load(model)
    (product,) = graph.products
    assert product.codes is None
    np.testing.assert_array_equal(product.weight_scale, np.broadcast_to(np.float64(scale), 4))
    for multiply in (None, reference):
        assert_same(graph.run(x, multiply)[0], faithful(model, {"x": x}))


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
        assert np.mean(apart) <= FEW
