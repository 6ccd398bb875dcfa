"""A family, and everybody who may have something to do with its tree: where stories about rights begin."""

from datetime import UTC, datetime
from typing import Any

from beanie import PydanticObjectId
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.write_concern import WriteConcern

from models.counters import leave_behind
from models.events import Event
from models.history import PersonHistory
from models.kinds import Change, Gender, Kind, ParentRole, Privacy, Role, UnionStatus
from models.moments import Moment
from models.notifications import Notification
from models.people import Person
from models.raw import stored_form
from models.relationships import Relationship
from models.resources import Resource
from models.roles import Grant
from models.roles import Role as MemberRole
from models.sources import Source
from models.stored_files import StoredFile
from models.trees import Collaborator, Tree, TreeSettings
from models.users import User
from schema.tokens import Tokens
from tests.serving import JWT_SECRET_KEY

MAY = Moment.from_text("2026-05-01T08:00:00.250000")
# Who comes to the doors, and what each is to the tree; nobody has no credential.
CAST = ("owner", "admin", "editor", "viewer", "stranger")
NOBODY = "nobody"
UUIDS = {name: f"00000000-0000-4000-8000-00000000000{number}" for number, name in enumerate(CAST, 1)}
INVITED = "somebody-else"


def object_id(number: int) -> PydanticObjectId:
    """An id that stays the same from one story to the next."""
    return PydanticObjectId(f"{number:024x}")


def uuid(number: int) -> str:
    """A UUID that stays the same."""
    return f"10000000-0000-4000-8000-{number:012x}"


TREE, OPENED = object_id(1), object_id(2)
ELDER, SPOUSE, CHILD, LONELY = (object_id(number) for number in range(11, 15))
MARRIAGE, PARENTHOOD = object_id(21), object_id(22)
NOTICE, EVENT, SOURCE, RESOURCE, FILE = (object_id(number) for number in range(31, 36))


def tree(id: PydanticObjectId, name: str, **others: Any) -> Tree:
    """A tree of the owner's."""
    return Tree(
        id=id,
        uuid=uuid(int(str(id), 16)),
        name=name,
        owner=UUIDS["owner"],
        privacy=Privacy.FAMILY,
        settings=TreeSettings(id=object_id(41)),
        statistics_id=object_id(42),
        created_at=MAY,
        updated_at=MAY,
        active_at=MAY,
        **others,
    )


def person(id: PydanticObjectId, first: str, gender: Gender, **others: Any) -> Person:
    """Somebody in the tree."""
    return Person(
        id=id,
        uuid=uuid(int(str(id), 16)),
        reference=f"reference {first}",
        tree_id=TREE,
        name=first,
        first_name=first,
        gender=gender,
        created_by=UUIDS["owner"],
        created_at=MAY,
        updated_at=MAY,
        **others,
    )


def relationship(
    id: PydanticObjectId, from_id: PydanticObjectId, to_id: PydanticObjectId, kind: Kind, **others: Any
) -> Relationship:
    """What ties two of them."""
    return Relationship(
        id=id,
        uuid=uuid(int(str(id), 16)),
        tree_id=TREE,
        from_id=from_id,
        to_id=to_id,
        people=[from_id, to_id],
        kind=kind,
        created_by=UUIDS["owner"],
        created_at=MAY,
        updated_at=MAY,
        **others,
    )


def documents() -> list[Any]:
    """Everything that the stories begin with."""
    guests = [("admin", Role.ADMIN), ("editor", Role.EDITOR), ("viewer", Role.VIEWER)]
    collaborators = [
        Collaborator(id=object_id(50 + n), account=UUIDS[name], role=role, added_at=MAY, accepted_at=MAY)
        for n, (name, role) in enumerate(guests)
    ]
    other = Collaborator(id=object_id(59), account=INVITED, role=Role.VIEWER, added_at=MAY, accepted_at=MAY)
    return [
        *(
            User(id=number, uuid=UUIDS[name], email=f"{name}@example.test", created_at=MAY, is_active=True)
            for number, name in enumerate(CAST, 1)
        ),
        *(
            Grant(id=UUIDS[name], role=role, granted_by="tests", granted_at=MAY)
            for name, role in (
                ("owner", MemberRole.MANAGER),
                ("admin", MemberRole.ADMIN),
                ("editor", MemberRole.EDITOR),
            )
        ),
        Resource(
            id=RESOURCE,
            uuid=uuid(34),
            name="First",
            folded="first",
            owner=UUIDS["owner"],
            created_at=MAY,
            updated_at=MAY,
        ),
        tree(TREE, "Moyo", collaborators=[*collaborators, other]),
        person(ELDER, "Sekuru", Gender.MALE, spouses=[SPOUSE], children=[CHILD]),
        person(SPOUSE, "Ambuya", Gender.FEMALE, spouses=[ELDER]),
        person(CHILD, "Chipo", Gender.FEMALE, parents=[ELDER], father_id=ELDER),
        person(LONELY, "Anesu", Gender.UNKNOWN),
        relationship(MARRIAGE, ELDER, SPOUSE, Kind.SPOUSE, status=UnionStatus.MARRIED),
        relationship(PARENTHOOD, ELDER, CHILD, Kind.PARENT, role=ParentRole.BIOLOGICAL_FATHER),
        Event(id=EVENT, uuid=uuid(32), tree_id=TREE, kind="wedding", created_at=MAY, updated_at=MAY),
        Source(id=SOURCE, uuid=uuid(33), tree_id=TREE, title="Register", created_at=MAY, updated_at=MAY),
        Notification(
            id=NOTICE, uuid=uuid(31), account=UUIDS["owner"], message="Welcome", created_at=MAY, read=False
        ),
        StoredFile(
            id=FILE,
            uuid=uuid(35),
            owner=UUIDS["owner"],
            name="will.pdf",
            filename="will.pdf",
            media_type="application/pdf",
            size=3,
            key="files/will",
            bucket="b",
            url="https://files.test/files/will",
            uploaded_at=MAY,
            accessed_at=MAY,
            created_at=MAY,
            updated_at=MAY,
        ),
        version(person(CHILD, "Tsitsi", Gender.FEMALE, parents=[ELDER], father_id=ELDER)),
    ]


def version(before: Person) -> PersonHistory:
    """What a person was at first."""
    return PersonHistory(
        id=object_id(34),
        uuid=uuid(34),
        tree_id=before.tree_id,
        person_id=before.id,
        version=0,
        data=stored_form(before),
        change=Change.CREATED,
        at=MAY,
    )


async def plant(database: AsyncDatabase[dict[str, Any]]) -> None:
    """Writes the documents into the connected database, in place of whatever is there."""
    hasty = WriteConcern(w=1)
    for name in await database.list_collection_names(filter={"name": {"$not": {"$regex": "^system\\."}}}):
        await database.get_collection(name, write_concern=hasty).delete_many({})
    by_kind: dict[Any, list[Any]] = {}
    for document in documents():
        by_kind.setdefault(type(document), []).append(stored_form(document))
    for kind, rows in by_kind.items():
        await kind.get_pymongo_collection().with_options(write_concern=hasty).insert_many(rows)
    await leave_behind(User, len(CAST))


def credential(name: str, now: datetime | None = None) -> dict[str, str]:
    """The header that one of the cast comes with, in which every old server finds what it looks for."""
    if name == NOBODY:
        return {}
    number = CAST.index(name) + 1
    user: Any = {"_id": number, "uuid": UUIDS[name], "email": f"{name}@example.test", "username": None}
    token = Tokens(JWT_SECRET_KEY).access(user, now or datetime.now(UTC))
    return {"Authorization": f"Bearer {token}"}
