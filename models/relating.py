"""Tying two people together, and taking them apart."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, cast

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from models import people, raw, relationships, sizes, ties, transactions, trees
from models.errors import DomainError
from models.family_errors import (
    BiologicalParentTaken,
    EndNotFound,
    PeopleNotFound,
    PersonNotFound,
    RelationshipExists,
    RelationshipNotFound,
    RoleMissing,
    SelfRelation,
    SiblingsAlready,
    StatusMissing,
    TreeForbidden,
    TreeNotFound,
)
from models.keys import Key
from models.kinds import BIOLOGICAL, PARENTAL, SIBLINGS, Kind, Need
from models.moments import Moment
from models.people import Person, StoredPerson
from models.person_fields import told
from models.raw import stored_form
from models.relation_fields import RelationFields, changed, event, judge
from models.relationships import Relationship, StoredRelationship
from models.text import encodable, judged

ENDS: tuple[str, ...] = ("tree_id",)


async def link(
    from_: Key | None,
    to: Key | None,
    kind: Kind,
    fields: RelationFields,
    account: str,
    now: datetime,
    tree: Key | None = None,
    *,
    strict: bool = True,
    unfit: Collection[str] = (),
) -> StoredRelationship:
    """A new relationship of two people whose trees the account may edit.

    Strictly, a parent has a role and spouses a status, siblings of a kind are so once, a child has one
    biological mother and father, and nobody is related to themselves. Otherwise two people are related
    once in each way and direction. With a tree, both have to be in it: raises EndNotFound rather than
    PeopleNotFound. Spouses, parents and children are written into the lists of both. What cannot be stored
    is judged when both are there, and with it the fields named in `unfit`.
    """
    if strict and from_ == to:
        raise SelfRelation
    first, second = await ends(from_, to, account, tree)
    if strict and first["_id"] == second["_id"]:
        raise SelfRelation
    judged(unfit)
    role = fields.get("role") if kind in PARENTAL else None
    status = fields.get("status") if kind is Kind.SPOUSE else None
    if strict and kind in PARENTAL and role is None:
        raise RoleMissing
    if strict and kind is Kind.SPOUSE and status is None:
        raise StatusMissing
    moment = Moment.of(now)
    row = Relationship(
        tree_id=first["tree_id"],
        from_id=first["_id"],
        to_id=second["_id"],
        people=[first["_id"], second["_id"]],
        kind=kind,
        role=role,
        status=status,
        started=fields.get("started") if kind is Kind.SPOUSE else None,
        ended=fields.get("ended") if kind is Kind.SPOUSE else None,
        notes=told(fields.get("notes"), "notes", narrow=False),
        events=[event(each) for each in fields.get("events") or ()],
        created_by=account,
        created_at=moment,
        updated_at=moment,
    )
    row.claims = claims(row, strict=strict)
    form = stored_form(row)
    encoded = sizes.fitting(encodable(form), "relationship")

    async def write(session: transactions.Session) -> None:
        if not strict and await tied(row, session):
            raise RelationshipExists
        if strict and kind in SIBLINGS:
            await stand_for(row, session)
        await raw.collection(Relationship).insert_one(encoded, session=session)
        await ties.tie(row, now, session, strict=strict)

    try:
        await transactions.together(Relationship, write)
    except DuplicateKeyError as error:
        raise taken(row, strict=strict) from error
    return cast(StoredRelationship, form)


async def ends(
    from_: Key | None, to: Key | None, account: str, tree: Key | None
) -> tuple[StoredPerson, StoredPerson]:
    """The two people, whom the account may edit."""
    if tree is not None:
        home = await trees.get(tree, account, Need.EDIT, ())
        found = []
        for key in (from_, to):
            person = await people.find(key, ENDS) if key is not None else None
            if person is None or person["tree_id"] != home["_id"]:
                raise EndNotFound(id=str(key))
            found.append(person)
        return found[0], found[1]
    try:
        first = await people.get(from_, account, Need.EDIT, None, ENDS)
        return first, await people.get(to, account, Need.EDIT, None, ENDS)
    except (PersonNotFound, TreeNotFound, TreeForbidden) as error:
        raise PeopleNotFound from error


def claims(row: Relationship, *, strict: bool) -> list[str]:
    """What no other relationship may be: of two that are made at once, one is refused."""
    if not strict or row.kind in SIBLINGS:
        return [f"{row.from_id}:{row.to_id}:{row.kind}"]
    if row.kind is Kind.PARENT and row.role in BIOLOGICAL:
        return [f"{row.to_id}:{row.role}"]
    return []


async def tied(row: Relationship, session: transactions.Session) -> bool:
    """Whether the two are related in this way and direction."""
    wanted = {"from_id": row.from_id, "to_id": row.to_id, "kind": row.kind}
    return await raw.collection(Relationship).find_one(wanted, {"_id": True}, session=session) is not None


async def stand_for(row: Relationship, session: transactions.Session) -> None:
    """Has the opposite relationship of siblings of a kind shown no more: the newer one stands for both."""
    opposite = {"from_id": row.to_id, "to_id": row.from_id, "kind": row.kind}
    await raw.collection(Relationship).update_many(opposite, {"$set": {"listed": False}}, session=session)


def taken(row: Relationship, *, strict: bool) -> DomainError:
    """Why there is no room for a relationship."""
    if not strict:
        return RelationshipExists()
    return SiblingsAlready() if row.kind in SIBLINGS else BiologicalParentTaken(role=row.role)


async def change(
    key: Key | None,
    fields: RelationFields,
    account: str,
    now: datetime,
    tree: Key | None = None,
    *,
    unfit: Collection[str] = (),
) -> StoredRelationship:
    """The relationship after a change by somebody who may edit its tree; it keeps its kind and its people.

    What cannot be stored is judged last, and with it the fields named in `unfit`.
    """
    stored = await relationships.get(key, account, Need.EDIT, tree)
    kind = Kind(stored["kind"])
    judge(fields, kind)
    judged(unfit)
    update = changed(fields, cast(Mapping[str, Any], stored))
    if not update:
        return stored
    after = Relationship.model_validate({**stored, **update})
    if "role" in update:
        update["claims"] = claims(after, strict=True)
    update["updated_at"] = Moment.of(now).model_dump()
    encoded = encodable(update)
    sizes.fitting({**stored, **encoded}, "relationship")

    async def write(session: transactions.Session) -> StoredRelationship:
        found: Any = await raw.collection(Relationship).find_one_and_update(
            {"_id": stored["_id"]},
            {"$set": encoded, "$inc": {"revision": 1}},
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        if found is None:
            raise RelationshipNotFound
        if kind is Kind.SPOUSE and update.keys() & {"status", "started", "ended"}:
            await raw.collection(Person).update_many(
                {"_id": {"$in": stored["people"]}},
                {"$set": {"updated_at": update["updated_at"]}},
                session=session,
            )
        return cast(StoredRelationship, {**found, **update})

    try:
        return await transactions.together(Relationship, write)
    except DuplicateKeyError as error:
        raise BiologicalParentTaken(role=after.role) from error


async def unlink(key: Key | None, account: str, now: datetime, tree: Key | None = None) -> None:
    """Deletes a relationship, by somebody who may edit its tree; a child forgets the parent it ties."""
    stored = await relationships.get(key, account, Need.EDIT, tree)

    async def write(session: transactions.Session) -> None:
        result = await raw.collection(Relationship).delete_one({"_id": stored["_id"]}, session=session)
        if not result.deleted_count:
            raise RelationshipNotFound
        await ties.untie(stored, now, session)

    await transactions.together(Relationship, write)
