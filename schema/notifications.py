"""Notifications: what an account is told."""

from functools import partial

import strawberry

from models import notifications
from models.errors import Invalid
from models.family_errors import NotificationNotFound
from models.keys import key
from models.moments import Moment
from models.notifications import StoredNotification
from schema.connections import PAGE, Connection, Found, Page, connect, document_of
from schema.context import Info
from schema.cost import LONG
from schema.directives import raises
from schema.permissions import SignedIn
from schema.projection import keys
from schema.scalars import JSON
from schema.trees import CALLER, caller


@strawberry.type(description="Something that an account is told.")
class Notification:
    """Something that an account is told."""

    id: strawberry.ID
    uuid: strawberry.ID
    account: strawberry.ID
    kind: str
    message: str
    data: JSON | None = strawberry.field(description="What a program makes of it.")
    read: bool
    created_at: Moment
    revision: int


@strawberry.type
class NotificationQueries:
    """What the caller was told."""

    @strawberry.field(
        graphql_type=Connection[Notification],
        description="What the caller was told, by id.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, Invalid)],
    )
    async def notifications(self, info: Info, first: int | None = PAGE, after: str | None = None) -> Found:
        """A page of what the caller was told."""
        account = await caller(info.context)
        page = Page.wanted(first, after, info.context.page_limit, document_of)
        fields = keys(info, "edges", "node")

        async def read(after: object, limit: int) -> list[StoredNotification]:
            return await notifications.OF_ACCOUNT.load((account, after, limit), fields)

        return await connect(page, read, partial(notifications.count, account))

    @strawberry.field(
        graphql_type=list[Notification],
        description="All that the caller was told, the newest first.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER)],
        metadata=LONG,
    )
    async def all_notifications(self, info: Info) -> list[StoredNotification]:
        """All that the caller was told."""
        return await notifications.of(await caller(info.context))


@strawberry.type
class NotificationMutations:
    """Reading what one was told."""

    @strawberry.mutation(
        description="Notes that the caller has read this. Quietly, it is true of what is not there too.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, NotificationNotFound)],
    )
    async def read_notification(self, info: Info, id: strawberry.ID, quiet: bool = False) -> bool:
        """Whether it is read now."""
        context, account = info.context, await caller(info.context)
        with context.reads.written():
            await notifications.read(key(id), account, quiet=quiet)
        return True
