"""Networks whose arrays have lines with resistance."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import wordline as wl
from cases import MODEL, fashion, grouped, small_cnn, small_data
from graphs import images, runtime
from own_cells import Lognormal, Twin, reram
from wordline.cli import main


def wired(ohm: float, **more: object) -> wl.Array:
    wires = wl.Wires(row=ohm, col=ohm, driver=10 * ohm, sense=5 * ohm, **more)  # type: ignore[arg-type]
    return wl.Array(rows=64, cols=64, wires=wires)


def test_a_matrix_behind_wires_is_its_effective_conductance() -> None:
    """One array, continuous weights in pairs: all of it can be written down by hand."""
    random = np.random.default_rng(1)
    W = random.uniform(-1, 1, (12, 5)).astype(np.float32)
    top = np.abs(W).max(axis=0)  # one scale per output
    x = random.uniform(0, 1, (7, 12)).astype(np.float32)
    wires = wl.Wires(row=20.0, col=30.0, driver=200.0, sense=100.0)
    chip = wl.Chip.ideal().replace(array=wl.Array(rows=12, cols=10, wires=wires))
    G = np.zeros((12, 10))
    G[:, 0::2], G[:, 1::2] = 1e-4 * np.maximum(W, 0) / top, 1e-4 * np.maximum(-W, 0) / top
    seen = wl.effective_conductance(G, row=20, col=30, driver=200, sense=100)
    expected = x @ (seen[:, 0::2] - seen[:, 1::2]) / 1e-4 * top
    got = (wl.Matrix(W.T, chip) @ x.T).T
    np.testing.assert_allclose(got, expected, rtol=0, atol=2e-5 * np.abs(expected).max())
    assert np.abs(expected - x @ W).max() > 0.02 * np.abs(expected).max()


def test_results_do_not_depend_on_threads_or_batches() -> None:
    x, _ = small_data()
    chip = wl.Chip(cell="neurram-2022", array=wired(5.0), adc=wl.ADC(bits=8))
    mapped = wl.load(small_cnn()).map(chip, calibrate=x[:32])
    chip0 = mapped.program(seed=3)
    whole = chip0(x)[0]
    parts = [chip0(x[i : i + 7], first=i)[0] for i in range(0, len(x), 7)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_wires_of_grouped_convolutions() -> None:
    x = {"x": images(5, 4, 6, 6)}
    network = wl.load(grouped())
    exact = runtime(grouped(), x)[0]

    def error(ohm: float) -> float:
        chip = wl.Chip.ideal().replace(array=wired(ohm))
        return float(
            np.abs(network.map(chip, calibrate=x)(x)[0] - exact).max() / np.abs(exact).max()
        )

    assert error(0) < 1e-5 < error(1) < error(10) < 1


def test_worse_wires_lose_more_and_the_report_says_how_much() -> None:
    data = fashion(300)
    network = wl.load(str(MODEL))
    found = []
    for ohm in (0.0, 1.0, 40.0):
        chip = wl.Chip(cell="neurram-2022", array=wired(ohm), tech="32nm")
        study = network.map(chip, calibrate=data.x[:64]).monte_carlo(
            data.x, data.y, chips=1, seed=1
        )
        found.append((study.accuracy.mean, study.layer_rows(), study.cost))
    losses = [[row["column_loss"] for row in rows] for _, rows, _ in found]
    assert all(loss == 0.0 for loss in losses[0])
    assert all(0 < a < b < 1 for a, b in zip(losses[1], losses[2], strict=True))
    assert all(row["column_loss"] <= row["worst_column_loss"] for row in found[2][1])
    assert found[2][0] < found[0][0] - 0.05
    assert "loss" in repr(study.layers)


def test_the_command_line_prints_losses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = fashion(64)
    np.savez(tmp_path / "data.npz", x=data.x, y=data.y)
    arguments = ["--chip", "isaac-2016", "--data", str(tmp_path / "data.npz"), "--chips", "1"]
    settings = ["cell=neurram-2022", "array.wires.row=2", "array.wires.col=2"]
    sets = [word for setting in settings for word in ("--set", setting)]
    assert main(["run", str(MODEL), *arguments, *sets, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert all(0 < layer["column_loss"] < 1 for layer in printed["layers"])
    assert 0 <= printed["accuracy"]["mean"] <= 1


def test_compensation_brings_outputs_back() -> None:
    x, _ = small_data()
    network = wl.load(small_cnn())
    exact = network(x)[0]

    def error(compensate: bool) -> float:
        array = wired(5.0, compensate=compensate)
        return float(np.abs(network.map(wl.Chip.ideal().replace(array=array))(x)[0] - exact).mean())

    assert error(True) < 0.6 * error(False)


GATED = wl.Chip(
    cell="neurram-2022",
    array=wl.Array(
        rows=64,
        cols=64,
        topology="gated",
        wires=wl.Wires(source=2.0, col=2.0, driver=50.0, sense=20.0),
    ),
    dac=wl.DAC(bits=4, bits_per_cycle=1, signed_input="two_pass"),
    adc=wl.ADC(bits=8),
)
PASSIVE = wl.Chip(
    cell="milo-2021",
    array=wl.Array(
        rows=32, cols=32, topology="passive", wires=wl.Wires(row=2.0, col=2.0, driver=20.0)
    ),
    dac=wl.DAC(bits=4, bits_per_cycle=2),
    adc=wl.ADC(bits=8),
)


@pytest.mark.parametrize("chip", [GATED, PASSIVE])
def test_solved_topologies_run_networks_whatever_the_batches(chip: wl.Chip) -> None:
    x, _ = small_data()
    x = x[:12]
    mapped = wl.load(small_cnn()).map(chip, calibrate=x)
    chip0 = mapped.program(seed=3)
    whole = chip0(x)[0]
    parts = [chip0(x[i : i + 5], first=i)[0] for i in range(0, len(x), 5)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    ideal = chip.replace(array=chip.array.replace(wires=wl.Wires()))
    without = wl.load(small_cnn()).map(ideal, calibrate=x).program(seed=3)(x)[0]
    assert 0 < np.abs(whole - without).max() < np.abs(without).max()
    seen = chip0.activity(x)
    assert (
        all(layer["array_energy"] > 0 for layer in seen.values())
        if isinstance(seen, dict)
        else seen
    )


@pytest.mark.parametrize("chip", [GATED, PASSIVE])
def test_the_secant_is_near_the_exact_solution(chip: wl.Chip) -> None:
    x, _ = small_data()
    x = x[:12]
    wires = chip.array.wires.replace(solve="secant")
    fast = chip.replace(array=chip.array.replace(wires=wires))
    exact = wl.load(small_cnn()).map(chip, calibrate=x).program(seed=3)(x)[0]
    secant = wl.load(small_cnn()).map(fast, calibrate=x).program(seed=3)(x)[0]
    assert np.abs(secant - exact).max() < 0.2 * np.abs(exact).max()


@pytest.mark.parametrize("topology", ["gated", "passive"])
def test_a_cell_written_in_python_has_its_curve_behind_wires(topology: Any) -> None:
    x, _ = small_data()
    x = x[:6]
    wires = wl.Wires(source=20.0 * (topology == "gated"), row=20.0 * (topology != "gated"), col=9.0)
    twins = []
    for cell in (Twin(stuck_lrs=0.0), reram().replace(stuck_lrs=0.0)):
        chip = wl.Chip(
            cell=cell,
            array=wl.Array(rows=32, cols=32, topology=topology, wires=wires),
            dac=wl.DAC(bits=4, bits_per_cycle=1, v_read=0.4, signed_input="two_pass"),
            adc=wl.ADC(bits=None),
        )
        twins.append(wl.load(small_cnn()).map(chip, calibrate=x).program(seed=3)(x)[0])
    np.testing.assert_allclose(twins[0], twins[1], atol=2e-5 * np.abs(twins[1]).max())


def test_a_curve_that_falls_is_refused_behind_wires() -> None:
    class Falling(Lognormal):
        def current(self, G: Any, V: float) -> Any:
            return G * V * (1.0 - 3.0 * V)

    chip = wl.Chip(
        cell=Falling(),
        array=wl.Array(rows=8, cols=8, topology="passive", wires=wl.Wires(row=1.0, col=1.0)),
        dac=wl.DAC(bits=4, v_read=0.3),
        adc=wl.ADC(bits=None),
    )
    with pytest.raises(ValueError, match="current of a cell rises with its voltage"):
        wl.Matrix(np.ones((2, 3), np.float32), chip, calibrate=np.ones((3, 1), np.float32))


def test_what_topologies_do_not_go_with_is_refused() -> None:
    with pytest.raises(ValueError, match=r"wires\.source = 1.*only gated arrays have source"):
        wl.Chip(array=wl.Array(wires=wl.Wires(source=1.0)))
    with pytest.raises(ValueError, match=r"dac\.bits_per_cycle = 2.*one bit at a time"):
        GATED.replace(dac=wl.DAC(bits=4, bits_per_cycle=2, signed_input="two_pass"))
