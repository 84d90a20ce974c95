"""Transposed convolutions of every form become analog and equal ONNX Runtime."""

from typing import Any

import numpy as np
import pytest
from graphs import Builder, assert_equals_runtime, images, only_place, places
from wordline.onnx import Graph

PLAIN: list[dict[str, Any]] = [
    {},
    {"pads": [1, 0]},
    {"pads": [-1, 0]},
    {"strides": [2]},
    {"strides": [3], "output_padding": [2]},
    {"strides": [4], "pads": [1, 1]},
    {"dilations": [2], "strides": [2], "output_padding": [1]},
    {"dilations": [3]},
    {"output_shape": [6], "strides": [2]},
    {"output_shape": [6], "strides": [2], "auto_pad": "SAME_UPPER"},
    {"output_shape": [7], "strides": [2], "auto_pad": "SAME_LOWER"},
    {"output_shape": [6], "strides": [2], "output_padding": [1]},
    {"auto_pad": "VALID", "strides": [2]},
    *(
        {"auto_pad": auto_pad, "strides": [stride]}
        for auto_pad in ("SAME_UPPER", "SAME_LOWER")
        for stride in (1, 2, 3, 5)
    ),
    {"auto_pad": "SAME_UPPER", "strides": [2], "dilations": [2]},
    {"auto_pad": "SAME_LOWER", "strides": [2], "output_padding": [1]},
]


@pytest.mark.parametrize("attributes", PLAIN, ids=str)
@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("group", [1, 2])
def test_transposed_convolutions(attributes: Any, axes: int, group: int) -> None:
    b = Builder()
    repeated = {k: v * axes if isinstance(v, list) else v for k, v in attributes.items()}
    if "pads" in attributes:
        repeated["pads"] = [p for p in attributes["pads"] for _ in range(axes)]
    W = b.weight(4, 3, *[3] * axes)
    y = b.node(
        "ConvTranspose", b.input("x"), W, b.weight(3 * group), name="n", group=group, **repeated
    )
    kernel = "x".join(["3"] * axes)
    size = f"{4 // group}x{3 * group * 3**axes} weights"
    groups = f"{group} groups, " if group > 1 else ""
    place = f"analog: ConvTranspose {kernel}, {groups}{size}"
    assert only_place(b, y, {"x": images(2, 4, *[4] * axes)}) == place


def test_unequal_axes_and_no_bias() -> None:
    b = Builder()
    attributes = {
        "strides": [3, 1],
        "dilations": [1, 2],
        "pads": [0, 2, 1, 0],
        "output_padding": [2, 0],
    }
    y = b.node("ConvTranspose", b.input("x"), b.weight(2, 3, 2, 4), name="n", **attributes)
    assert only_place(b, y, {"x": images(2, 2, 3, 5)}).startswith("analog")


def test_output_shape_with_batch_and_channels() -> None:
    b = Builder()
    attributes = {"strides": [2, 2], "output_shape": [1, 3, 6, 7]}
    y = b.node("ConvTranspose", b.input("x"), b.weight(2, 3, 3, 3), name="n", **attributes)
    assert only_place(b, y, {"x": images(1, 2, 3, 3)}).startswith("analog")


def test_a_changing_bias_is_added() -> None:
    b = Builder()
    y = b.node("ConvTranspose", b.input("x"), b.weight(2, 3, 3, 3), b.input("bias"), name="n")
    assert only_place(b, y, {"x": images(2, 2, 3, 3), "bias": images(3)}).startswith("analog")


def test_the_product_runs_over_input_pixels() -> None:
    b = Builder()
    y = b.node(
        "ConvTranspose", b.input("x"), b.weight(4, 3, 2, 2), name="n", group=2, strides=[2, 2]
    )
    graph = assert_equals_runtime(b.model(y), {"x": images(5, 4, 3, 6)})
    (x,) = graph.trace(images(5, 4, 3, 6))["n"]
    assert x.shape == (5, 18, 4)
    assert graph.macs(images(5, 4, 3, 6)) == {"n": 5 * 18 * 2 * 24}


def test_what_onnx_runtime_refuses_is_refused() -> None:
    for attributes in ({"output_padding": [2]}, {"output_shape": [99]}, {"pads": [9, 9]}):
        b = Builder()
        y = b.node("ConvTranspose", b.input("x"), b.weight(1, 1, 3), name="n", **attributes)
        graph = Graph.load(b.model(y))
        with pytest.raises(ValueError, match=r"output|pixel"):
            graph.run(images(1, 1, 4))


def test_inputs_that_do_not_fit() -> None:
    b = Builder()
    graph = Graph.load(
        b.model(b.node("ConvTranspose", b.input("x"), b.weight(2, 1, 3, 3), name="n"))
    )
    for shape in ((1, 3, 4, 4), (1, 2, 4), (2,)):
        with pytest.raises(ValueError, match=r"node 'n': shape of 'x' = .*\(batch, 2\) and 2"):
            graph.run(images(*shape))
    assert places(graph)["n"] == "analog: ConvTranspose 3x3, 2x9 weights"
    assert graph.run(np.zeros((0, 2, 4, 4), np.float32))[0].shape == (0, 1, 6, 6)
