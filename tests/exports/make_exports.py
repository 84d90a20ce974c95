"""Export the networks of networks.py with both of PyTorch's exporters, and quantise some.

Writes NAME_script.onnx and NAME_dynamo.onnx beside this file, with NAME.npz: the arrays `input` and
`output`, the answer of PyTorch. See README.md for the versions.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from networks import CASES, Case
from onnx.reference import ReferenceEvaluator
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_dynamic,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import Tensor, nn

HERE = Path(__file__).resolve().parent
SEED = 7
NAMES = {"input_names": ["input"], "output_names": ["output"]}
# The network whose weights the dynamo exporter writes into a second file.
EXTERNAL = "external"
# The network that is quantised.
QUANTISED = "small_cnn"


def strip_notes(path: Path) -> None:
    """Remove the exporter's notes: stack traces with the paths of the machine that exported."""
    model = onnx.load(path, load_external_data=False)
    owners = [model, model.graph, *model.functions]
    for owner in owners:
        del owner.metadata_props[:]
    for graph in [model.graph, *model.functions]:
        for item in [*graph.node, *graph.value_info]:
            del item.metadata_props[:]
            item.doc_string = ""
    for item in [*model.graph.input, *model.graph.output, *model.graph.initializer]:
        del item.metadata_props[:]
    onnx.save(model, path)
    onnx.checker.check_model(path, full_check=True)


def export_script(net: nn.Module, x: Tensor, free: dict[int, str], path: Path) -> None:
    # The output's other axes are worked out by the exporter; without a name its batch is fixed.
    axes = {"input": free, "output": {0: free[0]}}
    torch.onnx.export(net, (x,), path, dynamo=False, dynamic_axes=axes, **NAMES)
    strip_notes(path)


def export_dynamo(net: nn.Module, x: Tensor, case: Case, path: Path, external: bool) -> None:
    settings = {"dynamic_shapes": (case.free,), "optimize": case.optimise}
    program = torch.onnx.export(net, (x,), dynamo=True, **settings, **NAMES)
    program.save(path, external_data=external)
    strip_notes(path)


def export(case: Case) -> None:
    """Write the files of one network and the answer of PyTorch."""
    torch.manual_seed(SEED)
    net = case.build().eval()
    traced, x = (torch.randn(shape).to(case.dtype) for shape in (case.traced, case.shape))
    with torch.no_grad():
        y = net(x)
    np.savez(HERE / f"{case.name}.npz", input=x.numpy(), output=y.numpy())
    external = case.name == EXTERNAL
    if case.script:
        export_script(net, traced, case.free, HERE / f"{case.name}_script.onnx")
    export_dynamo(net, traced, case, HERE / f"{case.name}_dynamo.onnx", external)


class Calibration(CalibrationDataReader):
    """Eight batches of normally distributed inputs."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        rng = np.random.default_rng(SEED)
        arrays = rng.standard_normal((8, *shape)).astype(np.float32)
        self.batches = iter([{"input": x} for x in arrays])

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self.batches, None)


def quantise_static(source: Path, path: Path, form: QuantFormat, **settings: Any) -> None:
    shape = next(case.shape for case in CASES if case.name == QUANTISED)
    types = {"activation_type": QuantType.QUInt8, "weight_type": QuantType.QInt8}
    quantize_static(source, path, Calibration(shape), form, **types, **settings)


def reference(path: Path, x: np.ndarray) -> np.ndarray:
    """Return the answer of onnx's own evaluator, which owes nothing to ONNX Runtime."""
    return ReferenceEvaluator(str(path)).run(None, {"input": x})[0]


def runtime(path: Path, x: np.ndarray) -> np.ndarray:
    return onnxruntime.InferenceSession(path).run(None, {"input": x})[0]


def answer(name: str, evaluate: Callable[[Path, np.ndarray], np.ndarray]) -> None:
    """Finish one quantised file and write its input and answer."""
    path = HERE / f"{name}_script.onnx"
    strip_notes(path)
    x = np.load(HERE / f"{QUANTISED}.npz")["input"]
    np.savez(HERE / f"{name}.npz", input=x, output=evaluate(path, x))


def quantise_all() -> None:
    """Quantise the TorchScript export of one network in the four ways of ONNX Runtime."""
    names = ("qdq", "qoperator", "qcontrib", "qdynamic")
    qdq, qoperator, qcontrib, qdynamic = (HERE / f"{name}_script.onnx" for name in names)
    standard = ["Conv", "MatMul"]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "prepared.onnx"
        quant_pre_process(HERE / f"{QUANTISED}_script.onnx", source)
        quantise_static(source, qdq, QuantFormat.QDQ, per_channel=True)
        quantise_static(source, qoperator, QuantFormat.QOperator, op_types_to_quantize=standard)
        quantise_static(source, qcontrib, QuantFormat.QOperator)
        quantize_dynamic(source, qdynamic)
    for name in names:
        # Only ONNX Runtime knows the operators of its own domain.
        answer(name, runtime if name == "qcontrib" else reference)


def main() -> None:
    for case in CASES:
        print(case.name, flush=True)
        export(case)
    quantise_all()
    size = sum(path.stat().st_size for path in HERE.glob("*.[ond]*"))
    print(f"{size} bytes, torch {torch.__version__}, onnx {onnx.__version__}", file=sys.stderr)


if __name__ == "__main__":
    main()
