"""A programmed chip in the hand: run it, age it, look into its arrays, keep it in a file."""

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wordline import _core
from wordline.activity import activity_table
from wordline.chip_file import ChipFile, LayerFile, read_chip, write_chip
from wordline.cost import Cost
from wordline.design import Design
from wordline.errors import fail
from wordline.layers import Run
from wordline.numbers import checked_ageing
from wordline.onnx import Graph
from wordline.onnx.interface import Feeds
from wordline.origin import Origin
from wordline.probe import Probe, probe
from wordline.settings import Settings, find
from wordline.specs import Chip
from wordline.tables import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROOM = 300.0  # K; ages of different temperatures are added as seconds at this one


class ProgrammedNetwork:
    """One programmed chip. Nothing changes it: `age` makes another one.

    Made by `Mapped.program` or `load_chip`.

    Attributes:
        seed, index: which chip of which study. settings: of each layer.
        pulses: programming pulses spent. energy: J of programming; 0 where no source gives it.
    """

    def __init__(
        self,
        design: Design,
        programmed: Mapping[str, _core.ProgrammedLayer],
        seed: int,
        index: int,
        altered: tuple[str, ...] = (),
    ):
        self._design, self._programmed, self._altered = design, programmed, altered
        self.seed, self.index, self.settings = seed, index, design.settings
        self.pulses = sum(layer.pulses for layer in programmed.values())
        self.energy = sum(layer.energy for layer in programmed.values())

    def __call__(self, x: Feeds, *, first: int = 0, threads: int = 0) -> list[Any]:
        """The list of outputs.

        Args:
            x: one array, or a dict of arrays by input name.
            first: absolute index of the first sample: noise belongs to samples, so cutting data
                into several calls changes nothing when each says where it starts.
            threads: 0 means all. The result does not depend on it.
        """
        return self.start(threads).outputs(self._design.graph, x, first)

    def start(self, threads: int = 0) -> Run:
        """A run of this chip that counts what happens, from nothing."""
        return Run(self._design.layers, self._programmed, threads)

    def cost(self, x: Feeds) -> Cost:
        """Energy, area and latency of one inference on this chip, from a run of `x`."""
        technology = self.settings.technology
        return Cost.of(technology, self._ran(x).uses(), is_run=True)

    def activity(self, x: Feeds) -> Table:
        """What happened in each layer while `x` ran: conversions and the part of them that hit an
        end of the ADC's range, inputs and the part of them beyond the DAC's range.
        """
        return activity_table(self._ran(x).uses())

    def age(
        self,
        duration: float,
        temperature: float = ROOM,
        *,
        reads: float = 0.0,
        extrapolate: bool = False,
        threads: int = 0,
    ) -> "ProgrammedNetwork":
        """This chip `duration` seconds later: the same cells, further on their trajectories.

        Times at different temperatures add up as the seconds at 300 K in which a cell ages as
        much, so `age(a)` then `age(b)` is `age(a + b)` (docs/seeds.md).

        Args:
            temperature: K, in these seconds. reads: read pulses that each cell sees in them.
            extrapolate: accept times outside the range that the cell's source covers.

        Raises:
            ValueError: an age outside the fitted range of the cell model, heat or reads that it is
                silent on; a loaded chip whose conductances are not those of its seed.
        """
        step = checked_ageing(duration, temperature, reads, extrapolate)
        if self._altered:
            self._refuse_altered()
        programmed = {
            name: layer.program(
                self.seed, self.index, **_later(layer, self._past(name), step), threads=threads
            )
            for name, layer in self._design.layers.items()
        }
        return ProgrammedNetwork(self._design, programmed, self.seed, self.index)

    @property
    def ageing(self) -> dict[str, dict[str, Any]]:
        """What each layer has gone through: age (s) at temperature (K), reads, extrapolate."""
        return {name: dict(layer.ageing) for name, layer in self._programmed.items()}

    @property
    def layers(self) -> list[str]:
        """The names of the layers, in the order of execution."""
        return list(self._programmed)

    def conductances(self, layer: str) -> NDArray[np.float64]:
        """S of every cell now, (arrays, rows, columns). Raises ValueError: no such layer."""
        return self._cells(layer)["conductance"]

    def targets(self, layer: str) -> NDArray[np.float64]:
        """S that every cell was programmed to, (arrays, rows, columns)."""
        return self._cells(layer)["target"]

    def probe(self, layer: str, x: Feeds, *, first: int = 0) -> Probe:
        """All column currents and converter codes of a layer while `x`, inputs of the network,
        runs through this chip. A few samples at a time: nothing of it is thrown away.

        Raises:
            ValueError: no such layer; more than 2 GB of numbers.
        """
        find(layer, self._programmed)
        sense = str(self.settings.layers[layer].to_dict()["adc"].get("sense", "current"))
        return probe(self._design.graph, self.start(), layer, x, first, sense)

    def column_currents(self, layer: str, x: Feeds, *, first: int = 0) -> NDArray[np.float64]:
        """What the converters of a layer see: A (V where they sense voltages), of shape
        (input vectors, conversions of each, columns). `probe` says which column is which.
        """
        return self.probe(layer, x, first=first).current

    def adc_codes(self, layer: str, x: Feeds, *, first: int = 0) -> NDArray[np.float64]:
        """What the converters of a layer say, (input vectors, conversions of each, columns).

        Raises:
            ValueError: an ideal converter, which has no codes.
        """
        return self.probe(layer, x, first=first).codes(layer)

    def plot_conductances(self, layer: str) -> "Figure":
        """Histogram of the layer's cells, with their targets. Every cell of its arrays counts."""
        from wordline.chip_plots import conductance_figure

        return conductance_figure(layer, self._cells(layer))

    def plot_currents(self, layer: str, x: Feeds, *, first: int = 0) -> "Figure":
        """Histogram of what the layer's converters see while `x` runs through this chip."""
        from wordline.chip_plots import current_figure

        return current_figure(layer, self.probe(layer, x, first=first))

    def plot_codes(self, layer: str, x: Feeds, *, first: int = 0) -> "Figure":
        """Histogram of the layer's codes, and the part of them at the ends of their range."""
        from wordline.chip_plots import code_figure

        return code_figure(layer, self.probe(layer, x, first=first))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Keep this chip in a file that `load_chip` alone brings back: the model, all settings,
        ranges and conductances (docs/file_format.md).

        Raises:
            OSError: it cannot be written, or the model's file has gone. ValueError: the model
                has changed since it was loaded.
        """
        write_chip(path, self._contents())

    def __repr__(self) -> str:
        return f"<chip {self.index} of seed {self.seed}: {len(self._programmed)} layers>"

    def _ran(self, x: Feeds) -> Run:
        run = self.start()
        run.outputs(self._design.graph, x, 0)
        return run

    def _past(self, name: str) -> dict[str, Any]:
        return dict(self._programmed[name].ageing)

    def _cells(self, layer: str) -> dict[str, NDArray[np.float64]]:
        find(layer, self._programmed)
        cells: Callable[..., Any] = self._design.layers[layer].cells
        return dict(cells(self._programmed[layer]))

    def _refuse_altered(self) -> None:
        fail(
            ValueError,
            "a chip whose conductances are not those of its seed has no later",
            name="layer",
            value=", ".join(self._altered),
            allowed="files whose conductances nobody changed, read by the version and on the kind "
            "of CPU that wrote them",
            remedy="age it before it is saved, or program it again from its seed",
        )

    def _contents(self) -> ChipFile:
        design = self._design
        return ChipFile(
            model=design.origin.model_bytes(design.graph.digest),
            model_digest=design.graph.digest,
            label=design.origin.label,
            keep_digital=design.origin.keep_digital,
            threads=design.origin.threads,
            chip=self.settings.chip.to_dict(),
            layer_chips={name: chip.to_dict() for name, chip in self.settings.own().items()},
            calibration=design.calibration,
            seed=self.seed,
            index=self.index,
            layers=[self._layer_contents(name) for name in self._programmed],
        )

    def _layer_contents(self, name: str) -> LayerFile:
        programmed, cells = self._programmed[name], self._cells(name)
        return LayerFile(
            name=name,
            ranges=self._design.layers[name].ranges(),
            ageing=self._past(name),
            pulses=programmed.pulses,
            energy=programmed.energy,
            conductance=cells["conductance"],
            target=cells["target"],
        )


def load_chip(path: str | os.PathLike[str], *, threads: int = 0) -> ProgrammedNetwork:
    """Bring back a chip that `save` has kept: it answers every call with the same bits.

    Needs nothing but the file. The conductances are the file's, also where somebody has changed
    them; such a chip runs, but does not age.

    Raises:
        OSError: no such file, damaged, no chip, or of a later format.
        ValueError: a model, settings or layers that do not fit each other.
    """
    file = read_chip(path)
    origin = Origin(file.model, file.keep_digital, file.threads)
    graph = Graph.load(file.model, keep_digital=file.keep_digital, threads=file.threads)
    _require_layers(str(path), file, graph)
    own = {name: Chip(**tree) for name, tree in file.layer_chips.items()}
    chip = Chip(**file.chip)
    layers = {layer.name: own.get(layer.name, chip) for layer in file.layers}
    ranges = {layer.name: layer.ranges for layer in file.layers}
    settings = Settings(chip, layers)
    design = Design.restored(graph, origin, settings, ranges, file.calibration)
    programmed, altered = {}, []
    for kept in file.layers:
        layer = design.layers[kept.name]
        fresh = layer.program(file.seed, file.index, **kept.ageing, threads=threads)
        if not np.array_equal(layer.cells(fresh)["conductance"], kept.conductance):
            altered.append(kept.name)
        programmed[kept.name] = layer.restore(fresh, kept.conductance, threads)
    return ProgrammedNetwork(design, programmed, file.seed, file.index, tuple(altered))


def _require_layers(path: str, file: ChipFile, graph: Graph) -> None:
    named = [layer.name for layer in file.layers]
    expected = [product.name for product in graph.products]
    if graph.digest == file.model_digest and named == expected:
        return
    fail(
        ValueError,
        "the model in the file is not the one that the chip was programmed with",
        name=path,
        value=f"layers {', '.join(named)}",
        allowed=", ".join(expected),
        remedy="save the chip again",
    )


def _later(layer: _core.Layer, past: Mapping[str, Any], step: Mapping[str, Any]) -> dict[str, Any]:
    """Both histories, one after the other, as one: at their temperature, or at 300 K if they have
    two."""
    temperatures = {part["temperature"] for part in (past, step) if part["age"] > 0.0} or {ROOM}
    if len(temperatures) > 1:
        temperature, age = ROOM, _at_room(layer, past) + _at_room(layer, step)
    else:
        temperature, age = temperatures.pop(), past["age"] + step["age"]
    return {
        "age": age,
        "temperature": temperature,
        "reads": past["reads"] + step["reads"],
        "extrapolate": past["extrapolate"] or step["extrapolate"],
    }


def _at_room(layer: _core.Layer, ageing: Mapping[str, Any]) -> float:
    """Seconds at 300 K that age a cell as much."""
    return float(ageing["age"] * layer.acceleration(ageing["temperature"]))
