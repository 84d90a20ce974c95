"""Damages a model: an input is a function of (seed, index) alone, so that each can be had again.

Most changes are made in the parsed message, so that the model still parses and damage gets far;
some in the bytes.
"""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import numpy as np
import onnx
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, numpy_helper
from seeds import Seed

EDGES = [0, 1, 2, 3, 4, 7, 16, 255, *(2**n for n in (15, 24, 31, 40, 62)), 2**31 - 1, 2**63 - 1]
FLOATS = [0.0, -0.0, -1.0, 0.5, 1e-45, 1e30, 3.5e38, float("inf"), float("-inf"), float("nan")]
PATHS = ["", "/etc/passwd", "../../etc/passwd", ".", "..", "weights.bin", "nul\0", "x" * 5000]
WORDS = [b"", b"\xff\xfe", b"SAME_LOWER", b"VALID", b"reverse", b"cubic", b"Affine", b"x" * 3000]
OTHER = [
    "FusedMatMul",
    "FusedConv",
    "QGemm",
    "QAttention",
    "Attention",
    "MatMulNBits",
    "QLinearAdd",
]
OPERATORS = sorted({schema.name for schema in onnx.defs.get_all_schemas()}) + OTHER
ATTRIBUTES = sorted({n for s in onnx.defs.get_all_schemas() if not s.domain for n in s.attributes})
LONGEST_CHAIN = 3000  # nodes: far deeper than Python's stack


def mutate(seeds: Sequence[Seed], random: Random) -> Seed:
    """One of the seeds, changed one to four times."""
    seed = random.choice(seeds)
    model = ModelProto.FromString(seed.model)
    for _ in range(random.choice((0, 1, 1, 1, 1, 2, 2, 3, 4))):
        change = random.choices(CHANGES, WEIGHTS)[0]
        try:
            change(model, random, seeds)
        except (ArithmeticError, LookupError, MemoryError, TypeError, ValueError):
            continue  # nothing there to change in that way
    data = model.SerializeToString()
    if random.random() < 0.2:
        data = _damaged(data, random)
    return Seed(seed.name, data, _weights(seed.weights, random))


def _weights(given: tuple[str, bytes] | None, random: Random) -> tuple[str, bytes] | None:
    if given is None or random.random() < 0.7:
        return given
    return given[0], _damaged(given[1], random)


def _damaged(data: bytes, random: Random) -> bytes:
    """Bits flipped, bytes replaced, removed, put in or doubled."""
    found = bytearray(data)
    for _ in range(random.choice((1, 1, 1, 2, 4, 16))):
        place, size = random.randrange(len(found) + 1), random.choice((1, 1, 2, 4, 30))
        piece = found[place : place + size]
        kind = random.randrange(6)
        if kind == 0 and piece:
            found[place] ^= 1 << random.randrange(8)
        elif kind == 1:
            found[place : place + size] = random.randbytes(size)
        elif kind == 2:
            del found[place : place + size]
        elif kind == 3:
            found[place:place] = random.randbytes(size)
        elif kind == 4:
            found[place:place] = piece
        elif kind == 5 and random.random() < 0.2:
            del found[place:]
    return bytes(found)


def _integer(random: Random) -> int:
    value = random.choice(EDGES) if random.random() < 0.8 else random.randrange(100)
    return -value if random.random() < 0.4 else value


def messages(root: Message, kind: type[Message] = Message) -> list[Any]:
    """All messages of a kind in a message, at any depth, itself included."""
    found, waiting = [], [root]
    while waiting:
        message = waiting.pop()
        if isinstance(message, kind):
            found.append(message)
        for field, value in message.ListFields():
            if field.type == FieldDescriptor.TYPE_MESSAGE:
                waiting.extend(value if _repeated(field) else [value])
    return found


def _repeated(field: Any) -> bool:
    return bool(field.is_repeated)


def names(model: ModelProto) -> list[str]:
    """Every name of a value, and none."""
    nodes = messages(model, NodeProto)
    used = [name for node in nodes for name in (*node.input, *node.output)]
    return [*used, *(tensor.name for tensor in messages(model, TensorProto)), "", "nowhere"]


def any_field(model: ModelProto, random: Random, seeds: Sequence[Seed]) -> None:
    """Any field of any message."""
    message = random.choice(messages(model))
    field = random.choice(message.DESCRIPTOR.fields)
    if _repeated(field):
        _change_list(getattr(message, field.name), field, model, random)
    elif random.random() < 0.15:
        message.ClearField(field.name)
    elif field.type == FieldDescriptor.TYPE_MESSAGE:
        getattr(message, field.name).SetInParent()
    else:
        setattr(message, field.name, _scalar(field, getattr(message, field.name), model, random))


def _change_list(values: Any, field: Any, model: ModelProto, random: Random) -> None:
    kind = random.randrange(5)
    place = random.randrange(len(values)) if values else 0
    if kind == 0:
        del values[place]
    elif kind == 1:
        values.append(values[place])
    elif kind == 2 and random.random() < 0.3:
        del values[:]
    elif kind == 3 and len(values) > 1:
        other = values[random.randrange(len(values))]
        values.extend([other, *values[:place]])
        del values[: place + 1]
    elif field.type != FieldDescriptor.TYPE_MESSAGE:
        new = _scalar(field, values[place] if values else None, model, random)
        values[place : place + 1] = [new]


def _scalar(field: Any, old: Any, model: ModelProto, random: Random) -> Any:
    kind = field.cpp_type
    if kind in (FieldDescriptor.CPPTYPE_FLOAT, FieldDescriptor.CPPTYPE_DOUBLE):
        return random.choice(FLOATS)
    if kind == FieldDescriptor.CPPTYPE_ENUM:
        return random.choice([value.number for value in field.enum_type.values])
    if kind != FieldDescriptor.CPPTYPE_STRING:
        small = kind in (FieldDescriptor.CPPTYPE_INT32, FieldDescriptor.CPPTYPE_UINT32)
        return random.randrange(30) if small else _integer(random)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return _damaged(old or b"abc", random)
    return random.choice([*names(model), "x" * 2000, "é\n\0", random.choice(OPERATORS)])


def attribute(model: ModelProto, random: Random, seeds: Sequence[Seed]) -> None:
    """An attribute's values, or its type."""
    item = random.choice(messages(model, AttributeProto))
    kind = random.randrange(8)
    if kind == 0:
        item.type = random.randrange(16)
    elif kind == 1:
        item.name = random.choice(ATTRIBUTES)
    elif item.type == AttributeProto.INT:
        item.i = _integer(random)
    elif item.type == AttributeProto.INTS:
        count = random.choice((len(item.ints), len(item.ints), random.randrange(6)))
        item.ints[:] = [_integer(random) if random.random() < 0.5 else 1 for _ in range(count)]
    elif item.type == AttributeProto.FLOAT:
        item.f = random.choice(FLOATS)
    elif item.type == AttributeProto.STRING:
        item.s = random.choice(WORDS)
    elif item.type == AttributeProto.TENSOR:
        _change_tensor(item.t, random)
    elif item.type == AttributeProto.FLOATS:
        item.floats[:] = random.choices(FLOATS, k=random.randrange(4))
    elif item.type == AttributeProto.STRINGS:
        item.strings[:] = random.choices(WORDS, k=random.randrange(7))


def new_attribute(model: ModelProto, random: Random, seeds: Sequence[Seed]) -> None:
    """An attribute more, of a name that ONNX knows; or one less."""
    node = random.choice(messages(model, NodeProto))
    if random.random() < 0.3:
        del node.attribute[random.randrange(len(node.attribute))]
        return
    values = [_integer(random), random.choice(FLOATS), "SAME_UPPER", [0.5, 2.0]]
    values += [[_integer(random) for _ in range(random.choice((1, 2, 4)))] for _ in range(2)]
    values.append(onnx.helper.make_tensor("t", TensorProto.FLOAT, [1], [2.0]))
    made = onnx.helper.make_attribute(random.choice(ATTRIBUTES), random.choice(values))
    node.attribute.append(made)


def tensor(model: ModelProto, random: Random, seeds: Sequence[Seed]) -> None:
    """A tensor's data, type, dims or place."""
    _change_tensor(random.choice(messages(model, TensorProto)), random)


def _change_tensor(given: TensorProto, random: Random) -> None:
    kind = random.randrange(9)
    if kind == 0:
        given.data_type = random.randrange(30)
    elif kind == 1:
        given.dims[random.randrange(len(given.dims))] = _integer(random)
    elif kind == 2:
        given.dims.append(random.choice((0, 1, _integer(random))))
    elif kind == 3:
        del given.dims[random.randrange(len(given.dims))]
    elif kind == 4:
        given.raw_data = _damaged(given.raw_data, random)
    elif kind == 5 or kind == 6:
        _change_values(given, random)
    elif kind == 7:
        given.data_location = TensorProto.EXTERNAL
        for key, value in (("location", random.choice(PATHS)), ("offset", str(_integer(random)))):
            given.external_data.add(key=key, value=value)
    else:
        entry = random.choice(given.external_data)
        entry.value = random.choice([*PATHS, str(_integer(random)), "1e3", "٣"])


def _change_values(given: TensorProto, random: Random) -> None:
    """Other numbers of the right type: sizes and axes that are huge or negative."""
    if given.data_location == TensorProto.EXTERNAL:
        return
    array = numpy_helper.to_array(given).copy()
    place = random.randrange(array.size)
    if array.dtype.kind == "f":
        with np.errstate(over="ignore"):
            array.reshape(-1)[place] = random.choice(FLOATS)
    elif array.dtype.kind in "iu":
        bits = 8 * array.dtype.itemsize
        array.reshape(-1)[place] = np.array(_integer(random) % 2**bits, np.uint64).astype(
            array.dtype
        )
    given.CopyFrom(numpy_helper.from_array(array, given.name))


def operator(model: ModelProto, random: Random, seeds: Sequence[Seed]) -> None:
    """A node becomes another operator, or of another domain."""
    node = random.choice(messages(model, NodeProto))
    if random.random() < 0.8:
        near = [other.op_type for other in messages(model, NodeProto)]
        node.op_type = random.choice(random.choice((near, OPERATORS)))
    else:
        node.domain = random.choice(["", "ai.onnx", "com.microsoft", "ai.onnx.ml", "mine", "x"])


def edge(model: ModelProto, random: Random, seeds: Sequence[Seed]) -> None:
    """An input or output is called otherwise, goes or comes."""
    node = random.choice(messages(model, NodeProto))
    values = random.choice((node.input, node.input, node.input, node.output))
    kind, place = random.randrange(6), random.randrange(len(values) + 1)
    if kind == 0:
        values.append(random.choice(names(model)))
    elif kind == 1:
        del values[place]
    else:
        values[place] = random.choice(names(model))


def version(model: ModelProto, random: Random, seeds: Sequence[Seed]) -> None:
    """Other versions of ONNX or its operators."""
    if random.random() < 0.3:
        model.ir_version = random.choice([*range(16), _integer(random)])
    else:
        stated = random.choice(messages(model, onnx.OperatorSetIdProto))
        stated.version = random.choice([*range(28), _integer(random)])


def declared(model: ModelProto, random: Random, seeds: Sequence[Seed]) -> None:
    """The type or shape of an input, output or inner value."""
    shapes = messages(model, onnx.TypeProto.Tensor)
    stated = random.choice(shapes)
    if random.random() < 0.4:
        stated.elem_type = random.randrange(28)
    else:
        dims = stated.shape.dim
        dims[random.randrange(len(dims))].dim_value = _integer(random)


def splice(model: ModelProto, random: Random, seeds: Sequence[Seed]) -> None:
    """A part of another model takes the place of one of the same kind, or joins it."""
    other = ModelProto.FromString(random.choice(seeds).model)
    kind = random.choice((NodeProto, NodeProto, AttributeProto, TensorProto, GraphProto))
    source = random.choice(messages(other, kind))
    if kind is NodeProto and random.random() < 0.5:
        nodes = random.choice(messages(model, GraphProto)).node
        nodes.insert(random.randrange(len(nodes) + 1), source)
    else:
        random.choice(messages(model, kind)).CopyFrom(source)


def merge(model: ModelProto, random: Random, seeds: Sequence[Seed]) -> None:
    """All of another model joins this one, field by field."""
    model.MergeFrom(ModelProto.FromString(random.choice(seeds).model))


def copy(model: ModelProto, random: Random, seeds: Sequence[Seed]) -> None:
    """Within one model a message takes the place of another of its kind."""
    found = messages(model)
    source = random.choice(found)
    target = random.choice([m for m in found if type(m) is type(source)])
    kept = type(source)()
    kept.CopyFrom(source)  # the target may lie inside the source
    target.CopyFrom(kept)


def chain(model: ModelProto, random: Random, seeds: Sequence[Seed]) -> None:
    """A long row of nodes before one input of a node."""
    if random.random() < 0.8:
        raise ValueError("too slow to do often")
    nodes = model.graph.node
    place = random.randrange(len(nodes))
    slot = random.randrange(len(nodes[place].input))
    operator, count = random.choice(["Identity", "Identity", "Neg", "Transpose"]), LONGEST_CHAIN
    count = random.choice((20, 200, count))
    ends = [nodes[place].input[slot], *(f"link_{i}" for i in range(count))]
    made = [onnx.helper.make_node(operator, [ends[i]], [ends[i + 1]]) for i in range(count)]
    nodes[place].input[slot] = ends[-1]
    kept = [*nodes[:place], *made, *nodes[place:]]
    del nodes[:]
    nodes.extend(kept)


Change = Callable[[ModelProto, Random, Sequence[Seed]], None]
CHANGES: list[Change] = [any_field, attribute, new_attribute, tensor, operator, edge, version,
                         declared, splice, merge, copy, chain]  # fmt: skip
WEIGHTS = [4, 6, 4, 6, 4, 4, 2, 3, 3, 0.5, 2, 1]
