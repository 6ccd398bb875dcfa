"""What comes in about trees: an object of the graph as the fields of a document."""

import re
from dataclasses import fields, is_dataclass
from typing import Annotated, Any

import strawberry

from models.errors import Invalid, Unfit
from models.keys import Key, key
from models.kinds import PARENTAL, Kind, ParentRole, UnionStatus

LegacyUnfit = Annotated[
    list[str] | None,
    strawberry.argument(
        description="Fields for which an old client sent what nothing can be made of; refused in their turn."
    ),
]


def names(legacy_unfit: list[str] | None) -> list[str]:
    """Names of the graph as documents have them."""
    return [re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name) for name in legacy_unfit or ()]


def said(given: Any, **names: str) -> dict[str, Any]:
    """The fields of an input object that were given, by the names that they have in documents."""
    values = ((each.name, getattr(given, each.name)) for each in fields(given))
    return {names.get(name, name): plain(value) for name, value in values if value is not strawberry.UNSET}


def plain(value: Any) -> Any:
    """A value of an input object as it stands in documents."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    return said(value) if is_dataclass(value) else value


def without_nulls(values: dict[str, Any], *names: str) -> dict[str, Any]:
    """The values but for nulls, of some names or of all: such a field is never null, so null says nothing."""
    return {
        name: value for name, value in values.items() if value is not None or (names and name not in names)
    }


def keyed(values: dict[str, Any], *names: str) -> None:
    """Reads ids in place, one or a list of them; raises Unfit for a text that is no id."""
    for name in names:
        if values.get(name) is not None:
            values[name] = key_or_unfit(values[name], name)


def key_or_unfit(value: Any, name: str) -> Any:
    """The key or the keys that ids stand for; raises Unfit."""
    if isinstance(value, list):
        return [key_or_unfit(each, name) for each in value]
    found: Key | None = key(value)
    if found is None:
        raise Unfit(name, "it is no id")
    return found


def either(values: dict[str, Any], whole: str, day: str) -> None:
    """Puts a day where the instant would stand; raises Invalid when both were given."""
    if day not in values:
        return
    if whole in values:
        raise Invalid(f"Give {whole} or its day, not both.", name=whole)
    values[whole] = values.pop(day)


def legacy_word(kind: type[ParentRole] | type[UnionStatus], text: str | None, name: str) -> Any:
    """The value that a word of an old client stands for: `BiologicalMother`; raises Unfit."""
    if text is None:
        return None
    spelt = {each.value.replace("_", "").lower(): each for each in kind}
    found = spelt.get(text.replace("_", "").replace(" ", "").lower())
    if found is None:
        raise Unfit(name, "the old server knew no such word")
    return found


def legacy_words(values: dict[str, Any], kind: Kind) -> list[str]:
    """Reads the words of an old client where this kind of relationship has them; drops them elsewhere.

    Returns the names of those that the old server did not know.
    """
    role, status = values.pop("legacy_role", strawberry.UNSET), values.pop("legacy_status", strawberry.UNSET)
    unknown = []
    words: tuple[tuple[str, Any, type[ParentRole] | type[UnionStatus], bool], ...] = (
        ("role", role, ParentRole, kind in PARENTAL),
        ("status", status, UnionStatus, kind is Kind.SPOUSE),
    )
    for name, word, spelt, belongs in words:
        if word is not strawberry.UNSET and belongs:
            try:
                values[name] = legacy_word(spelt, word, name)
            except Unfit:
                unknown.append(name)
    return unknown
