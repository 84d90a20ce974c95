"""Types of values inside a graph, as far as its inputs determine them."""

from collections.abc import Iterable, Mapping
from typing import NoReturn

import onnx
from onnx import ModelProto, TypeProto, ValueInfoProto, helper, shape_inference

from wordline.errors import fail
from wordline.onnx.functions import INFERENCE_ERRORS
from wordline.onnx.nodes import live_nodes, numpy_dtype
from wordline.onnx.runtime import Engine
from wordline.onnx.skeleton import skeleton_of
from wordline.onnx.source import wrap


def value_types(
    model: ModelProto, names: Iterable[str], known: Mapping[str, TypeProto]
) -> dict[str, TypeProto]:
    """The types of the values `names`, where possible with their shapes.

    Those not in `known` are asked of ONNX Runtime, which knows operators that ONNX does not.

    Raises:
        ValueError: nobody knows the type, or NumPy has none like it.
    """
    wanted = list(dict.fromkeys(names))
    missing = [name for name in wanted if name not in known]
    types = {**known, **(_asked(model, missing) if missing else {})}
    for name in wanted:
        _require_numpy(name, types[name])
    return {name: types[name] for name in wanted}


def inferred_types(model: ModelProto) -> dict[str, TypeProto]:
    """The types of values as ONNX's own inference tells them from the graph's inputs.

    Shapes are those that follow; where ONNX does not know an operator, its results are missing.
    Values of shape tensors are not followed (data_prop): on mutated models ONNX 1.23 then fills
    all memory, or ends the process.
    """
    try:
        result = shape_inference.infer_shapes(skeleton_of(model), strict_mode=False)
    except INFERENCE_ERRORS:
        return {}  # ONNX Runtime is asked instead, and its word is final
    infos = [*result.graph.value_info, *result.graph.output]
    return {info.name: _anonymous(info.type) for info in infos if info.type.WhichOneof("value")}


def _anonymous(given: TypeProto) -> TypeProto:
    """The type with free axes instead of named ones: the names are the inference's own."""
    inner = given
    while inner.WhichOneof("value") in ("sequence_type", "optional_type"):
        inner = getattr(inner, inner.WhichOneof("value")).elem_type
    if inner.HasField("tensor_type"):
        for dim in inner.tensor_type.shape.dim:
            dim.ClearField("dim_param")
    return given


def _asked(model: ModelProto, names: list[str]) -> dict[str, TypeProto]:
    """Types as ONNX Runtime infers them: it fills in outputs that are declared without."""
    graph = onnx.GraphProto()
    graph.CopyFrom(model.graph)
    nodes = live_nodes(graph.node, names)
    del graph.output[:], graph.node[:]
    graph.node.extend(nodes)
    graph.output.extend(ValueInfoProto(name=name) for name in names)
    types = Engine(wrap(model, graph), "model", folding=False).output_types()
    return {name: _parsed(name, text) for name, text in types.items()}


def _parsed(name: str, text: str) -> TypeProto:
    """ONNX Runtime's "seq(tensor(float))" as a TypeProto."""
    kind, _, inner = text.removesuffix(")").partition("(")
    if kind == "tensor":
        words = {"float": "FLOAT", "double": "DOUBLE"}
        data_type = onnx.TensorProto.DataType.Value(words.get(inner, inner.upper()))
        return helper.make_tensor_type_proto(data_type, None)
    if kind == "seq":
        return helper.make_sequence_type_proto(_parsed(name, inner))
    if kind == "optional":
        return helper.make_optional_type_proto(_parsed(name, inner))
    return _refuse(name, text)


def _require_numpy(name: str, given: TypeProto) -> None:
    if not given.HasField("tensor_type"):
        return
    elem_type = given.tensor_type.elem_type
    dtype = numpy_dtype(elem_type)
    # NumPy knows bfloat16, float8 and int4 only through ml_dtypes, and ONNX Runtime not at all.
    if dtype is None or dtype.isbuiltin != 1:
        _refuse(name, str(dtype or f"element type {elem_type}"))


def _refuse(name: str, given: str) -> NoReturn:
    fail(
        ValueError,
        "a value of this type cannot pass from one segment to the next",
        name=f"value '{name}'",
        value=given,
        allowed="tensors of NumPy's types, and sequences of them",
        remedy="keep digital (keep_digital) the weight nodes between its source and its reader",
    )
