"""How much longer does a simulated ResNet-20 take than ONNX Runtime on as many threads?"""

import os
import statistics

import numpy as np
import onnxruntime
import wordline as wl
from figures import chip, fastest, report, times
from resnet import resnet20

IMAGES = 32


def digital(model: bytes, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def compare(name: str, above: list[float], below: list[float], detail: str) -> None:
    a, b = statistics.median(above), statistics.median(below)
    report(name, a / b, f"{detail}, {a:.4f} / {b:.4f} s" + fastest(above, below))


def main() -> None:
    model, threads = resnet20(), os.cpu_count() or 1
    x = np.random.default_rng(1).random((IMAGES, 3, 32, 32)).astype(np.float32)
    network = wl.load(model)
    ideal = network.map(chip(), calibrate=x[:8]).program()
    erring = network.map(chip(wl.GaussianCell(c2c=0.05)), calibrate=x[:8]).program()
    session = digital(model.SerializeToString(), threads)
    ours, one, erred, theirs = times(
        lambda: ideal(x, threads=threads),
        lambda: ideal(x, threads=1),
        lambda: erring(x, threads=threads),
        lambda: session.run(None, {"x": x}),
        turns=9,
    )
    compare("ResNet-20 against ONNX Runtime", ours, theirs, f"{IMAGES} images, {threads} threads")
    compare("ResNet-20 with programming errors", erred, theirs, "the same")
    compare("ResNet-20, 1 thread against 2", one, ours, "the same")


if __name__ == "__main__":
    main()
