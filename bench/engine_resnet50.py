"""Time and memory of a network shaped like ResNet-50 on crossbars: 25.5 M weights, one image."""

import resource

import numpy as np
import wordline as wl
from figures import chip, report, seconds
from resnet import resnet50


def main() -> None:
    x = np.random.default_rng(1).random((1, 3, 224, 224)).astype(np.float32)
    made: list[wl.ProgrammedNetwork] = []
    mapping = seconds(lambda: made.append(wl.load(resnet50()).map(chip(), x).program()))
    running = seconds(lambda: made[0](x))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    detail = f"load, map, calibrate on one image and program {mapping:.1f} s, run {running:.1f} s"
    report("ResNet-50 shape, peak memory in GB", peak, detail)


if __name__ == "__main__":
    main()
