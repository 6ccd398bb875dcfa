"""What stands for null in an answer: null, nothing, a default, or a broken promise."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import get_named_type

from compat_rest.contract.source import Node
from compat_rest.contract.spelling import types_of
from compat_rest.selection import Selected
from compat_rest.shapes import Absent, null

OMIT = object()


class PromiseBroken(Exception):
    """The contract promises a value that the graph did not have; carries the place and the stated reason."""


@dataclass(frozen=True)
class Nullable:
    """A property whose place in the graph may hold null; disagreements are refused."""

    name: str
    schema: Node
    required: bool
    place: Selected
    nullable: bool
    refuse: Callable[[Node, str, str], None]

    def told(self, key: str, here: Selected) -> Absent:
        """Null where a field of the enclosing object says that it was told, nothing otherwise."""
        place = here.keys.get(key)
        if place is None or get_named_type(place.type).name != "Boolean" or place.is_list:
            remedy = "Select a Boolean beside it, and name that."
            self.refuse(
                self.schema, f"The document selects no Boolean {key!r} that `x-null` could ask.", remedy
            )
        if self.required or "null" not in types_of(self.schema) or not self.nullable:
            remedy = "Let `null` in, do not require it, and point at a field that may be null."
            self.refuse(self.schema, f"It is never both null and absent, as {key!r} would have it.", remedy)
        return lambda value: None if value.get(key) else OMIT

    def absent(self) -> Absent:
        """Null, nothing, the default, or a broken promise."""
        schema, required = self.schema, self.required
        word, types = schema.plain("x-null"), types_of(schema)
        # A schema without a type lets null in; only JSON of any kind is described so.
        null_fits = "null" in types or (not types and get_named_type(self.place.type).name == "JSON")
        if not self.nullable:
            return null
        if "default" in schema:
            default = schema.plain("default")
            return lambda value: default
        if isinstance(word, dict) and isinstance(word.get("fail"), str):
            return _broken(f"{schema.pointer}: {word['fail']}")
        if word not in (None, "write", "omit"):
            remedy = "Write `write`, `omit`, `fail` with a reason, or `when` with a field."
            self.refuse(schema, f"x-null cannot be {word!r}.", remedy)
        if null_fits and not required and word is None:
            remedy = "Say which with `x-null: write` or `x-null: omit`."
            self.refuse(schema, f"{self.name!r} may be null or absent.", remedy)
        if required and not null_fits:
            remedy = "Let `null` in, give a `default`, or say `x-null: {fail: <reason>}`."
            self.refuse(schema, f"{self.place.name} may be null, {self.name!r} may not.", remedy)
        if (word == "omit" and required) or (word == "write" and not null_fits):
            remedy = "Omit only what is not required; write null only where `null` is let in."
            self.refuse(schema, f"x-null {word!r} contradicts the schema of {self.name!r}.", remedy)
        if word == "omit" or (not null_fits and not required):
            return lambda value: OMIT
        return null


def _broken(reason: str) -> Absent:
    def fail(value: Any) -> Any:
        raise PromiseBroken(reason)

    return fail
