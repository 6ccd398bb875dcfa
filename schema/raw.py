"""Raw documents as sources of the graph: a field is a key of the document that stands behind its object."""

from typing import Any


class Raw:
    """How a field without a resolver is read: by its key in a dict, as an attribute of anything else."""

    def key(self, name: str) -> str:
        """The key in a raw document that a field's Python name stands for."""
        return "_id" if name == "id" else name

    def __call__(self, source: Any, name: str) -> Any:
        """The value of a field; None where a document has no such key."""
        return source.get(self.key(name)) if type(source) is dict else getattr(source, name)


RAW = Raw()
