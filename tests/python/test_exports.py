"""Models as exporters write them: products equal ONNX Runtime and the framework's own answer.

tests/exports holds NAME_EXPORTER.onnx, with `input` and the framework's `output` in NAME.npz.
"""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest
import wordline as wl
from graphs import bound, quiet, reference
from wordline.onnx import Graph, exact_product

EXPORTS = Path(__file__).parents[1] / "exports"
MODELS = sorted(EXPORTS.glob("*.onnx"))
each_model = pytest.mark.parametrize("path", MODELS, ids=[path.stem for path in MODELS])
pytestmark = pytest.mark.skipif(not EXPORTS.exists(), reason="no folder tests/exports")


def stored(path: Path) -> tuple[Any, Any]:
    """The input and the framework's output."""
    data = np.load(EXPORTS / f"{path.stem.rpartition('_')[0]}.npz")
    return data["input"], data["output"]


def whole(path: Path, x: Any, exact: bool = True) -> Any:
    """The output of the whole model in ONNX Runtime. exact: see `quiet`."""
    session = ort.InferenceSession(path, quiet(exact), providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: x})[0]


def part(path: Path, dtype: Any) -> float:
    """Allowed difference, in parts of the largest output.

    Sums in another order may move a code of a quantised value by one, and a code is 1/127 of the
    range or less; a few of those meet in an output. float16 has steps of 1/1024.
    """
    if path.stem.startswith("q"):
        return 0.02
    return 4e-3 if dtype == np.float16 else 1e-4


def assert_near(path: Path, actual: Any, expected: Any) -> None:
    assert (actual.shape, actual.dtype) == (expected.shape, expected.dtype)
    scale = float(np.abs(expected).max())
    np.testing.assert_allclose(actual, expected, rtol=0, atol=part(path, expected.dtype) * scale)


@each_model
def test_exports_equal_onnx_runtime(path: Path) -> None:
    graph, (x, _) = Graph.load(path), stored(path)
    expected = whole(path, x)
    # Where ONNX Runtime's own products saturate, it depends on what it fuses which of them do.
    saturates = not np.array_equal(expected, whole(path, x, exact=False))
    for multiply in (exact_product, reference) if saturates else (None, exact_product, reference):
        assert_near(path, graph.run(x, multiply)[0], expected)


@each_model
def test_exports_equal_the_framework(path: Path) -> None:
    x, y = stored(path)
    assert_near(path, Graph.load(path).run(x, exact_product)[0], y)


@each_model
def test_exports_on_the_ideal_chip_equal_onnx_runtime(path: Path) -> None:
    x, _ = stored(path)
    assert_near(path, wl.load(path).map(wl.Chip.ideal())(x)[0], whole(path, x))


@each_model
def test_exports_run_on_a_real_chip(path: Path) -> None:
    """Every layer goes through arrays, converters and noise of a published cell."""
    x, _ = stored(path)
    chip = wl.Chip(cell=wl.ReRAM.preset("neurram-2022"), array=wl.Array(rows=64, cols=64))
    mapped = wl.load(path).map(chip, calibrate=x)
    y = mapped(x)[0]
    assert y.shape == whole(path, x).shape
    assert np.isfinite(y).all()
    assert (mapped.program(seed=0)(x)[0] == y).all()
    assert np.abs(y.astype(float) - whole(path, x)).max() > 0


@each_model
def test_products_of_exports_equal_their_meaning(path: Path) -> None:
    graph, (x, _) = Graph.load(path), stored(path)
    seen = graph.trace(x)
    assert graph.products
    for product in graph.products:
        scale = 0.0 if product.bias is None else float(np.abs(product.bias).max())
        for given in seen[product.name]:
            error = np.abs(exact_product(product, given).astype(float) - reference(product, given))
            assert (error <= 1e-5 * bound(product, given) + 1e-6 * scale).all()


@each_model
def test_exports_run_on_any_batch(path: Path) -> None:
    """Samples one by one give what they give together; dynamic quantisation looks at all."""
    graph, (x, _) = Graph.load(path), stored(path)
    if graph.inputs[0].shape is None or graph.inputs[0].shape[0] is not None:
        pytest.skip("the batch is fixed")
    if "qdynamic" in path.stem:
        pytest.skip("the scale depends on the batch")
    together = graph.run(x, exact_product)[0]
    alone = [graph.run(x[i : i + 1], exact_product)[0] for i in range(len(x))]
    assert_near(path, np.concatenate(alone), together)


@each_model
def test_weight_layers_of_exports_become_analog(path: Path) -> None:
    """What stays digital says why, unless it is no operator with weights."""
    for row in Graph.load(path).node_table:
        weighted = any(op in row.op for op in ("Conv", "Gemm", "MatMul", "LSTM", "GRU", "RNN"))
        assert not weighted or row.place == "analog" or row.detail == "weights are not constant"
