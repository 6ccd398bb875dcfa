"""How far a job is, for clients that ask again and again."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from pymongo.asynchronous.database import AsyncDatabase

from models import job_kinds, jobs
from models.job_kinds import KINDS, Running, kind
from models.users import User
from schema.tokens import signed
from tests.jobs import drain_jobs
from tests.models.family import ADA, BO
from tests.serving import JWT_SECRET_KEY


@pytest.fixture
def counting() -> Iterator[None]:
    """A kind of this story."""
    known = dict(job_kinds.load())

    @kind("tally", attempts=1)
    async def tally(job: Running) -> dict[str, int]:
        await job.progress(1, 2, "half")
        if job.arguments:
            raise RuntimeError
        return {"counted": 2}

    yield
    KINDS.clear()
    KINDS.update(known)


def signed_in(account: str) -> dict[str, str]:
    claims = {"sub": account, "exp": datetime.now(UTC) + timedelta(hours=1)}
    return {"Authorization": f"Bearer {signed(claims, JWT_SECRET_KEY)}"}


async def test_a_job_is_polled_until_it_is_over(
    house: str, database: AsyncDatabase[dict[str, object]], counting: None
) -> None:
    for number, account in enumerate((ADA, BO), 1):
        await User(id=number, uuid=account, email=account).insert()
    job, wrong = await jobs.ask("tally", {}, owner=ADA), await jobs.ask("tally", {"a": 1}, owner=ADA)
    async with httpx.AsyncClient(base_url=f"{house}/platform/api") as http:
        first = await http.get(f"/jobs/{job.id}", headers=signed_in(ADA))
        assert (first.status_code, first.json()["data"]["state"]) == (200, "QUEUED")
        await drain_jobs()
        told = (await http.get(f"/jobs/{job.id}", headers=signed_in(ADA))).json()["data"]
        assert (told["state"], told["result"], told["attempts"]) == ("DONE", {"counted": 2}, 1)
        assert told["progress"] == {"done": 1, "total": 2, "message": "half"}
        assert told["created_at"] <= told["started_at"] <= told["finished_at"]
        told = (await http.get(f"/jobs/{wrong.id}", headers=signed_in(ADA))).json()["data"]
        assert (told["state"], told["code"], told["result"]) == ("DEAD", "INTERNAL", None)
        assert told["error"] == "Something unexpected happened."
        assert (await http.get(f"/jobs/{job.id}", headers=signed_in(BO))).status_code == 404
        assert (await http.get("/jobs/nothing", headers=signed_in(ADA))).status_code == 404
        assert (await http.get(f"/jobs/{job.id}")).status_code == 401
