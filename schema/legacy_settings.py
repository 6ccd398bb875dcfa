"""Settings of a tree as an old client sends them: any JSON, read as the old store read it."""

from collections.abc import Mapping
from typing import Any

from models.errors import Unfit

NAMES: Mapping[str, str] = {
    "allowCollaboration": "allow_collaboration",
    "showLivingPersons": "show_living",
    "defaultPersonPrivacy": "default_person_privacy",
    "theme": "theme",
}
TRUE = (True, 1, "true", "1", "yes")
FALSE = (False, 0, "false", "0", "no")
PRIVACIES = ("public", "family", "private")


def read(value: object) -> dict[str, Any] | None:
    """The settings in a value, by the names of documents; raises Unfit for what the old store refused."""
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise Unfit("settings", "they are no object")
    known = {name: value[legacy] for legacy, name in NAMES.items() if value.get(legacy) is not None}
    for name in ("allow_collaboration", "show_living"):
        if name in known:
            known[name] = truth(known[name], name)
    for name in ("default_person_privacy", "theme"):
        if name in known:
            known[name] = text(known[name], name)
    if known.get("default_person_privacy", "family") not in PRIVACIES:
        raise Unfit("default_person_privacy", "there is no such privacy")
    return known


def truth(value: object, name: str) -> bool:
    """True or false, in any of the ways in which the old store took them; raises Unfit."""
    # Numbers and texts are compared with their own kind: 1 is true, 1.5 is nothing.
    if isinstance(value, bool | int | float | str):
        if value in TRUE:
            return True
        if value in FALSE:
            return False
    raise Unfit(name, "it is neither true nor false")


def text(value: object, name: str) -> str:
    """A text, out of a text or a number; raises Unfit."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise Unfit(name, "it is no text")
