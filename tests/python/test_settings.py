"""Settings of single layers: by name and pattern, in mapping, cost, studies and on the command
line."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import wordline as wl
from cases import ROOT, noisy_chip, recurrent, small_cnn, small_data
from graphs import images
from wordline.cli import layer_setting, main
from wordline.settings import differences

X, Y = small_data()


def mapped(**layers: Any) -> wl.Mapped:
    return wl.load(small_cnn()).map(noisy_chip(), calibrate=X, **layers)


def bits(design: wl.Mapped) -> dict[str, Any]:
    return {name: chip.adc.bits for name, chip in design.settings.layers.items()}


def test_settings_reach_the_layers_that_patterns_name() -> None:
    design = mapped(layers={"Conv*": {"adc.bits": 4}})
    assert bits(design) == {"Conv_0": 4, "Conv_2": 4, "Gemm_7": 8}
    codes = {layer["name"]: layer["adc"][0]["high"] for layer in design.layer_info()}
    plain = {layer["name"]: layer["adc"][0]["high"] for layer in mapped().layer_info()}
    assert codes["Gemm_7"] == plain["Gemm_7"] > codes["Conv_0"]
    assert (design(X)[0] != mapped()(X)[0]).any()


def test_a_layer_runs_as_it_would_on_a_chip_of_its_own() -> None:
    other = noisy_chip(adc=wl.ADC(bits=5))
    mixed = mapped(layers={"Conv_0": other}).program(seed=2)
    alone = wl.load(small_cnn()).map(other, calibrate=X).program(seed=2)
    np.testing.assert_array_equal(
        mixed.adc_codes("Conv_0", X[:2]), alone.adc_codes("Conv_0", X[:2])
    )


def test_later_patterns_win_and_changes_add_up() -> None:
    changes = {"*": {"adc.bits": 6}, "Conv_2": {"adc.bits": 7, "adc.noise": 0.0}}
    design = mapped(layers=changes)
    assert bits(design) == {"Conv_0": 6, "Conv_2": 7, "Gemm_7": 6}
    assert design.settings.differences("Conv_2") == {"adc.bits": 7, "adc.noise": 0.0}
    assert bits(mapped(layers=dict(reversed(changes.items()))))["Conv_2"] == 6
    pairs = [("Conv*", {"adc.bits": 5}), ("Conv_0", {"adc.bits": 4}), ("Conv*", {"adc.noise": 0})]
    assert bits(mapped(layers=pairs)) == {"Conv_0": 4, "Conv_2": 5, "Gemm_7": 8}
    whole = [("Gemm_7", {"adc.bits": 5}), ("Gemm*", wl.Chip.ideal())]
    assert mapped(layers=whole).settings.layers["Gemm_7"] == wl.Chip.ideal()


def test_a_node_names_all_its_products() -> None:
    x = images(4, 5, 7)
    net = wl.load(recurrent())
    design = net.map(noisy_chip(), calibrate=x, layers={"lstm": {"adc.bits": 5}})
    named = bits(design)
    assert len(named) == 5
    assert [name for name, found in named.items() if found == 8] == ["fc"]
    one = net.map(noisy_chip(), calibrate=x, layers={"*/recurrent*": {"adc.bits": 5}})
    assert sum(found == 5 for found in bits(one).values()) == 2


@pytest.mark.parametrize(
    ("layers", "kind", "message"),
    [
        ({"conv1": {"adc.bits": 6}}, ValueError, "'conv1'.*names no layer.*Conv_0, Conv_2, Gemm_7"),
        ({"Conv*": {"adc.bits": 99}}, ValueError, "adc.bits = 99"),
        ({"Conv*": {"adc.bit": 6}}, ValueError, "unknown setting"),
        ({"Conv*": "isaac-2016"}, TypeError, r"layers\['Conv\*'\] = str"),
        ({"Conv*": 6}, TypeError, "wordline.Chip, or a dict"),
        (["Conv*"], TypeError, "settings go by layer"),
        ([(1, {})], TypeError, "settings go by layer"),
    ],
)
def test_refused(layers: Any, kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        mapped(layers=layers)


def test_a_name_with_brackets_is_no_pattern() -> None:
    model = small_cnn()
    model.graph.node[0].name = "conv[1]"
    design = wl.load(model).map(noisy_chip(), X, layers={"conv[1]": {"adc.bits": 6}})
    assert bits(design)["conv[1]"] == 6


def test_one_price_list_for_all_layers(tmp_path: Path) -> None:
    assert mapped(layers={"Conv*": {"adc.bits": 6}}).cost().energy < mapped().cost().energy
    other = tmp_path / "other.toml"
    other.write_text((ROOT / "cost" / "presets" / "32nm.toml").read_text())
    design = mapped(layers={"Gemm_7": {"tech": str(other)}})
    with pytest.raises(ValueError, match=r"tech of layer 'Gemm_7' = .*other\.toml"):
        design.cost()
    with pytest.raises(ValueError, match="Gemm_7"):
        design.program().cost(X)
    study = design.monte_carlo(X, Y, chips=1)
    assert "Gemm_7" in study.to_dict()["cost_problem"]


def test_a_study_knows_them(tmp_path: Path) -> None:
    store = tmp_path / "study.h5"
    design = mapped(layers={"Conv_0": {"adc.bits": 6}})
    study = design.monte_carlo(X, Y, chips=1, store=store)
    assert study.layer_settings == {"Conv_0": {"adc.bits": 6}}
    assert wl.Study.load(store).to_dict() == study.to_dict()
    with pytest.raises(ValueError, match=r"layer_chips \(Conv_0"):
        mapped().monte_carlo(X, Y, chips=1, store=store)
    study.report(tmp_path / "report.html")
    assert "Conv_0: adc.bits=6" in (tmp_path / "report.html").read_text()


def test_differences_are_dotted() -> None:
    one, other = {"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 1, "c": 4}, "e": 5}
    assert differences(one, other) == {"a.c": 4, "d": None, "e": 5}
    assert differences(one, one) == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fc*:adc.bits=6", ("fc*", {"adc.bits": 6})),
        ("a/conv:0:cell=neurram-2022", ("a/conv:0", {"cell": "neurram-2022"})),
        (" fc : adc.range = 'full'", ("fc", {"adc.range": "full"})),
    ],
)
def test_the_command_line_form(text: str, expected: Any) -> None:
    assert layer_setting(text) == expected


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    onnx.save(small_cnn(), tmp_path / "net.onnx")
    np.savez(tmp_path / "data.npz", x=X, y=Y)
    base = ["run", str(tmp_path / "net.onnx"), "--chip", "isaac-2016", "--chips", "1", "--json"]
    base += ["--data", str(tmp_path / "data.npz")]
    layers = ["--layer", "Conv*:adc.bits=7", "--layer", "Conv_0:adc.bits=6"]
    assert main([*base, *layers]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["layer_settings"] == {"Conv_0": {"adc.bits": 6}, "Conv_2": {"adc.bits": 7}}
    for bad in ("adc.bits=6", "fc:adc.bits", ":adc.bits=6", "fc:=6"):
        assert main([*base, "--layer", bad]) == 2
        assert "a layer's setting is written pattern:name=value" in capsys.readouterr().err
    assert main([*base, "--layer", "no*:adc.bits=6"]) == 2
    assert "names no layer" in capsys.readouterr().err
