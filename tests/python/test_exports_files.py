"""The stored exports of PyTorch are whole: ONNX Runtime finds the stored answers in each file."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from cases import ROOT

FILES = sorted((ROOT / "tests/exports").glob("*.onnx"))
# A float16 answer is good to its last bits only: 11 bits, values near 1.
TOLERANCE = {np.dtype(np.float32): 1e-5, np.dtype(np.float16): 2e-3}


def test_there_are_exports_of_both_exporters() -> None:
    kinds = {path.stem.rpartition("_")[2] for path in FILES}
    assert kinds == {"script", "dynamo"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_gives_its_stored_answer(path: Path) -> None:
    name = path.stem.rpartition("_")[0]
    stored = np.load(path.with_name(f"{name}.npz"))
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.x64quantprecision", "1")  # no sums in 16 bits
    options.log_severity_level = 3  # dynamo declares the wrong length for lstm and gru
    session = onnxruntime.InferenceSession(path, options)
    (y,) = session.run(None, {"input": stored["input"]})
    assert y.dtype == stored["output"].dtype
    assert y.shape == stored["output"].shape
    bound = TOLERANCE[y.dtype]
    np.testing.assert_allclose(y, stored["output"], rtol=bound, atol=bound)
