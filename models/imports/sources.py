"""The tables and collections of servers that name things by UUIDs or ObjectIds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from beanie import Document
from bson import ObjectId

from models.history import PersonHistory
from models.imports import gateway, genealogy, histories
from models.imports.known import Known
from models.imports.values import instant_or_none, object_id, uuid
from models.keys import UUID, Key
from models.moments import Moment
from models.notifications import Notification
from models.people import Person
from models.relationships import Relationship
from models.rows import Row
from models.suggestions import MergeSuggestion
from models.trees import Tree


@dataclass(frozen=True)
class Source:
    """A table or collection, the documents it becomes, and what its rows name."""

    name: str
    kind: type[Document]
    convert: Callable[[Row, Known], Document]
    # The columns by which a row names other things, needed before it can be converted.
    names: tuple[tuple[str, type[Document]], ...] = ()
    # Which column tells a field whose thing must be there.
    needs: Mapping[str, tuple[str, type[Document]]] = field(default_factory=dict)
    # Whether its rows are named by UUIDs.
    by_uuid: bool = False
    # How the cells of a file without types are read: as a `whole` number, a `number`, a `truth` or `json`.
    columns: Mapping[str, str] = field(default_factory=dict)

    def key(self, row: Row) -> Key:
        """What a row is named by; raises BadValue."""
        return uuid(row, "id") if self.by_uuid else object_id(row, "_id")

    def made(self, row: Row) -> Moment | None:
        """When a row was made; raises BadValue."""
        return instant_or_none(row, "created_at") if self.by_uuid else None


def keys_at(values: Mapping[str, Any], column: str) -> list[Key]:
    """The ids in a column that look like ids."""
    value = values.get(column)
    found: list[Key] = []
    for each in value if isinstance(value, list) else [value]:
        text = each.get("$oid") if isinstance(each, dict) else each
        if isinstance(text, str) and UUID.fullmatch(text):
            found.append(text.lower())
        elif isinstance(text, str) and ObjectId.is_valid(text):
            found.append(ObjectId(text))
    return found


# In the order of references: what a row refers to is checked and written before it.
GATEWAY = (
    Source("family_trees", Tree, gateway.tree, by_uuid=True),
    Source(
        "family_members",
        Person,
        gateway.person,
        names=(("tree_id", Tree), ("parent_ids", Person), ("child_ids", Person), ("spouse_ids", Person)),
        needs={"tree_id": ("tree_id", Tree)},
        by_uuid=True,
        columns={"parent_ids": "json", "child_ids": "json", "spouse_ids": "json"},
    ),
    Source(
        "family_relationships",
        Relationship,
        gateway.relationship,
        names=(("tree_id", Tree), ("person1_id", Person), ("person2_id", Person)),
        needs={
            "tree_id": ("tree_id", Tree),
            "from_id": ("person1_id", Person),
            "to_id": ("person2_id", Person),
        },
        by_uuid=True,
    ),
)
GENEALOGY = (
    Source("familytrees", Tree, genealogy.tree),
    Source("people", Person, genealogy.person, needs={"tree_id": ("familyTreeId", Tree)}),
    Source(
        "relationships",
        Relationship,
        genealogy.relationship,
        needs={
            "tree_id": ("familyTreeId", Tree),
            "from_id": ("person1Id", Person),
            "to_id": ("person2Id", Person),
        },
    ),
    Source("notifications", Notification, genealogy.notification),
    Source("mergesuggestions", MergeSuggestion, genealogy.suggestion, names=(("newPersonId", Person),)),
    Source("personhistories", PersonHistory, histories.version, names=(("personId", Person),)),
)
