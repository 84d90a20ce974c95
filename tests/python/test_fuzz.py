"""Damaged models: a short run of the fuzz target, what it once found, and the guards alone."""

import os
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import numpy as np
import onnx
import pytest
from graphs import FLOAT, INT64, Builder, images, typeless
from onnx import TensorProto, helper
from wordline.onnx import Graph, memory, rehearsal, runtime

FUZZ = Path(__file__).parents[1] / "fuzz"
sys.path.insert(0, str(FUZZ))

import pool  # noqa: E402
import target  # noqa: E402
from seeds import seeds  # noqa: E402


def fuzz(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(FUZZ / "run.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=250, check=False)


def test_fuzz_briefly() -> None:
    done = fuzz("--count", 1500, "--seed", 7)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1500 inputs" in done.stdout.splitlines()[-1]
    outcomes = {line.split(maxsplit=1)[1] for line in done.stdout.splitlines()[:-1]}
    assert {"ran", "mapped and ran", "refused: ValueError"} <= outcomes


def test_fuzz_regressions() -> None:
    done = fuzz("--files", *sorted((FUZZ / "regressions").glob("*.onnx")))
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr


def test_fuzz_seeds_are_valid() -> None:
    for seed in seeds():
        seen = {target.outcome(seed, Random(i))[0] for i in range(5)}
        assert seen & {"ran", "mapped and ran"}, seed.name


def test_fuzz_inputs_are_functions_of_seed_and_index() -> None:
    models = seeds()
    first = [target.made(models, 1, i)[0] for i in range(50)]
    assert first == [target.made(models, 1, i)[0] for i in range(50)]
    assert len({given.model for given in first}) > 40
    assert first != [target.made(models, 2, i)[0] for i in range(50)]


def test_fuzz_tells_own_errors_from_others(monkeypatch: pytest.MonkeyPatch) -> None:
    (given,) = [seed for seed in seeds() if seed.name == "dense"]
    assert target.outcome(given._replace(model=b"x"), Random(0)) == ("refused: ValueError", "")

    def broken(*_: object) -> None:
        raise ValueError("no sentence of ours")

    monkeypatch.setattr(target, "_use", broken)
    what, details = target.outcome(given, Random(0))
    assert what == "ValueError"
    assert "no sentence of ours" in details


BAD_WORKER = """
import json, os, sys, time
for line in sys.stdin:
    first, count = map(int, line.split())
    for i in range(first, first + count):
        print(json.dumps(["start", i]), flush=True)
        if i == 3: os.abort()
        if i == 5: time.sleep(60)
        print(json.dumps(["end", i, "ran", "a bug" if i == 8 else ""]), flush=True)
    print(json.dumps(["batch"]), flush=True)
"""


def test_fuzz_notices_crashes_and_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "worker.py"
    script.write_text(BAD_WORKER)
    monkeypatch.setattr(pool, "SECONDS", 1.0)
    monkeypatch.setattr(pool, "BATCH", 4)
    found: dict[int, str] = {}
    run = pool.Pool(1, lambda index, what, _: found.update({index: what}), script)
    run.run(range(10), 2, lambda done: None)
    assert found == {3: "signal SIGABRT", 5: "more than 1 s", 8: "ran"}
    assert run.counts == {"ran": 8, "signal SIGABRT": 1, "more than 1 s": 1}


def test_fuzz_guard_against_aborts(monkeypatch: pytest.MonkeyPatch) -> None:
    rehearsal.rehearse(lambda: None, "model")
    rehearsal.rehearse(lambda: [][0], "model")
    with pytest.raises(ValueError, match=r"model: .* end the process with SIGABRT"):
        rehearsal.rehearse(os.abort, "model")
    monkeypatch.setattr(rehearsal, "SECONDS", 1)
    with pytest.raises(ValueError, match="within 1 s"):
        rehearsal.rehearse(lambda: time.sleep(30), "model")
    monkeypatch.setenv("WORDLINE_TRUST_MODELS", "1")
    called = []
    rehearsal.rehearse(lambda: called.append(os.abort), "model")
    assert not called


def negative_slice() -> onnx.ModelProto:
    """Its inference of types ends the process: the axis to slice has length -15."""
    b = Builder()
    x = b.input("x", [4, -15])
    ends = [b.tensor(np.array([value])) for value in (0, 2, 1)]
    return b.model(b.node("Slice", x, *ends))


def test_fuzz_guard_against_negative_sizes() -> None:
    with pytest.raises(ValueError, match=r"SIGABRT.*WORDLINE_TRUST_MODELS=1"):
        Graph.load(negative_slice())


def endless(op: str = "Neg") -> onnx.ModelProto:
    """A loop that never ends, its body computing `op` of a stored value; Constant: nothing."""
    b = Builder()
    stored = helper.make_tensor("stored", FLOAT, [1], [0.5])
    nodes = [helper.make_node("Constant", [], ["half"], value=stored)]
    if op != "Constant":
        nodes.append(helper.make_node(op, ["half"], ["next"]))
    given = [
        helper.make_tensor_value_info("i", INT64, []),
        helper.make_tensor_value_info("go", TensorProto.BOOL, []),
        typeless("state"),
    ]
    end = helper.make_tensor_value_info("go", TensorProto.BOOL, [])
    result = typeless("half" if op == "Constant" else "next")
    body = helper.make_graph(nodes, "body", given, [end, result])
    b.nodes("Loop", "", b.tensor(np.array(True)), b.input("x", [1]), outs=["y"], body=body)
    return b.model("y")


def test_fuzz_guard_against_endless_loops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "LOOP_SECONDS", 0.5)
    graph = Graph.load(endless())
    with pytest.raises(ValueError, match=r"segment 0: .*could not run it: .*terminate"):
        graph.run(images(1))
    with pytest.raises(ValueError, match="the body of a loop computes something"):
        Graph.load(endless("Constant"))


def test_fuzz_guard_against_empty_conditions() -> None:
    with pytest.raises(ValueError, match=r"opset = 4: the model has a Loop; allowed: 5 or later"):
        Graph.load(halving(opset=4))
    graph = Graph.load(halving())
    assert graph.run({"x": np.array(0.5, np.float32)})[0] == np.float32(0.0625)
    assert graph.run({"x": np.array([0.5], np.float32)})[0] == np.float32(0.0625)
    with pytest.raises(ValueError, match=r"could not run it: .*Reshape"):
        graph.run({"x": np.zeros(0, np.float32)})


def test_fuzz_guard_of_grids() -> None:
    b = Builder()
    grid = b.input("grid", [None, None, None, None])
    model = b.model(b.node("GridSample", b.input("x", None), grid, align_corners=1))
    corners = np.array([[-1, -1], [1, -1], [-1, 1], [1, 1]], np.float32).reshape(1, 2, 2, 2)
    picture = np.arange(4, dtype=np.float32).reshape(1, 1, 2, 2)
    for each in (model, typeless_inputs(model)):
        graph = Graph.load(each)
        assert np.array_equal(graph.run({"x": picture, "grid": corners})[0], picture)
    with pytest.raises(ValueError, match=r"(?i)slice"):
        graph.run({"x": np.array(1, np.float32), "grid": np.array(1, np.float32)})


def typeless_inputs(model: onnx.ModelProto) -> onnx.ModelProto:
    for value in model.graph.input:
        value.type.tensor_type.ClearField("shape")
    return model


def halving(opset: int = 17) -> onnx.ModelProto:
    """A loop that halves x while it is above 0.1; of an x without elements, so is the condition."""
    b = Builder()
    half, least = b.tensor(np.float32(0.5)), b.tensor(np.float32(0.1))
    body = helper.make_graph(
        [
            helper.make_node("Mul", ["state", half], ["next"]),
            helper.make_node("Greater", ["next", least], ["go_on"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("i", INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            typeless("state"),
        ],
        [helper.make_tensor_value_info("go_on", TensorProto.BOOL, None), typeless("next")],
    )
    b.nodes("Loop", "", b.tensor(np.array(True)), b.input("x", None), outs=["y"], body=body)
    model = b.model("y")
    model.opset_import[0].version = opset
    return model


def test_fuzz_guard_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    b = Builder()
    y = b.node("Expand", b.input("x", [1]), b.input("shape", [2], INT64))
    graph = Graph.load(b.model(b.node("ReduceSum", y, keepdims=0)))
    before = resource.getrlimit(resource.RLIMIT_AS)
    monkeypatch.setattr(memory, "_available", lambda: 256 << 20)
    feeds = {"x": images(1), "shape": np.array([1 << 10, 1 << 10])}
    graph.run(feeds)
    feeds["shape"] = np.array([1 << 14, 1 << 14])  # 1 GiB
    with pytest.raises(ValueError, match=r"(?i)alloc|memory"):
        graph.run(feeds)
    with pytest.raises(ValueError, match="inner: it needs more memory"):  # noqa: SIM117
        with memory.within_memory("block"), memory.within_memory("inner"):
            np.ones(1 << 28)
    assert resource.getrlimit(resource.RLIMIT_AS) == before


def test_fuzz_long_rows_of_copies() -> None:
    b = Builder()
    w = b.weight(4, 4)
    for _ in range(3000):
        w = b.node("Identity", w)
    graph = Graph.load(b.model(b.node("MatMul", b.input("x", [2, 4], FLOAT), w, name="fc")))
    assert graph.analog_steps[0].name == "fc"


def test_fuzz_inputs_of_another_type_than_the_weights() -> None:
    b = Builder()
    graph = Graph.load(
        b.model(b.node("MatMul", b.input("x", [2, 4], INT64), b.weight(4, 4), name="fc"))
    )
    with pytest.raises(TypeError, match=r"node 'fc': 'x' = int64: .*; allowed: float32"):
        graph.run(np.ones((2, 4), np.int64))


def test_fuzz_attributes_of_another_kind() -> None:
    b = Builder()
    b.opsets["com.microsoft"] = 1
    gemm = {"domain": "com.microsoft", "activation": "Relu", "alpha": [1.0, 2.0]}
    y = b.node("FusedGemm", b.input("x", [2, 4]), b.weight(4, 4), name="fc", **gemm)
    with pytest.raises(ValueError, match=r"node 'fc': alpha: the attribute is a number"):
        Graph.load(b.model(y))
