"""Residual networks with random weights as ONNX models: a simulator's time depends on shapes."""

from collections.abc import Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class Builder:
    """Adds nodes one after the other; every method returns the name of its output."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def node(self, op: str, inputs: Sequence[str], **attributes: object) -> str:
        name = f"{op.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [name], name=name, **attributes))
        return name

    def constant(self, *shape: int) -> str:
        """Normal numbers that keep the size of activations (He et al. 2015)."""
        size = np.sqrt(2.0 / np.prod(shape[1:]))
        array = (self.random.standard_normal(shape) * size).astype(np.float32)
        self.weights.append(numpy_helper.from_array(array, f"w{len(self.weights)}"))
        return self.weights[-1].name

    def conv(self, x: str, channels: tuple[int, int], kernel: int, stride: int = 1) -> str:
        weights = self.constant(channels[1], channels[0], kernel, kernel)
        pad = kernel // 2
        options = {"kernel_shape": [kernel] * 2, "strides": [stride] * 2, "pads": [pad] * 4}
        return self.node("Conv", [x, weights], **options)

    def relu(self, x: str) -> str:
        return self.node("Relu", [x])

    def join(self, x: str, branch: str, channels: tuple[int, int], stride: int) -> str:
        """The end of a residual block."""
        same = stride == 1 and channels[0] == channels[1]
        return self.relu(
            self.node("Add", [branch, x if same else self.conv(x, channels, 1, stride)])
        )

    def model(self, x: str, size: int, features: int, classes: int) -> onnx.ModelProto:
        pooled = self.node("Flatten", [self.node("GlobalAveragePool", [x])])
        out = self.node("Gemm", [pooled, self.constant(classes, features)], transB=1)
        image = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, size, size])
        result = helper.make_tensor_value_info(out, TensorProto.FLOAT, ["n", classes])
        graph = helper.make_graph(self.nodes, "resnet", [image], [result], self.weights)
        opset = [helper.make_opsetid("", 17)]
        return helper.make_model(graph, opset_imports=opset, ir_version=8)


def resnet20(seed: int = 0) -> onnx.ModelProto:
    """The CIFAR network of 0.27 M weights (He et al. 2016, doi:10.1109/CVPR.2016.90, 4.2)."""
    b = Builder(seed)
    x, width = b.relu(b.conv("x", (3, 16), 3)), 16
    for channels, stride in [(16, 1)] * 3 + [(32, 2)] + [(32, 1)] * 2 + [(64, 2)] + [(64, 1)] * 2:
        branch = b.conv(b.relu(b.conv(x, (width, channels), 3, stride)), (channels, channels), 3)
        x, width = b.join(x, branch, (width, channels), stride), channels
    return b.model(x, 32, 64, 10)


def resnet50(seed: int = 0) -> onnx.ModelProto:
    """The ImageNet network of 25.5 M weights: the same paper, table 1."""
    b = Builder(seed)
    x, width = b.relu(b.conv("x", (3, 64), 7, 2)), 64
    x = b.node("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    for channels, blocks, first in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
        for stride in [first] + [1] * (blocks - 1):
            branch = b.relu(b.conv(x, (width, channels), 1))
            branch = b.relu(b.conv(branch, (channels, channels), 3, stride))
            branch = b.conv(branch, (channels, 4 * channels), 1)
            x, width = b.join(x, branch, (width, 4 * channels), stride), 4 * channels
    return b.model(x, 224, 2048, 1000)
