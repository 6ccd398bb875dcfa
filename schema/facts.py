"""Facts: what is known of a person by itself, without anybody else."""

from typing import Any

import strawberry

from models.moments import Moment
from models.people import StoredPerson
from schema.kin import TREE_UUID, Uuids
from schema.kinds import Change, Gender, IdentifierKind, Verification, Visibility
from schema.projection import needing
from schema.relations import following


@strawberry.type(description="A number or paper that names a person.")
class Identifier:
    """A number or paper that names a person."""

    id: strawberry.ID
    kind: IdentifierKind
    value: str
    verification: Verification
    notes: str | None


@strawberry.type(description="Who may see what of a person.")
class PersonPrivacy:
    """Who may see what of a person."""

    profile: Visibility
    birth: Visibility
    death: Visibility


@strawberry.type(description="One state of a person in the past.")
class Version:
    """One state of a person in the past."""

    id: strawberry.ID
    version: int = strawberry.field(
        description="Counted by whoever wrote it: an imported one may have the number of another."
    )
    change: Change
    changed_by: strawberry.ID | None = strawberry.field(description="The account that made it so.")
    at: Moment


def joined(*names: str | None) -> str:
    """Names that are there, with a blank between them."""
    return " ".join(name for name in names if name)


@strawberry.type
class Facts:
    """What is known of a person by itself."""

    id: strawberry.ID
    uuid: strawberry.ID
    reference: str = strawberry.field(description="What other archives call this person; unique.")
    tree_id: strawberry.ID
    tree_uuid: strawberry.ID = strawberry.field(resolver=following(TREE_UUID))
    name: str | None = strawberry.field(description="The name as it was told in one piece.")
    first_name: str | None
    middle_name: str | None
    last_name: str | None
    nickname: str | None
    gender: Gender
    birth: Moment | None
    birth_unknown: bool | None = strawberry.field(
        description="True where null was entered as the birth, and nothing after it."
    )
    birth_estimated: bool
    birth_place: str | None
    death: Moment | None
    death_unknown: bool | None = strawberry.field(description="The same of the death.")
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
    identifiers: list[Identifier]
    mother_id: strawberry.ID | None
    father_id: strawberry.ID | None
    parent_uuids: list[strawberry.ID] = strawberry.field(
        description="As they stand in the tree, in the order in which they were told.",
        resolver=following(Uuids("parents")),
    )
    child_uuids: list[strawberry.ID] = strawberry.field(resolver=following(Uuids("children")))
    spouse_uuids: list[strawberry.ID] = strawberry.field(resolver=following(Uuids("spouses")))
    privacy: PersonPrivacy
    created_by: strawberry.ID | None = strawberry.field(description="The account that entered this person.")
    created_at: Moment
    updated_at: Moment
    revision: int

    @strawberry.field(description="First, middle and last name, as far as they are known.")
    @needing("first_name", "middle_name", "last_name")
    def full_name(root: StoredPerson) -> str:
        """The names in one piece."""
        return joined(root.get("first_name"), root.get("middle_name"), root.get("last_name"))

    @strawberry.field(description="First and last name, as far as they are known.")
    @needing("first_name", "last_name")
    def short_name(root: StoredPerson) -> str:
        """The two names in one piece."""
        return joined(root.get("first_name"), root.get("last_name"))

    @strawberry.field
    @needing("parents")
    def parent_ids(root: StoredPerson) -> list[strawberry.ID]:
        """The ids as they are stored."""
        return ids(root.get("parents"))

    @strawberry.field
    @needing("children")
    def child_ids(root: StoredPerson) -> list[strawberry.ID]:
        """The ids as they are stored."""
        return ids(root.get("children"))

    @strawberry.field
    @needing("spouses")
    def spouse_ids(root: StoredPerson) -> list[strawberry.ID]:
        """The ids as they are stored."""
        return ids(root.get("spouses"))


def ids(stored: list[Any] | None) -> list[strawberry.ID]:
    """Stored ids as the graph has them."""
    return [strawberry.ID(str(each)) for each in stored or ()]
