"""Events and sources: how they are told of a tree, changed and taken back."""

from typing import cast

import strawberry

from models import events, sources
from models.events import EventFields, StoredEvent
from models.family_errors import EventNotFound, SourceNotFound
from models.keys import key
from models.moments import Moment
from models.sources import SourceFields, StoredSource
from schema import inputs
from schema.context import Info
from schema.directives import raises
from schema.people import Event, Source
from schema.permissions import SignedIn
from schema.trees import CALLER, TREE, caller


@strawberry.input(description="Something that happened, to be told.")
class NewEvent:
    """Something that happened."""

    kind: str
    date: Moment | None = strawberry.UNSET
    place: str | None = strawberry.UNSET
    description: str | None = strawberry.UNSET
    person_ids: list[strawberry.ID] | None = strawberry.UNSET
    source_ids: list[strawberry.ID] | None = strawberry.UNSET


@strawberry.input(description="What to change of an event; what is left out stays.")
class EventChanges:
    """What to change of an event."""

    kind: str | None = strawberry.UNSET
    date: Moment | None = strawberry.UNSET
    place: str | None = strawberry.UNSET
    description: str | None = strawberry.UNSET
    person_ids: list[strawberry.ID] | None = strawberry.UNSET
    source_ids: list[strawberry.ID] | None = strawberry.UNSET


@strawberry.input(description="A source to name.")
class NewSource:
    """A source to name."""

    title: str
    author: str | None = strawberry.UNSET
    url: str | None = strawberry.UNSET
    citation: str | None = strawberry.UNSET
    person_ids: list[strawberry.ID] | None = strawberry.UNSET


@strawberry.input(description="What to change of a source; what is left out stays.")
class SourceChanges:
    """What to change of a source."""

    title: str | None = strawberry.UNSET
    author: str | None = strawberry.UNSET
    url: str | None = strawberry.UNSET
    citation: str | None = strawberry.UNSET
    person_ids: list[strawberry.ID] | None = strawberry.UNSET


def event_fields(given: NewEvent | EventChanges) -> EventFields:
    """What was said of an event; raises Unfit."""
    values = inputs.said(given, person_ids="people", source_ids="sources")
    values = inputs.without_nulls(values, "kind", "people", "sources")
    inputs.keyed(values, "people", "sources")
    return cast(EventFields, values)


def source_fields(given: NewSource | SourceChanges) -> SourceFields:
    """What was said of a source; raises Unfit."""
    values = inputs.without_nulls(inputs.said(given, person_ids="people"), "title", "people")
    inputs.keyed(values, "people")
    return cast(SourceFields, values)


@strawberry.type
class RecordMutations:
    """Telling, changing and taking back."""

    @strawberry.mutation(
        graphql_type=Event,
        description="Tells what happened.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, *TREE)],
    )
    async def add_event(self, info: Info, tree_id: strawberry.ID, input: NewEvent) -> StoredEvent:
        """The new event."""
        context, account = info.context, await caller(info.context)
        fields = event_fields(input)
        with context.reads.written():
            return await events.add(key(tree_id), fields, account, context.now)

    @strawberry.mutation(
        graphql_type=Event,
        description="Changes an event.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, *TREE, EventNotFound)],
    )
    async def change_event(self, info: Info, id: strawberry.ID, input: EventChanges) -> StoredEvent:
        """The event after the change."""
        context, account = info.context, await caller(info.context)
        fields = event_fields(input)
        with context.reads.written():
            return await events.change(key(id), fields, account, context.now)

    @strawberry.mutation(
        description="Takes an event back. Always true.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, *TREE, EventNotFound)],
    )
    async def delete_event(self, info: Info, id: strawberry.ID) -> bool:
        """The end of an event."""
        account = await caller(info.context)
        with info.context.reads.written():
            await events.delete(key(id), account)
        return True

    @strawberry.mutation(
        graphql_type=Source,
        description="Names a source.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, *TREE)],
    )
    async def add_source(self, info: Info, tree_id: strawberry.ID, input: NewSource) -> StoredSource:
        """The new source."""
        context, account = info.context, await caller(info.context)
        fields = source_fields(input)
        with context.reads.written():
            return await sources.add(key(tree_id), fields, account, context.now)

    @strawberry.mutation(
        graphql_type=Source,
        description="Changes a source.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, *TREE, SourceNotFound)],
    )
    async def change_source(self, info: Info, id: strawberry.ID, input: SourceChanges) -> StoredSource:
        """The source after the change."""
        context, account = info.context, await caller(info.context)
        fields = source_fields(input)
        with context.reads.written():
            return await sources.change(key(id), fields, account, context.now)

    @strawberry.mutation(
        description="Takes a source back. Always true.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, *TREE, SourceNotFound)],
    )
    async def delete_source(self, info: Info, id: strawberry.ID) -> bool:
        """The end of a source."""
        account = await caller(info.context)
        with info.context.reads.written():
            await sources.delete(key(id), account)
        return True
