"""Whole networks on chips: equality with ONNX Runtime, the same bits however they are run."""

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import pytest
import wordline as wl
from cases import (
    CALIBRATION,
    MODEL,
    depthwise_1d,
    exact_chip,
    fashion,
    grouped,
    noisy_chip,
    recurrent,
    sequences,
    small_cnn,
    small_data,
    small_mapped,
)
from graphs import Builder, assert_same, bound, images, runtime
from wordline.data import read_npz
from wordline.layers import Samples, layer_numbers
from wordline.onnx import Graph, exact_product
from wordline.samples import Order, find_order


def test_the_shipped_model_is_good_enough() -> None:
    data = fashion()
    net = wl.load(str(MODEL))
    expected = runtime(onnx.load(MODEL), {net.inputs[0].name: data.x})[0]
    assert np.mean(expected.argmax(axis=1) == data.y) >= 0.915
    assert sum(product.weights.size for product in net.graph.products) <= 100_000
    assert 300_000 <= sum(net.macs(data.x[:1]).values()) <= 1_000_000
    assert MODEL.stat().st_size < 1_000_000


@pytest.mark.parametrize(
    ("model", "feeds"),
    [
        (onnx.load(MODEL), None),
        (small_cnn(), {"x": small_data()[0]}),
        (sequences(), {"x": images(5, 6, 7)}),
        (grouped(), {"x": images(5, 4, 6, 6)}),
        (depthwise_1d(), {"x": images(5, 6, 20)}),
        (recurrent(), {"x": images(5, 6, 7)}),
    ],
    ids=["fashion", "small", "sequences", "grouped", "1d", "recurrent"],
)
def test_the_ideal_chip_is_onnx_runtime(model: onnx.ModelProto, feeds: Any) -> None:
    feeds = feeds or {"image": fashion(64).x}
    mapped = wl.load(model).map(wl.Chip.ideal())
    assert_same(mapped(feeds), runtime(model, feeds))
    graph = Graph.load(model)
    inputs = graph.trace(feeds)
    for product in graph.products:
        bias = 0.0 if product.bias is None else float(np.abs(product.bias).max())
        for x in inputs[product.name]:
            y = mapped.program().start().multiply(product, x, 0, Samples(0, len(x), None))
            error = np.abs(y - exact_product(product, x))
            assert (error <= 1e-5 * bound(product, x) + 1e-6 * bias).all()


def test_two_inputs_two_outputs_and_shared_weights() -> None:
    b = Builder()
    W = b.weight(6, 6)
    x, y = b.input("x", ["N", 6]), b.input("y", ["N", 6])
    first = b.node("MatMul", x, W, name="first")
    model = b.model(b.node("Add", first, b.node("MatMul", y, W, name="second")), first)
    feeds = {"x": images(4, 6), "y": images(4, 6, seed=4)}
    mapped = wl.load(model).map(wl.Chip.ideal())
    assert_same(mapped(feeds), runtime(model, feeds))
    noisy = wl.load(model).map(noisy_chip(), calibrate=feeds)
    assert noisy.layers.column("name") == ["first", "second"]
    total, one = noisy({"x": feeds["x"], "y": feeds["x"]})
    assert (total != 2 * one).any()  # the same weights sit in other cells


def test_whole_numbers_are_exact() -> None:
    b = Builder()
    q = np.random.default_rng(1).integers(-127, 128, (4, 3, 3, 3)).astype(np.float32)
    q[:, 0, 0, 0] = 127
    x = np.random.default_rng(2).integers(0, 256, (3, 3, 9, 9)).astype(np.float32)
    x[0, 0, 0, 0] = 255
    model = b.model(b.node("Conv", b.input("x", ["N", 3, 9, 9]), b.tensor(q), strides=[2, 1]))
    mapped = wl.load(model).map(exact_chip(), calibrate=x)
    np.testing.assert_array_equal(mapped(x)[0], runtime(model, {"x": x})[0])


SPLITS = [(24,), (1,) * 24, (7, 7, 7, 3), (23, 1)]


@pytest.mark.parametrize(
    ("model", "x"),
    [
        (small_cnn(), small_data()[0]),
        (sequences(), images(24, 5, 7)),
        (grouped(), images(24, 4, 6, 6)),
        (recurrent(), images(24, 5, 7)),
    ],
    ids=["cnn", "sequences", "grouped", "recurrent"],
)
def test_the_same_bits_for_any_threads_and_split(model: onnx.ModelProto, x: Any) -> None:
    mapped = wl.load(model).map(noisy_chip(), calibrate=x)
    chip = mapped.program(seed=3, chip=2, threads=1)
    expected, uses = run_split(mapped, chip, x, (24,), 1)
    assert any(layer.depends_on_samples for layer in mapped.design.layers.values())
    for threads in (2, 16):
        chip = mapped.program(seed=3, chip=2, threads=threads)
        for split in SPLITS:
            actual, spent = run_split(mapped, chip, x, split, threads)
            np.testing.assert_array_equal(actual, expected)
            assert spent == uses


def run_split(mapped: Any, chip: Any, x: Any, split: tuple[int, ...], threads: int) -> Any:
    run, first, parts = chip.start(threads), 0, []
    for size in split:
        parts += run.outputs(mapped.graph, x[first : first + size], first)
        first += size
    return np.concatenate(parts), run.uses()


def test_calibration_does_not_depend_on_threads() -> None:
    x, _ = small_data()
    net = wl.load(small_cnn())
    one, many = (net.map(noisy_chip(), calibrate=x, threads=n) for n in (1, 16))
    assert one.layer_info() == many.layer_info()


def test_chips_and_seeds_differ_and_calls_change_nothing() -> None:
    x, _ = small_data()
    mapped = small_mapped()
    y = mapped(x)[0]
    np.testing.assert_array_equal(mapped(x)[0], y)
    np.testing.assert_array_equal(mapped.program(seed=0, chip=0)(x)[0], y)
    assert (mapped.program(seed=1)(x)[0] != y).any()
    assert (mapped.program(chip=1)(x)[0] != y).any()
    chip = mapped.program()
    assert (chip(x[5:6])[0] != chip(x[5:6], first=5)[0]).any()  # noise belongs to samples
    np.testing.assert_array_equal(chip(x[5:6], first=5)[0], y[5:6])


def test_ageing_follows_the_cell() -> None:
    x, _ = small_data()
    chip = wl.Chip(cell="neurram-2022")
    mapped = wl.load(small_cnn()).map(chip, calibrate=x)
    assert (mapped.program(age=1.0)(x)[0] != mapped.program(age=86400.0)(x)[0]).any()
    with pytest.raises(ValueError, match="extrapolat"):
        mapped.program(age=1e12)
    mapped.program(age=1e6, extrapolate=True)


def test_cost_of_calibration_data_and_of_a_run() -> None:
    x, _ = small_data()
    mapped = small_mapped()
    estimate, run = mapped.cost(), mapped.cost(x)
    assert estimate.activity_of == "calibration (estimate)"
    assert run.activity_of == "run"
    assert run.energy == pytest.approx(estimate.energy)
    assert run.energy == pytest.approx(sum(run.energy_by_component.values()), rel=1e-12)
    graph = sum(wl.load(small_cnn()).macs(x).values())
    assert run.operations == pytest.approx(2 * graph / len(x))
    assert "per inference" in repr(run)
    assert all(line["source"] for line in run.lines if line["energy_j"])
    assert mapped.program().cost(x).energy == run.energy


def test_cost_is_per_sample_where_rows_are_folded() -> None:
    b = Builder()
    x = b.node("Reshape", b.input("x", ["N", 4, 6]), b.tensor(np.array([-1, 6])))
    y = b.node("Gemm", x, b.weight(6, 3))
    mapped = wl.load(b.model(y)).map(noisy_chip(), calibrate=images(8, 4, 6))
    assert mapped.cost().operations == 2 * 4 * 6 * 3
    whole = mapped(images(8, 4, 6))[0]
    chip = mapped.program()
    parts = [chip(images(8, 4, 6)[i : i + 2], first=i)[0] for i in range(0, 8, 2)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_tables_for_people() -> None:
    net = wl.load(str(MODEL))
    assert "5 analog layers" in repr(net)
    assert "<table>" in net._repr_html_()
    assert net.nodes[0]["runs"] == "analog"
    mapped = net.map(wl.Chip(cell="neurram-2022"), calibrate=read_npz(CALIBRATION).x[:32])
    assert "on 52 arrays of 128x128 cells" in repr(mapped)
    assert "<table>" in mapped._repr_html_()


def test_a_network_without_weights_runs_too() -> None:
    b = Builder()
    model = b.model(b.node("Neg", b.input("x", ["N"])))
    mapped = wl.load(model).map(noisy_chip())
    np.testing.assert_array_equal(mapped(images(4))[0], -images(4))


def nan_weights() -> onnx.ModelProto:
    b = Builder()
    return b.model(
        b.node("MatMul", b.input("x", ["N", 2]), b.tensor(np.full((2, 2), np.nan, "f4")))
    )


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: wl.load("/no/such.onnx"), FileNotFoundError, "no such file"),
        (lambda: wl.load(b"rubbish"), ValueError, "not an ONNX model|not a valid ONNX model"),
        (lambda: wl.load(MODEL.read_bytes()[:1000]), ValueError, "ONNX model"),
        (lambda: wl.load(nan_weights()), ValueError, "finite"),
        (lambda: wl.load(small_cnn()).map(noisy_chip()), ValueError, r"pass calibrate=x\[:256\]"),
        (lambda: wl.load(small_cnn()).map("isaac-2016"), TypeError, "wordline.Chip"),  # type: ignore[arg-type]
        (lambda: small_mapped()(images(2, 3, 8, 8)), ValueError, "shape"),
        (lambda: small_mapped()(images(2, 2, 8, 8).astype("f8")), TypeError, "float64"),
        (lambda: small_mapped()([1.0]), TypeError, "NumPy array"),  # type: ignore[arg-type]
        (lambda: small_mapped()(images(2, 2, 8, 8) * np.nan), ValueError, "finite"),
        (lambda: small_mapped().program(seed=-1), ValueError, "seed = -1"),
        (lambda: small_mapped().program(chip=2**40), ValueError, "chip"),
        (lambda: small_mapped().program(age=-1.0), ValueError, "age|seconds"),
        (lambda: small_mapped().program(threads=-1), ValueError, "threads"),
        (lambda: small_mapped(wl.Chip(adc=wl.ADC(bits=3))).cost(), ValueError, r"\[4, 10\]"),
        (lambda: wl.load(small_cnn()).map(wl.Chip.ideal()).cost(), ValueError, "cost\\(x\\)"),
    ],
)
def test_refused(make: Callable[[], Any], kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        make()


def time_first() -> onnx.ModelProto:
    """MatMul behind a transpose that puts time before the batch."""
    weights = np.linspace(-1, 1, 8 * 4, dtype=np.float32).reshape(8, 4)
    nodes = [
        onnx.helper.make_node("Transpose", ["x"], ["t"], perm=[1, 0, 2]),
        onnx.helper.make_node("MatMul", ["t", "w"], ["y"], name="fc"),
    ]
    return _model(nodes, ["N", 7, 8], ["T", "N", 4], weights)


def folded() -> onnx.ModelProto:
    """MatMul on rows that are time steps folded into the batch axis."""
    weights = np.linspace(-1, 1, 8 * 4, dtype=np.float32).reshape(8, 4)
    shape = onnx.numpy_helper.from_array(np.array([-1, 8], dtype=np.int64), "shape")
    back = onnx.numpy_helper.from_array(np.array([-1, 7, 4], dtype=np.int64), "back")
    nodes = [
        onnx.helper.make_node("Reshape", ["x", "shape"], ["r"]),
        onnx.helper.make_node("MatMul", ["r", "w"], ["m"], name="fc"),
        onnx.helper.make_node("Reshape", ["m", "back"], ["y"]),
    ]
    model = _model(nodes, ["N", 7, 8], ["N", 7, 4], weights)
    model.graph.initializer.extend([shape, back])
    return model


def _model(
    nodes: list[onnx.NodeProto], x: list[Any], y: list[Any], weights: np.ndarray[Any, Any]
) -> onnx.ModelProto:
    graph = onnx.helper.make_graph(
        nodes,
        "g",
        [onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, x)],
        [onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, y)],
        [onnx.numpy_helper.from_array(weights, "w")],
    )
    opset = [onnx.helper.make_opsetid("", 17)]
    return onnx.helper.make_model(graph, opset_imports=opset, ir_version=8)


def test_rows_folded_into_the_batch_keep_their_sample() -> None:
    x = np.random.default_rng(1).standard_normal((12, 7, 8)).astype(np.float32)
    chip = wl.Chip(cell=wl.GaussianCell(read_noise=2e-6), adc=wl.ADC(noise=0.5))
    programmed = wl.load(folded()).map(chip, calibrate=x).program(seed=3)
    whole = programmed(x)[0]
    for size in (1, 5):
        parts = [programmed(x[k : k + size], first=k)[0] for k in range(0, 12, size)]
        np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_a_transposed_batch_gives_each_sample_its_own_noise() -> None:
    x = np.random.default_rng(1).standard_normal((12, 7, 8)).astype(np.float32)
    noisy = wl.Chip(cell=wl.IdealCell(), adc=wl.ADC(noise=0.5))
    programmed = wl.load(time_first()).map(noisy, calibrate=x).program()
    alone = [programmed(x[i : i + 1], first=i)[0] for i in range(12)]
    np.testing.assert_array_equal(programmed(x)[0], np.concatenate(alone, axis=1))
    assert np.abs(programmed(x)[0] - programmed(x, first=12)[0]).max() > 0
    quiet = wl.load(time_first()).map(wl.Chip.ideal())
    np.testing.assert_allclose(quiet(x)[0], wl.load(time_first())(x)[0], atol=1e-4)


@pytest.mark.parametrize(("outer", "inner"), [(1, 6), (6, 1), (2, 3), (3, 2)])
def test_the_order_of_samples_is_found(outer: int, inner: int) -> None:
    samples = images(2, outer, inner, 5)  # (sample, outer, inner, K)
    two = samples.swapaxes(0, 1).reshape(-1, 5)
    assert find_order([samples[0].reshape(-1, 5)], [two], False) == Order(outer, inner)
    scaled = 3 * two + 1  # as dynamic quantisation would
    assert find_order([samples[0].reshape(-1, 5)], [scaled], False) == Order(outer, inner)


def test_samples_in_no_order_are_refused_when_noise_belongs_to_them() -> None:
    b = Builder()
    ends = [b.tensor(np.array([n])) for n in (-1, -9, 0, -1)]
    b.node("MatMul", b.node("Slice", b.input("x", ["N", 5]), *ends), b.weight(5, 3), out="y")
    net = wl.load(b.model("y"))
    x = images(4, 5)
    mapped = net.map(wl.Chip(cell=wl.IdealCell(), adc=wl.ADC(noise=0.5)), calibrate=x)
    with pytest.raises(ValueError, match="several samples"):
        mapped(x)
    assert mapped(x[:1])[0].shape == (1, 3)


def test_layers_keep_their_cells_when_another_goes_digital() -> None:
    x = images(4, 2, 8, 8)
    net = wl.load(small_cnn())
    names = [info["name"] for info in net.map(noisy_chip(), calibrate=x).layer_info()]
    index = {i["name"]: i["index"] for i in net.map(noisy_chip(), calibrate=x).layer_info()}
    kept = wl.load(small_cnn(), keep_digital=[names[0]]).map(noisy_chip(), calibrate=x)
    assert {i["name"]: i["index"] for i in kept.layer_info()} == {n: index[n] for n in names[1:]}


def test_images_folded_into_the_batch_keep_their_sample() -> None:
    b = Builder()
    x = b.node("Reshape", b.input("x", ["N", 3, 2, 5, 5]), b.tensor(np.array([-1, 2, 5, 5])))
    x = b.node("Reshape", b.conv(x, 2, 4), b.tensor(np.array([-1, 3, 4, 3, 3])))
    frames = images(6, 3, 2, 5, 5)
    frames[:, 1] = frames[:, 0]  # equal images of one sample, with noise of their own
    chip = wl.load(b.model(x)).map(noisy_chip(), calibrate=frames).program()
    whole = chip(frames)[0]
    assert (whole[:, 0] != whole[:, 1]).any()
    parts = [chip(frames[k : k + 2], first=k)[0] for k in (0, 2, 4)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


@pytest.mark.parametrize("folded_in", [1, 3])
def test_calls_of_one_product_have_windows_of_their_own(folded_in: int) -> None:
    """Two windows in one call, or in two calls that say which windows they are."""
    rows, samples = images(4 * folded_in, 2, 7), Samples(0, 4, None)
    mapped = wl.load(sequences()).map(noisy_chip(), calibrate=rows)
    product, run = mapped.graph.products[0], mapped.program().start()
    both = run.multiply(product, rows, 0, Samples(0, len(rows), None))
    parts = [run.multiply(product, rows[:, t : t + 1], t, samples) for t in (0, 1)]
    same = run.multiply(product, rows[:, 1:], 0, samples)
    assert (same != parts[1]).any()
    if folded_in == 1:
        np.testing.assert_array_equal(np.concatenate(parts, axis=1), both)
    else:  # windows 0, 1, 2 and 3, 4, 5 of each sample: all of them draw
        wide = rows.reshape(4, folded_in, 2, 7).transpose(0, 2, 1, 3).reshape(4, -1, 7)
        whole = run.multiply(product, np.ascontiguousarray(wide), 0, samples)
        stacked = np.stack([part.reshape(4, folded_in, -1) for part in parts], axis=1)
        np.testing.assert_array_equal(stacked.reshape(whole.shape), whole)


def test_numbers_of_layers_follow_node_and_product() -> None:
    graph = wl.load(recurrent()).graph
    place = [row.name for row in graph.node_table].index("lstm")
    numbers = layer_numbers(graph)
    names = ["input", "recurrent", "input/reverse", "recurrent/reverse"]
    assert [numbers[f"lstm/{name}"] for name in names] == [8 * place + k for k in range(4)]
    assert len(set(numbers.values())) == 5


def test_a_layer_is_calibrated_on_all_its_calls() -> None:
    """The range of a recurrent product covers its largest input of all time steps."""
    x = images(6, 5, 7)
    net = wl.load(recurrent())
    chip = wl.Chip(cell=wl.IdealCell(), dac=wl.DAC(bits=8, statistic="max"))
    ranges = {i["name"]: i["input"] for i in net.map(chip, calibrate=x).layer_info()}
    for name, calls in net.graph.trace(x).items():
        largest = max(float(np.abs(call).max()) for call in calls)
        covered = ranges[name]["scale"] * ranges[name]["largest_code"]
        assert covered == pytest.approx(largest, rel=1e-6)


def test_no_samples_give_no_outputs() -> None:
    assert small_mapped()(images(0, 2, 8, 8))[0].shape == (0, 5)


def test_time_before_the_batch_is_refused_with_noise() -> None:
    b = Builder(seed=3)
    weights = b.weight(1, 24, 7), b.weight(1, 24, 6)
    outs = {"outs": ["y", ""], "hidden_size": 6}
    model = b.model(b.nodes("LSTM", b.input("x", ["T", "N", 7]), *weights, **outs)[0])
    x = images(5, 3, 7)
    noisy = wl.load(model).map(noisy_chip(), calibrate=x)
    with pytest.raises(ValueError, match="export the model with the batch as the first axis"):
        noisy(x)
    assert_same(wl.load(model).map(wl.Chip.ideal())(x), runtime(model, {"x": x}))
