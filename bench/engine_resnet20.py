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


def main() -> None:
    model, threads = resnet20(), os.cpu_count() or 1
    x = np.random.default_rng(1).random((IMAGES, 3, 32, 32)).astype(np.float32)
    network = wl.load(model)
    ideal = network.map(chip(), calibrate=x[:8]).program()
    erring = network.map(chip(wl.GaussianCell(c2c=0.05)), calibrate=x[:8]).program()
    session = digital(model.SerializeToString(), threads)
    took = times(
        lambda: ideal(x, threads=threads),
        lambda: ideal(x, threads=1),
        lambda: erring(x, threads=threads),
        lambda: session.run(None, {"x": x}),
        turns=9,
    )
    ours, one, other, theirs = map(statistics.median, took)
    best, best_one, best_other, best_theirs = map(min, took)
    detail = f"{ours:.2f} s for {IMAGES} images, ONNX Runtime {theirs:.4f} s, {threads} threads"
    report("ResNet-20 against ONNX Runtime", ours / theirs, detail + fastest(best / best_theirs))
    detail = f"{other:.2f} s" + fastest(best_other / best_theirs)
    report("ResNet-20 with programming errors", other / theirs, detail)
    detail = f"{one:.2f} s on one thread" + fastest(best_one / best)
    report("ResNet-20, 1 thread against 2", one / ours, detail)


if __name__ == "__main__":
    main()
