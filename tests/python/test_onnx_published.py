"""Models that others made: the ones in the onnx package, and our own example."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from graphs import assert_same, runtime
from onnx import ModelProto, TensorProto, numpy_helper
from wordline.onnx import Graph

DATA = Path(onnx.__file__).parent / "backend" / "test" / "data"
CONVERTED = sorted(DATA.glob("pytorch-*/*/model.onnx"))
EXAMPLE = Path(__file__).parents[2] / "examples" / "models" / "fashion_cnn.onnx"


def stored_inputs(path: Path, model: ModelProto) -> dict[str, Any]:
    folder, feeds = path.parent / "test_data_set_0", {}
    for place, value in enumerate(model.graph.input):
        file = folder / f"input_{place}.pb"
        if file.exists():
            feeds[value.name] = numpy_helper.to_array(TensorProto.FromString(file.read_bytes()))
    return feeds


@pytest.mark.skipif(not CONVERTED, reason="this onnx package has no test models")
@pytest.mark.parametrize("path", CONVERTED, ids=[path.parent.name for path in CONVERTED])
def test_models_converted_from_pytorch(path: Path) -> None:
    model = onnx.load(path)
    feeds = stored_inputs(path, model)
    try:
        expected = runtime(model, feeds)
    except Exception:  # ONNX Runtime has exceptions of its own; ours is always a ValueError
        with pytest.raises(ValueError, match="ONNX"):
            Graph.load(path).run(feeds)
        return
    for one, other in zip(Graph.load(path).run(feeds), expected, strict=True):
        assert_same(one, other)


@pytest.mark.parametrize(
    ("name", "analog", "folded"),
    [("squeezenet", 26, 0), ("shufflenet", 50, 49), ("inception_v2", 70, 69), ("resnet50", 54, 53)],
)
def test_image_networks(name: str, analog: int, folded: int) -> None:
    path = DATA / "light" / f"light_{name}.onnx"
    if not path.exists():
        pytest.skip("this onnx package has no test models")
    model = onnx.load(path)
    graph = Graph.load(model)
    places = [row.place for row in graph.node_table]
    assert (places.count("analog"), places.count("folded")) == (analog, folded)
    feeds = {graph.inputs[0].name: np.random.default_rng(1).random((1, 3, 224, 224), np.float32)}
    assert_same(graph.run(feeds), runtime(model, feeds))


def test_our_example() -> None:
    graph = Graph.load(EXAMPLE)
    x = np.random.default_rng(1).random((8, 1, 28, 28), np.float32)
    assert_same(graph.run(x), runtime(onnx.load(EXAMPLE), {"image": x}))
    assert [step.op for step in graph.analog_steps] == ["Conv"] * 4 + ["Gemm"]
