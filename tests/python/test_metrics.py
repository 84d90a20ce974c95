"""Metrics of one's own, ages in a row, and how a study recognises both again."""

import functools
import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import wordline as wl
from cases import noisy_chip, sequences, small_cnn, small_data, small_mapped
from graphs import Builder, images
from wordline.identify import digest, function_digest, function_name

X, Y = small_data()
TARGET = wl.load(small_cnn())(X)[0]


def mse(outputs: list[Any], y: Any) -> float:
    return float(np.mean((outputs[0] - y) ** 2))


def errors(outputs: list[Any], y: Any) -> dict[str, float]:
    return {"rms": mse(outputs, y) ** 0.5, "worst": float(np.abs(outputs[0] - y).max())}


def study(metric: Any = mse, y: Any = TARGET, **options: Any) -> wl.Study:
    return small_mapped().monte_carlo(X, y, metric=metric, **{"chips": 3, "seed": 5, **options})


def test_a_metric_sees_all_outputs_of_a_chip() -> None:
    done = study()
    mapped = small_mapped()
    expected = tuple(mse(mapped.program(seed=5, chip=k)(X), TARGET) for k in range(3))
    assert done.values == expected
    assert done.mean.mean == pytest.approx(np.mean(expected))
    assert done.metric == "mse"
    assert done.digital == 0.0
    assert study(batch=5).values == expected


@pytest.mark.parametrize("name", ["accuracy", "digital_accuracy"])
def test_accuracy_is_not_what_was_measured(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name}: the study measured mse; use study"):
        getattr(study(chips=1), name)


def test_accuracy_as_a_metric_of_ones_own() -> None:
    def right(outputs: list[Any], y: Any) -> float:
        return float(np.mean(outputs[0].argmax(axis=-1) == y))

    own, built_in = study(right, Y), study(None, Y)
    assert own.values == built_in.values == built_in.accuracy.values
    assert own.digital == built_in.digital == built_in.digital_accuracy
    assert built_in.metric == "accuracy"


def test_several_numbers_at_once(tmp_path: Path) -> None:
    done = study(errors, store=tmp_path / "study.h5")
    assert done.metric == "rms"
    assert done.mean is done.metrics["rms"]
    assert done.metrics["worst"].mean > done.mean.mean
    assert done.chips.column("worst") == list(done.metrics["worst"].values)
    assert wl.Study.load(tmp_path / "study.h5").to_dict() == done.to_dict()
    with h5py.File(tmp_path / "study.h5") as file:
        np.testing.assert_array_equal(
            file["chips/1/values"], [[done.metrics[n].values[1] for n in ("rms", "worst")]]
        )


def test_everything_says_the_name(tmp_path: Path) -> None:
    done = study()
    assert "Study: mse" in repr(done)
    assert done.plot(tmp_path / "a.png").axes[0].get_title() == "mse"
    done.report(tmp_path / "a.html")
    page = (tmp_path / "a.html").read_text()
    assert "<h1>mse" in page
    assert "ccuracy" not in page
    result = json.loads(json.dumps(done.to_dict()))
    assert "accuracy" not in result
    assert result["metric"] == "mse"
    assert result["metrics"]["mse"]["values"] == list(done.values)


@pytest.mark.parametrize("y", [None, 3, "text", [1, "a"], {"a": TARGET, "b": None}])
def test_targets_of_any_plain_kind(y: Any) -> None:
    def got(outputs: list[Any], given: Any) -> float:
        return float(given is y)

    assert study(got, y, chips=1).mean.mean == 1.0


def test_windows_and_several_outputs() -> None:
    x = images(7, 6, 7)
    mapped = wl.load(sequences()).map(noisy_chip(), calibrate=x)

    def shape(outputs: list[Any], y: None) -> dict[str, float]:
        return {str(k): float(n) for k, n in enumerate(outputs[0].shape)}

    done = mapped.monte_carlo(x, metric=shape, chips=1, batch=3)
    assert [found.mean for found in done.metrics.values()] == [7.0, 6.0, 4.0]


def test_outputs_without_a_batch_axis_need_one_batch() -> None:
    b = Builder()
    y = b.node("MatMul", b.input("x", ["N", 6]), b.weight(6, 4))
    model = b.model(b.node("ReduceMean", y, axes=[0], keepdims=0))
    x = images(9, 6)
    mapped = wl.load(model).map(noisy_chip(), calibrate=x)
    with pytest.raises(ValueError, match=r"output 0: shape for 5 samples = \(4,\).*batch=len\(x\)"):
        mapped.monte_carlo(x, metric=lambda o, y: 0.0, chips=1, batch=5)
    done = mapped.monte_carlo(x, metric=lambda o, y: o[0].sum(), chips=1, batch=9)
    assert done.metric == "metric"
    assert np.isfinite(done.mean.mean)


calls = []


def moody(outputs: list[Any], y: Any) -> dict[str, float]:
    calls.append(1)
    return {f"m{len(calls)}": 1.0}


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"metric": "mse"}, TypeError, "a metric is a function"),
        ({"metric": lambda o, y: o[0]}, TypeError, "one number"),
        ({"metric": lambda o, y: "good"}, TypeError, "one number"),
        ({"metric": lambda o, y: True}, TypeError, "one number"),
        ({"metric": lambda o, y: float("nan")}, ValueError, "metric = nan: .* finite"),
        ({"metric": lambda o, y: {"a": np.inf}}, ValueError, "a = inf: .* finite"),
        ({"metric": lambda o, y: {}}, ValueError, "at least one number"),
        ({"metric": moody}, ValueError, "the same names"),
        ({"predictions": True}, ValueError, "only the accuracy chooses classes"),
        ({"y": object()}, TypeError, "contents of a object"),
        ({"age": []}, ValueError, "ages rise"),
        ({"age": [2.0, 1.0]}, ValueError, "ages rise"),
        ({"age": [1.0, 1.0]}, ValueError, "ages rise"),
        ({"age": [0.0, -1.0]}, ValueError, r"age\[1\] = -1"),
        ({"age": "old"}, TypeError, "age"),
    ],
)
def test_refused(options: dict[str, Any], kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        study(**{"chips": 1, **options})


def aged(store: Path | None = None, **options: Any) -> wl.Study:
    mapped = wl.load(small_cnn()).map(wl.Chip(cell="neurram-2022"), calibrate=X)
    options = {"chips": 2, "seed": 5, "age": [0.0, 3600.0, 86400.0], "metric": mse, **options}
    return mapped.monte_carlo(X, TARGET, store=store, **options)


def test_the_same_chips_at_several_ages(tmp_path: Path) -> None:
    done = aged(tmp_path / "study.h5")
    assert done.times == (0.0, 3600.0, 86400.0)
    assert done.over_time.column("age_s") == [0.0, 3600.0, 86400.0]
    for row in done.over_time:
        once = aged(age=row["age_s"])
        assert row["mean"] == once.mean.mean
        assert row["half_width"] == once.mean.half_width
    mapped = wl.load(small_cnn()).map(wl.Chip(cell="neurram-2022"), calibrate=X)
    for k, age in enumerate(done.times):
        alone = [mse(mapped.program(seed=5, chip=c, age=age)(X), TARGET) for c in (0, 1)]
        assert [chip.values["mse"][k] for chip in done.record.chips] == alone
    assert list(done.values) == alone
    assert done.record.chips[0].pulses == aged(age=0.0).record.chips[0].pulses
    energies = [aged(age=time).cost.energy for time in done.times]
    assert done.cost.energy == pytest.approx(np.mean(energies))
    loaded = wl.Study.load(tmp_path / "study.h5")
    assert loaded.to_dict() == done.to_dict()
    assert [row["age_s"] for row in loaded.to_dict()["over_time"]] == list(done.times)
    assert "1 d" in repr(done) or "86.4 ks" in repr(done)
    axes = done.plot().axes[0]
    assert axes.get_xlabel() == "age (s)"
    np.testing.assert_array_equal(axes.lines[0].get_xdata(), done.times)
    with pytest.raises(ValueError, match="ageing"):
        aged(tmp_path / "study.h5", age=0.0)


def test_a_study_resumes_only_with_its_metric(tmp_path: Path) -> None:
    path = tmp_path / "study.h5"
    done = study(store=path)
    assert study(store=path, chips=2).values == done.values[:2]
    with pytest.raises(ValueError, match=r"metric \(errors here, mse there\)"):
        study(errors, store=path)
    with pytest.raises(ValueError, match=r"metric \(accuracy here, mse there\)"):
        study(None, Y, store=path)
    with pytest.raises(ValueError, match="data"):
        study(y=TARGET + 1, store=path)


class Distance:
    def __init__(self, power: Any):
        self.power = power

    def __call__(self, outputs: list[Any], y: Any) -> float:
        return float(np.mean(np.abs(outputs[0] - y) ** self.power))

    def method(self, outputs: list[Any], y: Any) -> float:
        return self(outputs, y)


def power(outputs: list[Any], y: Any, exponent: float = 2.0) -> float:
    return float(np.mean(np.abs(outputs[0] - y) ** exponent))


def closed(exponent: Any) -> Any:
    return lambda outputs, y: float(np.mean(np.abs(outputs[0] - y) ** exponent))


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (closed, "metric"),
        (Distance, "Distance"),
        (lambda p: Distance(p).method, "method"),
        (lambda p: functools.partial(power, exponent=p), "power"),
        (lambda p: functools.partial(power, exponent=np.full(1, p)), "power"),
    ],
    ids=["closure", "object", "method", "partial", "array"],
)
def test_functions_are_told_apart_by_what_they_hold(make: Any, name: str) -> None:
    assert function_digest(make(2)) == function_digest(make(2)) != ""
    assert function_digest(make(2)) != function_digest(make(3))
    assert function_name(make(2)) == name


def test_lambdas_on_one_line_differ() -> None:
    one, other = (lambda o, y: 1.0), (lambda o, y: 2.0)
    assert function_digest(one) != function_digest(other)
    assert function_digest(mse) not in ("", function_digest(errors))
    assert function_digest(np.mean) != function_digest(np.sum)


def test_what_cannot_be_told_is_not_stored(tmp_path: Path) -> None:
    secret = Distance(iter([2]))
    assert function_digest(secret) == ""
    with pytest.raises(ValueError, match=r"metric = Distance: .* cannot be told"):
        study(secret, store=tmp_path / "study.h5")
    one = Distance(2)
    one.power = 2.0
    assert study(one, chips=1).mean.mean > 0


def test_digests_tell_contents_apart() -> None:
    same = [([1, 2], (1, 2)), ({"a": 1, "b": 2}, {"b": 2, "a": 1}), (None, None)]
    for one, other in same:
        assert digest(one) == digest(other)
    array = np.arange(4.0)
    different = [
        *([], {}, "", 0, 0.0, False, [None], [[]], ["a", "b"], ["ab"], {"a": "b"}),
        *(array, array.astype("f4"), array.reshape(2, 2), array + 1, array.tolist()),
    ]
    assert len({digest(value) for value in different}) == len(different)
    assert digest(None) == ""
