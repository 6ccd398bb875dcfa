"""Family trees as the graph shows them."""

from functools import partial
from typing import Any

import strawberry

from models import events, gedcom, sources, trees, users
from models import people as stored
from models import relationships as ties
from models.errors import Invalid, Unfit
from models.gedcom import GedcomVersion
from models.joins import Load
from models.lanes import Pages
from models.moments import Moment
from models.people import StoredPerson
from models.relationships import StoredRelationship
from models.trees import StoredCollaborator, StoredTree
from schema import sight, tree_statistics
from schema.connections import PAGE, Connection, Found, Page, connect, counted, document_of
from schema.context import Info
from schema.cost import LONG
from schema.directives import raises
from schema.kin import UUIDS, Count, People
from schema.kinds import Privacy, Role, TreeRole
from schema.people import Event, Person, Source
from schema.profiles import Profile
from schema.projection import keys, needing
from schema.relations import edge, following
from schema.relationship_types import Relationship
from schema.tree_statistics import TreeStatistics

strawberry.enum(GedcomVersion, description="What a GEDCOM file is written as.")


@strawberry.type(description="How a tree is shown, and what newcomers to it begin with.")
class TreeSettings:
    """How a tree is shown."""

    id: strawberry.ID
    allow_collaboration: bool
    show_living: bool
    default_person_privacy: str
    theme: str


@strawberry.type(
    description="Somebody who was invited to a tree; they have their role once they have accepted."
)
class Collaborator:
    """Somebody who was invited to a tree."""

    id: strawberry.ID
    account: strawberry.ID
    profile: Profile | None = strawberry.field(
        description="Null for an account of another server.", resolver=edge("account", users.BY_UUID)
    )
    role: Role
    added_at: Moment
    accepted_at: Moment | None


@strawberry.type(description="A family tree.")
class Tree:
    """A family tree."""

    id: strawberry.ID
    uuid: strawberry.ID
    name: str
    description: str | None
    privacy: Privacy
    owner: strawberry.ID = strawberry.field(name="ownerId", description="The account that made the tree.")
    owner_profile: Profile | None = strawberry.field(
        name="owner",
        description="Null for an account of another server.",
        resolver=edge("owner", users.BY_UUID),
    )
    settings: TreeSettings | None
    statistics_id: strawberry.ID
    root_person: strawberry.ID | None = strawberry.field(name="rootPersonId")
    root: Person | None = strawberry.field(name="rootPerson", resolver=following(People("root_person")))
    person_count: int = strawberry.field(resolver=following(Count("_id", stored.COUNT_OF_TREE)))
    relationship_count: int = strawberry.field(resolver=following(Count("_id", ties.COUNT_OF_TREE)))
    statistics: TreeStatistics = strawberry.field(
        description="What can be counted in the tree.", resolver=tree_statistics.of_tree
    )
    created_at: Moment
    updated_at: Moment
    active_at: Moment = strawberry.field(
        description="When the tree itself changed, or somebody came to it or left it."
    )
    revision: int

    @strawberry.field(description="What the caller is to the tree; null for a stranger.")
    @needing("_id")
    def role(root: StoredTree, info: Info) -> TreeRole | None:
        """The caller's role."""
        return sight.rights(info.context, root).role

    @strawberry.field(
        graphql_type=list[Collaborator],
        description="Who was invited; for those who have a part in the tree.",
    )
    @needing("_id", "collaborators")
    def collaborators(root: StoredTree, info: Info) -> list[StoredCollaborator]:
        """Who was invited."""
        return guests(root, info)

    @strawberry.field(graphql_type=Collaborator | None, description="One of those who were invited.")
    @needing("_id", "collaborators")
    def collaborator(root: StoredTree, info: Info, account: strawberry.ID) -> StoredCollaborator | None:
        """One of those who were invited, by their account."""
        return next((each for each in guests(root, info) if each["account"] == account), None)

    @strawberry.field(
        graphql_type=Connection[Person],
        description="The people of the tree by id, or those with a text in one of their names.",
        directives=[raises(Invalid)],
    )
    @needing("_id")
    async def people(
        root: StoredTree,
        info: Info,
        first: int | None = PAGE,
        after: str | None = None,
        search: str | None = None,
    ) -> Found:
        """A page of people."""
        tree_id = root["_id"]
        page = Page.wanted(first, after, info.context.page_limit, document_of)
        fields = sight.wanted(keys(info, "edges", "node"))

        async def read(after: Any, limit: int) -> list[StoredPerson]:
            found = await stored.PAGES.load((tree_id, search, after, limit), fields)
            return sight.all_shown(info.context, found)

        return await connect(page, read, partial(counted, stored.PAGES, tree_id, search))

    @strawberry.field(
        graphql_type=list[Person], description="Everybody, in the order in which they came.", metadata=LONG
    )
    @needing("_id")
    async def all_people(root: StoredTree, info: Info) -> list[StoredPerson]:
        """Everybody in the tree."""
        context = info.context
        everything = sight.sees_all(context, root["_id"])
        fields = keys(info) if everything else sight.wanted(keys(info))
        wanted = None if fields is None else (*fields, "uuid")
        found = await stored.OF_TREE.load(root["_id"], wanted, context.reads)
        # Whoever asks for the UUIDs of relatives need not read them again.
        context.seen.setdefault(UUIDS, {}).update((each["_id"], each["uuid"]) for each in found)
        return found if everything else sight.all_shown(context, found)

    @strawberry.field(
        graphql_type=list[Relationship],
        description="Every relationship, in the order in which they were told.",
        metadata=LONG,
    )
    @needing("_id")
    def relationships(root: StoredTree, info: Info) -> Load[list[StoredRelationship]]:
        """Every relationship in the tree."""
        return ties.OF_TREE.load(root["_id"], keys(info), info.context.reads)

    @strawberry.field(
        graphql_type=Connection[Event], description="What happened, by id.", directives=[raises(Invalid)]
    )
    @needing("_id")
    async def events(
        root: StoredTree, info: Info, first: int | None = PAGE, after: str | None = None
    ) -> Found:
        """A page of events."""
        return await recorded(root, info, first, after, events.OF_TREE)

    @strawberry.field(
        graphql_type=Connection[Source], description="What tells of it, by id.", directives=[raises(Invalid)]
    )
    @needing("_id")
    async def sources(
        root: StoredTree, info: Info, first: int | None = PAGE, after: str | None = None
    ) -> Found:
        """A page of sources."""
        return await recorded(root, info, first, after, sources.OF_TREE)

    @strawberry.field(description="The tree as a GEDCOM file.", directives=[raises(Unfit)])
    @needing("_id", *trees.RIGHTS)
    async def gedcom(root: StoredTree, info: Info, version: GedcomVersion = GedcomVersion.V5_5_1) -> str:
        """The tree as a GEDCOM file."""
        return await exported(root, info, version)

    @strawberry.field(description="The name of the tree with nothing in it that no header holds.")
    @needing("name")
    def legacy_file_name(root: StoredTree) -> str:
        """The name of the tree for the name of a file."""
        return gedcom.file_name(root["name"])

    @strawberry.field(
        description="The tree as a GEDCOM 5.5.1 file without a break after its last line.",
        directives=[raises(Unfit)],
    )
    @needing("_id", *trees.RIGHTS)
    async def legacy_gedcom(root: StoredTree, info: Info) -> str:
        """The tree as old clients know it."""
        return (await exported(root, info, GedcomVersion.V5_5_1)).removesuffix("\n")


async def exported(tree: StoredTree, info: Info, version: GedcomVersion) -> str:
    """The tree as a GEDCOM file, with what the caller may see of it."""
    context, rights = info.context, sight.rights(info.context, tree)
    if sight.sees_all(context, tree["_id"]):
        return await gedcom.export(tree, version)
    see = partial(sight.masked, role=rights.role, account=context.seen[sight.VIEWER])
    return await gedcom.export(tree, version, see, stranger=rights.role is None)


async def recorded(
    tree: StoredTree, info: Info, first: int | None, after: str | None, lane: Pages[Any]
) -> Found:
    """A page of what is recorded of a tree in one kind of record."""
    page = Page.wanted(first, after, info.context.page_limit, document_of)
    fields = keys(info, "edges", "node")

    async def read(after: Any, limit: int) -> list[Any]:
        return await lane.load((tree["_id"], after, limit), fields)

    return await connect(page, read, partial(counted, lane, tree["_id"]))


def guests(tree: StoredTree, info: Info) -> list[StoredCollaborator]:
    """The collaborators of a tree, for those who have a part in it, and for old clients, who saw them all."""
    shown = info.context.legacy or sight.rights(info.context, tree).role is not None
    return tree["collaborators"] if shown else []


@strawberry.type(description="Some of the caller's trees, by numbered pages.")
class TreePage:
    """Some of the caller's trees."""

    trees: list[Tree]
    page: int
    limit: int
    total: int
    pages: int
    caller_account: strawberry.ID | None


@strawberry.type(description="The caller had a tree already.")
class TreeFound:
    """The caller had a tree already."""

    tree: Tree


@strawberry.type(description="The caller had no tree, and has one now.")
class TreeMade:
    """The caller had no tree, and has one now."""

    tree: Tree
