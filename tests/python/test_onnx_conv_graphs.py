"""Convolutions of every form become analog and equal ONNX Runtime."""

from typing import Any

import numpy as np
import pytest
from graphs import (
    Builder,
    assert_equals_runtime,
    assert_same,
    images,
    only_place,
    places,
    runtime,
)
from onnx import TensorProto
from wordline.onnx import Graph


@pytest.mark.parametrize("size", [(9, 9), (10, 7), (6, 11)])
@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"pads": [1, 2, 0, 1]},
        {"strides": [2, 3]},
        {"dilations": [2, 1], "pads": [2, 1, 2, 1]},
        {"dilations": [2, 2], "strides": [2, 1]},
        {"auto_pad": "VALID", "strides": [2, 2]},
        {"auto_pad": "SAME_UPPER"},
        {"auto_pad": "SAME_LOWER"},
        {"auto_pad": "SAME_UPPER", "strides": [2, 3]},
        {"auto_pad": "SAME_LOWER", "strides": [3, 2]},
        {"auto_pad": "NOTSET", "pads": [0, 0, 1, 1]},
    ],
    ids=str,
)
@pytest.mark.parametrize("kernel", [(3, 3), (2, 4)], ids=str)
def test_convolutions(size: Any, attributes: Any, kernel: Any) -> None:
    b = Builder()
    W = b.weight(4, 3, *kernel)
    y = b.node("Conv", b.input("x", ["N", 3, *size]), W, b.weight(4), name="n", **attributes)
    shape = f"{kernel[0]}x{kernel[1]}, {3 * kernel[0] * kernel[1]}x4"
    assert only_place(b, y, {"x": images(2, 3, *size)}) == f"analog: Conv {shape} weights"


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("auto_pad", ["SAME_UPPER", "SAME_LOWER"])
@pytest.mark.parametrize("size", [(8, 8), (7, 9)])
def test_pointwise_convolutions_with_same_pads(stride: int, auto_pad: str, size: Any) -> None:
    b = Builder()
    x = b.input("x", ["N", 3, *size])
    y = b.node("Conv", x, b.weight(4, 3, 1, 1), name="n", auto_pad=auto_pad, strides=[stride] * 2)
    assert only_place(b, y, {"x": images(2, 3, *size)}).startswith("analog")


@pytest.mark.parametrize("group", [1, 2, 4])
@pytest.mark.parametrize(
    ("size", "attributes"),
    [
        ((9,), {}),
        ((9,), {"pads": [2, 0], "strides": [2], "dilations": [2]}),
        ((9,), {"auto_pad": "SAME_UPPER", "strides": [2]}),
        ((7, 8), {"pads": [1, 0, 2, 1], "strides": [2, 1], "dilations": [1, 2]}),
        ((5, 6, 4), {}),
        ((5, 6, 4), {"pads": [1, 0, 2, 1, 1, 0], "strides": [2, 1, 1], "dilations": [1, 2, 1]}),
        ((5, 6, 4), {"auto_pad": "SAME_LOWER", "strides": [2, 3, 1]}),
    ],
    ids=str,
)
def test_convolutions_of_one_to_three_axes_in_groups(
    size: Any, attributes: Any, group: int
) -> None:
    b = Builder()
    kernel = (2, 3, 2)[: len(size)]
    W = b.weight(8, 4 // group, *kernel)
    y = b.node("Conv", b.input("x"), W, b.weight(8), name="n", group=group, **attributes)
    shape = f"{4 // group * np.prod(kernel)}x8 weights"
    groups = f", {group} groups" if group > 1 else ""
    place = f"analog: Conv {'x'.join(map(str, kernel))}{groups}, {shape}"
    assert only_place(b, y, {"x": images(2, 4, *size)}) == place


@pytest.mark.parametrize("multiplier", [1, 3])
def test_depthwise_convolutions(multiplier: int) -> None:
    b = Builder()
    x = b.input("x", ["N", 6, "H", "W"])
    y = b.node("Conv", x, b.weight(6 * multiplier, 1, 3, 3), name="n", group=6, pads=[1] * 4)
    graph = assert_equals_runtime(b.model(y), {"x": images(2, 6, 5, 7)})
    assert places(graph)["n"] == f"analog: Conv 3x3, 6 groups, 9x{6 * multiplier} weights"
    assert graph.macs(images(2, 6, 5, 7)) == {"n": 9 * 6 * multiplier * 2 * 5 * 7}


@pytest.mark.parametrize("pads", [[-1, 0, 0, 0], [0, -2, 1, -1], [-1, -1, -1, -1]], ids=str)
def test_negative_pads_crop(pads: Any) -> None:
    """ONNX Runtime 1.32 ends the process on some of these, so a Pad takes their place in it."""
    b = Builder()
    W = b.weight(4, 4, 3, 3)
    x = b.input("x")
    y = b.node("Conv", x, W, name="n", pads=pads)
    graph, feed = Graph.load(b.model(y)), images(2, 4, 8, 9)
    assert places(graph)["n"] == "analog: Conv 3x3, 36x4 weights"
    around = b.tensor(np.array([0, 0, *pads[:2], 0, 0, *pads[2:]]))
    del b.graph.node[:], b.graph.output[:]
    model = b.model(b.node("Conv", b.node("Pad", x, around), W))
    assert_same(graph.run(feed), runtime(model, {"x": feed}))


def test_negative_pads_that_stay_digital_are_refused() -> None:
    b = Builder()
    y = b.node("Conv", b.input("x"), b.input("W"), name="n", pads=[-1] * 4)
    with pytest.raises(ValueError, match=r"node 'n': pads = \[-1, -1, -1, -1\]: .*Slice"):
        Graph.load(b.model(y))


def test_same_pads_with_strides_longer_than_the_kernel_stay_digital() -> None:
    b = Builder()
    attributes = {"auto_pad": "SAME_UPPER", "strides": [5, 1]}
    y = b.node("Conv", b.input("x"), b.weight(4, 4, 3, 3), name="n", **attributes)
    reason = "SAME_UPPER with strides longer than the kernel"
    assert only_place(b, y, {"x": images(2, 4, 10, 10)}) == f"digital: {reason} (segment 0)"


def test_same_pads_with_dilations_are_left_to_onnx_runtime_which_refuses() -> None:
    b = Builder()
    attributes = {"auto_pad": "SAME_UPPER", "dilations": [2, 2]}
    y = b.node("Conv", b.input("x", ["N", 4, 9, 9]), b.weight(4, 4, 3, 3), name="n", **attributes)
    graph = Graph.load(b.model(y))
    assert places(graph)["n"] == "digital: SAME_UPPER with dilations (segment 0)"
    with pytest.raises(ValueError, match=r"segment 0.*Dilation not supported"):
        graph.run(images(1, 4, 9, 9))


def test_changing_weights_stay_digital_and_a_changing_bias_is_added() -> None:
    b = Builder()
    y = b.node("Conv", b.input("x"), b.input("W"), name="n")
    feeds = {"x": images(2, 3, 9, 9), "W": images(4, 3, 3, 3)}
    assert only_place(b, y, feeds) == "digital: weights are not constant (segment 0)"
    b = Builder()
    y = b.node("Conv", b.input("x"), b.weight(4, 3, 3, 3), b.input("bias"), name="n")
    feeds = {"x": images(2, 3, 9, 9), "bias": images(4)}
    assert only_place(b, y, feeds) == "analog: Conv 3x3, 27x4 weights"


def test_float16_convolutions() -> None:
    b = Builder()
    half = TensorProto.FLOAT16
    W, bias = (b.tensor(b.normal(*shape).astype(np.float16)) for shape in ((4, 3, 3, 3), (4,)))
    y = b.node("Conv", b.input("x", ["N", 3, 6, 6], half), W, bias, name="n")
    graph = assert_equals_runtime(b.model((y, half)), {"x": images(2, 3, 6, 6).astype(np.float16)})
    assert places(graph)["n"] == "analog: Conv 3x3, 27x4 weights"


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("op", ["Conv", "ConvTranspose"])
@pytest.mark.parametrize("group", [1, 2])
def test_batch_norm_is_folded_in_any_dimension(axes: int, op: str, group: int) -> None:
    b = Builder()
    shape = (4, 6 // group) if op == "ConvTranspose" else (6, 4 // group)
    x = b.input("x", ["N", 4] + [5] * axes)
    x = b.node(op, x, b.weight(*shape, *[2] * axes), b.weight(6), name="n", group=group)
    graph = assert_equals_runtime(
        b.model(b.batch_norm(x, 6, name="bn")), {"x": images(2, 4, *[5] * axes)}
    )
    assert places(graph)["bn"] == "folded into n"
    assert len(graph.steps) == 1
