"""The main job of Wordline on real input: Fashion-MNIST on ReRAM and on STT-MRAM crossbars.

Run by `make demo`; prints what it finds and writes plots, reports and HDF5 files to build/demo.
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


def study(mapped: wl.Mapped, data: Data, chips: int, files: Path) -> None:
    """Accuracy over chips and cost of one memory. `files`: path of its files without ending."""
    start = time.monotonic()
    store = files.with_suffix(".h5")
    result = mapped.monte_carlo(data.x, data.y, chips=chips, seed=SEED, store=store)
    say(f"{files.name} accuracy", repr(result.accuracy))
    show_cost(result.cost)
    result.plot(files.with_suffix(".png"))
    result.report(files.with_suffix(".html"))
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


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="2 chips, 200 images")
    parser.add_argument("--output", type=Path, default=HERE.parent / "build" / "demo")
    return parser.parse_args()


def main() -> None:
    options, start = arguments(), time.monotonic()
    chips, images = (2, 200) if options.quick else (5, None)
    shutil.rmtree(options.output, ignore_errors=True)
    options.output.mkdir(parents=True)
    data = read_npz(HERE / "data" / "fashion_test.npz").first(images)
    fit = read_npz(HERE / "data" / "fashion_calibration.npz").first(256)
    net = wl.load(str(HERE / "models" / "fashion_cnn.onnx"))
    macs = sum(net.macs(data.x[:1]).values())
    say("network", f"{len(net.analog_steps)} weight layers, {macs} multiply-adds per image")
    say("data", f"{len(data.x)} images of Fashion-MNIST, {chips} chips each")
    ideal(net, data)
    memories = {
        "ReRAM": chip(wl.ReRAM.preset("neurram-2022"), slice_bits=2),
        "STT-MRAM": chip(wl.STTMRAM.preset("ikeda-2010"), slice_bits=1),
    }
    for name, spec in memories.items():
        study(net.map(spec, calibrate=fit.x), data, chips, options.output / name)
    say("plots, reports, HDF5", str(options.output))
    say("total", f"{time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
