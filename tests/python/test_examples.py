"""The demo and the notebooks run, with small sizes."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from cases import ROOT
from nbclient import NotebookClient

EXAMPLES = ROOT / "examples"
NOTEBOOKS = sorted(EXAMPLES.glob("*.ipynb"))


def test_the_demo_prints_everything_and_writes_its_files(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    command = [sys.executable, EXAMPLES / "demo.py", "--quick", "--output", out]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    for text in (
        "digital accuracy",
        "ideal-chip accuracy",
        "ReRAM accuracy",
        "STT-MRAM accuracy",
        "(95 % CI over 2 chips)",
        "energy per inference",
        "  area",
        "  latency",
        "  utilisation",
    ):
        assert text in done.stdout
    names = {f"{memory}.{end}" for memory in ("ReRAM", "STT-MRAM") for end in ("h5", "html", "png")}
    assert {path.name for path in out.iterdir()} == names


@pytest.mark.filterwarnings("ignore")  # those of Jupyter's own machinery
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_run(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    shown = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in shown), "the notebook is stored executed"
    resources = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, timeout=240, kernel_name="python3", resources=resources).execute()
