"""Operators that ONNX Runtime's optimiser makes of products are mapped, or run as they are."""

from typing import Any

import numpy as np
import pytest
from graphs import Builder, assert_equals_runtime, images, only_place, places


def contrib() -> Builder:
    b = Builder()
    b.opsets["com.microsoft"] = 1
    return b


@pytest.mark.parametrize(
    ("activation", "parameters"),
    [
        ("Relu", []),
        ("Tanh", []),
        ("Sigmoid", []),
        ("LeakyRelu", [0.1]),
        ("Clip", [-0.5, 0.25]),
        ("HardSigmoid", [0.3, 0.4]),
    ],
)
@pytest.mark.parametrize("summand", [False, True])
def test_fused_convolutions(activation: str, parameters: Any, summand: bool) -> None:
    b = contrib()
    inputs = [b.input("x", ["N", 4, 6, 6]), b.weight(6, 2, 3, 3), b.weight(6)]
    feeds = {"x": images(2, 4, 6, 6)}
    if summand:
        inputs.append(b.input("z", ["N", 6, 4, 4]))
        feeds["z"] = images(2, 6, 4, 4, seed=8)
    attributes: dict[str, Any] = {"activation": activation, "group": 2}
    if parameters:
        attributes["activation_params"] = [float(p) for p in parameters]
    y = b.node("FusedConv", *inputs, name="n", domain="com.microsoft", **attributes)
    assert only_place(b, y, feeds) == "analog: FusedConv 3x3, 2 groups, 18x6 weights"


def test_fused_convolutions_with_other_activations_stay_digital() -> None:
    b = contrib()
    x = b.input("x", ["N", 4, 6, 6])
    y = b.node("FusedConv", x, b.weight(6, 4, 3, 3), name="n", domain="com.microsoft")
    place = "digital: activation '' with 0 parameters (segment 0)"
    assert only_place(b, y, {"x": images(2, 4, 6, 6)}) == place


@pytest.mark.parametrize(
    ("activation", "alpha"), [("Relu", None), ("LeakyRelu", 0.2), ("Tanh", None)]
)
def test_fused_gemm(activation: str, alpha: float | None) -> None:
    b = contrib()
    attributes = {"activation": activation} | ({"activation_alpha": alpha} if alpha else {})
    x, W, C = b.input("x", ["N", 5]), b.weight(6, 5), b.weight(6)
    y = b.node("FusedGemm", x, W, C, name="n", domain="com.microsoft", transB=1, **attributes)
    assert only_place(b, y, {"x": images(3, 5)}) == "analog: FusedGemm, 5x6 weights"


@pytest.mark.parametrize("alpha", [1.0, -0.3])
@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("turned", [(0, 0), (1, 0), (0, 1), (1, 1)], ids=str)
@pytest.mark.parametrize("shape", [(3, 5), (2, 3, 5)], ids=str)
def test_fused_matmul(alpha: float, side: str, turned: Any, shape: Any) -> None:
    b = contrib()
    data, fixed = (turned[0], turned[1]) if side == "right" else (turned[1], turned[0])
    K = shape[-2] if data == (side == "right") else shape[-1]
    sizes = (K, 4) if (fixed == 0) == (side == "right") else (4, K)
    sides = [b.input("x", shape), b.weight(*sizes)]
    sides = sides if side == "right" else sides[::-1]
    y = b.node(
        "FusedMatMul",
        *sides,
        name="n",
        domain="com.microsoft",
        alpha=alpha,
        transA=turned[0],
        transB=turned[1],
    )
    assert only_place(b, y, {"x": images(*shape)}) == f"analog: FusedMatMul, {K}x4 weights"


@pytest.mark.parametrize("op", ["BiasGelu", "SkipLayerNormalization", "QuickGelu", "FastGelu"])
def test_operators_of_other_domains_run_between_products(op: str) -> None:
    b = contrib()
    x = b.node("MatMul", b.input("x", ["N", "T", 6]), b.weight(6, 8))
    others = {"BiasGelu": [b.weight(8)], "SkipLayerNormalization": [x, b.weight(8)]}.get(op, [])
    y = b.node(op, x, *others, domain="com.microsoft", name="n")
    late = b.node("Add", b.node("MatMul", y, b.weight(8, 8)), y)  # y crosses to another segment
    graph = assert_equals_runtime(b.model(late), {"x": images(3, 4, 6)})
    assert places(graph)["n"] == "digital (segment 1)"
    assert len(graph.products) == 2


def test_an_attention_operator_stays_digital_between_analog_projections() -> None:
    b = contrib()
    x = b.input("x", ["N", 5, 8])
    q, k, v = (b.node("MatMul", x, b.weight(8, 8)) for _ in range(3))
    y = b.node("MultiHeadAttention", q, k, v, name="n", domain="com.microsoft", num_heads=2)
    y = b.node("MatMul", y, b.weight(8, 8))
    graph = assert_equals_runtime(b.model(y), {"x": images(3, 5, 8)})
    assert len(graph.products) == 4
    assert np.sum([row.place == "digital" for row in graph.node_table]) == 1
