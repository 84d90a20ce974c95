"""A model without its weights: what the inference of types and shapes works on."""

from math import prod

from onnx import ModelProto, ValueInfoProto, helper

LARGE = 1024  # elements; inference needs the values of shapes and axes, never of weights


def skeleton_of(model: ModelProto) -> ModelProto:
    """The model with inputs in place of large weights, so that they are not copied around.

    Declared shapes of inner values and outputs are left out: many a model was given a free
    batch axis by hand and still declares a batch of 1 inside.
    """
    skeleton, graph = ModelProto(), model.graph
    skeleton.ir_version = model.ir_version
    skeleton.opset_import.extend(model.opset_import)
    skeleton.functions.extend(model.functions)
    skeleton.graph.name = "skeleton"
    skeleton.graph.node.extend(graph.node)
    skeleton.graph.input.extend(graph.input)
    skeleton.graph.output.extend(ValueInfoProto(name=value.name) for value in graph.output)
    skeleton.graph.sparse_initializer.extend(graph.sparse_initializer)
    inputs = {value.name for value in graph.input}
    for tensor in graph.initializer:
        if prod(tensor.dims) <= LARGE:
            skeleton.graph.initializer.append(tensor)
        elif tensor.name not in inputs:
            info = helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims)
            skeleton.graph.input.append(info)
    return skeleton
