"""Documents of personhistories: what people were before, as the genealogy service remembered it."""

from typing import Any

from beanie import PydanticObjectId
from bson import ObjectId

from models.history import PersonHistory
from models.imports import values
from models.imports.genealogy import facts, own_id
from models.imports.known import Known
from models.imports.values import instant, object_id, text_or_none
from models.kinds import Change
from models.moments import Moment
from models.people import Person
from models.raw import stored_form
from models.reverts import FACTS
from models.rows import BadValue, Row

CHANGES = {
    "create": Change.CREATED,
    "update": Change.UPDATED,
    "merge": Change.MERGED,
    "delete": Change.DELETED,
    "revert": Change.REVERTED,
}


def version(row: Row, known: Known) -> PersonHistory:
    """A document of personhistories; what it holds is also kept as the old service wrote it."""
    id, of, made = own_id(row), PydanticObjectId(object_id(row, "personId")), instant(row, "createdAt")
    data = row.take("data")
    return PersonHistory(
        id=id,
        uuid=known.uuid(PersonHistory, id),
        tree_id=known.tree_of(of, "personId"),
        person_id=of,
        version=values.whole(row, "version"),
        data={**remembered(data, made), "legacy": values.plain(data)},
        changed_by=text_or_none(row, "changedBy"),
        change=values.word(row, "changeType", Change, CHANGES),
        at=made,
    )


def remembered(data: object, made: Moment) -> dict[str, Any]:
    """The person whom a version holds, as far as going back to it needs them.

    Nothing where it holds less than a person: what it does not tell may have been so or not.
    """
    if not isinstance(data, dict):
        return {}
    row = Row(data)
    try:
        tree_id, told = PydanticObjectId(object_id(row, "familyTreeId")), facts(row)
    except BadValue:
        return {}
    form = stored_form(Person(id=ObjectId(), tree_id=tree_id, created_at=made, updated_at=made, **told))
    return {name: form[name] for name in ("tree_id", *FACTS)}
