"""Where a network comes from, kept so that a programmed chip's file can hold the model itself."""

import os
from dataclasses import dataclass
from typing import Any

from onnx import ModelProto

from wordline.errors import fail
from wordline.onnx.source import Source, digest, read_model


@dataclass(frozen=True)
class Origin:
    """The arguments of `wordline.load`."""

    source: Source
    keep_digital: tuple[str, ...] = ()
    threads: int = 1

    @property
    def label(self) -> str:
        """How people call the model: its path, or "model"."""
        source = self.source
        return str(source) if isinstance(source, str | os.PathLike) else "model"

    def model_bytes(self, expected: str) -> bytes:
        """The model with its weights inside, as `load` takes it.

        Args:
            expected: digest of the model that was loaded.

        Raises:
            OSError: the model's file has gone. ValueError: it has changed since it was loaded, or
                is larger than one protobuf message can be (2 GB).
        """
        model = read_model(self.source)
        if digest(model) != expected:
            remedy = "load the network again, and map and program it anew"
            rule = "the model has changed since it was loaded"
            fail(ValueError, rule, name=self.label, remedy=remedy)
        return _serialised(model, self.label)


def _serialised(model: ModelProto, label: str) -> bytes:
    try:
        data: Any = model.SerializeToString()
    except ValueError as error:  # protobuf's EncodeError is one
        rule = f"the model does not fit into one file ({error})"
        fail(ValueError, rule, name=label, allowed="up to 2 GB")
    return bytes(data)
