"""What the training scripts of this folder share: data, noise, training, export, accuracy."""

import sys
import time
from collections.abc import Callable, Iterator
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

BATCH = 128
MAX_SHIFT = 2
# Training images kept out of training, to choose settings with; the last ones of the set.
HELD_OUT = 5_000
# Largest |weight| in standard deviations of its layer: outliers would scale up the noise.
CLIP = 3.0


def training_images(held_out: int) -> tuple[Tensor, Tensor]:
    """Return windows and labels of the training set without its last `held_out` images."""
    images, labels = load_split("train")
    kept = len(labels) - held_out
    return shifted_windows(images[:kept]), torch.tensor(labels[:kept]).long()


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


def analog_layers(net: nn.Module) -> list[nn.Module]:
    return [layer for layer in net.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]


def count(net: nn.Module) -> tuple[int, int]:
    """Return the weights and the multiply-adds of one image, biases left out."""
    layers, multiply_adds = analog_layers(net), []

    def record(layer: nn.Module, _: object, y: Tensor) -> None:
        # A convolution uses its weights once per pixel, a linear layer once per vector.
        uses = y[0, 0].numel() if y.dim() == 4 else y[0].numel() // layer.weight.shape[0]
        multiply_adds.append(layer.weight.numel() * uses)

    hooks = [layer.register_forward_hook(record) for layer in layers]
    net.eval()(torch.zeros(1, 1, 28, 28))
    for hook in hooks:
        hook.remove()
    return sum(layer.weight.numel() for layer in layers), sum(multiply_adds)


def check_size(net: nn.Module, max_weights: int, max_multiply_adds: int) -> None:
    weights, multiply_adds = count(net)
    print(f"{weights} weights, {multiply_adds} multiply-adds per image", flush=True)
    assert weights <= max_weights
    assert multiply_adds <= max_multiply_adds


@torch.no_grad()
def add_noise(net: nn.Module, noise: float) -> list[tuple[Tensor, Tensor]]:
    """Disturb the weights of each layer and return them with their clean values.

    `noise` is the standard deviation as a part of the layer's largest |weight|.
    """
    weights = [layer.weight for layer in analog_layers(net)]
    saved = [(weight, weight.clone()) for weight in weights]
    for weight in weights:
        weight += noise * weight.abs().max() * torch.randn_like(weight)
    return saved


@torch.no_grad()
def clip_weights(net: nn.Module) -> None:
    for layer in analog_layers(net):
        bound = CLIP * layer.weight.std().item()
        layer.weight.clamp_(-bound, bound)


def gradients(net: nn.Module, x: Tensor, y: Tensor, noise: float) -> float:
    """Leave the gradients in the parameters; noisy ones are taken at disturbed weights."""
    saved = add_noise(net, noise) if noise else []
    loss = cross_entropy(net(x), y, label_smoothing=0.05)
    loss.backward()
    for weight, clean in saved:
        weight.data.copy_(clean)
    return loss.item()


def sgd(net: nn.Module, peak: float) -> torch.optim.Optimizer:
    return torch.optim.SGD(net.parameters(), peak, 0.9, weight_decay=5e-4, nesterov=True)


def train(
    net: nn.Module,
    windows: Tensor,
    labels: Tensor,
    epochs: int,
    peak: float,
    noise: float = 0.0,
    make_optimizer: Callable[[nn.Module, float], torch.optim.Optimizer] = sgd,
) -> None:
    """Train in place with a one-cycle learning rate; with noise, weights are clipped too."""
    net.train().to(memory_format=torch.channels_last)
    optimizer = make_optimizer(net, peak)
    steps = epochs * -(-len(labels) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, peak, steps, pct_start=0.2)
    for epoch in range(epochs):
        start, losses = time.monotonic(), []
        for x, y in batches(windows, labels):
            optimizer.zero_grad()
            losses.append(gradients(net, x, y, noise))
            optimizer.step()
            schedule.step()
            if noise:
                clip_weights(net)
        mean, seconds = np.mean(losses), time.monotonic() - start
        print(f"epoch {epoch + 1}/{epochs}: loss {mean:.4f}, {seconds:.1f} s", flush=True)


def fold_batch_norm(net: nn.Module) -> nn.Module:
    """Return the same function with each normalisation merged into its convolution."""
    net.eval()
    for name, child in net.named_children():
        setattr(net, name, fold_batch_norm(child))
    if not isinstance(net, nn.Sequential):
        return net
    layers: list[nn.Module] = []
    for layer in net:
        if isinstance(layer, nn.BatchNorm2d):
            layers[-1] = fuse_conv_bn_eval(layers[-1], layer)
        else:
            layers.append(layer)
    return nn.Sequential(*layers)


@torch.no_grad()
def held_out_accuracy(net: nn.Module) -> float:
    """Return the part of the held-out training images that the network classifies correctly."""
    images, labels = load_split("train")
    x = torch.tensor(images[-HELD_OUT:]).float() / 255
    answers = torch.cat([net.eval()(part).argmax(1) for part in x.split(500)])
    return (answers == torch.tensor(labels[-HELD_OUT:])).float().mean().item()


def export(net: nn.Module, path: Path) -> onnx.ModelProto:
    """Write the network as ONNX, any number of images in one batch, and return the model."""
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
    onnx.save(model, path)
    return model


def accuracy(model: onnx.ModelProto) -> float:
    """Return the part of the 10,000 test images that ONNX Runtime classifies correctly."""
    images, labels = load_split("t10k")
    session = onnxruntime.InferenceSession(model.SerializeToString())
    logits = session.run(["logits"], {"image": images.astype(np.float32) / 255})[0]
    return float((logits.argmax(axis=1) == labels).mean())


def disturbed(model: onnx.ModelProto, noise: float, seed: int) -> onnx.ModelProto:
    """Return a copy with noise on every layer's weights; biases are digital and stay exact."""
    copy, rng = onnx.ModelProto(), np.random.default_rng(seed)
    copy.CopyFrom(model)
    layers = [node for node in copy.graph.node if node.op_type in ("Conv", "Gemm", "MatMul")]
    names = {node.input[1] for node in layers}
    for tensor in copy.graph.initializer:
        if tensor.name in names:
            w = onnx.numpy_helper.to_array(tensor)
            noisy = w + noise * np.abs(w).max() * rng.standard_normal(w.shape, np.float32)
            tensor.CopyFrom(onnx.numpy_helper.from_array(noisy, tensor.name))
    return copy


def report(model: onnx.ModelProto, noise: float) -> None:
    """Print the test accuracy of the exported file, as it is and with five draws of noise."""
    print(f"accuracy {accuracy(model):.4f}")
    draws = [round(accuracy(disturbed(model, noise, seed)), 4) for seed in range(5)]
    print(f"with noise {noise:.0%}", draws)
