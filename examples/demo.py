"""The main job of Wordline on real input: Fashion-MNIST on ReRAM and on STT-MRAM crossbars.

Run by `make demo`; prints what it finds and writes plots, reports and HDF5 files to build/demo.
`--quick` takes fewer chips and images.
"""

import argparse
import shutil
import sys
import time
from pathlib import Path

import numpy as np
import wordline as wl
from wordline.data import Data, read_npz
from wordline.units import area, percent, si

HERE = Path(__file__).resolve().parent
OUT = HERE.parent / "build" / "demo"
SEED = 7


def chip(cell: wl.Cell, slice_bits: int) -> wl.Chip:
    """The demo's chip: 8-bit weights and inputs, an 8-bit ADC on every cycle, 128x128."""
    return wl.Chip(
        cell=cell,
        array=wl.Array(rows=128, cols=128),
        weights=wl.Weights(bits=8, slice_bits=slice_bits, encoding="differential"),
        dac=wl.DAC(bits=8, bits_per_cycle=1),
        adc=wl.ADC(bits=8, range="calibrated"),
        tech="32nm",
    )


def say(label: str, text: str) -> None:
    sys.stdout.write(f"{label:<26}{text}\n")
    sys.stdout.flush()


def show_cost(cost: wl.Cost) -> None:
    """Energy with its split, area, latency, utilisation."""
    say("  energy per inference", si(cost.energy, "J"))
    parts = sorted(cost.energy_by_component.items(), key=lambda part: -part[1])
    for name, energy in parts[:6]:
        say(f"    {name}", f"{si(energy, 'J')} ({percent(energy / cost.energy)})")
    rest = sum(energy for _, energy in parts[6:])
    say("    all other parts", f"{si(rest, 'J')} ({percent(rest / cost.energy)})")
    say("  area", area(cost.area))
    say("  latency", si(cost.latency, "s"))
    say("  utilisation", f"{percent(cost.utilisation)} of the cells hold weights")
    say("  operations", f"{cost.operations:.0f} per inference")


def study(net: wl.Network, name: str, spec: wl.Chip, data: Data, fit: Data, chips: int) -> None:
    """Accuracy over chips and cost of one memory; files under its name."""
    start = time.monotonic()
    store = OUT / f"{name}.h5"
    result = net.map(spec, calibrate=fit.x).monte_carlo(
        data.x, data.y, chips=chips, seed=SEED, store=store
    )
    say(f"{name} accuracy", repr(result.accuracy))
    show_cost(result.cost)
    result.plot(OUT / f"{name}.png")
    result.report(OUT / f"{name}.html")
    say("  took", f"{time.monotonic() - start:.1f} s")


def ideal(net: wl.Network, data: Data) -> None:
    """The chip without errors is the digital network."""
    mapped = net.map(wl.Chip.ideal())
    result = mapped.monte_carlo(data.x, data.y, chips=1)
    some = data.first(256).x
    apart = float(np.abs(mapped(some)[0] - net(some)[0]).max())
    say("digital accuracy", f"{result.digital_accuracy:.4f} (ONNX Runtime)")
    say(
        "ideal-chip accuracy", f"{result.accuracy.mean:.4f} (outputs differ by {apart:.1e} at most)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="2 chips, 500 images")
    quick = parser.parse_args().quick
    start, chips = time.monotonic(), 2 if quick else 10
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    data = read_npz(HERE / "data" / "fashion_test.npz").first(500 if quick else None)
    fit = read_npz(HERE / "data" / "fashion_calibration.npz").first(256)
    net = wl.load(str(HERE / "models" / "fashion_cnn.onnx"))
    macs = sum(net.macs(data.x[:1]).values())
    say("network", f"{len(net.analog_steps)} weight layers, {macs} multiply-adds per image")
    say("data", f"{len(data.x)} images of Fashion-MNIST, {chips} chips each")
    ideal(net, data)
    study(net, "ReRAM", chip(wl.ReRAM.preset("neurram-2022"), 2), data, fit, chips)
    study(net, "STT-MRAM", chip(wl.STTMRAM.preset("ikeda-2010"), 1), data, fit, chips)
    say("files", f"{OUT.relative_to(HERE.parent)}: plots, reports, HDF5")
    say("total", f"{time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
