"""The classes of settings. Written by `make stubs`; do not edit."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

from wordline._spec import Cell, ChipBase, Spec

__all__ = [
    "ADC",
    "DAC",
    "STTMRAM",
    "Array",
    "Chip",
    "ExponentialSelector",
    "GaussianCell",
    "IdealCell",
    "Polynomial",
    "ReRAM",
    "Sinh",
    "TableCell",
    "ThresholdSelector",
    "Weights",
    "Wires",
]

class Wires(Spec):
    """Resistance of an array's lines and terminals; all zero means ideal lines.

    Args (by keyword):
        row: word-line resistance from cell to cell. float, ohm, [0, inf); default 0.0
        col: bit-line resistance from cell to cell. float, ohm, [0, inf); default 0.0
        driver: resistance of a row driver. float, ohm, [0, inf); default 0.0
        sense: resistance of a column's sense input. float, ohm, [0, inf); default 0.0
        source: source-line resistance from cell to cell (gated). float, ohm, [0, inf); default
            0.0
        source_end: gated: source lines are driven at the end that is sensed, or at the other
            one. Literal["same", "opposite"]; default 'opposite'
        solve: gated, passive: every input exactly, or by the matrix of one typical drive.
            Literal["exact", "secant"]; default 'exact'
        compensate: scale columns by their known mean loss. bool; default False
        energy_samples: input vectors whose power at the drivers is computed. int, vector, [2,
            inf); default 256
    """

    def __init__(
        self,
        *,
        row: float = 0.0,
        col: float = 0.0,
        driver: float = 0.0,
        sense: float = 0.0,
        source: float = 0.0,
        source_end: Literal["same", "opposite"] = "opposite",
        solve: Literal["exact", "secant"] = "exact",
        compensate: bool = False,
        energy_samples: int = 256,
    ) -> None: ...
    def replace(  # type: ignore[override]
        self,
        *,
        row: float = ...,
        col: float = ...,
        driver: float = ...,
        sense: float = ...,
        source: float = ...,
        source_end: Literal["same", "opposite"] = ...,
        solve: Literal["exact", "secant"] = ...,
        compensate: bool = ...,
        energy_samples: int = ...,
    ) -> Self: ...
    @property
    def row(self) -> float: ...
    @property
    def col(self) -> float: ...
    @property
    def driver(self) -> float: ...
    @property
    def sense(self) -> float: ...
    @property
    def source(self) -> float: ...
    @property
    def source_end(self) -> Literal["same", "opposite"]: ...
    @property
    def solve(self) -> Literal["exact", "secant"]: ...
    @property
    def compensate(self) -> bool: ...
    @property
    def energy_samples(self) -> int: ...

class Array(Spec):
    """One crossbar: driven word lines by sensed bit lines.

    Args (by keyword):
        rows: word lines of one array. int, row, [1, 1024]; default 128
        cols: bit lines of one array. int, column, [1, 1024]; default 128
        active_rows: rows opened at a time, the others in further reads; None = all. int | None,
            row, [1, 1024]; default None
        topology: inputs on word lines (input_line, passive) or on gates (gated).
            Literal["input_line", "gated", "passive"]; default 'input_line'
        wires: line and terminal resistances. Wires; default Wires()
    """

    def __init__(
        self,
        *,
        rows: int = 128,
        cols: int = 128,
        active_rows: int | None = None,
        topology: Literal["input_line", "gated", "passive"] = "input_line",
        wires: Wires = ...,
    ) -> None: ...
    def replace(  # type: ignore[override]
        self,
        *,
        rows: int = ...,
        cols: int = ...,
        active_rows: int | None = ...,
        topology: Literal["input_line", "gated", "passive"] = ...,
        wires: Wires = ...,
    ) -> Self: ...
    @property
    def rows(self) -> int: ...
    @property
    def cols(self) -> int: ...
    @property
    def active_rows(self) -> int | None: ...
    @property
    def topology(self) -> Literal["input_line", "gated", "passive"]: ...
    @property
    def wires(self) -> Wires: ...

class Weights(Spec):
    """How signed weights become the levels of cells.

    Args (by keyword):
        bits: weight resolution with sign; None = continuous. int | None, bit, [2, 16]; default
            8
        slice_bits: bits per cell; None = all in one cell. int | None, bit, [1, 16]; default 2
        encoding: differential pairs, or offset cells. Literal["differential", "offset"];
            default 'differential'
        offset_by: offset taken away digitally or by a reference column per array.
            Literal["digital", "column"]; default 'digital'
        pairs: partners of a pair on two columns, or on two rows of one column.
            Literal["columns", "rows"]; default 'columns'
        column_inversion: store the complement of columns whose levels sum to more than half:
            saves one ADC bit. bool; default False
        bias: bias added digitally, or by cells of the array. Literal["digital", "array"];
            default 'digital'
        grouped: grouped convolutions sequential or diagonal. Literal["sequential", "diagonal"];
            default 'sequential'
        scale: one scale per layer or per output channel. Literal["layer", "channel"]; default
            'channel'
        clip: how the largest weight is chosen: max, percentile or mse. Literal["max",
            "percentile", "mse"]; default 'max'
        percentile: used by clip = percentile. float, percent, [50, 100]; default 99.9
    """

    def __init__(
        self,
        *,
        bits: int | None = 8,
        slice_bits: int | None = 2,
        encoding: Literal["differential", "offset"] = "differential",
        offset_by: Literal["digital", "column"] = "digital",
        pairs: Literal["columns", "rows"] = "columns",
        column_inversion: bool = False,
        bias: Literal["digital", "array"] = "digital",
        grouped: Literal["sequential", "diagonal"] = "sequential",
        scale: Literal["layer", "channel"] = "channel",
        clip: Literal["max", "percentile", "mse"] = "max",
        percentile: float = 99.9,
    ) -> None: ...
    def replace(  # type: ignore[override]
        self,
        *,
        bits: int | None = ...,
        slice_bits: int | None = ...,
        encoding: Literal["differential", "offset"] = ...,
        offset_by: Literal["digital", "column"] = ...,
        pairs: Literal["columns", "rows"] = ...,
        column_inversion: bool = ...,
        bias: Literal["digital", "array"] = ...,
        grouped: Literal["sequential", "diagonal"] = ...,
        scale: Literal["layer", "channel"] = ...,
        clip: Literal["max", "percentile", "mse"] = ...,
        percentile: float = ...,
    ) -> Self: ...
    @property
    def bits(self) -> int | None: ...
    @property
    def slice_bits(self) -> int | None: ...
    @property
    def encoding(self) -> Literal["differential", "offset"]: ...
    @property
    def offset_by(self) -> Literal["digital", "column"]: ...
    @property
    def pairs(self) -> Literal["columns", "rows"]: ...
    @property
    def column_inversion(self) -> bool: ...
    @property
    def bias(self) -> Literal["digital", "array"]: ...
    @property
    def grouped(self) -> Literal["sequential", "diagonal"]: ...
    @property
    def scale(self) -> Literal["layer", "channel"]: ...
    @property
    def clip(self) -> Literal["max", "percentile", "mse"]: ...
    @property
    def percentile(self) -> float: ...

class DAC(Spec):
    """Row drivers: how inputs become voltages.

    Args (by keyword):
        bits: input resolution; None = continuous amplitude. int | None, bit, [1, 16]; default 8
        bits_per_cycle: bits applied at a time: 1 = bit-serial; None = all at once. int | None,
            bit, [1, 16]; default 1
        drive: how a digit of several bits is applied: amplitude or pulse_width.
            Literal["amplitude", "pulse_width"]; default 'amplitude'
        v_read: row voltage of the largest digit. float, V, [1e-06, 10]; default 0.2
        t_read: duration of one read cycle. float, s, [1e-12, 1]; default 1e-07
        signed_input: how negative inputs are applied. Literal["two_pass", "bipolar",
            "twos_complement"]; default 'two_pass'
        inl: error of each digit 1, 2, ... of a cycle, in digits; empty = linear.
            Sequence[float], LSB; default []
        range: calibrated (per layer), dynamic (per sample) or a pair [low, high] of input
            values. Literal["calibrated", "dynamic"] | Sequence[float]; default 'calibrated'
        statistic: how sample data give the calibrated range. Literal["max", "percentile",
            "mse"]; default 'max'
        percentile: used by statistic = percentile. float, percent, [50, 100]; default 99.9
    """

    def __init__(
        self,
        *,
        bits: int | None = 8,
        bits_per_cycle: int | None = 1,
        drive: Literal["amplitude", "pulse_width"] = "amplitude",
        v_read: float = 0.2,
        t_read: float = 1e-07,
        signed_input: Literal["two_pass", "bipolar", "twos_complement"] = "two_pass",
        inl: Sequence[float] = ...,
        range: Literal["calibrated", "dynamic"] | Sequence[float] = "calibrated",
        statistic: Literal["max", "percentile", "mse"] = "max",
        percentile: float = 99.9,
    ) -> None: ...
    def replace(  # type: ignore[override]
        self,
        *,
        bits: int | None = ...,
        bits_per_cycle: int | None = ...,
        drive: Literal["amplitude", "pulse_width"] = ...,
        v_read: float = ...,
        t_read: float = ...,
        signed_input: Literal["two_pass", "bipolar", "twos_complement"] = ...,
        inl: Sequence[float] = ...,
        range: Literal["calibrated", "dynamic"] | Sequence[float] = ...,
        statistic: Literal["max", "percentile", "mse"] = ...,
        percentile: float = ...,
    ) -> Self: ...
    @property
    def bits(self) -> int | None: ...
    @property
    def bits_per_cycle(self) -> int | None: ...
    @property
    def drive(self) -> Literal["amplitude", "pulse_width"]: ...
    @property
    def v_read(self) -> float: ...
    @property
    def t_read(self) -> float: ...
    @property
    def signed_input(self) -> Literal["two_pass", "bipolar", "twos_complement"]: ...
    @property
    def inl(self) -> Sequence[float]: ...
    @property
    def range(self) -> Literal["calibrated", "dynamic"] | Sequence[float]: ...
    @property
    def statistic(self) -> Literal["max", "percentile", "mse"]: ...
    @property
    def percentile(self) -> float: ...

class ADC(Spec):
    """Column converters and their errors.

    Args (by keyword):
        bits: resolution; None = ideal conversion without any error. int | None, bit, [1, 16];
            default 8
        kind: how it decides: uniform, sar, ramp, flash, pipeline or cyclic. Literal["uniform",
            "sar", "ramp", "flash", "pipeline", "cyclic"]; default 'uniform'
        sense: what is converted: current, or voltage of a floating line. Literal["current",
            "voltage"]; default 'current'
        convert: per_cycle, or once after analog accumulation of the cycles.
            Literal["per_cycle", "accumulated"]; default 'per_cycle'
        range: full, calibrated (from sample data) or a pair [low, high] of currents.
            Literal["full", "calibrated"] | Sequence[float], A; default 'calibrated'
        scope: conversion points that share a calibrated range: layer, slice or tile.
            Literal["layer", "slice", "tile"]; default 'slice'
        statistic: how sample data give the calibrated range. Literal["max", "percentile",
            "mse"]; default 'max'
        percentile: used by statistic = percentile. float, percent, [50, 100]; default 99.9
        subtract: pairs subtracted as currents (analog) or as codes (digital). Literal["analog",
            "digital"]; default 'analog'
        columns_per_adc: bit lines that share a converter. int, column, [1, 4096]; default 128
        offset: standard deviation of the offset over converters. float, LSB, [0, 1000]; default
            0.0
        gain: standard deviation of the relative gain error over converters. float, [0, 1];
            default 0.0
        noise: noise of one conversion, rms. float, LSB, [0, 1000]; default 0.0
        inl: standard deviation over converters of the peak of a bow. float, LSB, [0, 1000];
            default 0.0
        dnl: standard deviation of the width of each code. float, LSB, [0, 10]; default 0.0
        inl_table: measured shift of each of the 2^bits - 1 code edges. Sequence[float], LSB;
            default []
        mismatch: relative standard deviation of a unit element. float, [0, 1]; default 0.0
        comparator_offset: its standard deviation. float, LSB, [0, 1000]; default 0.0
        amplifier_gain: open-loop gain of a stage; None = ideal. float | None, [10, 1e+12];
            default None
    """

    def __init__(
        self,
        *,
        bits: int | None = 8,
        kind: Literal["uniform", "sar", "ramp", "flash", "pipeline", "cyclic"] = "uniform",
        sense: Literal["current", "voltage"] = "current",
        convert: Literal["per_cycle", "accumulated"] = "per_cycle",
        range: Literal["full", "calibrated"] | Sequence[float] = "calibrated",
        scope: Literal["layer", "slice", "tile"] = "slice",
        statistic: Literal["max", "percentile", "mse"] = "max",
        percentile: float = 99.9,
        subtract: Literal["analog", "digital"] = "analog",
        columns_per_adc: int = 128,
        offset: float = 0.0,
        gain: float = 0.0,
        noise: float = 0.0,
        inl: float = 0.0,
        dnl: float = 0.0,
        inl_table: Sequence[float] = ...,
        mismatch: float = 0.0,
        comparator_offset: float = 0.0,
        amplifier_gain: float | None = None,
    ) -> None: ...
    def replace(  # type: ignore[override]
        self,
        *,
        bits: int | None = ...,
        kind: Literal["uniform", "sar", "ramp", "flash", "pipeline", "cyclic"] = ...,
        sense: Literal["current", "voltage"] = ...,
        convert: Literal["per_cycle", "accumulated"] = ...,
        range: Literal["full", "calibrated"] | Sequence[float] = ...,
        scope: Literal["layer", "slice", "tile"] = ...,
        statistic: Literal["max", "percentile", "mse"] = ...,
        percentile: float = ...,
        subtract: Literal["analog", "digital"] = ...,
        columns_per_adc: int = ...,
        offset: float = ...,
        gain: float = ...,
        noise: float = ...,
        inl: float = ...,
        dnl: float = ...,
        inl_table: Sequence[float] = ...,
        mismatch: float = ...,
        comparator_offset: float = ...,
        amplifier_gain: float | None = ...,
    ) -> Self: ...
    @property
    def bits(self) -> int | None: ...
    @property
    def kind(self) -> Literal["uniform", "sar", "ramp", "flash", "pipeline", "cyclic"]: ...
    @property
    def sense(self) -> Literal["current", "voltage"]: ...
    @property
    def convert(self) -> Literal["per_cycle", "accumulated"]: ...
    @property
    def range(self) -> Literal["full", "calibrated"] | Sequence[float]: ...
    @property
    def scope(self) -> Literal["layer", "slice", "tile"]: ...
    @property
    def statistic(self) -> Literal["max", "percentile", "mse"]: ...
    @property
    def percentile(self) -> float: ...
    @property
    def subtract(self) -> Literal["analog", "digital"]: ...
    @property
    def columns_per_adc(self) -> int: ...
    @property
    def offset(self) -> float: ...
    @property
    def gain(self) -> float: ...
    @property
    def noise(self) -> float: ...
    @property
    def inl(self) -> float: ...
    @property
    def dnl(self) -> float: ...
    @property
    def inl_table(self) -> Sequence[float]: ...
    @property
    def mismatch(self) -> float: ...
    @property
    def comparator_offset(self) -> float: ...
    @property
    def amplifier_gain(self) -> float | None: ...

class Sinh(Spec):
    """Cells whose current rises as a hyperbolic sine.

    Args (by keyword):
        v0: I = G v0 sinh(V / v0): linear far below v0. float, V, (0, inf); default 0.25
    """

    def __init__(
        self,
        *,
        v0: float = 0.25,
    ) -> None: ...
    def replace(  # type: ignore[override]
        self,
        *,
        v0: float = ...,
    ) -> Self: ...
    @property
    def v0(self) -> float: ...

class Polynomial(Spec):
    """Cells whose current is an odd polynomial of their voltage.

    Args (by keyword):
        c2: I = G (V + c2 V|V| + c3 V^3). float, 1/V; default 0.0
        c3: as above. float, 1/V^2; default 0.0
        v_max: voltage up to which the current must rise. float, V, (0, inf); default 1.0
    """

    def __init__(
        self,
        *,
        c2: float = 0.0,
        c3: float = 0.0,
        v_max: float = 1.0,
    ) -> None: ...
    def replace(  # type: ignore[override]
        self,
        *,
        c2: float = ...,
        c3: float = ...,
        v_max: float = ...,
    ) -> Self: ...
    @property
    def c2(self) -> float: ...
    @property
    def c3(self) -> float: ...
    @property
    def v_max(self) -> float: ...

class ExponentialSelector(Spec):
    """A selector that is exponential in both directions.

    Args (by keyword):
        i0: I = i0 sinh(V / v0). float, A, (0, inf); default 1e-09
        v0: as above. float, V, (0, inf); default 0.1
    """

    def __init__(
        self,
        *,
        i0: float = 1e-09,
        v0: float = 0.1,
    ) -> None: ...
    def replace(  # type: ignore[override]
        self,
        *,
        i0: float = ...,
        v0: float = ...,
    ) -> Self: ...
    @property
    def i0(self) -> float: ...
    @property
    def v0(self) -> float: ...

class ThresholdSelector(Spec):
    """A selector that switches on above a voltage, without hysteresis.

    Args (by keyword):
        v_th: voltage above which it conducts g_on. float, V, (0, inf); default 0.3
        g_off: slope below v_th. float, S, (0, inf); default 1e-09
        g_on: slope above v_th. float, S, (0, inf); default 0.001
        width: of the transition. float, V, (0, inf); default 0.01
    """

    def __init__(
        self,
        *,
        v_th: float = 0.3,
        g_off: float = 1e-09,
        g_on: float = 0.001,
        width: float = 0.01,
    ) -> None: ...
    def replace(  # type: ignore[override]
        self,
        *,
        v_th: float = ...,
        g_off: float = ...,
        g_on: float = ...,
        width: float = ...,
    ) -> Self: ...
    @property
    def v_th(self) -> float: ...
    @property
    def g_off(self) -> float: ...
    @property
    def g_on(self) -> float: ...
    @property
    def width(self) -> float: ...

class Chip(ChipBase):
    """A whole chip: the cell, its arrays, drivers, converters and technology.

    Args (by keyword):
        cell: memory cell: a preset name, a .toml file or a cell model. Cell | str; default
            IdealCell()
        array: crossbar size and wires. Array; default Array()
        weights: weight resolution, slicing and encoding. Weights; default Weights()
        dac: input resolution and read conditions. DAC; default DAC()
        adc: conversion of column currents. ADC; default ADC()
        tech: technology of the cost model: a preset name or a .toml file. str; default '32nm'
        temperature: temperature of reading, for noise. float, K, [200, 500]; default 300.0
        t_inference: duration of one inference: slower noise is frozen in a read epoch. float,
            s, [1e-12, 1000]; default 0.001
        samples_per_epoch: samples that share one draw of slow noise; None = all. int | None,
            sample, [1, 1e+15]; default None
    """

    def __init__(
        self,
        *,
        cell: Cell | str = ...,
        array: Array = ...,
        weights: Weights = ...,
        dac: DAC = ...,
        adc: ADC = ...,
        tech: str = "32nm",
        temperature: float = 300.0,
        t_inference: float = 0.001,
        samples_per_epoch: int | None = None,
    ) -> None: ...
    def replace(  # type: ignore[override]
        self,
        *,
        cell: Cell | str = ...,
        array: Array = ...,
        weights: Weights = ...,
        dac: DAC = ...,
        adc: ADC = ...,
        tech: str = ...,
        temperature: float = ...,
        t_inference: float = ...,
        samples_per_epoch: int | None = ...,
    ) -> Self: ...
    @property
    def cell(self) -> Cell: ...
    @property
    def array(self) -> Array: ...
    @property
    def weights(self) -> Weights: ...
    @property
    def dac(self) -> DAC: ...
    @property
    def adc(self) -> ADC: ...
    @property
    def tech(self) -> str: ...
    @property
    def temperature(self) -> float: ...
    @property
    def t_inference(self) -> float: ...
    @property
    def samples_per_epoch(self) -> int | None: ...

class IdealCell(Cell):
    """A cell without any error, of continuous conductance.

    Args (by keyword):
        g_min: conductance of the high-resistance state. float, S, [0, inf); default 0.0
        g_max: conductance of the low-resistance state. float, S, (0, inf); default 0.0001
    """

    def __init__(
        self,
        *,
        g_min: float = 0.0,
        g_max: float = 0.0001,
    ) -> None: ...
    def replace(  # type: ignore[override]
        self,
        *,
        g_min: float = ...,
        g_max: float = ...,
    ) -> Self: ...
    @property
    def g_min(self) -> float: ...
    @property
    def g_max(self) -> float: ...

class GaussianCell(Cell):
    """A cell with normal write errors and read noise of a stated size.

    Args (by keyword):
        g_min: conductance of the high-resistance state. float, S, [0, inf); default 0.0
        g_max: conductance of the low-resistance state. float, S, (0, inf); default 0.0001
        levels: distinct targets; None = continuous. int | None, level, [2, 65536]; default None
        d2d: sigma of the write error a cell keeps for ever; S when write_kind is constant, else
            a ratio. float, [0, inf); default 0.0
        c2c: sigma of the write error drawn at every programming; S when write_kind is constant,
            else a ratio. float, [0, inf); default 0.0
        write_kind: what d2d and c2c mean: constant (S), proportional (to G) or range (to g_max
            - g_min). Literal["constant", "proportional", "range"]; default 'range'
        read_noise: sigma of the conductance in one read; S when read_kind is constant, else a
            ratio. float, [0, inf); default 0.0
        read_kind: what read_noise means: constant (S), proportional (to G) or range (to g_max -
            g_min). Literal["constant", "proportional", "range"]; default 'range'
        thermal_noise: Johnson noise 4kTG/(2 t_read). bool; default False
        shot_noise: shot noise 2q|I|/(2 t_read). bool; default False
        stuck_lrs: probability of a cell stuck at g_max. float, [0, 1]; default 0.0
        stuck_hrs: probability of a cell stuck at g_min. float, [0, 1]; default 0.0
    """

    def __init__(
        self,
        *,
        g_min: float = 0.0,
        g_max: float = 0.0001,
        levels: int | None = None,
        d2d: float = 0.0,
        c2c: float = 0.0,
        write_kind: Literal["constant", "proportional", "range"] = "range",
        read_noise: float = 0.0,
        read_kind: Literal["constant", "proportional", "range"] = "range",
        thermal_noise: bool = False,
        shot_noise: bool = False,
        stuck_lrs: float = 0.0,
        stuck_hrs: float = 0.0,
    ) -> None: ...
    def replace(  # type: ignore[override]
        self,
        *,
        g_min: float = ...,
        g_max: float = ...,
        levels: int | None = ...,
        d2d: float = ...,
        c2c: float = ...,
        write_kind: Literal["constant", "proportional", "range"] = ...,
        read_noise: float = ...,
        read_kind: Literal["constant", "proportional", "range"] = ...,
        thermal_noise: bool = ...,
        shot_noise: bool = ...,
        stuck_lrs: float = ...,
        stuck_hrs: float = ...,
    ) -> Self: ...
    @property
    def g_min(self) -> float: ...
    @property
    def g_max(self) -> float: ...
    @property
    def levels(self) -> int | None: ...
    @property
    def d2d(self) -> float: ...
    @property
    def c2c(self) -> float: ...
    @property
    def write_kind(self) -> Literal["constant", "proportional", "range"]: ...
    @property
    def read_noise(self) -> float: ...
    @property
    def read_kind(self) -> Literal["constant", "proportional", "range"]: ...
    @property
    def thermal_noise(self) -> bool: ...
    @property
    def shot_noise(self) -> bool: ...
    @property
    def stuck_lrs(self) -> float: ...
    @property
    def stuck_hrs(self) -> float: ...

class ReRAM(Cell):
    """Filamentary resistive memory described by published statistics.

    Args (by keyword):
        g_min: conductance of the high-resistance state. float, S, [0, inf); default 0.0
        g_max: conductance of the low-resistance state. float, S, (0, inf); default 0.0001
        levels: distinct targets; None = continuous. int | None, level, [2, 65536]; default None
        error_scale: G is divided by this in the polynomials of errors. float, S, (0, inf);
            default 1e-06
        errors: spread of G at one or several times, interpolated in ln t. Sequence[Mapping[str,
            Any]]; default []
        relaxation: state-independent change with ln t after programming. Mapping[str, Any] |
            None; default None
        clip: conductances are kept above zero, or inside [g_min, g_max]. Literal["zero",
            "window"]; default 'zero'
        activation_energy: of ageing; without it only 300 K is accepted. float | None, eV,
            [0.05, 5]; default None
        stuck_lrs: probability of a cell stuck at g_max. float, [0, 1]; default 0.0
        stuck_hrs: probability of a cell stuck at g_min. float, [0, 1]; default 0.0
        leakage: off-state conductance in parallel with every cell. float, S, [0, inf); default
            0.0
        access_resistance: series access device. float, ohm, [0, inf); default 0.0
        access_included: the conductances above were measured through the access device. bool;
            default True
        read_noise: white noise of G in one read, as a ratio to G. float, [0, inf); default 0.0
        read_noise_floor: white noise of G in one read. float, S, [0, inf); default 0.0
        flicker: 1/f noise of G. Mapping[str, Any] | None; default None
        thermal_noise: Johnson noise 4kTG/(2 t_read). bool; default True
        shot_noise: shot noise 2q|I|/(2 t_read). bool; default True
        iv: shape of the I-V curve; None = linear. Mapping[str, Any] | None; default None
        write_pulses: mean programming pulses of one cell. float, pulse, [0, inf); default 0.0
        write_energy: energy of one programming pulse. float, J, [0, inf); default 0.0
    """

    def __init__(
        self,
        *,
        g_min: float = 0.0,
        g_max: float = 0.0001,
        levels: int | None = None,
        error_scale: float = 1e-06,
        errors: Sequence[Mapping[str, Any]] = ...,
        relaxation: Mapping[str, Any] | None = None,
        clip: Literal["zero", "window"] = "zero",
        activation_energy: float | None = None,
        stuck_lrs: float = 0.0,
        stuck_hrs: float = 0.0,
        leakage: float = 0.0,
        access_resistance: float = 0.0,
        access_included: bool = True,
        read_noise: float = 0.0,
        read_noise_floor: float = 0.0,
        flicker: Mapping[str, Any] | None = None,
        thermal_noise: bool = True,
        shot_noise: bool = True,
        iv: Mapping[str, Any] | None = None,
        write_pulses: float = 0.0,
        write_energy: float = 0.0,
    ) -> None: ...
    def replace(  # type: ignore[override]
        self,
        *,
        g_min: float = ...,
        g_max: float = ...,
        levels: int | None = ...,
        error_scale: float = ...,
        errors: Sequence[Mapping[str, Any]] = ...,
        relaxation: Mapping[str, Any] | None = ...,
        clip: Literal["zero", "window"] = ...,
        activation_energy: float | None = ...,
        stuck_lrs: float = ...,
        stuck_hrs: float = ...,
        leakage: float = ...,
        access_resistance: float = ...,
        access_included: bool = ...,
        read_noise: float = ...,
        read_noise_floor: float = ...,
        flicker: Mapping[str, Any] | None = ...,
        thermal_noise: bool = ...,
        shot_noise: bool = ...,
        iv: Mapping[str, Any] | None = ...,
        write_pulses: float = ...,
        write_energy: float = ...,
    ) -> Self: ...
    @property
    def g_min(self) -> float: ...
    @property
    def g_max(self) -> float: ...
    @property
    def levels(self) -> int | None: ...
    @property
    def error_scale(self) -> float: ...
    @property
    def errors(self) -> Sequence[Mapping[str, Any]]: ...
    @property
    def relaxation(self) -> Mapping[str, Any] | None: ...
    @property
    def clip(self) -> Literal["zero", "window"]: ...
    @property
    def activation_energy(self) -> float | None: ...
    @property
    def stuck_lrs(self) -> float: ...
    @property
    def stuck_hrs(self) -> float: ...
    @property
    def leakage(self) -> float: ...
    @property
    def access_resistance(self) -> float: ...
    @property
    def access_included(self) -> bool: ...
    @property
    def read_noise(self) -> float: ...
    @property
    def read_noise_floor(self) -> float: ...
    @property
    def flicker(self) -> Mapping[str, Any] | None: ...
    @property
    def thermal_noise(self) -> bool: ...
    @property
    def shot_noise(self) -> bool: ...
    @property
    def iv(self) -> Mapping[str, Any] | None: ...
    @property
    def write_pulses(self) -> float: ...
    @property
    def write_energy(self) -> float: ...

class STTMRAM(Cell):
    """One-bit magnetic tunnel junction with its access transistor.

    Args (by keyword):
        resistance_area: resistance times area of the junction, parallel state. float, ohm m^2,
            (0, inf); default 1e-11
        diameter: of the round junction. float, m, (0, inf); default 5e-08
        tmr: tunnel magnetoresistance ratio (R_AP - R_P)/R_P at zero bias. float, (0, inf);
            default 1.5
        v_half: junction voltage that halves the TMR; None = constant TMR. float | None, V, (0,
            inf); default None
        access_resistance: transistor in series. float, ohm, [0, inf); default 0.0
        sigma_resistance_area: relative spread of resistance_area from cell to cell. float, [0,
            0.14]; default 0.0
        sigma_diameter: relative spread of diameter; R goes as d^-2. float, [0, 0.14]; default
            0.0
        sigma_tmr: relative spread of tmr. float, [0, 0.14]; default 0.0
        delta: thermal stability factor E/kT at 300 K (a pure number). float, (0, inf); default
            60.0
        sigma_delta: relative spread of delta. float, [0, 0.14]; default 0.0
        i_c0: critical current of switching at 0 K. float, A, (0, inf); default 5e-05
        tau_0: attempt time. float, s, (0, inf); default 1e-09
        disturb_exponent: exponent n of the barrier delta (1 - I/i_c0)^n under a read current.
            float, [1, 2]; default 2.0
        disturbed: the state that the read current can switch. Literal["lrs", "hrs"]; default
            'lrs'
        write_error: probability that a write event fails. float, [0, 1]; default 0.0
        stuck_lrs: probability of a cell stuck parallel. float, [0, 1]; default 0.0
        stuck_hrs: probability of a cell stuck antiparallel. float, [0, 1]; default 0.0
        thermal_noise: Johnson noise 4kTG/(2 t_read). bool; default True
        shot_noise: shot noise 2q|I|/(2 t_read). bool; default True
        write_energy: energy of one write event. float, J, [0, inf); default 0.0
    """

    def __init__(
        self,
        *,
        resistance_area: float = 1e-11,
        diameter: float = 5e-08,
        tmr: float = 1.5,
        v_half: float | None = None,
        access_resistance: float = 0.0,
        sigma_resistance_area: float = 0.0,
        sigma_diameter: float = 0.0,
        sigma_tmr: float = 0.0,
        delta: float = 60.0,
        sigma_delta: float = 0.0,
        i_c0: float = 5e-05,
        tau_0: float = 1e-09,
        disturb_exponent: float = 2.0,
        disturbed: Literal["lrs", "hrs"] = "lrs",
        write_error: float = 0.0,
        stuck_lrs: float = 0.0,
        stuck_hrs: float = 0.0,
        thermal_noise: bool = True,
        shot_noise: bool = True,
        write_energy: float = 0.0,
    ) -> None: ...
    def replace(  # type: ignore[override]
        self,
        *,
        resistance_area: float = ...,
        diameter: float = ...,
        tmr: float = ...,
        v_half: float | None = ...,
        access_resistance: float = ...,
        sigma_resistance_area: float = ...,
        sigma_diameter: float = ...,
        sigma_tmr: float = ...,
        delta: float = ...,
        sigma_delta: float = ...,
        i_c0: float = ...,
        tau_0: float = ...,
        disturb_exponent: float = ...,
        disturbed: Literal["lrs", "hrs"] = ...,
        write_error: float = ...,
        stuck_lrs: float = ...,
        stuck_hrs: float = ...,
        thermal_noise: bool = ...,
        shot_noise: bool = ...,
        write_energy: float = ...,
    ) -> Self: ...
    @property
    def resistance_area(self) -> float: ...
    @property
    def diameter(self) -> float: ...
    @property
    def tmr(self) -> float: ...
    @property
    def v_half(self) -> float | None: ...
    @property
    def access_resistance(self) -> float: ...
    @property
    def sigma_resistance_area(self) -> float: ...
    @property
    def sigma_diameter(self) -> float: ...
    @property
    def sigma_tmr(self) -> float: ...
    @property
    def delta(self) -> float: ...
    @property
    def sigma_delta(self) -> float: ...
    @property
    def i_c0(self) -> float: ...
    @property
    def tau_0(self) -> float: ...
    @property
    def disturb_exponent(self) -> float: ...
    @property
    def disturbed(self) -> Literal["lrs", "hrs"]: ...
    @property
    def write_error(self) -> float: ...
    @property
    def stuck_lrs(self) -> float: ...
    @property
    def stuck_hrs(self) -> float: ...
    @property
    def thermal_noise(self) -> bool: ...
    @property
    def shot_noise(self) -> bool: ...
    @property
    def write_energy(self) -> float: ...

class TableCell(Cell):
    """A measured table of mean and spread against target and time.

    Args (by keyword):
        state: target of each row of the table; rows in any order. Sequence[float], S, [0, inf);
            default [0.0, 0.0001]
        time: time after programming of each row. Sequence[float], s, [0, inf); default [1.0,
            1.0]
        mean: mean conductance of each row. Sequence[float], S, [0, inf); default [0.0, 0.0001]
        sigma: standard deviation of each row's conductance. Sequence[float], S, [0, inf);
            default [0.0, 0.0]
        g_min: high-resistance state; None = the lowest state. float | None, S, [0, inf);
            default None
        g_max: low-resistance state; None = the highest state. float | None, S, (0, inf);
            default None
        levels: distinct targets; None = continuous. int | None, level, [2, 65536]; default None
        clip: conductances are kept above zero, or inside [g_min, g_max]. Literal["zero",
            "window"]; default 'zero'
        activation_energy: of ageing; without it only 300 K is accepted. float | None, eV,
            [0.05, 5]; default None
        stuck_lrs: probability of a cell stuck at g_max. float, [0, 1]; default 0.0
        stuck_hrs: probability of a cell stuck at g_min. float, [0, 1]; default 0.0
        read_noise: sigma of the conductance in one read; S when read_kind is constant, else a
            ratio. float, [0, inf); default 0.0
        read_kind: what read_noise means: constant (S), proportional (to G) or range (to g_max -
            g_min). Literal["constant", "proportional", "range"]; default 'range'
        thermal_noise: Johnson noise 4kTG/(2 t_read). bool; default True
        shot_noise: shot noise 2q|I|/(2 t_read). bool; default True
        write_pulses: mean programming pulses of one cell. float, pulse, [0, inf); default 0.0
        write_energy: energy of one programming pulse. float, J, [0, inf); default 0.0
    """

    def __init__(
        self,
        *,
        state: Sequence[float] = ...,
        time: Sequence[float] = ...,
        mean: Sequence[float] = ...,
        sigma: Sequence[float] = ...,
        g_min: float | None = None,
        g_max: float | None = None,
        levels: int | None = None,
        clip: Literal["zero", "window"] = "zero",
        activation_energy: float | None = None,
        stuck_lrs: float = 0.0,
        stuck_hrs: float = 0.0,
        read_noise: float = 0.0,
        read_kind: Literal["constant", "proportional", "range"] = "range",
        thermal_noise: bool = True,
        shot_noise: bool = True,
        write_pulses: float = 0.0,
        write_energy: float = 0.0,
    ) -> None: ...
    def replace(  # type: ignore[override]
        self,
        *,
        state: Sequence[float] = ...,
        time: Sequence[float] = ...,
        mean: Sequence[float] = ...,
        sigma: Sequence[float] = ...,
        g_min: float | None = ...,
        g_max: float | None = ...,
        levels: int | None = ...,
        clip: Literal["zero", "window"] = ...,
        activation_energy: float | None = ...,
        stuck_lrs: float = ...,
        stuck_hrs: float = ...,
        read_noise: float = ...,
        read_kind: Literal["constant", "proportional", "range"] = ...,
        thermal_noise: bool = ...,
        shot_noise: bool = ...,
        write_pulses: float = ...,
        write_energy: float = ...,
    ) -> Self: ...
    @property
    def state(self) -> Sequence[float]: ...
    @property
    def time(self) -> Sequence[float]: ...
    @property
    def mean(self) -> Sequence[float]: ...
    @property
    def sigma(self) -> Sequence[float]: ...
    @property
    def g_min(self) -> float | None: ...
    @property
    def g_max(self) -> float | None: ...
    @property
    def levels(self) -> int | None: ...
    @property
    def clip(self) -> Literal["zero", "window"]: ...
    @property
    def activation_energy(self) -> float | None: ...
    @property
    def stuck_lrs(self) -> float: ...
    @property
    def stuck_hrs(self) -> float: ...
    @property
    def read_noise(self) -> float: ...
    @property
    def read_kind(self) -> Literal["constant", "proportional", "range"]: ...
    @property
    def thermal_noise(self) -> bool: ...
    @property
    def shot_noise(self) -> bool: ...
    @property
    def write_pulses(self) -> float: ...
    @property
    def write_energy(self) -> float: ...
