"""What is done with each model, and which ends are allowed: success, or a typed error of ours."""

import tempfile
import traceback
import zlib
from math import prod
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import wordline as wl
from mutate import mutate
from seeds import Seed
from wordline import errors
from wordline.onnx import exact_product
from wordline.onnx.interface import ValueInfo

LARGEST = 4096  # elements of an input that is made up
KINDS = (ValueError, TypeError, IndexError, OSError)


class Unfed(Exception):
    """An input that is too large, or of a type that is not made up here."""


def made(seeds: list[Seed], seed: int, index: int) -> tuple[Seed, Random]:
    """Input number `index` of a run with `seed`, and the generator for the choices that follow."""
    random = Random(f"{seed}/{index}")
    return mutate(seeds, random), random


def outcome(given: Seed, random: Random) -> tuple[str, str]:
    """(what happened, "") if that is allowed, else (exception, traceback)."""
    try:
        return _use(given, random), ""
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)
        if _ours(error, where):
            return f"refused: {type(error).__name__}", ""
        return type(error).__name__, traceback.format_exc()


def _ours(error: Exception, where: traceback.StackSummary) -> bool:
    """Whether the error was raised by `wordline.errors.fail`, or has come so from the core."""
    if not isinstance(error, KINDS):
        return False
    last = where[-1]
    raised = last.name == "fail" and Path(last.filename) == Path(errors.__file__)
    core = type(error) in KINDS and Path(last.filename).parent == Path(wl.__file__).parent
    return raised or (core and ": " in str(error))


def _use(given: Seed, random: Random) -> str:
    with tempfile.TemporaryDirectory() as folder:
        source: Any = given.model
        if given.weights is not None or random.random() < 0.05:
            source = Path(folder) / "model.onnx"
            source.write_bytes(given.model)
            if given.weights is not None:
                source.with_name(given.weights[0]).write_bytes(given.weights[1])
        network = wl.load(source)
    repr(network)
    network.graph.summary()
    try:
        feeds = {value.name: _fed(value, random) for value in network.inputs}
    except Unfed:
        return "loaded"
    network(feeds)
    network.graph.run(feeds, exact_product)
    if random.random() < 0.1 and network.analog_steps:
        network.map(wl.Chip.ideal(), feeds).program(seed=1)(feeds)
        return "mapped and ran"
    return "ran"


def _fed(value: ValueInfo, random: Random) -> Any:
    if value.dtype is None:
        return [np.ones((2, 2), np.float32)]
    shape = value.shape
    if shape is None:
        shape = (None,) * random.randrange(5)
    batch, length = random.randrange(1, 4), random.choice((1, 2, 3, 6, 9))
    free = [batch, *[length] * len(shape)]
    shape = tuple(free[i] if size is None else size for i, size in enumerate(shape))
    if prod(shape) > LARGEST or len(shape) > 32 or min(shape, default=0) < 0:
        raise Unfed
    if value.dtype == object:
        return np.full(shape, "a", object)
    numbers = np.random.default_rng(zlib.crc32(value.name.encode())).standard_normal(shape)
    positive = value.dtype.kind == "u"
    return (2 * (np.abs(numbers) if positive else numbers)).astype(value.dtype)
