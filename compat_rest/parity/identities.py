"""Which id of the new server stands for which id of the old one: one renaming over a whole recording."""

from dataclasses import dataclass, field

Key = tuple[str, str]


@dataclass
class Identities:
    """A renaming of ids that is one to one; a value that breaks it does not match."""

    forward: dict[Key, str] = field(default_factory=dict)
    backward: dict[Key, str] = field(default_factory=dict)

    def match(self, old: str, new: str, space: str = "") -> bool:
        """Whether the new id may stand for the old one; from then on no other may."""
        known, owner = self.forward.get((space, old)), self.backward.get((space, new))
        if known is None and owner is None:
            self.forward[space, old], self.backward[space, new] = new, old
            return True
        return known == new and owner == old

    def known(self, old: str, space: str = "") -> str | None:
        """The new id that stands for an old one, or None before it was seen."""
        return self.forward.get((space, old))

    def copy(self) -> "Identities":
        """A copy to try a match on."""
        return Identities(dict(self.forward), dict(self.backward))

    def take(self, other: "Identities") -> None:
        """Keeps what a tried copy has learnt."""
        self.forward, self.backward = other.forward, other.backward


def space_of(pointer: str) -> str:
    """The noun whose small numbers a pointer holds: `user` for `/user/id` and `/enrollment/user_id`."""
    names = [part for part in pointer.split("/") if part and not part.isdigit()]
    if not names:
        return ""
    for ending in ("_id", "Id"):
        if names[-1].endswith(ending) and names[-1] not in ("_id", "Id"):
            return names[-1].removesuffix(ending).lower()
    return names[-2].removesuffix("s").lower() if len(names) > 1 else ""


def holds_id(pointer: str) -> bool:
    """Whether the name of a field says that it holds an id."""
    name = pointer.rsplit("/", 1)[-1]
    return name in ("id", "_id", "uuid") or name.endswith(("_id", "Id", "_ids", "Ids"))
