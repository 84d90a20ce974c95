"""The classes of settings: Chip and its parts, and one class for each registered cell model.

Made at import from the descriptions in the C++ core; `specs.pyi` beside this file, which editors
and type checkers read, is written from the same descriptions by `make stubs`.
"""

from wordline import _core
from wordline._spec import make_class

# A chip comes last: its parts are there by then.
_schemas = sorted(_core.schemas(), key=lambda schema: schema["name"] == "Chip")

__all__ = [schema["name"] for schema in _schemas]

globals().update({schema["name"]: make_class(schema) for schema in _schemas})
