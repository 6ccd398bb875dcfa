"""Going back to what a person was."""

from datetime import datetime
from typing import Any, cast

from pymongo import ReturnDocument

from models import history, people, raw, transactions
from models.family_errors import PersonNotFound, VersionNotFound, VersionUnreadable
from models.keys import Key
from models.kinds import Change, Need
from models.moments import Moment
from models.people import Person, StoredPerson
from models.person_fields import FLAGS, TEXTS

# What a version brings back; whom a person is tied to are facts of others too, and stay as they are.
FACTS = (
    *TEXTS,
    *FLAGS,
    "gender",
    "birth",
    "death",
    "living",
    "titles",
    "identifiers",
    "privacy",
)


async def revert(
    key: Key | None, version: int, account: str, now: datetime, which: Key | None = None
) -> StoredPerson:
    """The person with what was known of them in a version, by somebody who may edit their tree.

    An import may bring a version with the number of another one: `which` names one of them by its own id.
    """
    found = await people.get(key, account, Need.EDIT, None, ("tree_id",))
    before = await history.version_of(found["_id"], version, which)
    if before is None:
        raise VersionNotFound(version=version)
    if "tree_id" not in before["data"]:
        raise VersionUnreadable(version=version)
    facts = {name: before["data"][name] for name in FACTS if name in before["data"]}

    async def write(session: transactions.Session) -> StoredPerson:
        stored: Any = await raw.collection(Person).find_one({"_id": found["_id"]}, session=session)
        if stored is None:
            raise PersonNotFound
        await history.keep(stored, session)
        after: Any = await raw.collection(Person).find_one_and_update(
            {"_id": found["_id"]},
            {"$set": {**facts, "updated_at": Moment.of(now).model_dump()}, "$inc": {"revision": 1}},
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        await history.note(after, Change.REVERTED, account, now, session)
        return cast(StoredPerson, after)

    return await transactions.together(Person, write)
