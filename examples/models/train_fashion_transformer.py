"""Train a small transformer encoder on Fashion-MNIST and export it (see README.md)."""

from pathlib import Path

import torch
from fashion_training import (
    HELD_OUT,
    check_size,
    export,
    held_out_accuracy,
    report,
    train,
    training_images,
)
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

MODEL = Path(__file__).resolve().with_name("fashion_transformer.onnx")
SEED = 2019
EPOCHS, PEAK_RATE = 32, 2e-3
NOISY_EPOCHS, NOISY_PEAK_RATE = 6, 2e-4
# Standard deviation of the weight noise, as a part of the layer's largest |weight|.
NOISE = 0.03
PATCH, TOKENS = 7, 16
WIDTH, HEADS, HIDDEN, LAYERS = 48, 3, 144, 2


class Attention(nn.Module):
    """Self-attention; queries, keys and values come from a matrix each."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(WIDTH, WIDTH) for _ in range(3))
        self.out = nn.Linear(WIDTH, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        projected = [layer(x) for layer in (self.query, self.key, self.value)]
        heads = [y.unflatten(2, (HEADS, WIDTH // HEADS)).transpose(1, 2) for y in projected]
        y = scaled_dot_product_attention(*heads)
        return self.out(y.transpose(1, 2).flatten(2))


class EncoderLayer(nn.Module):
    """Attention and a perceptron, each behind a normalisation and added to its input."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.Sequential(nn.LayerNorm(WIDTH), Attention())
        widen, narrow = nn.Linear(WIDTH, HIDDEN), nn.Linear(HIDDEN, WIDTH)
        self.mlp = nn.Sequential(nn.LayerNorm(WIDTH), widen, nn.GELU(), narrow)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(x)
        return x + self.mlp(x)


class Transformer(nn.Module):
    """Patches become tokens, the encoder's answers are averaged, a linear layer reads the mean."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Conv2d(1, WIDTH, PATCH, stride=PATCH)
        self.position = nn.Parameter(0.02 * torch.randn(1, TOKENS, WIDTH))
        self.layers = nn.Sequential(*[EncoderLayer() for _ in range(LAYERS)])
        self.norm, self.read = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 10)

    def forward(self, image: Tensor) -> Tensor:
        tokens = self.embed(image).flatten(2).transpose(1, 2) + self.position
        return self.read(self.norm(self.layers(tokens)).mean(1))


def adamw(net: nn.Module, peak: float) -> torch.optim.Optimizer:
    return torch.optim.AdamW(net.parameters(), peak, weight_decay=0.05)


def main() -> None:
    torch.manual_seed(SEED)
    # One thread sums in one order, and does not stall when the cores are shared.
    torch.set_num_threads(1)
    net = Transformer()
    check_size(net, 120_000, 4_000_000)
    windows, labels = training_images(HELD_OUT)
    train(net, windows, labels, EPOCHS, PEAK_RATE, make_optimizer=adamw)
    print(f"held out, before noise: {held_out_accuracy(net):.4f}", flush=True)
    train(net, windows, labels, NOISY_EPOCHS, NOISY_PEAK_RATE, NOISE, adamw)
    print(f"held out: {held_out_accuracy(net):.4f}", flush=True)
    report(export(net, MODEL), NOISE)


if __name__ == "__main__":
    main()
