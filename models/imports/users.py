"""Users who are named by a UUID, on their way into a collection that counts."""

from operator import attrgetter
from typing import Any

from models import raw
from models.counters import leave_behind, reserve
from models.files import Found
from models.imports.accounts import user
from models.imports.checks import Checks
from models.imports.summary import BATCH, Progress, Summary, chunks
from models.users import User


class Users(Checks):
    """The users of one file; who is there already keeps the id that counts, and perhaps everything."""

    def __init__(self, summary: Summary, stored: bool, *, only_new: bool) -> None:
        super().__init__(summary, stored)
        # Whether those who are there already stay as they are.
        self.only_new = only_new
        self.good: dict[str, tuple[Found, User]] = {}
        self.ids: dict[str, int] = {}

    async def take(self, rows: list[Found]) -> None:
        """Converts and checks rows."""
        self.convert("users", rows, user, attrgetter("uuid"), self.good)
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
        await self.write_table("users", User, documents, progress, self.number)

    async def number(self, documents: list[User]) -> None:
        """Gives documents their ids that count."""
        for document in documents:
            document.id = self.ids[document.uuid]
