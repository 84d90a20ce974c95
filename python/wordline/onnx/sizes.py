"""How large constant expressions may grow: a few bytes of a model can ask for terabytes."""

from collections.abc import Iterable, Mapping, Sequence
from math import prod

from onnx import NodeProto, TypeProto

from wordline.errors import fail

# Elements. Protobuf limits stored weights to 2 GiB, which 2^29 numbers of 4 bytes are.
LIMIT = 2**29
# Elements above which ONNX Runtime is not to compute a constant while it makes a session.
FOLDED = 2**24

# Operators whose output's size is a value of an input, not a size of one.
_GROWING = {
    "AffineGrid",
    "BlackmanWindow",
    "CenterCropPad",
    "Col2Im",
    "ConstantOfShape",
    "DFT",
    "Expand",
    "HammingWindow",
    "HannWindow",
    "MaxUnpool",
    "MelWeightMatrix",
    "OneHot",
    "Pad",
    "Range",
    "Resize",
    "STFT",
    "Tile",
    "Upsample",
}

Shape = Sequence[int | str | None]


def refuse_large(nodes: Iterable[NodeProto], shapes: Mapping[str, Shape]) -> None:
    """Raise ValueError if a constant on the way is too large to compute, or may be.

    shapes: as ONNX Runtime infers them; [] for a scalar and for an unknown rank.
    """
    for node in nodes:
        for name in node.output:
            shape = shapes.get(name, [])
            if not known(shape) or (not shape and node.op_type in _GROWING):
                _refuse_unknown(node, name)
            refuse_size(f"constant '{name}'", [int(n) for n in shape if isinstance(n, int)])


def refuse_size(name: str, dims: Iterable[int]) -> None:
    """Raise ValueError for the shape of a constant that no model could have stored."""
    size = prod(dims)
    if size > LIMIT:
        fail(
            ValueError,
            "a model computes no constant larger than it could store",
            name=name,
            value=size,
            unit="elements",
            allowed=f"up to {LIMIT}",
            remedy="export the model again",
        )


def known(shape: Shape) -> bool:
    """Whether all sizes are numbers."""
    return all(isinstance(size, int) and size >= 0 for size in shape)


def grows(node: NodeProto) -> bool:
    """Whether a value of an input decides the size of the output."""
    return node.op_type in _GROWING


def large(given: TypeProto) -> bool:
    """Whether a value of this type, with all sizes fixed, has more than FOLDED elements."""
    dims = [dim.dim_value for dim in given.tensor_type.shape.dim]
    return fixed(given) and prod(dims) > FOLDED


def fixed(given: TypeProto) -> bool:
    """Whether all sizes of the type are told."""
    tensor = given.tensor_type
    return tensor.HasField("shape") and all(d.HasField("dim_value") for d in tensor.shape.dim)


def _refuse_unknown(node: NodeProto, name: str) -> None:
    if node.op_type in _GROWING:
        fail(
            ValueError,
            f"the size of a constant {node.op_type} cannot be told before it is computed",
            name=f"constant '{name}'",
            remedy="fold constants when exporting the model",
        )
