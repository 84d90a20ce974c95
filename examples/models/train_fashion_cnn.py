"""Train a small CNN on Fashion-MNIST and export it to fashion_cnn.onnx (see README.md)."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, pad
from torch.nn.utils.fusion import fuse_conv_bn_eval

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "data"))
from make_fashion_test import load_split

MODEL = Path(__file__).resolve().with_name("fashion_cnn.onnx")
SEED = 2017
BATCH = 128
MAX_SHIFT = 2
EPOCHS, PEAK_RATE = 80, 0.1
NOISY_EPOCHS, NOISY_PEAK_RATE = 40, 0.01
# Standard deviation of the weight noise, as a part of the layer's largest |weight|.
NOISE = 0.05
# Largest |weight| in standard deviations of its layer: outliers would scale up the noise.
CLIP = 3.0


def conv(inputs: int, outputs: int, stride: int) -> list[nn.Module]:
    """Return a 3x3 convolution with batch normalisation and ReLU."""
    layer = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
    return [layer, nn.BatchNorm2d(outputs), nn.ReLU()]


def build() -> nn.Sequential:
    """Return the untrained network; maps are 28, 14, 7, 4 and 2 pixels wide."""
    layers = [*conv(1, 16, 1), nn.MaxPool2d(2), *conv(16, 36, 2), *conv(36, 64, 2)]
    return nn.Sequential(*layers, *conv(64, 96, 2), nn.Flatten(), nn.Linear(96 * 2 * 2, 10))


def analog_layers(net: nn.Sequential) -> list[nn.Module]:
    return [layer for layer in net if isinstance(layer, nn.Conv2d | nn.Linear)]


def count(net: nn.Sequential) -> tuple[int, int]:
    """Return the weights and the multiply-adds of one image, biases left out."""
    multiply_adds, x = 0, torch.zeros(1, 1, 28, 28)
    for layer in net.eval():
        x = layer(x)
        if isinstance(layer, nn.Conv2d | nn.Linear):
            multiply_adds += layer.weight.numel() * x[0, 0].numel()
    return sum(layer.weight.numel() for layer in analog_layers(net)), multiply_adds


def check_size(net: nn.Sequential) -> None:
    weights, multiply_adds = count(net)
    print(f"{weights} weights, {multiply_adds} multiply-adds per image", flush=True)
    assert weights <= 100_000
    assert 300_000 <= multiply_adds <= 1_000_000


def shifted_windows(images: np.ndarray) -> Tensor:
    """Return a view [N, dy, dx, 28, 28] of every shift of the zero-padded images."""
    padded = pad(torch.tensor(images[:, 0]).float() / 255, [MAX_SHIFT] * 4)
    return padded.unfold(1, 28, 1).unfold(2, 28, 1)


def batches(windows: Tensor, labels: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield one epoch of shuffled batches, each image shifted and half of them mirrored."""
    for chosen in torch.randperm(len(labels)).split(BATCH):
        shift = torch.randint(2 * MAX_SHIFT + 1, (2, len(chosen)))
        x = windows[chosen, shift[0], shift[1]].unsqueeze(1)
        mirrored = torch.rand(len(chosen), 1, 1, 1) < 0.5
        yield torch.where(mirrored, x.flip(3), x), labels[chosen]


@torch.no_grad()
def add_noise(net: nn.Sequential) -> list[tuple[Tensor, Tensor]]:
    """Disturb the weights of each layer and return them with their clean values."""
    weights = [layer.weight for layer in analog_layers(net)]
    saved = [(weight, weight.clone()) for weight in weights]
    for weight in weights:
        weight += NOISE * weight.abs().max() * torch.randn_like(weight)
    return saved


@torch.no_grad()
def clip_weights(net: nn.Sequential) -> None:
    for layer in analog_layers(net):
        bound = CLIP * layer.weight.std().item()
        layer.weight.clamp_(-bound, bound)


def gradients(net: nn.Sequential, x: Tensor, y: Tensor, noisy: bool) -> float:
    """Leave the gradients in the parameters; noisy ones are taken at disturbed weights."""
    saved = add_noise(net) if noisy else []
    loss = cross_entropy(net(x), y, label_smoothing=0.05)
    loss.backward()
    for weight, clean in saved:
        weight.data.copy_(clean)
    return loss.item()


def train(
    net: nn.Sequential, windows: Tensor, labels: Tensor, epochs: int, peak: float, noisy: bool
) -> None:
    net.train().to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(net.parameters(), peak, 0.9, weight_decay=5e-4, nesterov=True)
    steps = epochs * -(-len(labels) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, peak, steps, pct_start=0.2)
    for epoch in range(epochs):
        start, losses = time.monotonic(), []
        for x, y in batches(windows, labels):
            optimizer.zero_grad()
            losses.append(gradients(net, x, y, noisy))
            optimizer.step()
            schedule.step()
            if noisy:
                clip_weights(net)
        mean, seconds = np.mean(losses), time.monotonic() - start
        print(f"epoch {epoch + 1}/{epochs}: loss {mean:.4f}, {seconds:.1f} s", flush=True)


def fold_batch_norm(net: nn.Sequential) -> nn.Sequential:
    """Return the same function with each normalisation merged into its convolution."""
    layers: list[nn.Module] = []
    for layer in net.eval():
        if isinstance(layer, nn.BatchNorm2d):
            layers[-1] = fuse_conv_bn_eval(layers[-1], layer)
        else:
            layers.append(layer)
    return nn.Sequential(*layers)


def export(net: nn.Sequential) -> None:
    names = {"input_names": ["image"], "output_names": ["logits"]}
    shapes = ({0: torch.export.Dim("N")},)
    net.eval().to(memory_format=torch.contiguous_format)
    example = torch.zeros(2, 1, 28, 28)
    program = torch.onnx.export(net, (example,), dynamo=True, dynamic_shapes=shapes, **names)
    model = program.model_proto
    graph = model.graph
    # The exporter's notes hold stack traces with the paths of the machine that trained.
    for item in [model, graph, *graph.node, *graph.value_info, *graph.input, *graph.output]:
        del item.metadata_props[:]
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, MODEL)


def accuracy(model: onnx.ModelProto) -> float:
    """Return the part of the 10,000 test images that ONNX Runtime classifies correctly."""
    images, labels = load_split("t10k")
    session = onnxruntime.InferenceSession(model.SerializeToString())
    logits = session.run(["logits"], {"image": images.astype(np.float32) / 255})[0]
    return float((logits.argmax(axis=1) == labels).mean())


def disturbed(model: onnx.ModelProto, seed: int) -> onnx.ModelProto:
    """Return a copy with noise on every weight tensor; biases are digital and stay exact."""
    copy, rng = onnx.ModelProto(), np.random.default_rng(seed)
    copy.CopyFrom(model)
    for tensor in copy.graph.initializer:
        w = onnx.numpy_helper.to_array(tensor)
        if w.dtype == np.float32 and w.ndim > 1:
            noisy = w + NOISE * np.abs(w).max() * rng.standard_normal(w.shape, np.float32)
            tensor.CopyFrom(onnx.numpy_helper.from_array(noisy, tensor.name))
    return copy


def main() -> None:
    torch.manual_seed(SEED)
    # One thread sums in one order, and does not stall when the cores are shared.
    torch.set_num_threads(1)
    net = build()
    check_size(net)
    images, labels = load_split("train")
    windows, y = shifted_windows(images), torch.tensor(labels).long()
    train(net, windows, y, EPOCHS, PEAK_RATE, noisy=False)
    # Folded first, so that the noise falls on the very weights that the crossbars will hold.
    net = fold_batch_norm(net)
    train(net, windows, y, NOISY_EPOCHS, NOISY_PEAK_RATE, noisy=True)
    export(net)
    model = onnx.load(MODEL)
    print(f"accuracy {accuracy(model):.4f}")
    print("with noise", [round(accuracy(disturbed(model, seed)), 4) for seed in range(5)])


if __name__ == "__main__":
    main()
