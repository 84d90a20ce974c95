"""How much longer does a simulated ResNet-20 take than ONNX Runtime on as many threads?"""

import os

import numpy as np
import onnxruntime
import wordline as wl
from figures import chip, medians, report
from resnet import resnet20

IMAGES = 32


def digital(model: bytes, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def main() -> None:
    model, threads = resnet20(), os.cpu_count() or 1
    x = np.random.default_rng(1).random((IMAGES, 3, 32, 32)).astype(np.float32)
    network = wl.load(model)
    ideal = network.map(chip(), calibrate=x[:8]).program()
    erring = network.map(chip(wl.GaussianCell(c2c=0.05)), calibrate=x[:8]).program()
    session = digital(model.SerializeToString(), threads)
    ours, one, other, theirs = medians(
        lambda: ideal(x, threads=threads),
        lambda: ideal(x, threads=1),
        lambda: erring(x, threads=threads),
        lambda: session.run(None, {"x": x}),
    )
    detail = f"{ours:.2f} s for {IMAGES} images, ONNX Runtime {theirs:.4f} s, {threads} threads"
    report("ResNet-20 against ONNX Runtime", ours / theirs, detail)
    report("ResNet-20 with programming errors", other / theirs, f"{other:.2f} s")
    report("ResNet-20, 1 thread against 2", one / ours, f"{one:.2f} s on one thread")


if __name__ == "__main__":
    main()
