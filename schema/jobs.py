"""Jobs: what the caller has asked to be done, and how far it is."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from typing import Any

import strawberry
from bson import ObjectId

from models import job_reads, job_watch, jobs
from models.errors import DomainError, Invalid
from models.job_errors import JobNotFound, JobOver
from models.job_reads import StoredJob
from models.jobs import JobState
from models.keys import key
from models.moments import Moment
from models.raw import Fields
from models.roles import Role
from schema.changes import AGAIN, ticking
from schema.connections import PAGE, Connection, Found, Page, connect, document_of
from schema.context import Context, Info
from schema.directives import raises
from schema.permissions import SignedIn
from schema.projection import keys
from schema.roles import member
from schema.scalars import JSON
from schema.trees import CALLER, caller

strawberry.enum(
    JobState,
    description="Where a job stands; what has failed is tried again, what is dead is not.",
)


@strawberry.type(description="How far a job is, as far as it says.")
class JobProgress:
    """How far a job is."""

    done: int
    total: int | None = strawberry.field(description="Of how many; null while nobody knows.")
    message: str | None


@strawberry.type(description="Work that was asked for, and is done once.")
class Job:
    """Work that was asked for."""

    id: strawberry.ID
    kind: str
    state: JobState
    progress: JobProgress
    result: JSON | None = strawberry.field(description="What came of it; null until it is done.")
    error: str | None = strawberry.field(description="What stood in the way at the last attempt.")
    code: str | None = strawberry.field(description="The code of that error.")
    attempts: int
    created_at: Moment
    started_at: Moment | None = strawberry.field(description="When the last attempt began.")
    finished_at: Moment | None


def job_id(id: str) -> ObjectId | None:
    """The id that a text stands for, or None."""
    found = key(id)
    return found if isinstance(found, ObjectId) else None


async def seen(context: Context, id: str, fields: Fields = None) -> StoredJob:
    """A job that the caller has asked for, or any where the caller looks after all; raises JobNotFound."""
    known = job_id(id)
    try:
        return await job_reads.get(known, await caller(context), fields)
    except JobNotFound:
        if known is None or not await looks_after_all(context):
            raise
    return await job_reads.get(known, None, fields)


async def looks_after_all(context: Context) -> bool:
    """Whether the caller is an administrator."""
    try:
        return (await member(context)).role is Role.ADMIN
    except DomainError:
        return False


@strawberry.type
class JobQueries:
    """What was asked to be done."""

    @strawberry.field(
        graphql_type=Job,
        description="A job that the caller has asked for, or any for administrators.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, JobNotFound)],
    )
    async def job(self, info: Info, id: strawberry.ID) -> StoredJob:
        """One job."""
        return await seen(info.context, id, keys(info))

    @strawberry.field(
        graphql_type=Connection[Job],
        description="The jobs that the caller has asked for, by id; what is over is forgotten after a week.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, Invalid)],
    )
    async def jobs(self, info: Info, first: int | None = PAGE, after: str | None = None) -> Found:
        """A page of jobs."""
        account = await caller(info.context)
        page = Page.wanted(first, after, info.context.page_limit, document_of)
        fields = keys(info, "edges", "node")

        async def read(after: object, limit: int) -> list[StoredJob]:
            return await job_reads.OF_OWNER.load((account, after, limit), fields)

        return await connect(page, read, partial(job_reads.count, account))


@strawberry.type
class JobMutations:
    """Looking after jobs."""

    @strawberry.mutation(
        graphql_type=Job,
        description="Has a job not done any more, as far as it is not done yet.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, JobNotFound, JobOver)],
    )
    async def cancel_job(self, info: Info, id: strawberry.ID) -> StoredJob:
        """The job, cancelled."""
        context = info.context
        job = (await seen(context, id, ("_id",)))["_id"]
        with context.reads.written():
            await jobs.cancel(job, None, context.now, anybodys=True)
        return await job_reads.get(job, None, keys(info))


@strawberry.type
class JobSubscriptions:
    """What becomes of jobs."""

    @strawberry.subscription(
        graphql_type=Job,
        description="A job that the caller has asked for, now and whenever it changes, until it is over.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, JobNotFound)],
    )
    async def job_progress(self, info: Info, id: strawberry.ID) -> AsyncGenerator[Any, None]:
        """A job as it goes on."""
        context = info.context
        stream = job_watch.follow((await seen(context, id, ("_id",)))["_id"])
        loop = asyncio.get_running_loop()
        asked = loop.time()
        async with aclosing(stream), aclosing(ticking(stream, AGAIN)) as ticks:
            async for job in ticks:
                if job is None or loop.time() - asked >= AGAIN:
                    asked = loop.time()
                    if not await context.still_signed_in():
                        return
                if job is not None:
                    context.reads.forget()
                    yield job
