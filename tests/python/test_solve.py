"""Node voltages and SPICE decks of single arrays."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
import wordline as wl

# Golden case: badcrossbar's README (Joksas and Mehonic, SoftwareX 2020), 0.5 ohm everywhere.
R = np.array([[345, 903, 755, 257, 646], [652, 401, 508, 166, 454], [442, 874, 190, 244, 635.0]])
V = np.array([1.5, 2.3, 1.7])
ALL = {"row": 0.5, "col": 0.5, "driver": 0.5, "sense": 0.5}


def random_array() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(1)
    return random.uniform(1e-6, 1e-4, (12, 9)), random.uniform(-0.2, 0.2, 12)


def test_published_currents() -> None:
    seen = wl.solve(1 / R, V, **ALL)
    published = [0.01158503, 0.00919064, 0.01511568, 0.02583321, 0.00981179]
    np.testing.assert_allclose(seen.column_current, published, rtol=1e-6)


def test_currents_add_up_at_every_line_and_power_is_what_resistors_take() -> None:
    G, volts = random_array()
    seen = wl.solve(G, volts, row=3.0, col=4.0, driver=50.0, sense=20.0)
    np.testing.assert_allclose(seen.cell_current.sum(axis=1), seen.driver_current, rtol=1e-9)
    np.testing.assert_allclose(seen.cell_current.sum(axis=0), seen.column_current, rtol=1e-9)
    heat = np.sum(G * seen.cell_voltage**2)
    heat += np.sum(np.diff(seen.word, axis=1) ** 2) / 3 + np.sum(np.diff(seen.bit, axis=0) ** 2) / 4
    heat += 50 * np.sum(seen.driver_current**2) + 20 * np.sum(seen.column_current**2)
    assert seen.power == pytest.approx(heat, rel=1e-10)
    effective = wl.effective_conductance(G, row=3.0, col=4.0, driver=50.0, sense=20.0)
    np.testing.assert_allclose(seen.column_current, volts @ effective, rtol=1e-9)


def test_ideal_lines_and_open_ones() -> None:
    G, volts = random_array()
    np.testing.assert_allclose(wl.solve(G, volts).cell_voltage, np.repeat(volts[:, None], 9, 1))
    cut = np.full(12, 10.0)
    cut[4] = np.inf
    seen = wl.solve(G, volts, row=1.0, col=1.0, driver=cut, sense=1.0)
    assert seen.driver_current[4] == 0
    assert abs(seen.word[4, 0]) < np.abs(volts).max()


def test_the_map_says_what_is_lost(tmp_path: Path) -> None:
    figure = wl.solve(np.full((16, 16), 1e-4), np.full(16, 0.2), row=20.0, col=20.0).plot()
    (axes, bar) = figure.axes
    assert "lost" in axes.get_title()
    assert bar.get_ylabel() == "cell voltage (mV)"
    figure.savefig(tmp_path / "map.png")
    assert (tmp_path / "map.png").stat().st_size > 5000
    plt.close(figure)


def test_a_deck_names_every_cell() -> None:
    deck = wl.to_spice(1 / R, V, **ALL)
    assert deck.count("Rcell") == R.size
    assert "Rcell2_4" in deck
    assert "Rcell" not in wl.to_spice(0 * R, V, **ALL)


@pytest.mark.parametrize("call", [wl.solve, wl.to_spice])
def test_refused(call) -> None:
    with pytest.raises(ValueError, match="V = 2 numbers V: every word line is driven"):
        call(1 / R, V[:2])
    with pytest.raises(ValueError, match="every word line is driven with a finite voltage"):
        call(1 / R, [1.0, np.nan, 2.0])
    with pytest.raises(ValueError, match="not negative"):
        call(-1 / R, V)
    with pytest.raises(TypeError, match="V = "):
        call(1 / R, ["a", "b", "c"])


def test_nonlinear_cells_follow_their_curve() -> None:
    G, volts = random_array()
    seen = wl.solve(G, volts, row=3.0, col=4.0, driver=50.0, sense=20.0, v0=0.1)
    curve = G * 0.1 * np.sinh(seen.cell_voltage / 0.1)
    np.testing.assert_allclose(seen.cell_current, curve, rtol=1e-12)
    np.testing.assert_allclose(seen.column_current, seen.bit[-1] / 20.0, rtol=1e-9)
    np.testing.assert_allclose(seen.driver_current, (volts - seen.word[:, 0]) / 50.0, rtol=1e-9)
    gentle = wl.solve(G, volts, row=3.0, col=4.0, v0=1e4)
    straight = wl.solve(G, volts, row=3.0, col=4.0)
    np.testing.assert_allclose(gentle.column_current, straight.column_current, rtol=1e-8)
    with pytest.raises(ValueError, match="row = 0 ohm: lines of nonlinear cells have a resistance"):
        wl.solve(G, volts, v0=0.1)
    with pytest.raises(ValueError, match="v0 = -1 V"):
        wl.solve(G, volts, row=1.0, col=1.0, v0=-1.0)
