"""Programmed chips in the hand: ageing, cells, conversions, counts, pictures."""

from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
import wordline as wl
from cases import exact_chip, noisy_chip, recurrent, small_cnn, small_data, small_mapped
from graphs import Builder, images
from wordline.units import percent

X, _ = small_data()


@pytest.fixture(autouse=True)
def _close_figures() -> Any:
    yield
    plt.close("all")


def reram(x: Any = X) -> wl.Mapped:
    return wl.load(small_cnn()).map(wl.Chip(cell="neurram-2022"), calibrate=x)


def test_age_continues_one_trajectory() -> None:
    mapped = reram()
    fresh = mapped.program(seed=7, chip=3)
    twice = fresh.age(3600.0).age(86400.0)
    once = fresh.age(90000.0)
    at_once = mapped.program(seed=7, chip=3, age=90000.0)
    for layer in fresh.layers:
        np.testing.assert_array_equal(twice.conductances(layer), once.conductances(layer))
        np.testing.assert_array_equal(once.conductances(layer), at_once.conductances(layer))
        assert (fresh.conductances(layer) != once.conductances(layer)).any()
    np.testing.assert_array_equal(twice(X)[0], at_once(X)[0])
    assert once.ageing["Conv_0"]["age"] == 90000.0
    assert fresh.ageing["Conv_0"]["age"] == 0.0
    assert fresh.pulses == once.pulses


def test_hot_seconds_count_as_arrhenius_says() -> None:
    energy, boltzmann = 0.6, 8.617333262e-5  # eV, eV/K
    faster = np.exp(energy / boltzmann * (1 / 300 - 1 / 340))
    cell = wl.ReRAM.preset("neurram-2022", activation_energy=energy)
    chip = wl.load(small_cnn()).map(wl.Chip(cell=cell), calibrate=X).program(seed=2)
    mixed = chip.age(100.0, 340.0).age(5000.0)
    assert mixed.ageing["Conv_0"]["age"] == pytest.approx(5000.0 + 100.0 * faster)
    cool = chip.age(5000.0 + 100.0 * faster)
    np.testing.assert_allclose(mixed.conductances("Conv_2"), cool.conductances("Conv_2"), 1e-7)
    hot = chip.age(100.0, 340.0).age(50.0, 340.0)
    assert hot.ageing == chip.age(150.0, 340.0).ageing
    np.testing.assert_array_equal(hot(X)[0], chip.age(150.0, 340.0)(X)[0])


def test_reads_add_up() -> None:
    spec = wl.Chip(cell=wl.STTMRAM.preset("ikeda-2010"), weights=wl.Weights(slice_bits=1))
    chip = wl.load(small_cnn()).map(spec, calibrate=X).program()
    read = chip.age(1.0, reads=5.0).age(2.0, reads=7.0)
    assert read.ageing["Conv_0"] == chip.age(3.0, reads=12.0).ageing["Conv_0"]
    assert read.ageing["Conv_0"]["reads"] == 12.0


def test_limits_hold() -> None:
    chip = reram().program()
    with pytest.raises(ValueError, match="extrapolat"):
        chip.age(1e12)
    old = chip.age(1e12, extrapolate=True)
    assert old.age(1.0).ageing["Conv_0"]["extrapolate"]
    with pytest.raises(ValueError, match="age = -1"):
        chip.age(-1.0)


def test_an_exact_cell_is_at_its_target() -> None:
    """Differential 8-bit weights in one slice: a pair holds |q| levels in one of its cells."""
    q = np.array([[127.0, -5.0, 0.0], [3.0, 64.0, -127.0]], dtype=np.float32)
    b = Builder()
    model = b.model(b.node("MatMul", b.input("x", ["N", 2]), b.tensor(q), name="fc"))
    weights = wl.Weights(bits=8, slice_bits=None, scale="layer")
    spec = exact_chip(weights=weights, cell=wl.IdealCell(g_min=0.0, g_max=127e-6))
    chip = wl.load(model).map(spec, calibrate=np.ones((4, 2), np.float32)).program()
    G = chip.conductances("fc")
    assert G.shape == (1, 32, 32)
    np.testing.assert_allclose(np.sort(G[0], axis=None)[-5:], np.sort(np.abs(q[q != 0])) * 1e-6)
    assert np.count_nonzero(G) == 5
    np.testing.assert_array_equal(chip.targets("fc"), G)


def test_stuck_and_spread_cells_are_seen() -> None:
    chip = small_mapped().program(seed=1)
    G, target = chip.conductances("Conv_2"), chip.targets("Conv_2")
    assert G.shape == target.shape
    assert (target != G).any()
    again = small_mapped().program(seed=1)
    np.testing.assert_array_equal(again.conductances("Conv_2"), G)
    assert (small_mapped().program(seed=2).conductances("Conv_2") != G).any()


def test_currents_and_codes_of_known_numbers() -> None:
    """One row per unit vector: the current of a column is v_read times G of that row's cells."""
    weights = np.random.default_rng(4).uniform(-1, 1, (6, 3)).astype(np.float32)
    b = Builder()
    model = b.model(b.node("MatMul", b.input("x", ["N", 6]), b.tensor(weights), name="fc"))
    spec = exact_chip(
        cell=wl.IdealCell(g_min=0.0, g_max=1e-4),
        weights=wl.Weights(bits=8, slice_bits=None, scale="layer"),
        dac=wl.DAC(bits=1, v_read=0.2),
    )
    x = np.eye(6, dtype=np.float32)
    chip = wl.load(model).map(spec, calibrate=x).program()
    probe = chip.probe("fc", x)
    assert probe.current.shape[0] == 6
    assert probe.code is None
    assert probe.unit == "A"
    outputs = probe.columns["output"]
    scale = np.abs(weights).max() / 127
    q = np.round(weights / scale)
    expected = 0.2 * q * 1e-4 / 127  # A: the pair is subtracted before the converter
    np.testing.assert_allclose(probe.current.sum(axis=1), expected[:, outputs], atol=1e-12)
    np.testing.assert_array_equal(chip.column_currents("fc", x), probe.current)


def test_codes_are_whole_and_within_their_range() -> None:
    chip = small_mapped().program(seed=1)
    probe = chip.probe("Conv_2", X[:3])
    codes = chip.adc_codes("Conv_2", X[:3])
    assert codes.shape == probe.current.shape
    assert codes.shape[0] == 3 * 64
    np.testing.assert_array_equal(codes, np.round(codes))
    assert probe.low is not None
    assert probe.high is not None
    assert (codes >= probe.low).all()
    assert (codes <= probe.high).all()
    tail = chip.adc_codes("Conv_2", X[2:3], first=2)
    np.testing.assert_array_equal(tail, codes[128:])


def test_every_column_knows_the_range_of_its_converter() -> None:
    spec = exact_chip().override({"adc.bits": 4, "adc.scope": "tile"})
    mapped = wl.load(small_cnn()).map(spec, calibrate=X)
    probe = mapped.program().probe("Gemm_7", X[:4])
    rows = {(r["tile"], r["slice"]): r for r in mapped.layer_info()[2]["adc"]}
    for column, tile in enumerate(probe.columns["row_tile"]):
        row = rows[tile, probe.columns["slice"][column]]
        assert probe.low is not None
        assert probe.high is not None
        assert (probe.low[column], probe.high[column]) == (row["low"], row["high"])
    assert probe.code is not None
    ends = [np.isin(probe.code[..., k], [probe.low[k], probe.high[k]]) for k in range(column + 1)]
    assert 0 < probe.saturated == np.mean(ends)


def test_saturation_is_counted_alike_everywhere() -> None:
    spec = exact_chip().override({"adc.bits": 4})
    small = wl.load(small_cnn()).map(spec, calibrate=0.05 * X)
    chip = small.program()
    probe, activity = chip.probe("Conv_0", X), chip.activity(X)
    row = activity[0]
    assert row["layer"] == "Conv_0"
    assert row["samples"] == len(X)
    assert row["windows"] == 64 * len(X)
    assert row["inputs"] == X.size
    assert row["clipped"] > 0.1
    assert row["saturated"] == row["saturations"] / row["conversions"] > 0
    # The table counts what exceeds the range, the probe also what is just at its end.
    assert probe.saturated >= row["saturated"]
    assert probe.code is not None
    assert probe.code.size == row["conversions"]
    assert small.program().activity(0.05 * X)[0]["clipped"] == 0
    matrix = wl.Matrix(np.eye(5), spec, calibrate=np.full(5, 0.1))
    assert matrix.activity(np.full(5, 0.1))[0]["clipped"] == 0
    assert matrix.activity(np.full(5, 0.3))[0]["clipped"] == 1
    assert "100.0 %" in repr(matrix.activity(np.full(5, 0.3)))


def test_small_shares_do_not_look_like_none() -> None:
    shown = [percent(share) for share in (0.0, 3e-8, 4e-4, 5e-4, 0.5)]
    assert shown == ["0.0 %", "3e-06 %", "0.04 %", "0.1 %", "50.0 %"]


def test_all_calls_of_a_recurrent_product_are_seen() -> None:
    x = images(4, 5, 7)
    chip = wl.load(recurrent()).map(noisy_chip(), calibrate=x).program()
    [inner, outer] = [name for name in chip.layers if name.endswith(("recurrent", "input"))]
    assert {chip.adc_codes(name, x).shape[0] for name in (inner, outer)} == {20}


def test_a_probe_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    chip = small_mapped().program()
    needed = chip.probe("Conv_2", X).current.nbytes
    monkeypatch.setattr("wordline.probe.MOST", needed - 1)
    with pytest.raises(ValueError, match=r"currents of 'Conv_2' = .* GB"):
        chip.probe("Conv_2", X)


@pytest.mark.parametrize(
    "look",
    [
        lambda chip: chip.conductances("conv"),
        lambda chip: chip.targets("conv"),
        lambda chip: chip.column_currents("conv", X),
        lambda chip: chip.plot_codes("conv", X),
    ],
)
def test_unknown_layers_are_refused_with_the_names(look: Callable[[Any], Any]) -> None:
    with pytest.raises(ValueError, match="'conv': no such layer; allowed: Conv_0, Conv_2, Gemm_7"):
        look(small_mapped().program())


def test_an_ideal_converter_has_no_codes() -> None:
    chip = small_mapped(exact_chip()).program()
    assert chip.column_currents("Conv_0", X[:1]).size
    with pytest.raises(ValueError, match="an ideal converter has no codes"):
        chip.adc_codes("Conv_0", X[:1])


def test_pictures_of_a_chip(tmp_path: Any) -> None:
    chip = small_mapped().program()
    cells = chip.plot_conductances("Conv_2").axes[0]
    drawn = sum(patch.get_height() for patch in cells.patches[:200])
    assert drawn == chip.conductances("Conv_2").size
    assert cells.get_xlabel() == "conductance (µS)"
    assert "µA" in chip.plot_currents("Conv_2", X[:2]).axes[0].get_xlabel()
    figure = chip.plot_codes("Conv_2", X[:2])
    assert "at the ends of the range" in figure.axes[0].get_title()
    figure.savefig(tmp_path / "codes.png")


def test_the_summary_says_what_runs_where_and_why() -> None:
    mapped = wl.load(small_cnn()).map(noisy_chip(), calibrate=X, layers={"Conv_0": {"adc.bits": 6}})
    found = mapped.summary()
    assert found.layers.column("operator") == ["Conv", "Conv", "Gemm"]
    assert found.layers.column("matrix") == ["18x6", "54x6", "96x5"]
    assert found.layers.column("settings") == ["adc.bits=6", "", ""]
    assert "MaxPool_5" in found.digital.column("node")
    for text in ("3 layers on", "utilisation", "digital nodes", "MaxPool"):
        assert text in repr(found)
    assert found._repr_html_().count("<table>") == 2


@pytest.mark.parametrize("size", [16, 32])
def test_the_placement_shows_every_array(size: int, tmp_path: Any) -> None:
    mapped = small_mapped(noisy_chip(array=wl.Array(rows=size, cols=32)))
    arrays = sum(mapped.layers.column("arrays"))
    figure = mapped.plot(tmp_path / "chip.png")
    whole, used, _ = figure.axes[0].collections
    assert len(whole.get_paths()) == len(used.get_paths()) == arrays
    area = sum(np.prod(path.get_extents().size) for path in used.get_paths())
    cells = [p["rows_used"] * p["cols_used"] for i in mapped.layer_info() for p in i["placement"]]
    assert area == pytest.approx(sum(cells) / 32**2)
    assert (tmp_path / "chip.png").read_bytes().startswith(b"\x89PNG")
