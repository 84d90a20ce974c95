"""LSTM, GRU and RNN nodes as analog steps equal ONNX Runtime."""

import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
import pytest
from graphs import (
    FLOAT,
    Builder,
    assert_equals_runtime,
    assert_same,
    images,
    reference,
    runtime,
)
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from onnx import ModelProto, TensorProto
from wordline.onnx import Graph
from wordline.onnx.constants import Constants
from wordline.onnx.products import exact_product
from wordline.onnx.randomness import Randomness
from wordline.onnx.recurrent import RecurrentStep
from wordline.onnx.recurrent_nodes import recurrent_step
from wordline.onnx.weights import StaysDigital

Draw = Callable[[st.SearchStrategy[Any]], Any]
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
FUNCTIONS = {"RNN": 1, "GRU": 2, "LSTM": 3}
INPUTS = ["X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P"]
ACTIVATIONS = {  # parameters each takes, by ONNX's table
    "Relu": "",
    "Tanh": "",
    "Sigmoid": "",
    "Affine": "ab",
    "LeakyRelu": "a",
    "ThresholdedRelu": "a",
    "ScaledTanh": "ab",
    "HardSigmoid": "ab",
    "Elu": "a",
    "Softsign": "",
    "Softplus": "",
}


@dataclass
class Case:
    """A model of one node "n": which inputs are constant, which outputs are wanted."""

    op: str
    hidden: int = 3
    size: int = 2
    time: int = 4
    batch: int = 3
    attributes: dict[str, Any] = field(default_factory=dict)
    optional: dict[str, bool] = field(default_factory=dict)  # input name: whether constant
    lengths: list[int] | None = None
    outputs: list[bool] | None = None
    dtype: Any = np.float32
    opset: int = 17
    seed: int = 0

    @property
    def directions(self) -> int:
        return 2 if self.attributes.get("direction") == "bidirectional" else 1

    def arrays(self) -> dict[str, Any]:
        """All inputs, those with W and R of standard deviation 0.6."""
        D, G, H = self.directions, GATES[self.op], self.hidden
        shapes = {
            "X": (self.time, self.batch, self.size),
            "W": (D, G * H, self.size),
            "R": (D, G * H, H),
            "B": (D, 2 * G * H),
            "initial_h": (D, self.batch, H),
            "initial_c": (D, self.batch, H),
            "P": (D, 3 * H),
        }
        given = {"X", "W", "R", *self.optional}
        rng = np.random.default_rng(self.seed)
        arrays = {
            name: (0.6 * rng.standard_normal(shape)).astype(self.dtype)
            for name, shape in shapes.items()
            if name in given
        }
        if self.lengths is not None:
            arrays["sequence_lens"] = np.array(self.lengths, np.int32)
        return arrays

    def build(self) -> tuple[ModelProto, dict[str, Any]]:
        arrays, b, feeds = self.arrays(), Builder(self.opset), {}
        element = {np.float32: FLOAT, np.float16: TensorProto.FLOAT16, np.float64: 11}[self.dtype]
        constant = {"W": True, "R": True, **self.optional}
        names = []
        for name in INPUTS:
            if name not in arrays:
                names.append("")
            elif constant.get(name, False):
                names.append(b.tensor(arrays[name], name))
            else:
                kind = TensorProto.INT32 if name == "sequence_lens" else element
                feeds[name] = arrays[name]
                names.append(b.input(name, None, kind))
        while not names[-1]:
            names.pop()
        count = 3 if self.op == "LSTM" else 2
        outs = [
            n if wanted else ""
            for n, wanted in zip(
                ["Y", "Y_h", "Y_c"][:count], self.outputs or [True] * 3, strict=False
            )
        ]
        b.nodes(self.op, *names, outs=outs, name="n", hidden_size=self.hidden, **self.attributes)
        return b.model(*((out, element) for out in outs if out)), feeds


def step_of(model: ModelProto) -> RecurrentStep:
    constants = Constants(model, model.graph.node, Randomness(model.functions))
    return recurrent_step(model.graph.node[-1], constants)


def assert_equals(case: Case) -> RecurrentStep:
    """The step by ONNX Runtime's products, by NumPy's and by its whole node equals the model."""
    model, feeds = case.build()
    step, expected = step_of(model), runtime(model, feeds)
    assert step.outputs == [value.name for value in model.graph.output]
    for actual in (step.run(feeds, exact_product), step.run(feeds, reference), step.exact(feeds)):
        assert list(actual) == step.outputs
        # Activations are approximated to bits of numbers of order one; results may be tiny.
        assert_same(list(actual.values()), expected, floor=1e-8)
        if case.dtype == np.float32:
            for one, other in zip(actual.values(), expected, strict=True):
                np.testing.assert_allclose(one, other, rtol=2e-5, atol=5e-6)
    return step


@st.composite
def cases(draw: Draw) -> Case:
    op = draw(st.sampled_from(list(GATES)))
    direction = draw(st.sampled_from(["forward", "reverse", "bidirectional"]))
    attributes: dict[str, Any] = {"direction": direction}
    case = Case(
        op,
        hidden=draw(st.integers(1, 4)),
        size=draw(st.integers(1, 4)),
        time=draw(st.integers(1, 5)),
        batch=draw(st.integers(1, 4)),
        attributes=attributes,
        opset=draw(st.sampled_from([7, 11, 14, 17, 22])),
        seed=draw(st.integers(0, 1000)),
    )
    if draw(st.booleans()):
        attributes.update(draw_activations(draw, FUNCTIONS[op] * case.directions))
    if draw(st.booleans()):
        attributes["clip"] = draw(st.sampled_from([0.1, 0.5, 3.0]))
    if op == "GRU":
        attributes["linear_before_reset"] = draw(st.integers(0, 1))
    if op == "LSTM":
        attributes["input_forget"] = draw(st.integers(0, 1))
    names = ["B", "initial_h", *(["initial_c", "P"] if op == "LSTM" else [])]
    case.optional = {n: draw(st.booleans()) for n in names if draw(st.booleans())}
    if draw(st.booleans()):
        lengths = st.integers(0, case.time)
        case.lengths = draw(st.lists(lengths, min_size=case.batch, max_size=case.batch))
    count = 3 if op == "LSTM" else 2
    case.outputs = draw(st.lists(st.booleans(), min_size=count, max_size=count).filter(any))
    return case


def draw_activations(draw: Draw, count: int) -> dict[str, Any]:
    """Any functions, with parameters for all of them, the first ones, or none."""
    names = [draw(st.sampled_from(list(ACTIVATIONS))) for _ in range(count)]
    parameters = st.sampled_from([0.1, 0.3, 0.8])
    found: dict[str, Any] = {"activations": names}
    for letter, name in (("a", "activation_alpha"), ("b", "activation_beta")):
        needed = sum(letter in ACTIVATIONS[n] for n in names)
        values = draw(st.lists(parameters, min_size=0, max_size=needed))
        found |= {name: values} if values else {}
    return found


@settings(
    max_examples=300,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(cases())
def test_random_recurrent_graphs_equal_onnx_runtime(case: Case) -> None:
    """Of states that grow from step to step without bound, rounding decides where they end."""
    assume(all(np.abs(y).max(initial=0) < 100 for y in runtime(*case.build())))
    event(f"{case.op} {case.attributes['direction']}")
    assert_equals(case)


@pytest.mark.parametrize("op", GATES)
def test_float16_runs_through_casts_as_in_onnx_runtime(op: str) -> None:
    everything = {"B": True, "initial_h": False}
    assert_equals(Case(op, optional=everything, lengths=[4, 2, 0], dtype=np.float16))


@pytest.mark.parametrize("op", GATES)
@pytest.mark.parametrize("constant", [True, False])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_in_recurrent_graphs(op: str, name: str, constant: bool) -> None:
    attributes: dict[str, Any] = {"activations": [name] * FUNCTIONS[op]}
    if not constant and ACTIVATIONS[name]:
        attributes["activation_alpha"] = [0.3, 0.5, 0.7][: FUNCTIONS[op]]
    assert_equals(Case(op, attributes=attributes, optional={"B": constant}, time=3, seed=5))


def test_products_of_recurrent_graphs() -> None:
    both = {"direction": "bidirectional"}
    names = {
        "LSTM": ["n/input", "n/recurrent"],
        "RNN": ["n/input", "n/recurrent"],
        "GRU": ["n/input", "n/recurrent", "n/recurrent_hidden"],
    }
    shapes = {
        "LSTM": [(2, 12), (3, 12)],
        "RNN": [(2, 3), (3, 3)],
        "GRU": [(2, 9), (3, 6), (3, 3)],
    }
    for op in GATES:
        model, _ = Case(op, attributes=both).build()
        products = step_of(model).products
        reverse = [f"{name}/reverse" for name in names[op]]
        assert [product.name for product in products] == names[op] + reverse
        assert [product.weights.shape for product in products] == shapes[op] * 2
    linear = Case("GRU", attributes={"linear_before_reset": 1})
    assert [p.weights.shape for p in step_of(linear.build()[0]).products] == [(2, 9), (3, 9)]


def test_calls_of_recurrent_graphs_use_disjoint_windows_and_idle_after_the_end() -> None:
    case = Case("LSTM", lengths=[4, 0, 2], optional={"initial_h": True})
    model, feeds = case.build()
    seen: list[tuple[str, Any, int]] = []

    def multiply(product: Any, x: Any, first: int) -> Any:
        seen.append((product.name, x.copy(), first))
        return exact_product(product, x)

    step_of(model).run(feeds, multiply)
    assert [(name, first) for name, _, first in seen] == [
        ("n/input", 0),
        *(("n/recurrent", t) for t in range(4)),
    ]
    assert seen[0][1].shape == (3, 4, 2)
    active = np.arange(4)[None, :] < np.array(case.lengths)[:, None]
    np.testing.assert_array_equal(seen[0][1].any(axis=2), active)
    states = np.stack([x for _, x, _ in seen[1:]], axis=1)
    assert states.shape == (3, 4, 3)
    np.testing.assert_array_equal(states.any(axis=2), active)


def test_a_sequence_is_the_same_alone_and_in_a_padded_batch() -> None:
    case = Case("GRU", batch=2, time=6, lengths=[6, 3], attributes={"direction": "reverse"})
    model, feeds = case.build()
    step = step_of(model)
    whole = step.run(feeds, exact_product)
    alone = {"X": feeds["X"][:3, 1:], "sequence_lens": np.array([3], np.int32)}
    short = step.run(alone, exact_product)
    np.testing.assert_allclose(whole["Y"][:3, :, 1:], short["Y"], atol=1e-6)
    np.testing.assert_allclose(whole["Y_h"][:, 1:], short["Y_h"], atol=1e-6)


@pytest.mark.parametrize(
    ("attributes", "dtype", "reason"),
    [
        ({"layout": 1}, np.float32, "ONNX Runtime does not run it"),
        ({"activations": ["Gelu", "Tanh", "Tanh"]}, np.float32, "ONNX Runtime does not run it"),
        ({"clip": -1.0}, np.float32, "ONNX Runtime does not run it"),
        ({}, np.float64, "weights of type float64, ONNX Runtime runs LSTM on float32"),
        ({"direction": "bidirectional"}, np.float32, "do not fit hidden_size = 3"),
    ],
    ids=str,
)
def test_digital_recurrent_graphs(attributes: Any, dtype: Any, reason: str) -> None:
    model, _ = Case("LSTM", dtype=dtype).build()
    node = model.graph.node[-1]
    node.attribute.extend(onnx.helper.make_attribute(k, v) for k, v in attributes.items())
    with pytest.raises(StaysDigital, match=reason):
        step_of(model)


@pytest.mark.parametrize("name", ["W", "R"])
def test_changing_matrices_leave_recurrent_graphs_digital(name: str) -> None:
    model, _ = Case("GRU", optional={name: False}).build()
    with pytest.raises(StaysDigital, match="weights are not constant"):
        step_of(model)


@pytest.mark.parametrize("op", GATES)
def test_recurrent_graphs_without_time_steps_or_samples(op: str) -> None:
    case = Case(op, optional={"initial_h": True})
    model, _ = case.build()
    none = step_of(model).exact({"X": np.zeros((0, 3, 2), np.float32)})
    assert none["Y"].shape == (0, 1, 3, 3)
    np.testing.assert_array_equal(none["Y_h"], np.zeros((1, 3, 3), np.float32))
    model, _ = Case(op).build()
    none = step_of(model).exact({"X": np.zeros((4, 0, 2), np.float32)})
    assert none["Y"].shape == (4, 1, 0, 3)
    assert none["Y_h"].shape == (1, 0, 3)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("X", images(4, 3, 5), r"shape of X 'X' = \(4, 3, 5\).*allowed: \(time, batch, 2\)"),
        ("X", images(4, 3), r"shape of X 'X' = \(4, 3\)"),
        ("initial_h", images(1, 2, 3), r"shape of initial_h .*allowed: \(1, 3, 3\)"),
        ("initial_c", images(2, 3, 3), r"shape of initial_c .*allowed: \(1, 3, 3\)"),
        ("B", images(1, 12), r"shape of B .*allowed: \(1, 24\)"),
        ("P", images(1, 12), r"shape of P .*allowed: \(1, 9\)"),
        ("sequence_lens", np.array([4, 5, 1], np.int32), r"sequence_lens = \[4, 5, 1\]"),
        ("sequence_lens", np.array([4, -1, 1], np.int32), r"allowed: 0 ... 4"),
        ("sequence_lens", np.array([4, 1], np.int32), r"shape of sequence_lens .*allowed: \(3,\)"),
    ],
    ids=str,
)
def test_recurrent_graphs_refuse_what_does_not_fit(name: str, value: Any, message: str) -> None:
    optional = dict.fromkeys(["B", "initial_h", "initial_c", "P"], False)
    model, feeds = Case("LSTM", optional=optional, lengths=[4, 3, 1]).build()
    step = step_of(model)
    for run in (step.exact, lambda values: step.run(values, exact_product)):
        with pytest.raises(ValueError, match=message):
            run({**feeds, name: value})


@pytest.mark.parametrize("op", GATES)
def test_recurrent_graphs_pickle(op: str) -> None:
    model, feeds = Case(op, optional={"B": True}).build()
    step = step_of(model)
    copy = pickle.loads(pickle.dumps(step))
    for one, other in zip(
        step.run(feeds, exact_product).values(),
        copy.run(feeds, exact_product).values(),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


def network(op: str, layout: int = 0) -> ModelProto:
    """A bidirectional node between others, behind a transpose to (time, batch, features)."""
    b, G = Builder(), GATES[op]
    x = b.node("Transpose", b.input("x", ["N", 6, 5]), perm=[1, 0, 2])
    x = b.node("MatMul", x, b.weight(5, 4), name="embedding")
    weights = [b.weight(2, G * 3, 4), b.weight(2, G * 3, 3), b.weight(2, 2 * G * 3)]
    state = {"hidden_size": 3, "direction": "bidirectional", "layout": layout}
    y, h = b.nodes(op, x, *weights, outs=["y", "h"], name="n", **state)
    total = b.node("Add", b.node("ReduceSum", y, b.tensor(np.array([0])), keepdims=0), h)
    rows = b.node("Flatten", b.node("Transpose", total, perm=[1, 0, 2]))
    return b.model(b.node("Gemm", rows, b.weight(6, 2), name="head"))


@pytest.mark.parametrize("op", GATES)
def test_recurrent_graphs_between_other_nodes(op: str) -> None:
    graph = assert_equals_runtime(network(op), {"x": images(2, 6, 5)})
    recurrent = 4 if op == "GRU" else 2
    assert len(graph.products) == 2 + 2 + recurrent
    macs = graph.macs(images(2, 6, 5))
    assert macs["n/input"] == macs["n/input/reverse"] == 2 * 6 * 4 * GATES[op] * 3
    assert sum(n for name, n in macs.items() if "recurrent" in name) == (
        2 * 2 * 6 * 3 * GATES[op] * 3
    )


def test_recurrent_graphs_that_onnx_runtime_refuses() -> None:
    with pytest.raises(ValueError, match=r"Batchwise recurrent operations"):
        Graph.load(network("LSTM", layout=1))


def test_recurrent_graphs_kept_digital() -> None:
    graph = assert_equals_runtime(network("GRU"), {"x": images(2, 6, 5)}, keep_digital=["n"])
    assert [product.name for product in graph.products] == ["embedding", "head"]
