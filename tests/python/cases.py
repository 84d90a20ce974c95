"""Networks, chips and data that several tests use."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import wordline as wl
from graphs import Builder, images
from wordline.data import read_npz

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "examples" / "models" / "fashion_cnn.onnx"
TEST = ROOT / "examples" / "data" / "fashion_test.npz"
CALIBRATION = ROOT / "examples" / "data" / "fashion_calibration.npz"


def noisy_chip(**changes: Any) -> wl.Chip:
    """Errors of every kind: cells, reads, converters."""
    cell = wl.GaussianCell(c2c=0.02, read_noise=0.05, g_min=1e-6, stuck_lrs=0.01)
    settings = {"cell": cell, "adc": wl.ADC(bits=8, noise=0.5, offset=0.3, gain=0.01)}
    return wl.Chip(**{**settings, "array": wl.Array(rows=32, cols=32), **changes})


def exact_chip(**changes: Any) -> wl.Chip:
    """Ideal cells, whole numbers, converters that lose nothing."""
    return wl.Chip(adc=wl.ADC(bits=None), array=wl.Array(rows=32, cols=32), **changes)


def small_cnn() -> onnx.ModelProto:
    """Two convolutions with a skip, pooling, a Gemm; input (N, 2, 8, 8), output (N, 5)."""
    b = Builder(seed=5)
    x = b.node("Relu", b.conv(b.input("x", ["N", 2, 8, 8]), 2, 6, pads=[1] * 4))
    x = b.node("Add", x, b.node("Relu", b.conv(x, 6, 6, auto_pad="SAME_UPPER")))
    x = b.node("Flatten", b.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2]))
    x = b.node("Gemm", x, b.weight(96, 5), b.weight(5))
    return b.model(x)


def sequences() -> onnx.ModelProto:
    """MatMul on (N, words, K): several windows per sample, then a sum over words."""
    b = Builder(seed=6)
    x = b.node("MatMul", b.input("x", ["N", "words", 7]), b.weight(7, 9))
    return b.model(b.node("MatMul", b.node("Tanh", x), b.weight(9, 4)))


def grouped() -> onnx.ModelProto:
    """A grouped and a depthwise convolution; input (N, 4, 6, 6), output (N, 8, 6, 6)."""
    b = Builder(seed=10)
    x = b.node("Relu", b.conv(b.input("x", ["N", 4, 6, 6]), 4, 8, pads=[1] * 4, group=2))
    return b.model(b.conv(x, 8, 8, pads=[1] * 4, group=8, name="depthwise"))


def depthwise_1d() -> onnx.ModelProto:
    """A dilated depthwise convolution along time; input (N, 6, T)."""
    b = Builder(seed=11)
    x, W = b.input("x", ["N", 6, "T"]), b.weight(6, 1, 3)
    return b.model(b.node("Conv", x, W, group=6, dilations=[2], pads=[2, 2]))


def recurrent() -> onnx.ModelProto:
    """An LSTM both ways behind a transpose to (words, N, 7), then a Gemm on its last state."""
    b = Builder(seed=12)
    x = b.node("Transpose", b.input("x", ["N", "words", 7]), perm=[1, 0, 2])
    W, R, B = b.weight(2, 24, 7), b.weight(2, 24, 6), b.weight(2, 48)
    both = {"direction": "bidirectional", "hidden_size": 6, "name": "lstm"}
    _, last = b.nodes("LSTM", x, W, R, B, outs=["", "last"], **both)
    flat = b.node("Flatten", b.node("Transpose", last, perm=[1, 0, 2]))
    return b.model(b.node("Gemm", flat, b.weight(12, 3), name="fc"))


def small_data(count: int = 24) -> tuple[Any, Any]:
    """Inputs of `small_cnn` and labels."""
    labels = np.random.default_rng(8).integers(0, 5, count)
    return images(count, 2, 8, 8, seed=9), labels


def small_mapped(chip: wl.Chip | None = None) -> wl.Mapped:
    x, _ = small_data()
    return wl.load(small_cnn()).map(chip or noisy_chip(), calibrate=x)


def fashion(count: int | None = None) -> Any:
    """The first test images and labels."""
    return read_npz(TEST).first(count)
