"""ONNX Runtime sessions: quiet, deterministic, picklable, with typed errors."""

import contextlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as _state

from wordline.errors import fail

FATAL = 4
LOOP_SECONDS = 600.0  # one run of a segment with a Loop or Scan may take
_ORT_ERRORS: tuple[type[Exception], ...] = (
    RuntimeError,
    MemoryError,
    UnicodeDecodeError,  # of a message that quotes the model
    *(c for c in vars(_state).values() if isinstance(c, type) and issubclass(c, Exception)),
)


class Engine:
    """A model with its session, made on first use and left out of pickles.

    Args:
        model: a serialised ModelProto.
        label: how errors name it.
        threads: threads inside one operator.
        folding: let ONNX Runtime compute constant expressions when it makes the session. Those of
            a damaged model may fill all memory.
        fresh: start a new session for every run. Random operators carry state from run to run;
            a fresh session makes each run the first one.
    """

    def __init__(
        self,
        model: bytes,
        label: str,
        *,
        threads: int = 1,
        fresh: bool = False,
        folding: bool = True,
    ):
        self.model = model
        self.label = label
        self._threads = threads
        self._fresh = fresh
        self._may_loop = b"Loop" in model or b"Scan" in model
        # Folding may leave the body of a loop without nodes, between which it could be stopped.
        self._disabled = [] if folding and not self._may_loop else ["ConstantFolding"]
        self._session: Any = None

    def prepare(self) -> None:
        """Make the session now. Raises ValueError if ONNX Runtime refuses the model."""
        if self._session is None:
            self._session = self._new_session()

    def run(self, outputs: Sequence[str] | None, feeds: Mapping[str, Any]) -> list[Any]:
        """Values of `outputs` (None: all). Raises ValueError where ONNX Runtime stops."""
        self.prepare()
        session = self._new_session() if self._fresh else self._session
        with _translated(self.label, "ONNX Runtime could not run it", "check the input's shape"):
            return _run(session, outputs, feeds, self._may_loop)

    def output_types(self) -> dict[str, str]:
        """ONNX Runtime's own names of the output types, as in "tensor(float)"."""
        self.prepare()
        return {output.name: output.type for output in self._session.get_outputs()}

    def output_shapes(self) -> dict[str, list[int | str | None]]:
        """Shapes of the outputs as ONNX Runtime infers them; [] also where it knows no rank."""
        self.prepare()
        return {output.name: output.shape for output in self._session.get_outputs()}

    def _new_session(self) -> Any:
        with _translated(self.label, "ONNX Runtime cannot load it", _LOAD_REMEDY):
            return ort.InferenceSession(
                self.model,
                _options(self._threads),
                providers=["CPUExecutionProvider"],
                disabled_optimizers=self._disabled,
            )

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_session": None}


def _run(session: Any, outputs: Sequence[str] | None, feeds: Any, may_loop: bool) -> list[Any]:
    """The outputs; what may loop for ever is stopped after LOOP_SECONDS."""
    if not may_loop:
        return list(session.run(outputs, feeds))
    options = ort.RunOptions()
    watch = threading.Timer(LOOP_SECONDS, setattr, (options, "terminate", True))
    watch.daemon = True
    watch.start()
    try:
        return list(session.run(outputs, feeds, options))
    finally:
        watch.cancel()


_LOAD_REMEDY = f"use operators, opset and IR version that ONNX Runtime {ort.__version__} runs"


def _options(threads: int) -> Any:
    options = ort.SessionOptions()
    options.log_severity_level = FATAL
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    # A network becomes dozens of sessions; each arena would keep its own peak of activations.
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    # Spinning threads would steal the cores from the analog steps that run in between.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


@contextlib.contextmanager
def _translated(label: str, rule: str, remedy: str) -> Iterator[None]:
    """ONNX Runtime's own exception classes become ValueError."""
    try:
        yield
    except _ORT_ERRORS as error:
        reason = " ".join(str(error).removeprefix("[ONNXRuntimeError] : ").split())
        fail(ValueError, f"{rule}: {reason}", name=label, remedy=remedy)
