"""Users who are named by a UUID, on their way into a collection that counts."""

from collections.abc import Mapping
from typing import Any, cast

import bson

from models import raw
from models.counters import Counter, leave_behind
from models.files import Found
from models.imports.accounts import user
from models.imports.stage import Stage
from models.imports.summary import Summary, encoded
from models.imports.writing import Form, Part, Session
from models.rows import BadValue, Row
from models.users import User

COLUMNS: Mapping[str, str] = {
    "location": "json",
    "email_verified": "truth",
    "two_factor_enabled": "truth",
    "is_admin": "truth",
    "is_active": "truth",
    "failed_login_attempts": "whole",
}


class Users:
    """The users of one source; who is there already keeps the id that counts, and perhaps everything."""

    def __init__(self, summary: Summary, stored: bool, stage: Stage, *, only_new: bool) -> None:
        self.summary = summary
        self.stored = stored
        self.stage = stage
        # Whether those who are there already stay as they are.
        self.only_new = only_new
        self.documents = stage.documents(User)

    async def judge(self) -> None:
        """Converts and checks the rows."""
        for rows in self.stage.rows("users"):
            for found in rows:
                self.take(found)
        if self.stored:
            await self.meet()

    def take(self, found: Found) -> None:
        """Converts a row, and keeps it where its UUID and address are its own."""
        row = Row(found.values)
        try:
            document = user(row)
            form = encoded(document)
        except BadValue as error:
            return self.summary.refuse_value(found, error)
        self.summary.ignore("users", found.values.keys() - row.asked)
        if (first := self.documents.add(document.uuid, found, form)) is not None:
            reason = f"id {document.uuid} is given twice, first on line {first}"
            self.summary.refuse(found, "id", reason)
        elif held := self.stage.hold("users email", document.email, found.line, document.uuid):
            self.summary.refuse(found, "email", f"email is the same as on line {held[0]}")
            self.documents.drop(document.uuid)

    async def meet(self) -> None:
        """Leaves out or refuses those whose place somebody in the database has."""
        collection = raw.collection(User)
        for some in self.documents.batches():
            if self.only_new:
                wanted: dict[str, Any] = {"uuid": {"$in": [kept.key for kept in some]}}
                async for other in collection.find(wanted, {"uuid": True}):
                    self.documents.drop(other["uuid"])
            emails = {bson.decode(kept.form)["email"]: kept for kept in some}
            shown = {"email": True, "uuid": True}
            others = await collection.find({"email": {"$in": list(emails)}}, shown).to_list()
            here = self.documents.among(str(other.get("uuid")) for other in others)
            for other in others:
                kept = emails[other["email"]]
                if other.get("uuid") not in here | {kept.key}:
                    reason = (
                        f"email belongs to user {other['_id']} already; "
                        "give both accounts one address owner first"
                    )
                    self.summary.refuse(kept.row, "email", reason)
                    self.documents.drop(kept.key)


class Counted(Part):
    """Users on their way in, whose ids are given out as they are written."""

    def __init__(self, users: Users) -> None:
        super().__init__("users", User, users.documents)

    async def begin(self) -> None:
        """Has the next ids begin behind those who are there."""
        highest: Any = await raw.collection(User).find_one({}, {"_id": True}, sort=[("_id", -1)])
        await leave_behind(User, highest["_id"] if highest else 0)

    async def settle(self, forms: list[Form], session: Session) -> list[Form]:
        """Gives each the id that they have, or the next one: what is not written uses up none."""
        uuids = [form["uuid"] for form in forms]
        collection = raw.collection(User)
        ids = {
            found["uuid"]: found["_id"]
            async for found in collection.find({"uuid": {"$in": uuids}}, {"uuid": True}, session=session)
        }
        new = [uuid for uuid in uuids if uuid not in ids]
        if new:
            counter = cast(
                Any,
                await Counter.get_pymongo_collection().find_one_and_update(
                    {"_id": User.get_collection_name()},
                    {"$inc": {"last": len(new)}},
                    upsert=True,
                    return_document=True,
                    session=session,
                ),
            )
            last = int(counter["last"])
            ids |= dict(zip(new, range(last - len(new) + 1, last + 1), strict=True))
        return [{**form, "_id": ids[form["uuid"]]} for form in forms]
