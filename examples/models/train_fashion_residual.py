"""Train a small residual CNN on Fashion-MNIST and export it (see README.md)."""

from pathlib import Path

import torch
from fashion_training import (
    HELD_OUT,
    check_size,
    export,
    fold_batch_norm,
    held_out_accuracy,
    report,
    train,
    training_images,
)
from torch import Tensor, nn

MODEL = Path(__file__).resolve().with_name("fashion_residual.onnx")
SEED = 2018
EPOCHS, PEAK_RATE = 60, 0.1
NOISY_EPOCHS, NOISY_PEAK_RATE = 16, 0.01
# Standard deviation of the weight noise, as a part of the layer's largest |weight|.
NOISE = 0.03
# A block works on this many times the channels it is given.
EXPANSION = 3


def conv(inputs: int, outputs: int, size: int, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """Return a convolution with batch normalisation; an odd kernel, padded to keep the map."""
    pad = size // 2
    layer = nn.Conv2d(inputs, outputs, size, stride, pad, groups=groups, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(outputs))


class Block(nn.Module):
    """An inverted residual: widen 1x1, depthwise 3x3, narrow 1x1, added to its input.

    Form after Sandler et al., MobileNetV2, arXiv:1801.04381, with ReLU in the place of ReLU6.
    The input is added only where the output has its shape.
    """

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        wide = EXPANSION * inputs
        depthwise = conv(wide, wide, 3, stride, groups=wide)
        narrow = conv(wide, outputs, 1)
        self.body = nn.Sequential(conv(inputs, wide, 1), nn.ReLU(), depthwise, nn.ReLU(), narrow)
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x) if self.adds else self.body(x)


def build() -> nn.Sequential:
    """Return the untrained network; maps are 14, 7 and 4 pixels wide."""
    first = [conv(1, 16, 5, stride=2), nn.ReLU(), Block(16, 16, 1), Block(16, 16, 1)]
    second = [Block(16, 32, 2), Block(32, 32, 1), Block(32, 32, 1)]
    third = [Block(32, 64, 2), Block(64, 64, 1), Block(64, 64, 1)]
    head = [conv(64, 128, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, 10)]
    return nn.Sequential(*first, *second, *third, *head)


def main() -> None:
    torch.manual_seed(SEED)
    # One thread sums in one order, and does not stall when the cores are shared.
    torch.set_num_threads(1)
    net = build()
    check_size(net, 120_000, 4_000_000)
    windows, labels = training_images(HELD_OUT)
    train(net, windows, labels, EPOCHS, PEAK_RATE)
    print(f"held out, before noise: {held_out_accuracy(net):.4f}", flush=True)
    # Folded first, so that the noise falls on the very weights that the crossbars will hold.
    net = fold_batch_norm(net)
    train(net, windows, labels, NOISY_EPOCHS, NOISY_PEAK_RATE, NOISE)
    print(f"held out: {held_out_accuracy(net):.4f}", flush=True)
    report(export(net, MODEL), NOISE)


if __name__ == "__main__":
    main()
