"""Files: how they are found and listed."""

from functools import partial
from typing import Any

import strawberry

from models import file_pages, stored_files, trees, usage
from models.errors import Invalid
from models.family_errors import PatternInvalid
from models.file_errors import FileNotFound
from models.keys import key
from models.kinds import Need
from models.resources import Direction
from models.stored_files import StoredFileRow
from schema.connections import PAGE, Connection, Found, Page, connect, counted, document_of
from schema.context import Info
from schema.cost import LONG
from schema.directives import raises
from schema.file_inputs import FileFilter, wanted_of
from schema.file_kinds import FileOrder
from schema.file_types import FilePage, FileTag, StorageUsage, StoredFile
from schema.permissions import SignedIn
from schema.projection import keys
from schema.trees import CALLER, TREE, caller

# The old gallery showed so many.
SHOWN, MOST_TAGS = 20, 1000


@strawberry.type
class FileQueries:
    """What can be asked about files."""

    @strawberry.field(
        graphql_type=StoredFile,
        description="One file: the caller's, a public one, or one of a family that the caller belongs to.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, FileNotFound)],
    )
    async def file(self, info: Info, id: strawberry.ID) -> StoredFileRow:
        """One file."""
        context = info.context
        return await stored_files.get(key(id), await caller(context), keys(info), context.reads)

    @strawberry.field(
        graphql_type=Connection[StoredFile],
        description="The caller's files by id.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, Invalid)],
    )
    async def files(self, info: Info, first: int | None = PAGE, after: str | None = None) -> Found:
        """A page of the caller's files."""
        account = await caller(info.context)
        page = Page.wanted(first, after, info.context.page_limit, document_of)
        fields = keys(info, "edges", "node")

        async def read(after: Any, limit: int) -> list[StoredFileRow]:
            return await stored_files.OF_OWNER.load((account, after, limit), fields)

        return await connect(page, read, partial(stored_files.count, account))

    @strawberry.field(
        graphql_type=Connection[StoredFile],
        description="What the members of a tree keep for it and the caller may see, by id.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, *TREE, Invalid)],
    )
    async def tree_files(
        self, info: Info, tree_id: strawberry.ID, first: int | None = PAGE, after: str | None = None
    ) -> Found:
        """A page of the files of a tree."""
        context, account = info.context, await caller(info.context)
        page = Page.wanted(first, after, context.page_limit, document_of)
        tree = await trees.get(key(tree_id), account, Need.VIEW, ("uuid",), context.reads)
        part = trees.role_of(tree, account) is not None
        of = (str(tree["_id"]), tree["uuid"], trees.members(tree), account, part)
        fields = keys(info, "edges", "node")

        async def read(after: Any, limit: int) -> list[StoredFileRow]:
            return await stored_files.OF_TREE.load((*of, after, limit), fields)

        return await connect(page, read, partial(counted, stored_files.OF_TREE, *of))

    @strawberry.field(
        graphql_type=Connection[StoredFile],
        description="The caller's pictures and films that are ready, by id.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, Invalid)],
    )
    async def gallery(self, info: Info, first: int | None = PAGE, after: str | None = None) -> Found:
        """A page of the caller's gallery."""
        account = await caller(info.context)
        page = Page.wanted(first, after, info.context.page_limit, document_of)
        fields = keys(info, "edges", "node")

        async def read(after: Any, limit: int) -> list[StoredFileRow]:
            return await file_pages.GALLERY.load((account, after, limit), fields)

        return await connect(page, read, partial(counted, file_pages.GALLERY, account))

    @strawberry.field(
        graphql_type=list[StoredFile],
        description="The caller's newest pictures and films.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER)],
    )
    async def newest_gallery(self, info: Info) -> list[StoredFileRow]:
        """The newest of the caller's gallery."""
        return await file_pages.newest_shown(await caller(info.context), SHOWN)

    @strawberry.field(
        graphql_type=FilePage,
        description="A numbered page of the caller's files.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, Invalid, PatternInvalid)],
    )
    async def file_page(
        self,
        info: Info,
        page: int = 1,
        limit: int = 20,
        filter: FileFilter | None = None,
        order: FileOrder = FileOrder.UPLOADED_AT,
        direction: Direction = Direction.DESC,
    ) -> Any:
        """A numbered page of the caller's files."""
        context, account = info.context, await caller(info.context)
        if not 1 <= page or not 1 <= limit <= context.page_limit:
            raise Invalid(f"page begins with 1, and limit is 1 to {context.page_limit}.", name="page")
        wanted = wanted_of(filter)
        found = await file_pages.page(account, wanted, page, limit, order, direction)
        return found._asdict()

    @strawberry.field(
        graphql_type=list[FileTag],
        description="The tags of the caller's files, the most used first.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER)],
        metadata=LONG,
    )
    async def file_tags(self, info: Info) -> list[dict[str, Any]]:
        """The tags of the caller's files."""
        return await file_pages.tags(await caller(info.context), MOST_TAGS)

    @strawberry.field(
        graphql_type=StorageUsage,
        description="How much room the caller's files take.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER)],
    )
    async def storage_usage(self, info: Info) -> dict[str, Any]:
        """How much room the caller's files take."""
        context, account = info.context, await caller(info.context)
        found, limits = await usage.of(account, context.now), context.file_limits
        quota = limits.quota if found["quota"] is None else found["quota"]
        return {
            "files": found["files"],
            "used": found["bytes"],
            "quota": quota,
            "largest_file": limits.file,
        }
