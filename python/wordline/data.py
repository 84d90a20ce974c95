"""Labelled data from .npz files, for the command line and examples."""

import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordline.errors import fail


@dataclass(frozen=True)
class Data:
    """Inputs of the network and, where the file has them, labels."""

    x: NDArray[np.float32]
    y: NDArray[Any] | None

    def first(self, count: int | None) -> "Data":
        """The first `count` samples; None is all."""
        return Data(self.x[:count], None if self.y is None else self.y[:count])


def read_npz(path: str | os.PathLike[str], *, labels: bool = True) -> Data:
    """Read `x`, `y` and `scale` from a .npz file: the network's input is x * scale as float32.

    Args:
        labels: False accepts a file without `y`.

    Raises:
        OSError: no such file, or it cannot be read.
        ValueError: no .npz file, damaged, without `x` (or `y`), or counts that differ.
    """
    arrays = _arrays(path)
    for name in ("x", "y") if labels else ("x",):
        if name not in arrays:
            allowed = ", ".join(arrays) or "nothing"
            rule = f"the file holds no array '{name}'"
            fail(ValueError, rule, name=str(path), allowed=f"x, y and scale; it has {allowed}")
    x, y = arrays["x"], arrays.get("y")
    if y is not None and len(y) != len(x):
        given = f"{len(x)} x, {len(y)} y"
        fail(ValueError, "there is one label per sample", name=str(path), value=given)
    scaled = (x * arrays.get("scale", 1.0)).astype(np.float32)
    return Data(np.ascontiguousarray(scaled), y)


def _arrays(path: str | os.PathLike[str]) -> dict[str, NDArray[Any]]:
    if not Path(path).exists():
        fail(FileNotFoundError, "no such file", name=str(path), remedy="check the path")
    try:
        with np.load(path, allow_pickle=False) as file:
            if not isinstance(file, np.lib.npyio.NpzFile):
                raise ValueError("one array, no archive")
            return {name: file[name] for name in file.files}
    except (ValueError, EOFError, zipfile.BadZipFile, AttributeError) as error:
        rule = f"not a .npz file, or damaged ({error})"
        fail(ValueError, rule, name=str(path), remedy="write it with numpy.savez_compressed")
