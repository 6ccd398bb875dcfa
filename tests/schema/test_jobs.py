"""Jobs in the graph: whoever asked for one sees how far it is, and nobody else does."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from models import job_kinds, jobs, revocations
from models.job_kinds import KINDS, Running, kind
from models.jobs import Job
from models.users import User
from schema import jobs as shown
from tests.jobs import drain_jobs
from tests.models.family import ADA, BO
from tests.schema.conftest import Graph

FIELDS = "id kind state progress { done total message } result error code attempts createdAt finishedAt"
JOB = f"query($id: ID!) {{ job(id: $id) {{ {FIELDS} }} }}"
CANCEL = "mutation($id: ID!) { cancelJob(id: $id) { id state } }"
FOLLOW = "subscription($id: ID!) { jobProgress(id: $id) { state progress { done total } result } }"


@pytest.fixture(autouse=True)
def own_kinds() -> Iterator[None]:
    """A kind of these stories."""
    known = dict(job_kinds.load())

    @kind("shown")
    async def count(job: Running) -> Any:
        await job.progress(2, 2, "all")
        return {"counted": 2}

    yield
    KINDS.clear()
    KINDS.update(known)


async def test_a_job_is_seen_by_who_asked_for_it(graph: Graph) -> None:
    job = await jobs.ask("shown", {"secret": "of the job"}, owner=ADA)
    before = (await graph.data(JOB, ADA, id=str(job.id)))["job"]
    assert (before["state"], before["attempts"], before["finishedAt"]) == ("QUEUED", 0, None)
    await drain_jobs()
    after = (await graph.data(JOB, ADA, id=str(job.id)))["job"]
    assert after == {
        "id": str(job.id),
        "kind": "shown",
        "state": "DONE",
        "progress": {"done": 2, "total": 2, "message": "all"},
        "result": {"counted": 2},
        "error": None,
        "code": None,
        "attempts": 1,
        "createdAt": before["createdAt"],
        "finishedAt": after["finishedAt"],
    }
    for id in (str(job.id), "0" * 24, "no id", "00000000-0000-4000-8000-00000000000b"):
        for query in (JOB, CANCEL):
            assert await graph.codes(query, BO, id=id) == ["JOB_NOT_FOUND"]
    assert await graph.codes(JOB, id=str(job.id)) == ["NOT_SIGNED_IN"]


async def test_administrators_see_every_job(graph: Graph) -> None:
    await User(id=1, uuid=BO, email="bo", is_admin=True).insert()
    job = await jobs.ask("shown", {}, owner=ADA)
    assert (await graph.data(JOB, BO, id=str(job.id)))["job"]["state"] == "QUEUED"
    assert (await graph.data(CANCEL, BO, id=str(job.id)))["cancelJob"]["state"] == "CANCELLED"
    assert await graph.codes(JOB, BO, id="0" * 24) == ["JOB_NOT_FOUND"]
    assert (await graph.data("{ jobs { edges { node { id } } } }", BO))["jobs"]["edges"] == []


async def test_jobs_come_in_pages(graph: Graph) -> None:
    made = [await jobs.ask("shown", {}, owner=ADA) for _ in range(3)]
    await jobs.ask("shown", {}, owner=BO)
    page = "{ edges { node { id } } pageInfo { endCursor } }"
    query = f"query($after: String) {{ jobs(first: 2, after: $after) {page} }}"
    first = (await graph.data(query, ADA))["jobs"]
    rest = (await graph.data(query, ADA, after=first["pageInfo"]["endCursor"]))["jobs"]
    ids = [edge["node"]["id"] for page in (first, rest) for edge in page["edges"]]
    assert ids == [str(job.id) for job in made]
    assert await graph.codes(query, ADA, after="nowhere") == ["INVALID"]


async def test_a_job_is_cancelled_once(graph: Graph) -> None:
    job = await jobs.ask("shown", {}, owner=ADA)
    assert (await graph.data(CANCEL, ADA, id=str(job.id)))["cancelJob"]["state"] == "CANCELLED"
    assert await graph.codes(CANCEL, ADA, id=str(job.id)) == ["JOB_OVER"]
    assert await drain_jobs() == 0


async def follow(graph: Graph, id: str, subject: object) -> AsyncGenerator[Any, None]:
    return cast(
        AsyncGenerator[Any, None],
        await graph.schema.subscribe(FOLLOW, {"id": id}, context_value=graph.context(subject)),
    )


async def test_a_job_is_followed_until_it_is_over(graph: Graph) -> None:
    job = await jobs.ask("shown", {}, owner=ADA)
    seen = []
    async with aclosing(await follow(graph, str(job.id), ADA)) as stream:
        async for result in stream:
            assert not result.errors
            seen.append(result.data["jobProgress"])
            if len(seen) == 1:
                assert seen[0]["state"] == "QUEUED"
                await drain_jobs()
    assert [each["state"] for each in seen] == ["QUEUED", *["RUNNING"] * (len(seen) - 2), "DONE"]
    assert seen[-1] == {"state": "DONE", "progress": {"done": 2, "total": 2}, "result": {"counted": 2}}


async def test_a_job_that_is_over_is_told_once(graph: Graph) -> None:
    job = await jobs.ask("shown", {}, owner=ADA)
    await drain_jobs()
    async with aclosing(await follow(graph, str(job.id), ADA)) as stream:
        assert [result.data["jobProgress"]["state"] async for result in stream] == ["DONE"]


async def test_another_s_job_is_not_followed(graph: Graph) -> None:
    job = await jobs.ask("shown", {}, owner=ADA)
    async with aclosing(await follow(graph, str(job.id), BO)) as stream:
        (result,) = [each async for each in stream]
    assert [error.extensions["code"] for error in result.errors] == ["JOB_NOT_FOUND"]


async def test_who_is_signed_out_follows_no_more(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "AGAIN", 0.05)
    job = await jobs.ask("shown", {}, owner=ADA)
    async with aclosing(await follow(graph, str(job.id), ADA)) as stream:
        assert (await anext(stream)).data["jobProgress"]["state"] == "QUEUED"
        await revocations.revoke("credential", datetime.max.replace(tzinfo=UTC))
        async with asyncio.timeout(5):
            assert [result async for result in stream] == []
    assert await Job.count() == 1
