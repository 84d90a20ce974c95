"""Accuracy, or another metric, over many independently programmed chips."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Protocol

import numpy as np

from wordline import _core
from wordline.cost import Cost
from wordline.design import Design
from wordline.errors import fail
from wordline.identify import digest
from wordline.layers import Use, add_uses
from wordline.metrics import Accuracy, Function, Labels, Metric, Scorer
from wordline.numbers import LARGEST_SEED, checked_ageing, number, whole
from wordline.onnx import Graph
from wordline.onnx.interface import Feeds
from wordline.programmed import ProgrammedNetwork
from wordline.progress import progress_bar
from wordline.record import ChipResult, Identity, Record, build
from wordline.samples import count_samples, cut
from wordline.settings import Settings
from wordline.store import Store
from wordline.study import Study

Batch = tuple[int, int, Feeds]  # absolute index of the first sample, samples, inputs
Advance = Callable[[float], None]


class Subject(Protocol):
    """What a study programs: `wordline.Mapped`."""

    design: Design

    @property
    def program(self) -> Callable[..., ProgrammedNetwork]:
        """Makes one chip; see `Mapped.program`."""


def monte_carlo(
    mapped: Subject,
    x: Feeds,
    y: Any = None,
    *,
    metric: Metric | None = None,
    chips: int = 50,
    seed: int = 0,
    store: str | os.PathLike[str] | None = None,
    threads: int = 0,
    batch: int = 500,
    progress: bool = True,
    age: float | Sequence[float] = 0.0,
    temperature: float = 300.0,
    reads: float = 0.0,
    extrapolate: bool = False,
    confidence: float = 0.95,
    predictions: bool = False,
) -> Study:
    """Program `chips` chips, run `x` on each, and measure what comes out.

    Args:
        x: inputs, one array or a dict.
        y: without a metric whole numbers, the correct classes. The class that the network chooses
            is the largest element along the last axis of its first output. With a metric whatever
            that compares with: arrays, dicts, lists, numbers, text or None.
        metric: a function (outputs, y) -> float, or -> dict of floats, whose first one is the
            main one. `outputs` is the list of the network's outputs for all samples. None is the
            accuracy.
        chips: how many. Chip k is the same chip in every study of this seed.
        seed: 0 to 2^63 - 1.
        store: HDF5 file of the study. Each finished chip is kept in `<store>.parts/`; a killed
            study continues there, and one with more chips than before adds the missing ones.
        threads, batch: how the machine is used; results do not depend on them. A batch is cut
            from inputs as long as there are samples; others are passed whole.
        progress: show a bar on a terminal.
        age: seconds since programming, or several, rising: then the same chips are looked at once
            at each age. `Study.over_time` has all; everything else is of the last age, costs and
            counts are means over the ages.
        temperature, reads, extrapolate: see `Mapped.program`.
        confidence: of the interval.
        predictions: keep the chosen classes of each chip (accuracy only).

    Raises:
        ValueError: labels that do not fit, a metric that gives no finite number, outputs that
            cannot be joined from batches, a store that holds another study or whose metric cannot
            be told from another.
        OSError: the store cannot be read or written. KeyboardInterrupt: finished chips are kept.

    Examples:
        >>> study = mapped.monte_carlo(x, y, chips=50, seed=7, store="study.h5")
        >>> study.accuracy
        0.8971 ± 0.0042 (95 % CI over 50 chips)
        >>> mapped.monte_carlo(x, y, metric=lambda out, y: ((out[0] - y) ** 2).mean()).mean
        0.01234 ± 0.0005 (95 % CI over 50 chips)
    """
    _check_counts(chips, seed, batch, confidence)
    ageing = {**checked_ageing(0.0, temperature, reads, extrapolate), "age": _ages(age)}
    scorer, samples = _scorer(mapped.design.graph, x, y, metric, predictions)
    targets = y if metric else np.asarray(y)
    identity = identify(mapped.design, x, targets, scorer, samples, seed, ageing)
    job = _Job(mapped, x, scorer, identity, batch, threads, predictions)
    kept = _store(store, identity)
    done = kept.finished() if kept else {}
    with progress_bar(chips, "chips", enabled=progress) as advance:
        missing = _run_missing(job, chips, done, kept, advance)
        record = _record(job, confidence)
    record.chips = [done[index] for index in sorted(done)]
    _require_names(record)
    if kept and (missing or kept.unmerged()):
        kept.merge(_priced(record, mapped.design.settings))
    record.chips = record.chips[:chips]
    return Study(_priced(record, mapped.design.settings))


@dataclass(frozen=True)
class _Job:
    """What every chip of a study is given."""

    mapped: Subject
    x: Feeds
    scorer: Scorer
    identity: Identity
    batch: int
    threads: int
    predictions: bool

    def batches(self) -> Iterator[Batch]:
        samples = self.identity.samples
        for first in range(0, samples, self.batch):
            count = min(self.batch, samples - first)
            yield first, count, cut(self.x, samples, slice(first, first + count))


def _run_missing(
    job: _Job, chips: int, done: dict[int, ChipResult], kept: Store | None, advance: Advance
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
    design: Design,
    x: Feeds,
    y: Any,
    scorer: Scorer,
    samples: int,
    seed: int,
    ageing: dict[str, Any],
) -> Identity:
    """What the study is of. Raises TypeError for a `y` whose contents cannot be told."""
    return Identity(
        model=design.graph.digest,
        layers=tuple(design.layers),
        chip=design.settings.chip.to_dict(),
        layer_chips={name: chip.to_dict() for name, chip in design.settings.own().items()},
        calibration=design.calibration,
        data=digest({"x": x, "y": y}),
        samples=samples,
        seed=seed,
        ageing=ageing,
        metric=scorer.name,
        metric_code=scorer.digest,
        version=_core.version(),
        build=build(),
    )


def _store(path: str | os.PathLike[str] | None, identity: Identity) -> Store | None:
    if path is None:
        return None
    if not identity.metric_code:
        fail(
            ValueError,
            "a stored study must know its metric again, and this one's contents cannot be told",
            name="metric",
            value=identity.metric,
            allowed="a function, a partial or an object of plain values",
            remedy="write it as a function in a file, or run without a store",
        )
    return Store(path, identity)


def _one_chip(job: _Job, index: int, advance: Advance) -> ChipResult:
    """A chip at every age: the same draws each time, so it is one chip that grows older."""
    values: dict[str, list[float]] = {}
    uses: list[list[Use]] = []
    times = job.identity.times
    for time in times:
        chip = _programmed(job, index, time)
        run, parts = chip.start(job.threads), []
        for first, count, feeds in job.batches():
            outputs = run.outputs(job.mapped.design.graph, feeds, first)
            parts.append(job.scorer.part(outputs, first, count))
            advance(count / job.identity.samples / len(times))
        for name, value in job.scorer.values(parts).items():
            values.setdefault(name, []).append(value)
        uses.append(run.uses())
    kept = job.scorer.chosen(parts) if job.predictions else None
    return ChipResult(index, values, add_uses(uses), chip.pulses, chip.energy, kept)


def _programmed(job: _Job, index: int, age: float) -> ProgrammedNetwork:
    past = {**job.identity.ageing, "age": age}
    return job.mapped.program(seed=job.identity.seed, chip=index, threads=job.threads, **past)


def _record(job: _Job, confidence: float) -> Record:
    return Record(
        identity=job.identity,
        instruction_set=_core.instruction_set(),
        git_id=_core.git_id(),
        confidence=confidence,
        digital=_digital(job),
        layers=[_without_placement(layer) for layer in job.mapped.design.info()],
    )


def _require_names(record: Record) -> None:
    for chip in record.chips:
        if list(chip.values) != list(record.digital):
            fail(
                ValueError,
                "a metric gives the same names for every chip and for the digital network",
                name=f"{record.identity.metric} of chip {chip.index}",
                value=", ".join(chip.values),
                allowed=", ".join(record.digital),
            )


def _digital(job: _Job) -> dict[str, float]:
    """The metrics of the network without crossbars."""
    graph, scorer = job.mapped.design.graph, job.scorer
    parts = [scorer.part(graph.run(x), first, count) for first, count, x in job.batches()]
    return scorer.values(parts)


def _without_placement(layer: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in layer.items() if key != "placement"}


def _priced(record: Record, settings: Settings) -> Record:
    """Price what all chips did; a component without a price is no reason to lose the study."""
    uses = add_uses([chip.uses for chip in record.chips])
    try:
        cost = Cost.of(settings.technology, uses, is_run=True).to_dict()
    except ValueError as problem:
        return replace(record, cost=None, cost_problem=str(problem))
    return replace(record, cost=cost, cost_problem="")


def _lacks(chip: ChipResult | None, predictions: bool) -> bool:
    return chip is None or (predictions and chip.predictions is None)


def _scorer(
    graph: Graph, x: Feeds, y: Any, metric: Metric | None, predictions: bool
) -> tuple[Scorer, int]:
    """What measures, and the number of samples."""
    if metric is None:
        labels = _checked_labels(x, y)
        return Accuracy(labels), len(labels)
    if predictions:
        rule = "only the accuracy chooses classes"
        fail(ValueError, rule, name="predictions", remedy="leave out metric= or predictions=")
    samples = count_samples(graph, x)
    if samples < 1:
        fail(ValueError, "there is at least one sample", name="x", value=samples, unit="samples")
    return Function(metric, y), samples


def _checked_labels(x: Feeds, y: Any) -> Labels:
    labels = np.asarray(y)
    if labels.dtype.kind not in "iu":
        allowed = "an array of int; anything with metric="
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


def _ages(age: Any) -> float | list[float]:
    """Seconds, one or several in rising order."""
    if np.ndim(age) == 0:
        return number("age", age, 0.0, "s")
    ages = [number(f"age[{k}]", one, 0.0, "s") for k, one in enumerate(age)]
    if not ages or any(b <= a for a, b in pairwise(ages)):
        allowed = "at least one age, each later than the one before"
        fail(ValueError, "ages rise", name="age", value=ages, unit="s", allowed=allowed)
    return ages


def _check_counts(chips: int, seed: int, batch: int, confidence: float) -> None:
    _core.mean_interval([0.0, 0.0], confidence)
    whole("chips", chips, 1)
    whole("seed", seed, 0, LARGEST_SEED)
    whole("batch", batch, 1)
