"""Links: what is left of a relationship on the side of one of its two people."""

from collections.abc import Callable
from typing import Any

from bson import ObjectId

from models import relationships
from models.joins import Callback
from models.kinds import PARENTAL, SIBLINGS, Kind
from models.raw import Fields
from models.relationships import StoredRelationship
from schema.context import Context, Info
from schema.kin import own_id
from schema.relations import Asked

# What a link may show of a relationship.
ROW = ("people", "from_id", "to_id", "kind", "role", "status", "started", "ended", "listed")

Link = dict[str, Any]


class Links(Asked):
    """From a person to what ties them to others: of each relationship what is left of it on their side."""

    def __init__(
        self,
        link: Callable[[ObjectId, StoredRelationship], Link | None],
        kept: Callable[[list[Link]], list[Link]] = list,
    ) -> None:
        super().__init__("_id", relationships.OF_PERSON)
        self.link = link
        self.kept = kept

    def fields(self, info: Info) -> Fields:
        """What a link may show of a relationship."""
        return ROW

    def ask(self, context: Context, values: list[Any], fields: Fields, callback: Callback) -> None:
        """Calls back once with the links of each person."""
        values = [own_id(each) for each in values]

        def arrived(found: Any, error: BaseException | None) -> None:
            pairs = zip(values, found or (), strict=error is None)
            callback([self.kept(self.of(id, rows)) for id, rows in pairs], error)

        context.reads.all(self.lane, values, fields, arrived)

    def of(self, person: ObjectId, rows: list[StoredRelationship]) -> list[Link]:
        """The links that are left of relationships on a person's side."""
        return [link for row in rows if (link := self.link(person, row))]


def other_end(person: ObjectId, row: StoredRelationship) -> ObjectId:
    """Who is at the other end of a relationship; the person where both ends are they."""
    return row["to_id"] if row["from_id"] == person else row["from_id"]


def union(person: ObjectId, row: StoredRelationship) -> Link | None:
    """A relationship of spouses, as one of them has it."""
    if row["kind"] != Kind.SPOUSE:
        return None
    kept = {name: row.get(name) for name in ("status", "started", "ended")}
    return {"_id": row["_id"], "spouse_id": other_end(person, row), **kept}


def sibling(person: ObjectId, row: StoredRelationship) -> Link | None:
    """A relationship of siblings, as one of them has it; none that a later one has replaced."""
    if row["kind"] not in SIBLINGS or row.get("listed") is False:
        return None
    return {"_id": row["_id"], "sibling_id": other_end(person, row), "kind": row["kind"]}


def newest(links: list[Link]) -> list[Link]:
    """Of links of one kind with the same person the newest, and all others."""
    known: dict[Any, Link] = {}
    for link in links:
        place = link["sibling_id"], link["kind"]
        known.pop(place, None)
        known[place] = link
    return list(known.values())


def child(person: ObjectId, row: StoredRelationship) -> Link | None:
    """A relationship of a parent and a child, as the parent has it."""
    if row["kind"] not in PARENTAL or row["from_id"] != person:
        return None
    return {"_id": row["_id"], "child_id": row["to_id"], "role": row.get("role")}
