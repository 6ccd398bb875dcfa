"""Rows of the gateway's tables: trees, members and relationships, named by UUIDs."""

from beanie import PydanticObjectId

from models.imports.known import Known
from models.imports.values import account, derived, instant, instant_or_none, text_or_none, uuid, uuids, word
from models.kinds import Gender, Kind
from models.people import Person
from models.relationships import Relationship
from models.rows import Row
from models.trees import Tree, TreeSettings

KINDS = {"PARENT_CHILD": Kind.PARENT}


def tree(row: Row, known: Known) -> Tree:
    """A row of family_trees."""
    key, made = uuid(row, "id"), instant(row, "created_at")
    changed = instant_or_none(row, "updated_at") or made
    return Tree(
        id=known.id(Tree, key, "id"),
        uuid=key,
        name=row.text("name"),
        description=text_or_none(row, "description"),
        description_given=True,
        owner=account(row, "user_id"),
        settings=TreeSettings(id=derived(f"{key} settings", made), show_living=False),
        statistics_id=derived(f"{key} statistics", made),
        created_at=made,
        updated_at=changed,
        active_at=changed,
    )


def person(row: Row, known: Known) -> Person:
    """A row of family_members; its lists are taken as they are."""
    key, made = uuid(row, "id"), instant(row, "created_at")
    death = instant_or_none(row, "death_date")
    return Person(
        id=known.id(Person, key, "id"),
        uuid=key,
        reference=key,
        tree_id=known.id(Tree, uuid(row, "tree_id"), "tree_id"),
        name=text_or_none(row, "name"),
        first_name=text_or_none(row, "first_name"),
        middle_name=text_or_none(row, "middle_name"),
        last_name=text_or_none(row, "last_name"),
        nickname=text_or_none(row, "nickname"),
        gender=word(row, "gender", Gender),
        birth=instant_or_none(row, "birth_date"),
        birth_place=text_or_none(row, "place_of_birth"),
        death=death,
        death_place=text_or_none(row, "place_of_death"),
        living=death is None,
        occupation=text_or_none(row, "occupation"),
        biography=text_or_none(row, "biography"),
        notes=text_or_none(row, "notes"),
        photo_url=text_or_none(row, "profile_image_url"),
        parents=ids(row, "parent_ids", known),
        children=ids(row, "child_ids", known),
        spouses=ids(row, "spouse_ids", known),
        created_by=account(row, "user_id"),
        created_at=made,
        updated_at=instant_or_none(row, "updated_at") or made,
    )


def ids(row: Row, column: str, known: Known) -> list[PydanticObjectId]:
    """The people of a list; who is nowhere to be found gets an id too, which leads nowhere."""
    return [known.find(Person, key) or derived(key, None) for key in uuids(row, column)]


def relationship(row: Row, known: Known) -> Relationship:
    """A row of family_relationships."""
    key, made = uuid(row, "id"), instant(row, "created_at")
    first = known.id(Person, uuid(row, "person1_id"), "person1_id")
    second = known.id(Person, uuid(row, "person2_id"), "person2_id")
    kind = word(row, "relationship_type", Kind, KINDS)
    return Relationship(
        id=known.id(Relationship, key, "id"),
        uuid=key,
        tree_id=known.id(Tree, uuid(row, "tree_id"), "tree_id"),
        from_id=first,
        to_id=second,
        people=[first, second],
        kind=kind,
        claims=[f"{first}:{second}:{kind}"],
        created_by=account(row, "user_id"),
        created_at=made,
        updated_at=made,
    )
