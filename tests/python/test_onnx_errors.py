"""What is refused: with which exception, and in words that name the culprit and the remedy."""

import contextlib
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from graphs import FLOAT, Builder, images
from wordline.errors import ConvergenceError, fail
from wordline.onnx import Graph, Product, exact_product


def small_model() -> onnx.ModelProto:
    b = Builder()
    x = b.node("MatMul", b.input("x", ["N", 4]), b.weight(4, 3), name="fc")
    return b.model(b.node("Relu", x))


def test_messages_have_one_shape() -> None:
    with pytest.raises(ValueError, match=r"^adc\.bits = 0 bit: too few; allowed: \[1, 16\]; add$"):
        fail(
            ValueError,
            "too few",
            name="adc.bits",
            value=0,
            unit="bit",
            allowed="[1, 16]",
            remedy="add",
        )
    with pytest.raises(TypeError, match=r"^got 3: a rule$"):
        fail(TypeError, "a rule", value=3)
    with pytest.raises(ConvergenceError, match=r"^solver: a rule; wait$"):
        fail(ConvergenceError, "a rule", name="solver", remedy="wait")
    with pytest.raises(ValueError, match=r"^a rule$"):
        fail(ValueError, "a rule")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.onnx: no such file; check the path"):
        Graph.load(tmp_path / "none.onnx")
    with pytest.raises(IsADirectoryError, match="a model is one file"):
        Graph.load(str(tmp_path))
    (tmp_path / "empty.onnx").touch()
    with pytest.raises(ValueError, match=r"empty\.onnx: the model is empty"):
        Graph.load(tmp_path / "empty.onnx")
    with pytest.raises(TypeError, match=r"model = int: .*allowed: str, os.PathLike, bytes"):
        Graph.load(3)  # type: ignore[arg-type]


def test_path_bytes_and_proto_are_the_same_model(tmp_path: Path) -> None:
    model = small_model()
    onnx.save(model, tmp_path / "model.onnx")
    sources = [tmp_path / "model.onnx", str(tmp_path / "model.onnx"), model]
    graphs = [Graph.load(source) for source in [*sources, model.SerializeToString()]]
    assert len({graph.digest for graph in graphs}) == 1
    assert len({graph.run(images(2, 4))[0].tobytes() for graph in graphs}) == 1
    model.graph.initializer[0].CopyFrom(onnx.numpy_helper.from_array(images(4, 3), "t_1"))
    assert Graph.load(model).digest != graphs[0].digest


@pytest.mark.parametrize("part", [0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_truncated_models(part: float) -> None:
    data = small_model().SerializeToString()
    with pytest.raises(ValueError, match="model: not a"):
        Graph.load(data[: int(part * len(data))])


@pytest.mark.parametrize("seed", range(20))
def test_random_bytes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    with pytest.raises(ValueError, match="model: not a"):
        Graph.load(rng.integers(0, 256, rng.integers(1, 300), dtype=np.uint8).tobytes())


@pytest.mark.parametrize("seed", range(30))
def test_a_damaged_byte_never_gives_another_exception(seed: int) -> None:
    data = bytearray(small_model().SerializeToString())
    rng = np.random.default_rng(seed)
    data[rng.integers(len(data))] ^= 1 << rng.integers(8)
    with contextlib.suppress(ValueError, TypeError):
        Graph.load(bytes(data)).run(images(2, 4))


def test_damage_that_onnx_itself_does_not_notice() -> None:
    model = small_model()
    model.graph.initializer[0].data_type = 55
    with pytest.raises(ValueError, match=r"^(tensor 't_1'|model): "):
        Graph.load(model)
    model = small_model()
    model.graph.output[0].type.tensor_type.elem_type = 99
    with pytest.raises(ValueError, match=r"^'relu_3': element type = 99"):
        Graph.load(model)
    data = small_model().SerializeToString().replace(b"fc", b"\xff\xfe")
    with pytest.raises(ValueError, match=r"NodeProto\.name = b'.*' is not UTF-8"):
        Graph.load(data)


def test_an_invalid_graph() -> None:
    model = small_model()
    model.graph.node[1].input[0] = "nowhere"
    with pytest.raises(ValueError, match=r"not a valid ONNX model: .*nowhere"):
        Graph.load(model)


def test_models_newer_than_the_libraries() -> None:
    model = small_model()
    model.ir_version = 99
    with pytest.raises(ValueError, match=r"not a valid ONNX model.*IR version"):
        Graph.load(model)
    model = small_model()
    model.opset_import[0].version = 200
    with pytest.raises(ValueError, match=r"model: ONNX Runtime cannot load it: .*200"):
        Graph.load(model)


def test_an_operator_that_onnx_runtime_lacks() -> None:
    b = Builder()
    b.opsets["nobody"] = 1
    x = b.node("MatMul", b.input("x", ["N", 4]), b.weight(4, 3))
    model = b.model(b.node("Frobnicate", x, domain="nobody"))
    with pytest.raises(ValueError, match=r"segment 1: ONNX Runtime cannot load it: .*Frobnicate"):
        Graph.load(model)


def external(tmp_path: Path) -> Path:
    path = tmp_path / "model.onnx"
    onnx.save(
        small_model(), path, save_as_external_data=True, location="weights.bin", size_threshold=0
    )
    return path


def test_weights_beside_the_file(tmp_path: Path) -> None:
    path = external(tmp_path)
    x = images(2, 4)
    assert (Graph.load(path).run(x)[0] == Graph.load(small_model()).run(x)[0]).all()
    with pytest.raises(ValueError, match=r"tensor 't_1'\); load the model by its path"):
        Graph.load(path.read_bytes())
    (tmp_path / "weights.bin").write_bytes(b"short")
    with pytest.raises((ValueError, OSError), match="weights outside the file"):
        Graph.load(path)
    (tmp_path / "weights.bin").unlink()
    with pytest.raises(FileNotFoundError, match="weights outside the file"):
        Graph.load(path)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_weights_that_are_not_finite(bad: float) -> None:
    b = Builder()
    w, bias = b.normal(4, 3), b.normal(3)
    w[2, 1] = bad
    x = b.input("x", ["N", 4])
    place = r"node 'fc': weight at \(2, 1\) = -?(nan|inf): weights and biases of an analog"
    with pytest.raises(ValueError, match=place):
        Graph.load(b.model(b.node("MatMul", x, b.tensor(w), name="fc")))
    b, bias[1] = Builder(), bad
    y = b.node("Gemm", b.input("x", ["N", 4]), b.weight(4, 3), b.tensor(bias), name="fc")
    with pytest.raises(ValueError, match=r"node 'fc': bias at \(1,\)"):
        Graph.load(b.model(y))


def test_a_folded_normalisation_is_named_when_it_breaks_the_weights() -> None:
    b = Builder()
    x = b.node("Conv", b.input("x", ["N", 3, 6, 6]), b.weight(4, 3, 3, 3), name="conv")
    constants = [b.weight(4) for _ in range(3)]
    variance = b.tensor(np.array([1, -1, 1, 1], np.float32))
    y = b.node("BatchNormalization", x, *constants, variance, name="bn")
    with pytest.raises(ValueError, match=r"node 'conv' with 'bn' folded in: weight at \(0, 1\)"):
        Graph.load(b.model(y))
    del b.graph.output[:]
    Graph.load(b.model(y), keep_digital=["bn"])


def test_feeds_by_name() -> None:
    graph = Graph.load(small_model())
    x = images(2, 4)
    with pytest.raises(ValueError, match="feeds = 'y': no such input; allowed: x"):
        graph.run({"x": x, "y": x})
    with pytest.raises(ValueError, match="input 'x': an input is missing"):
        graph.run({})
    b = Builder()
    both = Graph.load(b.model(b.node("Add", b.input("x", [4]), b.input("y", [4]))))
    with pytest.raises(TypeError, match=r"2 inputs is fed with a dict; allowed: .*\['x', 'y'\]"):
        both.run(x)


@pytest.mark.parametrize("dtype", ["float64", "float16", "int64", ">f4", "bool"])
def test_feeds_of_another_type_are_not_cast(dtype: str) -> None:
    graph = Graph.load(small_model())
    with pytest.raises(TypeError, match=r"input 'x' = .*; allowed: float32; .*astype\('float32'\)"):
        graph.run(images(2, 4).astype(dtype))
    with pytest.raises(TypeError, match="input 'x' = list: an input is a NumPy array"):
        graph.run([[1.0, 2.0, 3.0, 4.0]])  # type: ignore[arg-type]


@pytest.mark.parametrize("shape", [(4,), (2, 5), (2, 4, 1)])
def test_feeds_of_another_shape(shape: Any) -> None:
    graph = Graph.load(small_model())
    with pytest.raises(ValueError, match=r"input 'x': shape = .*; allowed: \(any, 4\)"):
        graph.run(images(*shape))


def test_shapes_that_only_show_inside_the_network() -> None:
    b = Builder()
    graph = Graph.load(b.model(b.node("MatMul", b.input("x"), b.weight(4, 3), name="fc")))
    with pytest.raises(ValueError, match=r"node 'fc': shape of 'x' = \(2, 5\): .*\(\.\.\., 4\)"):
        graph.run(images(2, 5))
    b = Builder()
    x = b.node("Add", b.input("x"), b.tensor(images(3)))
    graph = Graph.load(b.model(x))
    with pytest.raises(ValueError, match=r"segment 0: ONNX Runtime could not run it: .*Add"):
        graph.run(images(2, 5))
    b = Builder()
    graph = Graph.load(b.model(b.node("Conv", b.input("x"), b.weight(4, 3, 3, 3), name="c")))
    with pytest.raises(ValueError, match=r"\(batch, 3, height, width\)"):
        graph.run(images(2, 5, 6, 6))
    with pytest.raises(ValueError, match="2x6 pixels"):
        graph.run(images(2, 3, 2, 6))
    with pytest.raises(ValueError, match="does not fit"):
        exact_product(graph.products[0], images(2, 3))


def test_an_analog_executor_that_returns_something_else() -> None:
    graph = Graph.load(small_model())

    def narrow(product: Product, x: Any, first: int) -> Any:
        return exact_product(product, x)[:, :2]

    def double(product: Product, x: Any, first: int) -> Any:
        return exact_product(product, x).astype(np.float64)

    with pytest.raises(ValueError, match=r"product 'fc' = float32 \(2, 2\): .*float32 \(2, 3\)"):
        graph.run(images(2, 4), narrow)
    with pytest.raises(ValueError, match="product 'fc' = float64"):
        graph.run(images(2, 4), double)


def test_values_that_numpy_cannot_hold_do_not_cross_segments() -> None:
    b = Builder()
    x = b.input("x", ["N", 4])
    half = b.node("Cast", x, to=onnx.TensorProto.BFLOAT16, out="half")
    y = b.node("MatMul", x, b.weight(4, 4), name="fc")
    y = b.node("Add", y, b.node("Cast", half, to=FLOAT))
    graph = Graph.load(b.model(y))
    assert graph.run(images(2, 4))[0].dtype == np.float32
    b = Builder()
    x = b.input("x", ["N", 4])
    half = b.node("Cast", x, to=onnx.TensorProto.BFLOAT16, out="half")
    y = b.node("Cast", b.node("MatMul", x, b.weight(4, 4)), to=onnx.TensorProto.BOOL)
    y = b.node("Cast", b.node("Where", y, half, half), to=FLOAT)
    with pytest.raises(ValueError, match=r"value 'half' = bfloat16: .*keep digital"):
        Graph.load(b.model(y))


def test_threads() -> None:
    with pytest.raises(ValueError, match="threads = 0"):
        Graph.load(small_model(), threads=0)
