"""What a request feeds: the values of variables and of fields, taken from what was sent."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compat_rest.contract.source import Node
from compat_rest.refusal import Refusal

Take = Callable[[Any], Any]
ABSENT: Any = object()


@dataclass(frozen=True)
class Member:
    """One property of an input object: its legacy name, its field, and how its value is taken."""

    name: str
    target: str
    take: Take
    default: Any
    absent: Callable[[Any], bool] | None

    def value(self, sent: Mapping[str, Any]) -> Any:
        """The field's value, ABSENT when nothing was sent."""
        value = sent.get(self.name, ABSENT)
        if value is ABSENT or (self.absent is not None and self.absent(value)):
            return self.default
        return self.take(value)


def filled(members: Sequence[Member], sent: Mapping[str, Any]) -> dict[str, Any]:
    """The values of fields by their names, those that were not sent left out."""
    values: dict[str, Any] = {}
    for member in members:
        value = member.value(sent)
        if value is ABSENT:
            values.pop(member.target, None)
        else:
            values[member.target] = value
    return values


def fitting(
    members: Sequence[Member], sent: Mapping[str, Any], unfit: Collection[str]
) -> tuple[dict[str, Any], list[str]]:
    """The same where nothing is refused: the values that fit, and the targets of those that do not."""
    values: dict[str, Any] = {}
    left_out: list[str] = []
    for member in members:
        try:
            value = unfit_value() if member.name in unfit else member.value(sent)
        except Refusal as refusal:
            if refusal.code != "UNFIT":
                raise
            left_out.append(member.target)
            continue
        if value is not ABSENT:
            values[member.target] = value
    return values, left_out


def absent_test(schema: Node) -> Callable[[Any], bool] | None:
    """Whether a value counts as not sent, by `x-absent`; None where every value counts."""
    word = schema.plain("x-absent", "none")
    if word == "null" or word is None:
        return lambda value: value is None
    if word == "falsy":
        return lambda value: (
            value is None or value is False or value == "" or (value == 0 and value is not True)
        )
    if isinstance(word, list):
        return lambda value: any(type(value) is type(each) and value == each for each in word)
    return None


def unfit_value() -> Any:
    """Refuses a value that nothing can be made of."""
    raise Refusal("UNFIT")
