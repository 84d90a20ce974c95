"""Settings: made from the core's description, checked, fixed, written and read back."""

import copy
import inspect
import pickle
from pathlib import Path

import pytest
import wordline as wl
from wordline import _core, _stubs, specs
from wordline._spec import Cell, Spec

NAMES = [schema["name"] for schema in _core.schemas()]
CELLS = [row["name"] for row in wl.presets("cell")]
CHIPS = [row["name"] for row in wl.presets("chip")]
SPACE = {name: getattr(specs, name) for name in NAMES}


def examples() -> list[Spec]:
    made = [SPACE[name]() for name in NAMES]
    made += [wl.Cell.preset(name) for name in CELLS] + [wl.Chip.preset(name) for name in CHIPS]
    made += [wl.Chip.ideal(), wl.ADC(bits=None, range=(-1e-6, 2e-6)), wl.DAC(range=[0, 1])]
    return [*made, wl.Chip(cell="neurram-2022", adc=wl.ADC(bits=6, noise=0.1))]


@pytest.mark.parametrize("spec", examples(), ids=lambda spec: repr(spec)[:40])
def test_repr_copies_and_dicts_give_an_equal_object(spec: Spec) -> None:
    assert eval(repr(spec), dict(SPACE)) == spec
    assert pickle.loads(pickle.dumps(spec)) == spec
    assert copy.deepcopy(spec) == spec
    assert type(spec)(**spec.to_dict()) == spec
    assert spec.replace() == spec


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_in_signature_docs_and_attributes(name: str) -> None:
    made = SPACE[name]
    parameters = inspect.signature(made).parameters
    assert all(p.kind is inspect.Parameter.KEYWORD_ONLY for p in parameters.values())
    fields = next(s["fields"] for s in _core.schemas() if s["name"] == name)
    assert list(parameters) == [field["name"] for field in fields]
    for field in fields:
        assert getattr(made(), field["name"]) == parameters[field["name"]].default
        assert f"{field['name']}: " in (made.__doc__ or "")
        assert field["help"]


def test_units_ranges_and_help_are_shown() -> None:
    text = " ".join((wl.DAC.__doc__ or "").split())
    assert "v_read: row voltage of the largest digit. float, V, [1e-06, 10]; default 0.2" in text
    assert "row voltage" in repr(wl.DAC().table)
    assert "<td" in wl.DAC()._repr_html_()


def test_settings_are_fixed() -> None:
    adc = wl.ADC()
    with pytest.raises(AttributeError, match="replace"):
        adc.bits = 6  # type: ignore[misc]
    with pytest.raises(AttributeError):
        del adc.bits  # type: ignore[misc, unused-ignore]
    cell = wl.ReRAM.preset("neurram-2022")
    cell.errors[0]["time"] = 5.0  # type: ignore[index]
    adc.to_dict()["bits"] = 3
    assert adc == wl.ADC()
    assert cell == wl.ReRAM.preset("neurram-2022")
    assert adc.replace(bits=6).bits == 6
    assert adc != wl.ADC(bits=6)
    assert adc != wl.DAC()
    with pytest.raises(TypeError):
        hash(adc)


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: wl.ADC(bits=0), ValueError, r"adc.bits = 0 bit: out of range; allowed: \[1, 16\]"),
        (lambda: wl.ADC(bits=17), ValueError, "adc.bits = 17 bit"),
        (lambda: wl.ADC(bits=6.5), TypeError, "whole number"),  # type: ignore[arg-type]
        (lambda: wl.ADC(bits=10**30), (TypeError, ValueError), "adc.bits"),
        (lambda: wl.ADC(bits="8"), TypeError, "adc.bits = 8"),  # type: ignore[arg-type]
        (lambda: wl.ADC(bit=8), ValueError, "unknown setting of adc; allowed: bits, kind"),  # type: ignore[call-arg]
        (lambda: wl.ADC(noise=float("nan")), ValueError, "adc.noise = nan LSB"),
        (lambda: wl.ADC(noise=float("inf")), ValueError, "adc.noise = inf LSB"),
        (lambda: wl.ADC(range="ful"), ValueError, "allowed: full, calibrated"),  # type: ignore[arg-type]
        (lambda: wl.ADC(range=(2, 1)), ValueError, "low < high"),
        (lambda: wl.ADC(bits=object()), TypeError, "allowed: dict, list"),  # type: ignore[arg-type]
        (lambda: wl.ADC(8), TypeError, "positional"),  # type: ignore[misc]
        (lambda: wl.Chip(adc={"bits": 99}), ValueError, "adc.bits = 99"),  # type: ignore[arg-type]
        (lambda: wl.Chip(adc=3), TypeError, "adc = 3"),  # type: ignore[arg-type]
        (
            lambda: wl.Chip(cell="neuram-2022"),
            ValueError,
            "unknown preset; allowed: .*neurram-2022",
        ),
        (lambda: wl.Chip(tech="5nm"), ValueError, "5nm"),
        (lambda: wl.Chip(cell="ikeda-2010"), ValueError, "change slice_bits"),
        (lambda: wl.Array(rows=0), ValueError, r"array.rows = 0 row"),
        (lambda: wl.Wires(row=-1.0), ValueError, r"row = -1 ohm"),
        (
            lambda: wl.Chip(cell="milo-2021", array=wl.Array(wires=wl.Wires(row=1.0))),
            ValueError,
            "array.topology = input_line: cells with a nonlinear I-V are no matrix",
        ),
        (lambda: wl.ReRAM(g_max=-1.0), ValueError, "g_max = -1 S"),
        (lambda: wl.ReRAM(errors=[{"tim": 1.0}]), ValueError, "unknown setting"),
        (lambda: wl.STTMRAM.preset("neurram-2022"), ValueError, "use wl.ReRAM"),
        (lambda: wl.ReRAM.preset("no-such"), ValueError, "unknown preset"),
        (lambda: wl.ReRAM.preset("/no/such.toml"), OSError, "/no/such.toml"),
        (lambda: wl.Chip.preset("no-such"), ValueError, "allowed: isaac-2016"),
        (lambda: wl.Chip.preset("neurram-2022"), ValueError, "unknown preset|not describe a chip"),
    ],
)
def test_refused(make, kind, message: str) -> None:
    with pytest.raises(kind, match=message):
        make()


def test_the_edges_of_a_range_are_accepted() -> None:
    assert [wl.ADC(bits=bits).bits for bits in (1, 16, None)] == [1, 16, None]
    assert wl.Array(rows=1, cols=2).rows == 1
    assert wl.Wires() == wl.Wires(row=0.0)


def test_nested_settings_are_objects() -> None:
    chip = wl.Chip.preset("isaac-2016", cell="neurram-2022")
    assert chip.cell == wl.ReRAM.preset("neurram-2022")
    assert isinstance(chip.cell, Cell)
    assert chip.array.wires == wl.Wires()
    assert chip.replace(adc=chip.adc.replace(bits=6)).adc.bits == 6


def test_overrides_by_dotted_name() -> None:
    chip = wl.Chip.preset("isaac-2016")
    changed = chip.override({"adc.bits": 6, "cell": "neurram-2022", "cell.g_max": 5e-5})
    assert changed.adc == chip.adc.replace(bits=6)
    assert changed.cell == wl.ReRAM.preset("neurram-2022", g_max=5e-5)
    assert chip.override({"adc": wl.ADC(bits=5)}).adc == wl.ADC(bits=5)
    assert chip.override({"array.wires.row": 0.0}) == chip
    assert chip.override({}) == chip
    with pytest.raises(ValueError, match="unknown setting of adc"):
        chip.override({"adc.bit": 6})
    with pytest.raises(ValueError, match="unknown setting of Chip"):
        chip.override({"acd.bits": 6})
    with pytest.raises(ValueError, match="'tech' is one value"):
        chip.override({"tech.node": 6})


def test_a_file_of_plain_settings_or_of_cited_numbers(tmp_path: Path) -> None:
    plain = tmp_path / "plain.toml"
    plain.write_text('cell = "neurram-2022"\n[adc]\nbits = 6\n')
    assert wl.Chip.preset(str(plain)) == wl.Chip(cell="neurram-2022", adc=wl.ADC(bits=6))
    cited = tmp_path / "cited.toml"
    number = '{value = 6, unit = "bit", source = "page 1", basis = "assumed"}'
    cited.write_text(
        '[preset]\nkind = "chip"\nmodel = "Chip"\ntitle = "t"\nsource = "s"\n'
        f"[settings.adc]\nbits = {number}\n"
    )
    assert wl.Chip.preset(str(cited)).adc.bits == 6
    broken = tmp_path / "broken.toml"
    broken.write_text("[adc\n")
    with pytest.raises(ValueError, match=r"broken\.toml"):
        wl.Chip.preset(str(broken))
    with pytest.raises(OSError, match=r"gone\.toml"):
        wl.Chip.preset(str(tmp_path / "gone.toml"))


def test_presets_show_every_source() -> None:
    assert {"neurram-2022", "ikeda-2010", "isaac-2016", "32nm"} <= set(wl.presets().column("name"))
    for row in wl.presets():
        numbers = wl.preset(row["name"])
        assert len(numbers) > 3
        assert all(line["source"] and line["basis"] for line in numbers)
    with pytest.raises(ValueError, match="unknown preset"):
        wl.preset("no-such")
    with pytest.raises(ValueError, match="allowed: cell, chip, technology"):
        wl.presets("cells")


def test_the_stub_is_current() -> None:
    assert _stubs.STUB.read_text(encoding="utf-8") == _stubs.generate()
