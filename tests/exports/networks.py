"""The small networks that make_exports.py exports, each with its inputs and its free axes."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Case:
    """One network of one input.

    `free` names the axes of the input that stay open in the file. The network is exported with an
    input of shape `traced` and checked with one of shape `shape`, so that an axis which the
    exporter wrote down as a constant would show. Without `script` only the dynamo exporter runs;
    without `optimise` its graph stays as first translated.
    """

    name: str
    build: Callable[[], nn.Module]
    traced: tuple[int, ...]
    shape: tuple[int, ...]
    free: dict[int, str]
    dtype: torch.dtype = torch.float32
    script: bool = True
    optimise: bool = True


class Recurrent(nn.Module):
    """A recurrent network, its whole output sequence read by one linear layer."""

    def __init__(self, cells: nn.Module, features: int) -> None:
        super().__init__()
        self.cells = cells
        self.read = nn.Linear(features, 3)

    def forward(self, x: Tensor) -> Tensor:
        y, _ = self.cells(x)
        return self.read(y)


class Residual(nn.Module):
    """Two convolutions with batch normalisation beside a 1x1 shortcut that halves the map."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(4, 8, 3, stride=2, padding=1, bias=False)
        self.second = nn.Conv2d(8, 8, 3, padding=1, bias=False)
        self.shortcut = nn.Conv2d(4, 8, 1, stride=2, bias=False)
        self.norms = nn.ModuleList(used_norm(8) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        y = self.norms[0](self.first(x)).relu()
        y = self.norms[1](self.second(y))
        return (y + self.norms[2](self.shortcut(x))).relu()


class SharedLayer(nn.Module):
    """A perceptron that applies the same hidden layer twice."""

    def __init__(self) -> None:
        super().__init__()
        self.enter, self.hidden, self.leave = nn.Linear(6, 12), nn.Linear(12, 12), nn.Linear(12, 4)

    def forward(self, x: Tensor) -> Tensor:
        y = self.hidden(self.enter(x).relu()).relu()
        return self.leave(self.hidden(y).relu())


def used_norm(channels: int) -> nn.BatchNorm2d:
    """Return a batch normalisation whose statistics are those of no fresh layer (0 and 1)."""
    norm = nn.BatchNorm2d(channels)
    for values in (norm.running_var, norm.weight.data):
        values.uniform_(0.5, 2)
    for values in (norm.running_mean, norm.bias.data):
        values.normal_()
    return norm


def conv1d() -> nn.Module:
    dilated = nn.Conv1d(3, 8, 3, padding=2, dilation=2)
    return nn.Sequential(dilated, nn.ReLU(), nn.Conv1d(8, 4, 5, stride=2, padding="valid"))


def conv2d_groups() -> nn.Module:
    grouped = nn.Conv2d(4, 8, (3, 5), stride=(2, 1), padding=(1, 2), groups=2)
    depthwise = nn.Conv2d(8, 8, 3, stride=2, padding=1, groups=8, bias=False)
    return nn.Sequential(grouped, nn.ReLU6(), depthwise, nn.Hardswish(), nn.Conv2d(8, 4, 1))


def conv3d() -> nn.Module:
    first = nn.Conv3d(2, 4, 3, padding=1)
    return nn.Sequential(first, nn.ReLU(), nn.MaxPool3d(2), nn.Conv3d(4, 3, (1, 2, 2)))


def conv_transpose2d() -> nn.Module:
    first = nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2)
    return nn.Sequential(first, nn.LeakyReLU(0.1), nn.ConvTranspose2d(6, 2, 2, stride=2))


def small_cnn() -> nn.Module:
    first = [nn.Conv2d(1, 6, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    second = [nn.Conv2d(6, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1)]
    # Without a bias a linear layer becomes MatMul, with one Gemm.
    last = [nn.Flatten(), nn.Linear(8, 8, bias=False), nn.ReLU(), nn.Linear(8, 5)]
    return nn.Sequential(*first, *second, *last)


def half_cnn() -> nn.Module:
    layers = [nn.Conv2d(2, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(64, 5)]
    return nn.Sequential(*layers).half()


def lstm() -> nn.Module:
    return Recurrent(nn.LSTM(5, 6, num_layers=2, batch_first=True, bidirectional=True), 12)


def gru() -> nn.Module:
    return Recurrent(nn.GRU(5, 6, batch_first=True), 6)


def encoder_layer() -> nn.Module:
    layer = nn.TransformerEncoderLayer(16, 2, 32, activation="gelu", batch_first=True)
    # Inside another module: the TorchScript exporter makes the layer's own default arguments
    # (`is_causal`) tensors, which the layer then refuses.
    return nn.Sequential(layer)


def normalised_mlp() -> nn.Module:
    layers = [nn.Linear(8, 16), nn.LayerNorm(16), nn.GELU(), nn.Linear(16, 16), nn.SiLU()]
    return nn.Sequential(*layers, nn.Linear(16, 4), nn.Softmax(dim=-1))


IMAGE = {0: "batch", 2: "height", 3: "width"}
VOLUME = {0: "batch", 2: "depth", 3: "height", 4: "width"}
SEQUENCE = {0: "batch", 1: "length"}

CASES = [
    Case("conv1d", conv1d, (2, 3, 20), (3, 3, 17), {0: "batch", 2: "length"}),
    Case("conv2d_groups", conv2d_groups, (2, 4, 12, 10), (3, 4, 9, 11), IMAGE),
    Case("conv3d", conv3d, (2, 2, 6, 6, 6), (1, 2, 4, 8, 7), VOLUME),
    Case("conv_transpose2d", conv_transpose2d, (2, 4, 5, 6), (3, 4, 4, 3), IMAGE),
    Case("lstm", lstm, (2, 7, 5), (3, 4, 5), SEQUENCE),
    Case("gru", gru, (2, 7, 5), (3, 4, 5), SEQUENCE),
    Case("encoder_layer", encoder_layer, (2, 7, 16), (3, 7, 16), {0: "batch"}),
    Case("encoder_sequence", encoder_layer, (2, 7, 16), (3, 5, 16), SEQUENCE, script=False),
    Case("residual", Residual, (2, 4, 8, 8), (3, 4, 6, 10), IMAGE),
    Case(
        "residual_raw", Residual, (2, 4, 8, 8), (3, 4, 6, 10), IMAGE, script=False, optimise=False
    ),
    Case("shared_layer", SharedLayer, (2, 6), (3, 6), {0: "batch"}),
    Case("external", SharedLayer, (2, 6), (3, 6), {0: "batch"}, script=False),
    Case("normalised_mlp", normalised_mlp, (2, 7, 8), (3, 4, 8), SEQUENCE),
    Case("small_cnn", small_cnn, (2, 1, 10, 10), (3, 1, 10, 10), {0: "batch"}),
    Case("half", half_cnn, (2, 2, 6, 6), (3, 2, 6, 6), {0: "batch"}, torch.float16),
]
