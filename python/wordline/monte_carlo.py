"""Accuracy over many independently programmed chips."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from wordline import _core
from wordline.cost import Cost
from wordline.errors import fail
from wordline.layers import add_uses
from wordline.numbers import LARGEST_SEED, checked_ageing, whole
from wordline.onnx import Graph
from wordline.onnx.interface import Feeds
from wordline.progress import progress_bar
from wordline.record import ChipResult, Identity, Record, digest
from wordline.store import Store
from wordline.study import Study

if TYPE_CHECKING:
    from wordline.mapped import Mapped

Labels = NDArray[np.integer[Any]]
Batch = tuple[int, Feeds, Labels]  # absolute index of the first sample, inputs, labels


def monte_carlo(
    mapped: "Mapped",
    x: Feeds,
    y: Any,
    *,
    chips: int = 50,
    seed: int = 0,
    store: str | os.PathLike[str] | None = None,
    threads: int = 0,
    batch: int = 500,
    progress: bool = True,
    age: float = 0.0,
    temperature: float = 300.0,
    reads: float = 0.0,
    extrapolate: bool = False,
    confidence: float = 0.95,
    predictions: bool = False,
) -> Study:
    """Program `chips` chips, classify `x` on each, and compare with the labels `y`.

    Args:
        x: inputs, one array or a dict; y: whole numbers, the correct classes. The class that the
            network chooses is the largest element along the last axis of its first output.
        chips: how many. Chip k is the same chip in every study of this seed.
        seed: 0 to 2^63 - 1.
        store: HDF5 file of the study. Each finished chip is kept in `<store>.parts/`; a killed
            study continues there, and one with more chips than before adds the missing ones.
        threads, batch: how the machine is used; results do not depend on them. A batch is cut
            from inputs as long as `y`; others are passed whole.
        progress: show a bar on a terminal.
        age, temperature, reads, extrapolate: see `Mapped.program`.
        confidence: of the interval. predictions: keep the chosen classes of each chip.

    Raises:
        ValueError: labels that do not fit, a store that holds another study.
        OSError: the store cannot be read or written. KeyboardInterrupt: finished chips are kept.
    """
    labels = _checked_labels(x, y)
    _check_counts(chips, seed, batch, confidence)
    ageing = checked_ageing(age, temperature, reads, extrapolate)
    identity = identify(mapped, x, labels, seed, ageing)
    job = _Job(mapped, x, labels, identity, batch, threads, predictions)
    kept = Store(store, identity) if store is not None else None
    done = kept.finished() if kept else {}
    with progress_bar(chips, "chips", enabled=progress) as advance:
        missing = _run_missing(job, chips, done, kept, advance)
        record = _record(job, confidence)
    record.chips = [done[index] for index in sorted(done)]
    if kept and (missing or kept.unmerged()):
        kept.merge(_priced(record, mapped.chip.tech))
    record.chips = record.chips[:chips]
    return Study(_priced(record, mapped.chip.tech))


@dataclass(frozen=True)
class _Job:
    """What every chip of a study is given."""

    mapped: "Mapped"
    x: Feeds
    labels: Labels
    identity: Identity
    batch: int
    threads: int
    predictions: bool

    def batches(self) -> Iterator[Batch]:
        return _batches(self.x, self.labels, self.batch)


def _run_missing(
    job: _Job,
    chips: int,
    done: dict[int, ChipResult],
    kept: Store | None,
    advance: Callable[[float], None],
) -> int:
    """Run the chips that are not done; how many they were."""
    missing = [k for k in range(chips) if _lacks(done.get(k), job.predictions)]
    advance(chips - len(missing))
    for index in missing:
        done[index] = _one_chip(job, index, advance)
        if kept:
            kept.add(done[index])
    return len(missing)


def identify(
    mapped: "Mapped", x: Feeds, labels: Labels, seed: int, ageing: dict[str, Any]
) -> Identity:
    """What the study is of."""
    named = dict(x) if isinstance(x, Mapping) else {"": x}
    return Identity(
        model=mapped.graph.digest,
        layers=tuple(step.name for step in mapped.graph.analog_steps),
        chip=mapped.chip.to_dict(),
        calibration=digest(mapped.calibration),
        data=digest({**named, "(labels)": labels}),
        samples=len(labels),
        seed=seed,
        ageing=ageing,
        version=_core.version(),
        build=_build(),
    )


def _build() -> str:
    """What else the last bit depends on: the code, the CPU target and ONNX Runtime."""
    runtime = f"onnxruntime {onnxruntime.__version__}"
    return f"{_core.git_id()}, {_core.instruction_set()}, {runtime}"


def digital_accuracy(graph: Graph, x: Feeds, y: Any, batch: int = 500) -> float:
    """The part of `x` that the digital network classifies as `y` says."""
    labels = _checked_labels(x, y)
    parts = [_classes(graph.run(feeds), part) for _, feeds, part in _batches(x, labels, batch)]
    return _accuracy(np.concatenate(parts), labels)


def _one_chip(job: _Job, index: int, advance: Callable[[float], None]) -> ChipResult:
    identity, threads = job.identity, job.threads
    chip = job.mapped.program(seed=identity.seed, chip=index, threads=threads, **identity.ageing)
    run, parts = chip.start(threads), []
    for first, feeds, labels in _watched(job.batches(), len(job.labels), advance):
        parts.append(_classes(run.outputs(job.mapped.graph, feeds, first), labels))
    chosen = np.concatenate(parts)
    accuracy = _accuracy(chosen, job.labels)
    kept = chosen if job.predictions else None
    return ChipResult(index, accuracy, run.uses(), chip.pulses, chip.energy, kept)


def _watched(
    batches: Iterable[Batch], samples: int, advance: Callable[[float], None]
) -> Iterator[Batch]:
    """The batches, each reported when it is done; one chip is one step."""
    for batch in batches:
        yield batch
        advance(len(batch[2]) / samples)


def _record(job: _Job, confidence: float) -> Record:
    return Record(
        identity=job.identity,
        instruction_set=_core.instruction_set(),
        git_id=_core.git_id(),
        confidence=confidence,
        digital_accuracy=digital_accuracy(job.mapped.graph, job.x, job.labels, job.batch),
        layers=job.mapped.layer_info(),
    )


def _priced(record: Record, technology: str) -> Record:
    """Price what all chips did; a component without a price is no reason to lose the study."""
    uses = add_uses([chip.uses for chip in record.chips])
    try:
        cost = Cost.of(technology, uses, is_run=True).to_dict()
    except ValueError as problem:
        return replace(record, cost=None, cost_problem=str(problem))
    return replace(record, cost=cost, cost_problem="")


def _batches(x: Feeds, labels: Labels, size: int) -> Iterator[Batch]:
    for first in range(0, len(labels), size):
        part = slice(first, first + size)
        if isinstance(x, Mapping):
            cut = {k: v[part] if np.shape(v)[:1] == labels.shape[:1] else v for k, v in x.items()}
            yield first, cut, labels[part]
        else:
            yield first, x[part], labels[part]


def _classes(outputs: list[Any], labels: Labels) -> NDArray[np.int64]:
    """The chosen classes: largest element along the last axis of the first output."""
    chosen: NDArray[np.int64] = np.argmax(outputs[0], axis=-1).astype(np.int64)
    if chosen.shape != labels.shape:
        fail(
            ValueError,
            "there is one label per class choice of the network",
            name="y: shape of a batch",
            value=labels.shape,
            allowed=str(chosen.shape),
            remedy="the classes are read along the last axis of the first output",
        )
    return chosen


def _accuracy(chosen: NDArray[np.int64], labels: Labels) -> float:
    return float(np.mean(chosen == labels))


def _lacks(chip: ChipResult | None, predictions: bool) -> bool:
    return chip is None or (predictions and chip.predictions is None)


def _checked_labels(x: Feeds, y: Any) -> Labels:
    labels = np.asarray(y)
    if labels.dtype.kind not in "iu":
        allowed = "an array of int"
        fail(TypeError, "labels are whole numbers", name="y", value=labels.dtype, allowed=allowed)
    counts = {np.shape(v)[0] for v in (x.values() if isinstance(x, Mapping) else [x]) if np.ndim(v)}
    if labels.ndim == 0 or len(labels) == 0 or len(labels) not in counts:
        fail(
            ValueError,
            "there is one label per sample, and at least one sample",
            name="y: shape",
            value=labels.shape,
            allowed=f"({', '.join(map(str, sorted(counts)))}, ...)",
        )
    return labels


def _check_counts(chips: int, seed: int, batch: int, confidence: float) -> None:
    _core.mean_interval([0.0, 0.0], confidence)
    whole("chips", chips, 1)
    whole("seed", seed, 0, LARGEST_SEED)
    whole("batch", batch, 1)
