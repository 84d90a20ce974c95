"""ONNX front end: a model becomes an ordered list of analog steps and ONNX Runtime segments.

Nodes with a constant weight matrix (Conv, Gemm, MatMul) become `AnalogStep`s, which the caller
executes; everything else runs in ONNX Runtime. With `exact` as the analog executor the result is
that of ONNX Runtime for the whole model. This package knows nothing of crossbars.
"""

from wordline.onnx.geometry import ConvGeometry
from wordline.onnx.graph import Graph
from wordline.onnx.interface import ValueInfo
from wordline.onnx.steps import AnalogStep, DigitalStep, exact
from wordline.onnx.summary import NodeRow

__all__ = [
    "AnalogStep",
    "ConvGeometry",
    "DigitalStep",
    "Graph",
    "NodeRow",
    "ValueInfo",
    "exact",
]
