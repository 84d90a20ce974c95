"""
The C++ core of Wordline. Use the package `wordline`; this module may change without notice.
"""

from __future__ import annotations

import collections.abc
import typing

import numpy
import numpy.typing

__all__: list[str] = [
    "Hdf5File",
    "Layer",
    "ProgrammedLayer",
    "Tally",
    "canonical",
    "cell_preset",
    "chip_preset",
    "effective_conductance",
    "gated_currents",
    "gated_to_spice",
    "git_id",
    "ideal_chip",
    "instruction_set",
    "mean_interval",
    "parse_toml",
    "presets",
    "price",
    "rated_table",
    "schemas",
    "series_resistance",
    "set_convergence_error",
    "set_python_cells",
    "solve",
    "to_spice",
    "version",
    "write_atomically",
]

class Hdf5File:
    """
    An open HDF5 file; objects are named by absolute paths.
    """
    @staticmethod
    def open(
        path: str, kind: str, max_version: typing.SupportsInt | typing.SupportsIndex
    ) -> Hdf5File: ...
    def attribute_integer(self, object: str, name: str) -> int: ...
    def attribute_number(self, object: str, name: str) -> float: ...
    def attribute_text(self, object: str, name: str) -> str: ...
    def children(self, group: str) -> list[str]: ...
    def close(self) -> None: ...
    def exists(self, object: str) -> bool: ...
    def has_attribute(self, object: str, name: str) -> bool: ...
    def make_group(self, group: str) -> None: ...
    def read_float64(self, object: str) -> numpy.typing.NDArray[numpy.float64]: ...
    def read_int64(self, object: str) -> numpy.typing.NDArray[numpy.int64]: ...
    def read_uint8(self, object: str) -> numpy.typing.NDArray[numpy.uint8]: ...
    def set_attribute(self, object: str, name: str, value: typing.Any) -> None: ...
    def write(
        self,
        object: str,
        data: numpy.ndarray,
        deflate: typing.SupportsInt | typing.SupportsIndex = 0,
    ) -> None: ...

class Layer:
    """
    A weight matrix mapped onto arrays; no randomness yet.
    """
    def __init__(
        self,
        name: str,
        index: typing.SupportsInt | typing.SupportsIndex,
        chip: dict[str, typing.Any],
        weights: typing.Any,
        bias: typing.Any = None,
        groups: typing.SupportsInt | typing.SupportsIndex = 1,
        codes: dict[str, typing.Any] | None = None,
        weight_scale: typing.Annotated[numpy.typing.ArrayLike, numpy.float64] | None = None,
    ) -> None: ...
    def acceleration(self, temperature: typing.SupportsFloat | typing.SupportsIndex) -> float:
        """
        Seconds at 300 K that age a cell as much as one second at `temperature` (K).
        """
    def calibrate(
        self,
        x: typing.Any,
        conv: dict[str, typing.Any] | None = None,
        threads: typing.SupportsInt | typing.SupportsIndex = 0,
    ) -> None:
        """
        Sets input and ADC ranges from float32 samples.
        """
    def cells(self, programmed: ProgrammedLayer) -> dict[str, typing.Any]:
        """
        Conductances and targets (S), (arrays, rows, cols).
        """
    def info(self) -> dict[str, typing.Any]:
        """
        Size and ranges of the layer.
        """
    def probe(
        self,
        programmed: ProgrammedLayer,
        x: typing.Any,
        conv: dict[str, typing.Any] | None = None,
        first: typing.SupportsInt | typing.SupportsIndex = 0,
        first_window: typing.SupportsInt | typing.SupportsIndex = 0,
    ) -> dict[str, typing.Any]:
        """
        What each conversion saw (A or V) and gave, and which column it was.
        """
    def program(
        self,
        seed: typing.SupportsInt | typing.SupportsIndex,
        chip: typing.SupportsInt | typing.SupportsIndex,
        age: typing.SupportsFloat | typing.SupportsIndex = 0.0,
        temperature: typing.SupportsFloat | typing.SupportsIndex = 300.0,
        reads: typing.SupportsFloat | typing.SupportsIndex = 0.0,
        extrapolate: bool = False,
        threads: typing.SupportsInt | typing.SupportsIndex = 0,
    ) -> ProgrammedLayer:
        """
        This layer on one chip, `age` seconds after programming.
        """
    def ranges(self) -> dict[str, typing.Any]:
        """
        Calibrated ranges as plain numbers.
        """
    def restore(
        self,
        programmed: ProgrammedLayer,
        G: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
        threads: typing.SupportsInt | typing.SupportsIndex = 0,
    ) -> ProgrammedLayer:
        """
        The same chip with stored conductances (S), (arrays, rows, cols).
        """
    def run(
        self,
        programmed: ProgrammedLayer,
        x: typing.Any,
        tally: Tally,
        conv: dict[str, typing.Any] | None = None,
        first: typing.SupportsInt | typing.SupportsIndex = 0,
        first_window: typing.SupportsInt | typing.SupportsIndex = 0,
        threads: typing.SupportsInt | typing.SupportsIndex = 0,
    ) -> numpy.typing.NDArray[numpy.float32]:
        """
        Outputs of float32 samples; `first` and `first_window` number the first sample and window.
        """
    def set_ranges(self, ranges: dict[str, typing.Any]) -> None:
        """
        Sets the ranges that another layer of the same product and chip has.
        """
    def use(self, programmed: ProgrammedLayer, tally: Tally) -> dict[str, typing.Any]:
        """
        What the layer is made of and did, for price(); column_loss: in its lines.
        """
    @property
    def depends_on_samples(self) -> bool: ...
    @property
    def name(self) -> str: ...
    @property
    def needs_calibration(self) -> bool: ...

class ProgrammedLayer:
    """
    One layer's arrays on one chip.
    """
    @property
    def ageing(self) -> dict[str, typing.Any]:
        """
        age (s), temperature (K), reads and extrapolate since programming.
        """
    @property
    def energy(self) -> float:
        """
        J of programming; 0 where the cell's source gives none.
        """
    @property
    def pulses(self) -> float:
        """
        Programming pulses.
        """

class Tally:
    """
    Counts of what happened while samples ran through one layer.
    """
    def __init__(self, layer: Layer) -> None: ...
    def activity(self) -> dict[str, typing.Any]: ...
    def merge(self, other: Tally) -> None: ...

def canonical(name: str, settings: dict[str, typing.Any]) -> dict[str, typing.Any]:
    """
    Settings of the class `name`, checked and with defaults filled in.
    """

def cell_preset(name: str) -> dict[str, typing.Any]:
    """
    Settings {model, ...} of a cell preset, by its name or the path of a .toml file.
    """

def chip_preset(name: str) -> dict[str, typing.Any]:
    """
    Settings of a chip preset, by its name or the path of a .toml file.
    """

def effective_conductance(
    G: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    row: typing.SupportsFloat | typing.SupportsIndex,
    col: typing.SupportsFloat | typing.SupportsIndex,
    driver: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    sense: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Conductance (S) between every driver and every sense input, for one resistance per terminal.
    """

def gated_currents(
    G: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    inputs: typing.Annotated[numpy.typing.ArrayLike, numpy.bool],
    lines: dict[str, typing.Any],
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Column currents (A) of an array whose inputs open gates, (vectors, cols).
    """

def gated_to_spice(
    G: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    input: typing.Annotated[numpy.typing.ArrayLike, numpy.bool],
    lines: dict[str, typing.Any],
) -> str:
    """
    The same array with one input as a SPICE deck.
    """

def git_id() -> str:
    """
    Commit the library was built from, with -dirty for a changed tree.
    """

def ideal_chip() -> dict[str, typing.Any]:
    """
    Settings of the chip without any error.
    """

def instruction_set() -> str:
    """
    Instruction set that the kernels use on this machine.
    """

def mean_interval(
    values: collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex],
    confidence: typing.SupportsFloat | typing.SupportsIndex = 0.95,
) -> dict[str, typing.Any]:
    """
    Mean of values and half-width of its Student-t interval, None for one value.
    """

def parse_toml(text: str, origin: str) -> typing.Any:
    """
    TOML text as plain settings.
    """

def presets() -> list[dict[str, typing.Any]]:
    """
    All cited presets with the source of every number.
    """

def price(
    technology: str, uses: collections.abc.Sequence[dict[str, typing.Any]], is_run: bool
) -> dict[str, typing.Any]:
    """
    Energy, area and latency of what the layers did (what Layer.use gave), as a tree.
    """

def rated_table(technology: str) -> dict[str, typing.Any]:
    """
    The component table of a technology, with power and area of each level.
    """

def schemas() -> list[dict[str, typing.Any]]:
    """
    Descriptions of all settings: name, help, path, model and fields.
    """

def series_resistance(
    off: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    on: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    inputs: typing.Annotated[numpy.typing.ArrayLike, numpy.bool],
    segment: typing.SupportsFloat | typing.SupportsIndex,
    terminals: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Resistance (ohm) of columns in series, (vectors, cols).
    """

def set_convergence_error(error: type) -> None:
    """
    Says which exception class stands for a solver that did not converge.
    """

def set_python_cells(
    resolve: collections.abc.Callable[[dict[str, typing.Any]], typing.Any],
) -> None:
    """
    Says how the settings {class, settings, source_sha256} become a cell; adds the model `python`.
    """

def solve(
    G: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    V: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    rest: dict[str, typing.Any],
) -> dict[str, typing.Any]:
    """
    Node voltages (V) and terminal currents (A) of a driven array.
    """

def to_spice(
    G: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    V: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    rest: dict[str, typing.Any],
) -> str:
    """
    The driven array as a SPICE deck.
    """

def version() -> str:
    """
    Version of the library, as in pyproject.toml.
    """

def write_atomically(
    path: str,
    kind: str,
    version: typing.SupportsInt | typing.SupportsIndex,
    fill: collections.abc.Callable[[Hdf5File], None],
) -> None:
    """
    Makes a file that appears whole or not at all; `fill` writes into it.
    """
