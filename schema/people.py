"""People in family trees, and whatever hangs together with them."""

from typing import Any

import strawberry
from strawberry.types.lazy_type import LazyType

from models import events, relationships, sources
from models.moments import Moment
from models.people import StoredPerson
from schema import kin, lineage, links
from schema.context import Info
from schema.facts import Facts, Version
from schema.kin import Listed, Mentions, People, Trees, own_id
from schema.kinds import Kind, LegalParentKind, ParentLinkKind, ParentRole, UnionStatus
from schema.lineage import Warning
from schema.links import Links
from schema.projection import needing
from schema.relations import edge, following


@strawberry.type(description="Somebody in a family tree.")
class Person(Facts):
    """Somebody in a family tree."""

    # Trees know their people, and so their module this one.
    tree = strawberry.field(
        graphql_type=LazyType("Tree", "schema.tree_types") | None,
        description="Null for a tree that is gone.",
        resolver=following(Trees("tree_id")),
    )
    legal_parents: list["LegalParent"]
    mother: "Person | None" = strawberry.field(resolver=following(People("mother_id")))
    father: "Person | None" = strawberry.field(resolver=following(People("father_id")))
    parents: list["Person"] = strawberry.field(
        description="Parents of every kind.", resolver=following(People("parents"))
    )
    children: list["Person"] = strawberry.field(
        description="Children of every kind.", resolver=following(People("children"))
    )
    spouses: list["Person"] = strawberry.field(resolver=following(People("spouses")))
    unions: list["Union"] = strawberry.field(
        description="What ties this person to spouses.", resolver=following(Links(links.union))
    )
    sibling_links: list["SiblingLink"] = strawberry.field(
        resolver=following(Links(links.sibling, links.newest))
    )
    child_links: list["ChildLink"] = strawberry.field(resolver=following(Links(links.child)))
    events: list["Event"] = strawberry.field(
        description="What happened to this person, in the order of time.",
        resolver=following(Mentions("_id", events.OF_PERSON)),
    )
    sources: list["Source"] = strawberry.field(
        description="What tells of this person.", resolver=following(Mentions("_id", sources.OF_PERSON))
    )
    ancestors: list["Kin"] = strawberry.field(
        description="Who comes before, the nearest generation first; 5,000 of them at most.",
        resolver=lineage.ancestors,
        directives=[lineage.RAISES],
        metadata=lineage.LENGTH,
    )
    descendants: list["Kin"] = strawberry.field(
        description="Who comes after, the nearest generation first; 5,000 of them at most.",
        resolver=lineage.descendants,
        directives=[lineage.RAISES],
        metadata=lineage.LENGTH,
    )
    warnings: list[Warning] = strawberry.field(
        description="What is odd about this person; for those who have a part in the tree.",
        resolver=lineage.warnings_of,
    )
    history: list[Version] = strawberry.field(
        description="The oldest versions first; for those who have a part in the tree.",
        resolver=lineage.versions,
        directives=[lineage.RAISES],
    )

    @strawberry.field(
        graphql_type=list["ParentLink"], description="The mother, the father and the parents before the law."
    )
    @needing("mother_id", "father_id", "legal_parents")
    def parent_links(root: StoredPerson) -> list[dict[str, Any]]:
        """Each parent who is known as something."""
        born = (
            ("mother_id", ParentLinkKind.BIOLOGICAL_MOTHER),
            ("father_id", ParentLinkKind.BIOLOGICAL_FATHER),
        )
        links: list[dict[str, Any]] = [
            {"parent_id": id, "kind": kind} for key, kind in born if (id := root.get(key)) is not None
        ]
        return links + [{**each} for each in root["legal_parents"]]

    @strawberry.field(
        graphql_type=list["Person"],
        description="Siblings by a relationship, and the other children of the parents.",
    )
    @needing("_id", "parents")
    async def siblings(root: StoredPerson, info: Info) -> list[StoredPerson]:
        """Everybody who is a sibling in one way or another."""
        reads, own = info.context.reads, own_id(root["_id"])
        rows = await relationships.OF_PERSON.load(own, links.ROW, reads)
        linked = [link["sibling_id"] for row in rows if (link := links.sibling(own, row))]
        parents = await kin.people_of(info.context, root["parents"], ("children",))
        born = [id for parent in parents for id in parent["children"]]
        wanted = [id for id in dict.fromkeys([*linked, *born]) if id != own]
        return await kin.people_of(info.context, wanted, People("parents").fields(info))


@strawberry.type(description="Somebody of the same blood or family, and how many generations away.")
class Kin:
    """Somebody of the same family."""

    person: Person
    generation: int


@strawberry.type(description="Somebody who is a parent before the law.")
class LegalParent:
    """Somebody who is a parent before the law."""

    id: strawberry.ID
    parent_id: strawberry.ID
    parent: Person | None = strawberry.field(resolver=following(People("parent_id")))
    kind: LegalParentKind


@strawberry.type(description="What ties a person to a spouse; its id is that of the relationship.")
class Union:
    """What ties a person to a spouse."""

    id: strawberry.ID
    spouse_id: strawberry.ID
    person: Person | None = strawberry.field(resolver=following(People("spouse_id")))
    status: UnionStatus | None
    started: Moment | None
    ended: Moment | None


@strawberry.type(description="What ties a person to a sibling; its id is that of the relationship.")
class SiblingLink:
    """What ties a person to a sibling."""

    id: strawberry.ID
    sibling_id: strawberry.ID
    person: Person | None = strawberry.field(resolver=following(People("sibling_id")))
    kind: Kind


@strawberry.type(description="What ties a person to a child; its id is that of the relationship.")
class ChildLink:
    """What ties a person to a child."""

    id: strawberry.ID
    child_id: strawberry.ID
    person: Person | None = strawberry.field(resolver=following(People("child_id")))
    role: ParentRole | None


@strawberry.type(description="A parent by birth or before the law.")
class ParentLink:
    """A parent by birth or before the law."""

    parent_id: strawberry.ID
    person: Person | None = strawberry.field(resolver=following(People("parent_id")))
    kind: ParentLinkKind


@strawberry.type(description="Something that happened in the life of one or several people.")
class Event:
    """Something that happened in somebody's life."""

    id: strawberry.ID
    uuid: strawberry.ID
    tree_id: strawberry.ID
    kind: str
    date: Moment | None
    place: str | None
    description: str | None
    people: list[Person] = strawberry.field(resolver=following(People("people")))
    sources: list["Source"] = strawberry.field(
        description="What tells of it.", resolver=following(Listed("sources", sources.SOURCES.by_id))
    )
    created_by: strawberry.ID | None
    created_at: Moment
    updated_at: Moment
    revision: int


@strawberry.type(description="A book, a register, a letter or an address on the web.")
class Source:
    """Where something is written."""

    id: strawberry.ID
    uuid: strawberry.ID
    tree_id: strawberry.ID
    title: str
    author: str | None
    url: str | None
    citation: str | None
    people: list[Person] = strawberry.field(
        description="Of whom it tells.", resolver=following(People("people"))
    )
    events: list[Event] = strawberry.field(
        description="Of what it tells.", resolver=edge("_id", events.OF_SOURCE)
    )
    created_by: strawberry.ID | None
    created_at: Moment
    updated_at: Moment
    revision: int
