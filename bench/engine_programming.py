"""How many cells of the neurram-2022 model are programmed in a second, on all threads?"""

import os

import numpy as np
import wordline as wl
from figures import chip, medians, report
from onnx import TensorProto, helper, numpy_helper

ROWS, COLUMNS = 2048, 2048


def model() -> object:
    """One matrix."""
    weights = np.random.default_rng(0).standard_normal((ROWS, COLUMNS)).astype(np.float32)
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", ROWS])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", COLUMNS])
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"], name="matmul")],
        "matrix",
        [x],
        [y],
        [numpy_helper.from_array(weights, "w")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def main() -> None:
    x = np.random.default_rng(1).random((8, ROWS)).astype(np.float32)
    mapped = wl.load(model()).map(chip(wl.ReRAM.preset("neurram-2022")), calibrate=x)
    cells = 2 * 4 * ROWS * COLUMNS
    (took,) = medians(lambda: mapped.program(seed=1), turns=3)
    detail = f"{cells / took / 1e6:.1f} million cells per second on {os.cpu_count()} threads"
    name = "programming with neurram-2022, 50 million cells per second"
    report(name, cells / took / 50e6, detail)


if __name__ == "__main__":
    main()
