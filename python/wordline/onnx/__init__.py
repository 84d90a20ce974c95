"""ONNX front end: a model becomes an ordered list of analog steps and ONNX Runtime segments.

Nodes with constant weight matrices become `AnalogStep`s, whose products the caller executes;
everything else runs in ONNX Runtime. With `exact_product` as the executor the result is that of
ONNX Runtime for the whole model. This package knows nothing of crossbars.
"""

from wordline.onnx.geometry import ConvGeometry
from wordline.onnx.graph import Graph
from wordline.onnx.interface import ValueInfo
from wordline.onnx.products import InputCodes, Multiply, Product, exact_product
from wordline.onnx.steps import AnalogStep, DigitalStep
from wordline.onnx.summary import NodeRow

__all__ = [
    "AnalogStep",
    "ConvGeometry",
    "DigitalStep",
    "Graph",
    "InputCodes",
    "Multiply",
    "NodeRow",
    "Product",
    "ValueInfo",
    "exact_product",
]
