"""Jobs in tests: done in this process, by the code that a worker runs."""

from collections.abc import Mapping
from datetime import datetime

from models import job_kinds, job_work
from models.job_kinds import Kind


async def drain_jobs(now: datetime | None = None, kinds: Mapping[str, Kind] | None = None) -> int:
    """Does every job that is due, also those that they ask for; returns how many attempts it took.

    With `now` what is due by then counts: attempts that are put off, and jobs for later.
    """
    return await job_work.do_due(kinds or job_kinds.load(), "test", now)
