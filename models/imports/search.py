"""What the old search service held: documents of its index, exported plain or within `_source`."""

from typing import Any

from beanie import PydanticObjectId
from bson import ObjectId

from models.errors import Unfit
from models.imports import values
from models.imports.known import Known
from models.imports.sources import Source
from models.keys import Key, key
from models.kinds import Privacy
from models.rows import BadValue, Row
from models.search import entries
from models.search.entries import SearchEntry, id_of
from models.search.kinds import EntryKind
from models.trees import Tree


class Index(Source):
    """An index of documents, each named by its owner and by what its owner calls it."""

    def key(self, row: Row) -> Key:
        """What a row is named by; raises BadValue."""
        inner = within(row)
        return id_of(values.account(inner, "userId"), inner.text("id"))


def within(row: Row) -> Row:
    """The document of a row."""
    source = row.take("_source")
    for name in ("_index", "_id", "_type", "_score"):
        row.take(name)
    return Row(source) if isinstance(source, dict) else row


def entry(row: Row, known: Known) -> SearchEntry:
    """A document of the index; who its tree is follows, where the row names one by its own id."""
    inner = within(row)
    owner, name = values.account(inner, "userId"), inner.text("id")
    made, tree = values.instant(inner, "created"), inner.text_or_none("familyTreeId")
    fields: Any = {
        "kind": values.word(inner, "type", EntryKind),
        "title": inner.text("title"),
        "content": inner.text("content"),
        "metadata": values.plain(inner.take("metadata")) or {},
        "privacy": values.word(inner, "privacy", Privacy),
        "family_tree": tree,
    }
    try:
        said = entries.checked(fields)
    except Unfit as error:
        raise BadValue(str(error.details["name"]), str(error.details["reason"])) from error
    id = PydanticObjectId(id_of(owner, name))
    return SearchEntry(
        id=id,
        uuid=known.uuid(SearchEntry, id),
        name=name,
        owner=owner,
        created_at=made,
        updated_at=values.instant_or_none(inner, "updated") or made,
        tree_id=tree_id(known, tree),
        **said,
    )


def tree_id(known: Known, tree: str | None) -> PydanticObjectId | None:
    """The tree that a row names, where it came before."""
    named = key(tree)
    if isinstance(named, ObjectId):
        return PydanticObjectId(named)
    return None if named is None else known.find(Tree, named)


SEARCH: tuple[Source, ...] = (
    Index("dzinza_search", SearchEntry, entry, names=(("familyTreeId", Tree),), columns={"metadata": "json"}),
)
