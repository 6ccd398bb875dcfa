"""Adding, changing and deleting people."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, cast

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from models import duplicate_checks, history, parents, people, raw, sizes, transactions, tree_writes, trees
from models.family_errors import NameMissing, NothingToChange, PersonNotFound, ReferenceTaken
from models.keys import Key
from models.kinds import Change, Need
from models.moments import Moment
from models.people import Person, StoredPerson
from models.person_fields import PARTS, PersonFields, computed_name, fitting, new_reference, said
from models.raw import stored_form
from models.text import encodable, judged
from models.trees import StoredTree

NAMES = ("name", "first_name", "last_name", "nickname")


async def add(
    tree: Key | None,
    fields: PersonFields,
    account: str,
    now: datetime,
    *,
    require_name: bool = False,
    checked: Mapping[str, Key | None] | None = None,
    unfit: Collection[str] = (),
) -> StoredPerson:
    """A new person in a tree that the account may edit, without a tree in its newest one.

    Those in `checked` must be in the tree, and that is all. With `require_name` a name must come of it,
    which the old archive could keep: raises NameMissing, and Unfit. What cannot be stored is judged when
    the tree and the parents are there, and with it the fields named in `unfit`.
    """
    given = {**cast(Mapping[str, Any], fields), **dict.fromkeys(unfit, True)}
    if require_name and not any(given.get(name) for name in NAMES):
        raise NameMissing
    home: StoredTree | None = None
    links: dict[str, Any] = {}
    if tree is not None:
        home = await trees.get(tree, account, Need.EDIT, ())
        links = await tied(fields, checked, home)
    elders = await parents.editable(fields.get("parents", ()), account)
    judged(unfit)
    update = said(fields, None, narrow=require_name)
    name = computed_name(update)
    update["name"] = fitting(name) if require_name else name
    if home is None:
        home = (await tree_writes.open(account, now)).tree
        links = await tied(fields, checked, home)
    moment = Moment.of(now)
    person = Person(
        **update,
        reference=new_reference(fields),
        tree_id=home["_id"],
        created_by=account,
        created_at=moment,
        updated_at=moment,
    )
    form = {**stored_form(person), **links}
    form["parents"] = parents.together(form, [elder["_id"] for elder in elders])
    row = sizes.fitting(encodable(form), "person")

    async def write(session: transactions.Session) -> None:
        await raw.collection(Person).insert_one(row, session=session)
        await parents.link(row, elders, account, now, session)
        await history.note(row, Change.CREATED, account, now, session)
        await duplicate_checks.ask(row, row, account, now, session)

    try:
        await transactions.together(Person, write)
    except DuplicateKeyError as error:
        raise ReferenceTaken(reference=form["reference"]) from error
    await tree_writes.stirred(home["_id"], now)
    return cast(StoredPerson, form)


async def tied(
    fields: PersonFields, checked: Mapping[str, Key | None] | None, home: StoredTree
) -> dict[str, Any]:
    """The parents of a newcomer as they are stored; all that are named must be in the tree."""
    await parents.named(cast(PersonFields, checked or {}), home["_id"])
    return await parents.named(fields, home["_id"])


async def change(
    key: Key | None,
    fields: PersonFields,
    account: str,
    now: datetime,
    tree: Key | None = None,
    *,
    require_change: bool = False,
    unfit: Collection[str] = (),
) -> StoredPerson:
    """The person after a change by somebody who may edit their tree; what changes nothing leaves no trace.

    With `require_change` there must be something to change, and a name that the old archive could keep
    must come of it: raises NothingToChange, and Unfit. What cannot be stored is judged when the person and
    the parents are there, and with it the fields named in `unfit`.
    """
    found = await people.get(key, account, Need.EDIT, tree, ())
    if require_change and not fields and not unfit:
        raise NothingToChange

    async def write(session: transactions.Session) -> StoredPerson:
        stored: Any = await raw.collection(Person).find_one({"_id": found["_id"]}, session=session)
        if stored is None:
            raise PersonNotFound
        links = await parents.named(fields, stored["tree_id"])
        judged(unfit)
        update = changed(fields, stored, narrow=require_change)
        if links:
            links["parents"] = await parents.relinked(stored, links, session)
        update = {**update, **links}
        if not require_change:
            update = {name: value for name, value in update.items() if stored.get(name) != value}
        if not update:
            return cast(StoredPerson, stored)
        row = encodable(update)
        sizes.fitting({**stored, **row}, "person")
        await history.keep(stored, session)
        update["updated_at"] = row["updated_at"] = Moment.of(now).model_dump()
        after: Any = await raw.collection(Person).find_one_and_update(
            {"_id": stored["_id"]},
            {"$set": row, "$inc": {"revision": 1}},
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        await history.note(after, Change.UPDATED, account, now, session)
        whole = cast(StoredPerson, {**after, **update})
        await duplicate_checks.ask(after, update, account, now, session)
        return whole

    return await transactions.together(Person, write)


def changed(fields: PersonFields, stored: StoredPerson, *, narrow: bool) -> dict[str, Any]:
    """What the fields make of what is stored, with the name that comes of it."""
    update = said(fields, stored, narrow=narrow)
    if any(part in update for part in (*PARTS, "nickname")):
        name = computed_name({**stored, **update})
        update["name"] = fitting(name) if narrow else name
    elif narrow and update.get("name"):
        fitting(update["name"])
    return update


async def delete(key: Key | None, account: str, now: datetime, tree: Key | None = None) -> None:
    """Deletes a person, what ties them, and every mention of them, by somebody who may edit their tree."""
    found = await people.get(key, account, Need.EDIT, tree)

    async def write(session: transactions.Session) -> None:
        result = await raw.collection(Person).delete_one({"_id": found["_id"]}, session=session)
        if not result.deleted_count:
            raise PersonNotFound
        await parents.forget(found["_id"], now, session)
        await history.note({**found}, Change.DELETED, account, now, session)

    await transactions.together(Person, write)
    await tree_writes.stirred(found["tree_id"], now)
