"""A network laid out on chips, without randomness: what programming a chip starts from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from wordline import _core
from wordline.identify import digest
from wordline.layers import Layers, calibrate_layers, make_layers, nodes_of
from wordline.onnx import Graph
from wordline.onnx.interface import Feeds
from wordline.origin import Origin
from wordline.settings import Changes, Settings
from wordline.specs import Chip


@dataclass(frozen=True, eq=False)
class Design:
    """Graph, settings and ranged layers.

    calibration: SHA-256 of the samples that set the ranges, empty for none.
    """

    graph: Graph
    settings: Settings
    layers: Layers
    origin: Origin
    calibration: str

    @classmethod
    def of(
        cls,
        graph: Graph,
        origin: Origin,
        chip: Chip,
        changes: Changes | None,
        calibration: Feeds | None,
        threads: int,
    ) -> Self:
        """Lay out and calibrate. Errors are those of `Network.map`."""
        settings = Settings.of(chip, changes, nodes_of(graph))
        layers = make_layers(graph, settings.layers)
        calibrate_layers(graph, layers, calibration, threads)
        return cls(graph, settings, layers, origin, digest(calibration))

    @classmethod
    def restored(
        cls,
        graph: Graph,
        origin: Origin,
        settings: Settings,
        ranges: Mapping[str, dict[str, Any]],
        calibration: str,
    ) -> Self:
        """Lay out with ranges that are known. Raises ValueError for ranges that do not fit."""
        layers = make_layers(graph, settings.layers)
        for name, layer in layers.items():
            layer.set_ranges(ranges[name])
        return cls(graph, settings, layers, origin, calibration)

    def program(
        self, seed: int, chip: int, ageing: Mapping[str, Any], threads: int = 0
    ) -> dict[str, _core.ProgrammedLayer]:
        """Every layer on one chip, with the same history."""
        return {
            name: layer.program(seed, chip, **ageing, threads=threads)
            for name, layer in self.layers.items()
        }

    def info(self) -> list[dict[str, Any]]:
        """All that is known of each layer before it runs, as plain numbers."""
        return [layer.info() for layer in self.layers.values()]
