"""Functions of the model's own are opened: they hide weights from the search for analog nodes."""

import contextlib
from collections.abc import Iterable, Iterator

from onnx import (
    FunctionProto,
    ModelProto,
    NodeProto,
    checker,
    helper,
    inliner,
    shape_inference,
    version_converter,
)

from wordline.errors import fail
from wordline.onnx.nodes import DEFAULT_DOMAINS, inner_nodes
from wordline.onnx.rehearsal import rehearse

LIMIT = 10**6  # nodes after opening; forty functions that call each other twice make 10^12
# What ONNX's inference, inliner and converter raise for a model they cannot follow.
INFERENCE_ERRORS = (
    checker.ValidationError,
    shape_inference.InferenceError,
    version_converter.ConvertError,
    RuntimeError,
    MemoryError,
    ValueError,
)
_Key = tuple[str, str, str]


def refuse_growth(model: ModelProto) -> None:
    """Raise ValueError for functions that call themselves, or that open into too many nodes."""
    functions = {(f.domain, f.name, f.overload): f for f in model.functions}
    sizes: dict[_Key, int] = {}
    for key in _callees_first(functions):
        sizes[key] = _opened_size(functions[key].node, sizes)
    total = _opened_size(model.graph.node, sizes) if functions else 0
    if total > LIMIT:
        fail(
            ValueError,
            "the functions of a model open into a graph that can be read",
            name="nodes",
            value=total,
            allowed=f"up to {LIMIT}",
            remedy="export the model without functions",
        )


def open_functions(model: ModelProto) -> ModelProto:
    """The model without calls of functions, as far as they can be opened."""
    with contextlib.suppress(*INFERENCE_ERRORS):  # calls that do not fit their function
        return inliner.inline_local_functions(model) if model.functions else model
    return model


def convert_functions(model: ModelProto, label: str) -> ModelProto:
    """The model without functions written for other versions of ONNX's operators than its own.

    Those that ONNX cannot convert stay; a model without such functions is returned as it is.

    Raises:
        ValueError: the conversion would end the process.
    """
    versions = {o.domain: o.version for o in model.opset_import}
    if all(_same_versions(function, versions) for function in model.functions):
        return model
    rehearse(lambda: _converted(model, versions), label)
    return _converted(model, versions)


def _converted(model: ModelProto, versions: dict[str, int]) -> ModelProto:
    with contextlib.suppress(*INFERENCE_ERRORS):  # no conversion between the versions
        return inliner.inline_local_functions(_typed(model, versions), convert_version=True)
    return model


def _typed(model: ModelProto, versions: dict[str, int]) -> ModelProto:
    """A copy with the types of all values, which the converter asks for.

    Inference passes over functions of other versions; their types hardly depend on the version.
    """
    alike, typed = ModelProto(), ModelProto()
    alike.CopyFrom(model)
    for function in alike.functions:
        for stated in function.opset_import:
            stated.version = versions.get(stated.domain, stated.version)
    typed.CopyFrom(model)
    typed.graph.CopyFrom(shape_inference.infer_shapes(alike).graph)
    typed.graph.value_info.extend(
        helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims)
        for tensor in model.graph.initializer
    )
    return typed


def _same_versions(function: FunctionProto, versions: dict[str, int]) -> bool:
    stated = {o.domain: o.version for o in function.opset_import if o.domain in DEFAULT_DOMAINS}
    return all(versions.get(domain, version) == version for domain, version in stated.items())


def _opened_size(nodes: Iterable[NodeProto], sizes: dict[_Key, int]) -> int:
    return sum(sizes.get(key, 1) for key in _keys(nodes))


def _keys(nodes: Iterable[NodeProto]) -> Iterator[_Key]:
    """What each node, at any depth, would be called as a function."""
    for node in nodes:
        for each in (node, *inner_nodes(node)):
            yield each.domain, each.op_type, each.overload


def _callees_first(functions: dict[_Key, FunctionProto]) -> list[_Key]:
    """The functions in an order in which each calls only earlier ones."""
    calls = {k: {c for c in _keys(f.node) if c in functions} for k, f in functions.items()}
    callers: dict[_Key, list[_Key]] = {key: [] for key in functions}
    for key, called in calls.items():
        for callee in called:
            callers[callee].append(key)
    order = [key for key, called in calls.items() if not called]
    for key in order:  # grows while it is walked
        for caller in callers[key]:
            calls[caller].discard(key)
            if not calls[caller]:
                order.append(caller)
    if len(order) < len(functions):
        culprit = next(key for key in functions if key not in set(order))
        fail(
            ValueError,
            "a function does not call itself",
            name=f"function '{culprit[0]}.{culprit[1]}'",
            remedy="export the model again",
        )
    return order
