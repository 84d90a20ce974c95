"""Gemm and MatMul with a constant on either side become analog and equal ONNX Runtime."""

from typing import Any

import numpy as np
import pytest
from graphs import Builder, assert_equals_runtime, images, only_place, places
from onnx import numpy_helper
from wordline.onnx import Graph


@pytest.mark.parametrize("shape", [None, (), (1,), (6,), (1, 6), (1, 1)], ids=str)
@pytest.mark.parametrize("transB", [0, 1])
@pytest.mark.parametrize("scales", [{}, {"alpha": 0.3, "beta": -1.7}, {"beta": 0.0}], ids=str)
def test_gemm(shape: Any, transB: int, scales: Any) -> None:
    b = Builder()
    B = b.weight(*((6, 5) if transB else (5, 6)))
    C = [] if shape is None else [b.weight(*shape)]
    y = b.node("Gemm", b.input("x", ["M", 5]), B, *C, name="n", transB=transB, **scales)
    assert only_place(b, y, {"x": images(3, 5)}) == "analog: Gemm, 5x6 weights"


@pytest.mark.parametrize("C", [(3, 6), (3, 1), "row", "whole", "number"])
@pytest.mark.parametrize("beta", [1.0, -0.5, 0.0])
def test_gemm_adds_digitally_what_is_no_vector_of_outputs(C: Any, beta: float) -> None:
    b = Builder()
    shapes: dict[str, Any] = {"row": (6,), "whole": (3, 6), "number": ()}
    feeds = {"x": images(3, 5)}
    if isinstance(C, str):
        feeds["C"] = images(*shapes[C])
    C = b.input("C", shapes[C]) if isinstance(C, str) else b.weight(*C)
    y = b.node("Gemm", b.input("x", [3, 5]), b.weight(5, 6), C, name="n", beta=beta)
    assert only_place(b, y, feeds) == "analog: Gemm, 5x6 weights"


@pytest.mark.parametrize("C", [None, (), (1,), (1, 1), (6, 1), (3,), (1, 3), (6, 3)], ids=str)
@pytest.mark.parametrize("transA", [0, 1])
@pytest.mark.parametrize("transB", [0, 1])
def test_gemm_with_a_constant_on_the_left(C: Any, transA: int, transB: int) -> None:
    b = Builder()
    A = b.weight(*((5, 6) if transA else (6, 5)))
    x = b.input("x", (3, 5) if transB else (5, 3))
    bias = [] if C is None else [b.weight(*C)]
    y = b.node("Gemm", A, x, *bias, name="n", transA=transA, transB=transB, alpha=0.7, beta=2.0)
    feeds = {"x": images(3, 5) if transB else images(5, 3)}
    assert only_place(b, y, feeds) == "analog: Gemm, 5x6 weights"


@pytest.mark.parametrize("transB", [0, 1])
def test_gemm_of_transposed_data(transB: int) -> None:
    b = Builder()
    B = b.weight(*((6, 5) if transB else (5, 6)))
    y = b.node("Gemm", b.input("x"), B, b.weight(6), name="n", transA=1, transB=transB)
    assert only_place(b, y, {"x": images(5, 3)}) == "analog: Gemm, 5x6 weights"


def test_batch_norm_behind_gemm_is_folded() -> None:
    b = Builder()
    x = b.node("Gemm", b.input("x", ["N", 5]), b.weight(6, 5), b.weight(6), name="fc", transB=1)
    graph = assert_equals_runtime(b.model(b.batch_norm(x, 6, name="bn")), {"x": images(3, 5)})
    assert places(graph)["bn"] == "folded into fc"


@pytest.mark.parametrize("shape", [(5,), (3, 5), (2, 3, 5), (2, 1, 3, 5), (0, 5)], ids=str)
def test_matmul_of_any_rank(shape: Any) -> None:
    b = Builder()
    y = b.node("MatMul", b.input("x", [None] * (len(shape) - 1) + [5]), b.weight(5, 6), name="n")
    assert only_place(b, y, {"x": images(*shape)}) == "analog: MatMul, 5x6 weights"


@pytest.mark.parametrize(
    ("left", "right", "size"),
    [
        ((6, 5), [5, 3], "5x6"),
        ((6, 5), [2, 5, 3], "5x6"),
        ((6, 5), [5], "5x6"),
        ((5,), [5, 3], "5x1"),
        ((5,), [5], "5x1"),
        ((5,), [2, 4, 5, 3], "5x1"),
        ([5, 5], (5,), "5x1"),
        ([2, 3, 5], (5,), "5x1"),
        ([5], (5,), "5x1"),
        ([5], (5, 3), "5x3"),
        ([5], (2, 5, 3), "2 groups, 5x6"),
        ([4, 5], (2, 5, 3), "2 groups, 5x6"),
        ([2, 4, 5], (2, 5, 3), "2 groups, 5x6"),
        ([1, 4, 5], (2, 5, 3), "2 groups, 5x6"),
        ([7, 2, 4, 5], (2, 5, 3), "2 groups, 5x6"),
        ([7, 1, 4, 5], (2, 5, 3), "2 groups, 5x6"),
        ([7, 2, 4, 5], (7, 1, 5, 3), "7 groups, 5x21"),
        ([7, 2, 4, 5], (7, 2, 5, 3), "14 groups, 5x42"),
        ([3, 1, 2, 4, 5], (6, 1, 5, 3), "6 groups, 5x18"),
        ([2, 4, 5], (1, 5, 3), "5x3"),
        ([4, 5], (1, 1, 5, 3), "5x3"),
        ((2, 6, 5), [5, 3], "2 groups, 5x12"),
        ((2, 6, 5), [2, 5, 3], "2 groups, 5x12"),
        ((2, 6, 5), [7, 1, 5, 3], "2 groups, 5x12"),
        ((2, 6, 5), [5], "2 groups, 5x12"),
        ((1, 6, 5), [5], "5x6"),
        ([0, 4, 5], (5, 3), "5x3"),
        ([0, 2, 4, 5], (2, 5, 3), "2 groups, 5x6"),
    ],
    ids=str,
)
def test_matmul_of_every_shape(left: Any, right: Any, size: str) -> None:
    """Tuples are constants, lists are data."""
    b = Builder()
    data = left if isinstance(left, list) else right
    sides = [b.weight(*s) if isinstance(s, tuple) else b.input("x", s) for s in (left, right)]
    y = b.node("MatMul", *sides, name="n")
    assert only_place(b, y, {"x": images(*data)}) == f"analog: MatMul, {size} weights"


def test_matmul_of_two_inputs_stays_digital() -> None:
    b = Builder()
    y = b.node("MatMul", b.input("x", [5, 5]), "x", name="n")
    place = "digital: weights are not constant (segment 0)"
    assert only_place(b, y, {"x": images(5, 5)}) == place


def test_samples_lead_the_rows_of_a_batch_of_matrices() -> None:
    b = Builder()
    y = b.node("MatMul", b.input("x", ["N", 2, "M", 5]), b.weight(2, 5, 3), name="n")
    x = images(7, 2, 4, 5)
    (rows,) = Graph.load(b.model(y)).trace(x)["n"]
    np.testing.assert_array_equal(rows, x.transpose(0, 2, 1, 3).reshape(7, 4, 10))


@pytest.mark.parametrize("shape", [(4,), (3, 4), (3, 4, 5), ()], ids=str)
def test_data_that_do_not_fit(shape: Any) -> None:
    b = Builder()
    graph = Graph.load(b.model(b.node("MatMul", b.input("x"), b.weight(2, 5, 3), name="n")))
    with pytest.raises(ValueError, match=r"node 'n': shape of 'x' = "):
        graph.run(images(*shape))


@pytest.mark.parametrize("dtype", [np.float16, np.float64])
@pytest.mark.parametrize("op", ["MatMul", "Gemm"])
def test_other_element_types(dtype: Any, op: str) -> None:
    b = Builder()
    elem = {np.float16: 10, np.float64: 11}[dtype]
    w, c = (b.tensor(b.normal(*shape).astype(dtype)) for shape in ((5, 6), (6,)))
    inputs = [b.input("x", ["N", 5], elem), w] + ([c] if op == "Gemm" else [])
    y = b.node("Neg", b.node(op, *inputs, name="n"))
    feeds = {"x": images(3, 5).astype(dtype)}
    graph = assert_equals_runtime(b.model((y, elem)), feeds)
    assert places(graph)["n"] == f"analog: {op}, 5x6 weights"
    if dtype == np.float64:  # the digital result is not rounded to float32 on its way
        values = [numpy_helper.to_array(t) for t in b.graph.initializer]
        exact = feeds["x"] @ values[0] + (values[1] if op == "Gemm" else 0)
        np.testing.assert_allclose(graph.run(feeds)[0], -exact, rtol=1e-14)
