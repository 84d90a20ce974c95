"""Names in a damaged model may be no text: protobuf then gives bytes where code expects str."""

from collections.abc import Iterator

from google.protobuf.descriptor import FieldDescriptor  # type: ignore[import-untyped]
from google.protobuf.message import Message  # type: ignore[import-untyped]
from onnx import ModelProto, TensorProto

from wordline.errors import fail

_REMARKS = ("doc_string", "producer_name", "producer_version")  # nobody reads them


def refuse_bytes(model: ModelProto, label: str) -> None:
    """Raise ValueError for a name of any kind, at any depth, that is not UTF-8."""
    for field, text in _texts(model):
        if not isinstance(text, str):
            fail(
                ValueError,
                f"not a valid ONNX model: {field} = {text[:40]!r} is not UTF-8",
                name=label,
                remedy="export the model again",
            )


def _texts(model: ModelProto) -> Iterator[tuple[str, str | bytes]]:
    waiting: list[Message] = [model]
    while waiting:
        message = waiting.pop()
        if isinstance(message, TensorProto):  # without a copy of its data
            yield "TensorProto.name", message.name
            waiting.extend(message.external_data)
            continue
        for field, value in message.ListFields():
            values = value if field.is_repeated else [value]
            if field.type == FieldDescriptor.TYPE_MESSAGE:
                waiting.extend(values)
            elif field.type == FieldDescriptor.TYPE_STRING and field.name not in _REMARKS:
                name = field.full_name.removeprefix("onnx.")
                yield from ((name, text) for text in values)
