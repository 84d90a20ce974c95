"""Train a small CNN on Fashion-MNIST and export it to fashion_cnn.onnx (see README.md)."""

from pathlib import Path

import torch
from fashion_training import check_size, export, fold_batch_norm, report, train, training_images
from torch import nn

MODEL = Path(__file__).resolve().with_name("fashion_cnn.onnx")
SEED = 2017
EPOCHS, PEAK_RATE = 80, 0.1
NOISY_EPOCHS, NOISY_PEAK_RATE = 40, 0.01
# Standard deviation of the weight noise, as a part of the layer's largest |weight|.
NOISE = 0.05


def conv(inputs: int, outputs: int, stride: int) -> list[nn.Module]:
    """Return a 3x3 convolution with batch normalisation and ReLU."""
    layer = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
    return [layer, nn.BatchNorm2d(outputs), nn.ReLU()]


def build() -> nn.Sequential:
    """Return the untrained network; maps are 28, 14, 7, 4 and 2 pixels wide."""
    layers = [*conv(1, 16, 1), nn.MaxPool2d(2), *conv(16, 36, 2), *conv(36, 64, 2)]
    return nn.Sequential(*layers, *conv(64, 96, 2), nn.Flatten(), nn.Linear(96 * 2 * 2, 10))


def main() -> None:
    torch.manual_seed(SEED)
    # One thread sums in one order, and does not stall when the cores are shared.
    torch.set_num_threads(1)
    net = build()
    check_size(net, 100_000, 1_000_000)
    windows, labels = training_images(held_out=0)
    train(net, windows, labels, EPOCHS, PEAK_RATE)
    # Folded first, so that the noise falls on the very weights that the crossbars will hold.
    net = fold_batch_norm(net)
    train(net, windows, labels, NOISY_EPOCHS, NOISY_PEAK_RATE, NOISE)
    report(export(net, MODEL), NOISE)


if __name__ == "__main__":
    main()
