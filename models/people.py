"""People in family trees: what is known of them, and how they are read."""

from typing import Any, Required, TypedDict, cast

from beanie import Document, PydanticObjectId
from bson import ObjectId
from pydantic import BaseModel, Field
from pymongo import IndexModel

from models import trees
from models.embedded import Embedded
from models.family_errors import PersonNotFound
from models.joins import Load, Reads
from models.keys import Key, new_uuid
from models.kinds import Gender, IdentifierKind, LegalParentKind, Need, Verification, Visibility
from models.lanes import Counted, Group, Pages, Unique, matching
from models.moments import Moment, StoredMoment
from models.raw import Fields
from models.trees import CREATION


class Identifier(Embedded):
    """A number or paper that names a person."""

    kind: IdentifierKind
    value: str
    verification: Verification = Verification.UNVERIFIED
    notes: str | None = None


class LegalParent(Embedded):
    """Somebody who is a parent before the law."""

    parent_id: PydanticObjectId
    kind: LegalParentKind


class PersonPrivacy(BaseModel):
    """Who may see what of a person."""

    profile: Visibility = Visibility.TREE_ONLY
    birth: Visibility = Visibility.TREE_ONLY
    death: Visibility = Visibility.TREE_ONLY


class Person(Document):
    """Somebody in a family tree.

    `parents`, `children` and `spouses` hold every kind of them, in the order in which they were told;
    `mother_id`, `father_id` and `legal_parents` say more of some of the parents, or name further ones.
    """

    id: PydanticObjectId = Field(default_factory=PydanticObjectId)
    uuid: str = Field(default_factory=new_uuid)
    # What other archives call this person; a text that nobody else has.
    reference: str = Field(default_factory=lambda: str(ObjectId()))
    tree_id: PydanticObjectId
    name: str | None = None
    first_name: str | None = None
    middle_name: str | None = None
    last_name: str | None = None
    nickname: str | None = None
    gender: Gender = Gender.UNKNOWN
    birth: Moment | None = None
    # Whether somebody said, when they entered this person, that there is nothing to say.
    birth_unknown: bool | None = None
    birth_estimated: bool = False
    birth_place: str | None = None
    death: Moment | None = None
    death_unknown: bool | None = None
    death_estimated: bool = False
    death_place: str | None = None
    death_cause: str | None = None
    living: bool = True
    occupation: str | None = None
    biography: str | None = None
    notes: str | None = None
    photo_url: str | None = None
    clan: str | None = None
    tribe: str | None = None
    titles: list[str] = []
    identifiers: list[Identifier] = []
    legal_parents: list[LegalParent] = []
    mother_id: PydanticObjectId | None = None
    father_id: PydanticObjectId | None = None
    privacy: PersonPrivacy = Field(default_factory=PersonPrivacy)
    parents: list[PydanticObjectId] = []
    children: list[PydanticObjectId] = []
    spouses: list[PydanticObjectId] = []
    created_by: str | None = None
    created_at: Moment
    updated_at: Moment
    revision: int = 0

    class Settings:
        name = "people"
        indexes = [
            IndexModel("uuid", unique=True),
            IndexModel("reference", unique=True),
            IndexModel([("tree_id", 1), ("_id", 1)]),
            IndexModel([("tree_id", 1), ("last_name", 1), ("first_name", 1)]),
            IndexModel("parents"),
            IndexModel("children"),
            IndexModel("spouses"),
            IndexModel("mother_id"),
            IndexModel("father_id"),
            IndexModel("legal_parents.parent_id"),
        ]


class StoredIdentifier(TypedDict):
    """An identifier as it is stored."""

    _id: ObjectId
    kind: str
    value: str
    verification: str
    notes: str | None


class StoredLegalParent(TypedDict):
    """A legal parent as they are stored."""

    _id: ObjectId
    parent_id: ObjectId
    kind: str


class StoredPrivacy(TypedDict):
    """Who may see what of a person, as it is stored."""

    profile: str
    birth: str
    death: str


class StoredPerson(TypedDict, total=False):
    """A person as they are stored."""

    _id: Required[ObjectId]
    uuid: str
    reference: str
    tree_id: ObjectId
    name: str | None
    first_name: str | None
    middle_name: str | None
    last_name: str | None
    nickname: str | None
    gender: str
    birth: StoredMoment | None
    birth_unknown: bool | None
    birth_estimated: bool
    birth_place: str | None
    death: StoredMoment | None
    death_unknown: bool | None
    death_estimated: bool
    death_place: str | None
    death_cause: str | None
    living: bool
    occupation: str | None
    biography: str | None
    notes: str | None
    photo_url: str | None
    clan: str | None
    tribe: str | None
    titles: list[str]
    identifiers: list[StoredIdentifier]
    legal_parents: list[StoredLegalParent]
    mother_id: ObjectId | None
    father_id: ObjectId | None
    privacy: StoredPrivacy
    parents: list[ObjectId]
    children: list[ObjectId]
    spouses: list[ObjectId]
    created_by: str | None
    created_at: StoredMoment
    updated_at: StoredMoment
    revision: int


def in_tree(tree_id: ObjectId, search: str | None = None) -> dict[str, Any]:
    """A filter for the people of a tree, of those with a text in one of their names."""
    wanted: dict[str, Any] = {"tree_id": tree_id}
    if search:
        names = ("name", "first_name", "middle_name", "last_name", "nickname")
        wanted["$or"] = [matching(name, search) for name in names]
    return wanted


BY_ID: Unique[StoredPerson] = Unique(Person)
BY_UUID: Unique[StoredPerson] = Unique(Person, "uuid")
# Everybody in a tree, oldest entry first.
OF_TREE: Group[StoredPerson] = Group(Person, "tree_id", order=CREATION)
PAGES: Pages[StoredPerson] = Pages(Person, "tree_id", "search", wanted=in_tree)
COUNT_OF_TREE = Counted(Person, "tree_id")
# Who names somebody as their mother, or as their father.
OF_MOTHER: Group[StoredPerson] = Group(Person, "mother_id", order=CREATION)
OF_FATHER: Group[StoredPerson] = Group(Person, "father_id", order=CREATION)


def find(key: Key, fields: Fields = None, reads: Reads | None = None) -> Load[StoredPerson | None]:
    """The person with this key, or None; asks nobody's leave."""
    lane = BY_ID if isinstance(key, ObjectId) else BY_UUID
    return lane.load(key, fields, reads)


async def get(
    key: Key | None,
    account: str | None,
    need: Need = Need.VIEW,
    tree: Key | None = None,
    fields: Fields = None,
    reads: Reads | None = None,
) -> StoredPerson:
    """The person with this key, whose tree may be used so; raises PersonNotFound and TreeForbidden.

    With a tree, that one is asked for first, which raises TreeNotFound too, and the person must be in it.
    """
    found = await trees.held(find, PersonNotFound, key, account, need, tree, fields, reads)
    return cast(StoredPerson, found)
