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
    with pytest.raises(ValueError, match="V = 2 numbers V: every line has"):
        call(1 / R, V[:2])
    with pytest.raises(ValueError, match="every line has a finite voltage"):
        call(1 / R, [1.0, np.nan, 2.0])
    with pytest.raises(ValueError, match="not negative"):
        call(-1 / R, V)
    with pytest.raises(TypeError, match="V = "):
        call(1 / R, ["a", "b", "c"])


def test_nonlinear_cells_follow_their_curve() -> None:
    G, volts = random_array()
    bent = {"row": 3.0, "col": 4.0, "driver": 50.0, "sense": 20.0, "curve": wl.Sinh(v0=0.1)}
    seen = wl.solve(G, volts, **bent)
    curve = G * 0.1 * np.sinh(seen.cell_voltage / 0.1)
    np.testing.assert_allclose(seen.cell_current, curve, rtol=1e-12)
    np.testing.assert_allclose(seen.column_current, seen.bit[-1] / 20.0, rtol=1e-9)
    np.testing.assert_allclose(seen.driver_current, (volts - seen.word[:, 0]) / 50.0, rtol=1e-9)
    assert 1 <= seen.steps <= 6
    gentle = wl.solve(G, volts, row=3.0, col=4.0, curve=wl.Sinh(v0=1e4))
    straight = wl.solve(G, volts, row=3.0, col=4.0)
    np.testing.assert_allclose(gentle.column_current, straight.column_current, rtol=1e-8)
    ideal = wl.solve(G, volts, curve=wl.Polynomial(c3=2.0))
    expected = (G * (volts + 2 * volts**3)[:, None]).sum(axis=0)
    np.testing.assert_allclose(ideal.column_current, expected, rtol=1e-12)


def test_a_selector_carries_what_its_cell_carries() -> None:
    G, volts = random_array()
    for selector in (wl.ExponentialSelector(i0=1e-7, v0=0.05), wl.ThresholdSelector(v_th=0.1)):
        seen = wl.solve(G, volts, curve=wl.Sinh(v0=0.2), selector=selector)
        drop = 0.2 * np.arcsinh(seen.cell_current / (0.2 * G))  # over the cell alone
        rest = seen.cell_voltage - drop
        if isinstance(selector, wl.ExponentialSelector):
            carried = 1e-7 * np.sinh(rest / 0.05)
        else:
            over = np.logaddexp(0, (np.abs(rest) - 0.1) / 0.01) - np.logaddexp(0, -10.0)
            carried = 1e-9 * rest + (1e-3 - 1e-9) * 0.01 * over * np.sign(rest)
        scale = np.abs(carried).max()
        np.testing.assert_allclose(carried, seen.cell_current, rtol=1e-7, atol=1e-10 * scale)
        assert (np.abs(seen.cell_current) < np.abs(wl.solve(G, volts).cell_current)).all()


def test_held_columns_give_power_too() -> None:
    G, volts = random_array()
    held = np.linspace(0, 0.1, 9)
    seen = wl.solve(G, volts, row=3.0, col=4.0, driver=50.0, sense=20.0, held=held)
    effective = wl.effective_conductance(G, row=3.0, col=4.0, driver=50.0, sense=20.0)
    alone = wl.solve(G, 0 * volts, row=3.0, col=4.0, driver=50.0, sense=20.0, held=held)
    total = volts @ effective + alone.column_current
    np.testing.assert_allclose(seen.column_current, total, rtol=1e-9, atol=1e-15)
    heat = np.sum(G * seen.cell_voltage**2)
    heat += np.sum(np.diff(seen.word, axis=1) ** 2) / 3 + np.sum(np.diff(seen.bit, axis=0) ** 2) / 4
    heat += 50 * np.sum(seen.driver_current**2) + 20 * np.sum(seen.column_current**2)
    assert seen.power == pytest.approx(heat, rel=1e-9)


def test_schemes_of_ideal_lines() -> None:
    """Closed forms: on ideal lines every line has one voltage, or floats by symmetry."""
    G, v, n = np.full((8, 8), 1e-5), 0.4, 8
    seen = {name: wl.select_cell(G, (2, 5), v, name) for name in ("ground", "half", "third")}
    for one in seen.values():
        assert one.cell_current == pytest.approx(1e-5 * v, rel=1e-12)
    assert seen["ground"].sneak_current == pytest.approx(0, abs=1e-18)
    assert seen["ground"].disturb_voltage == pytest.approx(v)
    assert seen["half"].sneak_current == pytest.approx((n - 1) * 1e-5 * v / 2, rel=1e-12)
    assert seen["half"].disturb_voltage == pytest.approx(v / 2)
    assert seen["third"].sneak_current == pytest.approx((n - 1) * 1e-5 * v / 3, rel=1e-12)
    assert seen["third"].disturb_voltage == pytest.approx(v / 3)
    # Nothing else is connected: 7 cells in parallel, then 49, then 7.
    floating = wl.select_cell(G, (2, 5), v, "floating")
    sneak = v / (1 / (7e-5) + 1 / (49e-5) + 1 / (7e-5))
    assert floating.sneak_current == pytest.approx(sneak, rel=1e-9)


def test_selectors_keep_sneak_currents_away() -> None:
    G = np.full((16, 16), 1e-5)
    lines = {"row": 1.0, "col": 1.0, "driver": 10.0, "sense": 10.0}
    selector = wl.ThresholdSelector(v_th=0.5, width=0.02)
    for scheme in ("half", "third", "floating"):
        bare = wl.select_cell(G, (15, 15), 0.8, scheme, **lines)
        chosen = wl.select_cell(G, (15, 15), 0.8, scheme, **lines, selector=selector)
        margin = chosen.cell_current / chosen.sneak_current
        assert margin > 10 * bare.cell_current / bare.sneak_current


def test_what_is_no_curve_scheme_or_cell_is_refused() -> None:
    G, volts = random_array()
    with pytest.raises(TypeError, match=r"curve = float: no curve; allowed: wl\.Sinh, wl\.Poly"):
        wl.solve(G, volts, curve=0.1)
    with pytest.raises(TypeError, match=r"selector = Sinh"):
        wl.solve(G, volts, selector=wl.Sinh())
    with pytest.raises(ValueError, match="v0 = -1 V"):
        wl.Sinh(v0=-1.0)
    with pytest.raises(ValueError, match="rises with its voltage"):
        wl.Polynomial(c2=-3.0)
    with pytest.raises(ValueError, match="g_on"):
        wl.ThresholdSelector(g_off=1.0)
    with pytest.raises(ValueError, match="held = 3 numbers"):
        wl.solve(G, volts, held=[0.0, 0.0, 0.0])
    with pytest.raises(ValueError, match="scheme = fifth"):
        wl.select_cell(G, (0, 0), 0.2, "fifth")
    with pytest.raises(ValueError, match="no such cell"):
        wl.select_cell(G, (12, 0), 0.2)


def test_decks_of_nonlinear_and_gated_arrays_name_their_sources() -> None:
    deck = wl.to_spice(1 / R, V, **ALL, curve=wl.Sinh(), selector=wl.ExponentialSelector())
    assert deck.count("Bcell") == deck.count("Bselcell") == R.size
    assert "sinh(" in deck
    gated = wl.gated_to_spice(1 / R, [[1, 0, 1]], source=1.0, col=2.0)
    assert gated.count("Rcell") == 10
    with pytest.raises(ValueError, match="one input"):
        wl.gated_to_spice(1 / R, [[1, 0, 1], [1, 1, 1]])
