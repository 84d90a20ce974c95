"""Wordline: neural networks on resistive crossbars.

Accuracy, energy, area and latency of a trained ONNX network on a chip of memory cells:

>>> import wordline as wl
>>> net = wl.load("fashion_cnn.onnx")
>>> mapped = net.map(wl.Chip.preset("isaac-2016", cell="neurram-2022"), calibrate=x[:256])
>>> mapped.cost()
>>> mapped.monte_carlo(x, y, chips=50, seed=7, store="study.h5").accuracy
"""

from wordline import _core
from wordline._spec import Cell, Spec
from wordline.cost import Cost
from wordline.errors import ConvergenceError
from wordline.estimate import Estimate
from wordline.mapped import Mapped
from wordline.matrix import Matrix
from wordline.network import Network, load
from wordline.presets import preset, presets
from wordline.probe import Probe
from wordline.programmed import ProgrammedNetwork, load_chip
from wordline.python_cell import PythonCell
from wordline.specs import *  # noqa: F403
from wordline.specs import __all__ as _spec_names
from wordline.study import Study
from wordline.tables import Table
from wordline.topologies import gated_currents, gated_to_spice, series_resistance
from wordline.wires import (
    Selected,
    Solution,
    effective_conductance,
    select_cell,
    solve,
    to_spice,
)

_core.set_convergence_error(ConvergenceError)

__version__ = _core.version()

__all__ = [
    "Cell",
    "ConvergenceError",
    "Cost",
    "Estimate",
    "Mapped",
    "Matrix",
    "Network",
    "Probe",
    "ProgrammedNetwork",
    "PythonCell",
    "Spec",
    "Study",
    "Table",
    "effective_conductance",
    "gated_currents",
    "gated_to_spice",
    "series_resistance",
    "select_cell",
    "solve",
    "to_spice",
    "Selected",
    "Solution",
    "load",
    "load_chip",
    "preset",
    "presets",
    *_spec_names,
]
