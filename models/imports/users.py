"""Users who are named by a UUID, on their way into a collection that counts."""

from typing import Any

from pymongo import ReplaceOne

from models import raw, transactions
from models.counters import leave_behind, reserve
from models.files import Found
from models.imports.accounts import user
from models.imports.summary import BATCH, Bad, Progress, Summary, chunks
from models.raw import stored_form
from models.rows import BadValue, Row
from models.users import User


class Users:
    """The users of one file; who is there already keeps the id that counts, and perhaps everything."""

    def __init__(self, summary: Summary, stored: bool, *, only_new: bool) -> None:
        self.summary = summary
        self.stored = stored
        # Whether those who are there already stay as they are.
        self.only_new = only_new
        self.good: dict[str, tuple[Found, User]] = {}
        self.ids: dict[str, int] = {}

    def refuse(self, row: Found, column: str, reason: str) -> None:
        """Notes why a row cannot be imported."""
        self.summary.bad.append(Bad(row.line, row.table, f"{row.pointer}/{column}", reason))

    async def take(self, rows: list[Found]) -> None:
        """Converts and checks rows."""
        ignored = set[str]()
        for found in rows:
            row = Row(found.values)
            try:
                document = user(row)
            except BadValue as error:
                self.refuse(found, error.column, f"{error.column} {error.reason}")
                continue
            ignored |= found.values.keys() - row.asked
            if document.uuid in self.good:
                first = self.good[document.uuid][0].line
                self.refuse(found, "id", f"id {document.uuid} is given twice, first on line {first}")
            else:
                self.good[document.uuid] = found, document
        if ignored:
            self.summary.ignored_columns["users"] = sorted(ignored)
        if self.stored:
            await self.meet()
        await self.check_addresses()

    async def meet(self) -> None:
        """Learns who is there already."""
        for some in chunks(list(self.good), BATCH):
            async for found in raw.collection(User).find({"uuid": {"$in": some}}, {"uuid": True}):
                self.ids[found["uuid"]] = found["_id"]
        if self.only_new:
            self.good = {uuid: pair for uuid, pair in self.good.items() if uuid not in self.ids}

    async def check_addresses(self) -> None:
        """Refuses users whose address somebody else has."""
        seen: dict[str, str] = {}
        for uuid, (found, document) in list(self.good.items()):
            if document.email in seen:
                first = self.good[seen[document.email]][0].line
                self.refuse(found, "email", f"email is the same as on line {first}")
                del self.good[uuid]
            else:
                seen[document.email] = uuid
        if not self.stored:
            return
        for some in chunks(list(seen), BATCH):
            async for other in raw.collection(User).find(
                {"email": {"$in": some}}, {"email": True, "uuid": True}
            ):
                uuid = seen[other["email"]]
                if other.get("uuid") != uuid and other.get("uuid") not in self.good:
                    reason = (
                        f"email belongs to user {other['_id']} already; "
                        "give both accounts one address owner first"
                    )
                    self.refuse(self.good.pop(uuid)[0], "email", reason)

    async def write(self, progress: Progress | None) -> None:
        """Writes what was found good; a user with the same UUID is replaced."""
        documents = [document for _, document in self.good.values()]
        new = [document for document in documents if document.uuid not in self.ids]
        highest: Any = await raw.collection(User).find_one({}, {"_id": True}, sort=[("_id", -1)])
        await leave_behind(User, highest["_id"] if highest else 0)
        for document, id in zip(new, await reserve(User, len(new)), strict=True):
            self.ids[document.uuid] = id
        done = 0
        for some in chunks(documents, BATCH):
            for document in some:
                document.id = self.ids[document.uuid]
            await replace(some)
            done += len(some)
            if progress:
                progress("users", done, len(documents))
        self.summary.written["users"] = done


async def replace(documents: list[User]) -> None:
    """Writes some users in one transaction."""
    requests = [ReplaceOne({"_id": each.id}, stored_form(each), upsert=True) for each in documents]

    async def write(session: transactions.Session) -> None:
        await User.get_pymongo_collection().bulk_write(requests, session=session)

    await transactions.together(User, write)
