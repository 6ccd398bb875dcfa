"""Resources: how they are found, written and deleted."""

import json
from typing import Any

import strawberry

from models import resources
from models.errors import DomainError, Invalid, Unfit
from models.keys import key
from models.moments import Moment
from models.platform_errors import PermissionMissing, ResourceNotFound, VersionMismatch
from models.resources import Contents, Direction, Sort, StoredResource, Wanted
from schema import etags
from schema.context import Info
from schema.cost import LISTED
from schema.directives import raises
from schema.permissions import SignedIn
from schema.roles import MEMBER, member
from schema.scalars import JSON

MAY: tuple[type[DomainError], ...] = (*MEMBER, PermissionMissing)
ONE: tuple[type[DomainError], ...] = (*MAY, ResourceNotFound)

strawberry.enum(Direction, name="ResourceOrder", description="Which end of an order comes first.")
strawberry.enum(Sort, name="ResourceSort", description="What resources are put in order by.")


@strawberry.type(description="Something that a member keeps.")
class Resource:
    """Something that a member keeps."""

    id: strawberry.ID
    uuid: strawberry.ID
    name: str
    description: str | None = strawberry.field(description="HTML in which nothing can run.")
    data: JSON | None = strawberry.field(description="A JSON object, as it was written.")
    owner: strawberry.ID = strawberry.field(description="The account that made it.")
    version: int = strawberry.field(description="One more with each change.")
    etag: str = strawberry.field(description='The version as HTTP tags it: `"3"`.')
    created_at: Moment
    updated_at: Moment


@strawberry.type(description="Some resources, and which page of how many they are.")
class ResourcePage:
    """Some resources."""

    items: list[Resource]
    page: int
    limit: int
    total_count: int
    total_pages: int
    has_next: bool
    has_prev: bool
    next_page: int | None
    prev_page: int | None


@strawberry.input(description="What is written of a resource.")
class ResourceInput:
    """What is written of a resource."""

    name: str = strawberry.field(description="1 to 200 characters.")
    description: str | None = strawberry.field(
        default=None, description="HTML; what could run is taken out, and plain text is HTML too."
    )
    data: JSON | None = strawberry.field(default=None, description="A JSON object of up to 64 KiB.")


def contents(input: ResourceInput) -> Contents:
    """What the verbs take of an input."""
    return Contents(input.name, input.description, input.data)


def shown(resource: StoredResource) -> dict[str, Any]:
    """The source of a resource."""
    data = resource["data"]
    return {
        **resource,
        "data": None if data is None else json.loads(data),
        "etag": etags.tag(resource["version"]),
    }


@strawberry.type
class ResourceQueries:
    """What can be asked about resources."""

    @strawberry.field(
        graphql_type=Resource,
        description="One resource.",
        permission_classes=[SignedIn],
        directives=[raises(*ONE)],
    )
    async def resource(self, info: Info, id: strawberry.ID) -> dict[str, Any]:
        """One resource."""
        return shown(await resources.get(key(id), await member(info.context)))

    @strawberry.field(
        graphql_type=ResourcePage,
        description="A numbered page of resources.",
        permission_classes=[SignedIn],
        directives=[raises(*MAY, Invalid)],
        metadata={LISTED: resources.PER_PAGE},
    )
    async def resources(
        self,
        info: Info,
        page: int = 1,
        limit: int = 20,
        sort: Sort = Sort.CREATED,
        order: Direction = Direction.DESC,
        owner: strawberry.ID | None = None,
        name: str | None = None,
    ) -> dict[str, Any]:
        """A numbered page."""
        by = await member(info.context)
        wanted = Wanted(page, limit, sort, order, None if owner is None else str(owner), name)
        found = await resources.page(wanted, by)
        pages = -(-found.total // limit)
        has_next, has_prev = page < pages, page > 1
        return {
            "items": [shown(each) for each in found.items],
            "page": page,
            "limit": limit,
            "total_count": found.total,
            "total_pages": pages,
            "has_next": has_next,
            "has_prev": has_prev,
            "next_page": page + 1 if has_next else None,
            "prev_page": page - 1 if has_prev else None,
        }


@strawberry.type
class ResourceMutations:
    """Writing and deleting resources."""

    @strawberry.mutation(
        graphql_type=Resource,
        description="A new resource of the caller's.",
        permission_classes=[SignedIn],
        directives=[raises(*MAY, Unfit)],
    )
    async def create_resource(self, info: Info, input: ResourceInput) -> dict[str, Any]:
        """A new resource."""
        context, by = info.context, await member(info.context)
        with context.reads.written():
            return shown(await resources.create(contents(input), by, context.now))

    @strawberry.mutation(
        graphql_type=Resource,
        description="Another version of a resource; `ifMatch` names the versions it may follow on.",
        permission_classes=[SignedIn],
        directives=[raises(*ONE, VersionMismatch)],
    )
    async def replace_resource(
        self, info: Info, id: strawberry.ID, input: ResourceInput, if_match: str | None = None
    ) -> dict[str, Any]:
        """Another version."""
        context, by = info.context, await member(info.context)
        with context.reads.written():
            written = await resources.replace(
                key(id), contents(input), etags.versions(if_match), by, context.now
            )
        return shown(written)

    @strawberry.mutation(
        description="Deletes a resource; for its owner, and who may delete any. Always true.",
        permission_classes=[SignedIn],
        directives=[raises(*ONE, VersionMismatch)],
    )
    async def delete_resource(self, info: Info, id: strawberry.ID, if_match: str | None = None) -> bool:
        """The end of a resource."""
        context, by = info.context, await member(info.context)
        with context.reads.written():
            await resources.delete(key(id), etags.versions(if_match), by)
        return True
