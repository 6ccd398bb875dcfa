"""The dialect express and the libraries of the old Node servers answer generated requests alike."""

from pathlib import Path

import pytest

from server.embedded import Services
from tests.old_servers.compare import SECRET, Report, compare, this_server, told
from tests.old_servers.drive import Duel
from tests.old_servers.express import family, generate
from tests.old_servers.express.install import Absent, folder
from tests.old_servers.express.variants import VARIANTS
from tests.old_servers.processes import express, in_express

REQUESTS = 300
# Of two reasons to refuse the other one is told: a malformed id before a missing token, a day that no
# calendar has before a foreign person or a missing name. Nothing is written either way.
OTHER_REASONS = {("PUT", 401, 500), ("PUT", 404, 500), ("POST", 400, 500)}


@pytest.fixture(scope="module")
def libraries() -> Path:
    try:
        return folder()
    except Absent as reason:
        pytest.skip(f"the libraries of the old servers cannot be had: {reason}")


@pytest.mark.parametrize("variant", VARIANTS)
async def test_generated_requests_are_answered_alike(variant: str, libraries: Path) -> None:
    with express(variant, libraries) as old, in_express(variant) as new:
        report = await compare(Duel(old, new, SECRET), REQUESTS, seed=7, session=generate.session)
    assert [list(told(found)) for found in report.found.values()] == []
    assert report.requests == REQUESTS
    reached = {status for status, _ in report.statuses}
    assert {200, 204, 301, 400, 404, 415} <= reached


async def test_two_servers_of_one_kind_do_not_differ(libraries: Path) -> None:
    with express("auth", libraries) as one, express("auth", libraries) as other:
        report: Report = await compare(Duel(one, other, SECRET), 100, seed=3, session=generate.session)
    assert report.found == {}


async def test_a_difference_is_found(libraries: Path) -> None:
    with express("gateway", libraries) as one, express("auth", libraries) as other:
        report = await compare(Duel(one, other, SECRET), 40, seed=3, session=generate.session)
    assert report.found


async def test_the_old_gateway_and_this_server_answer_alike(libraries: Path, services: Services) -> None:
    with this_server(services.mongodb_uri, services.redis_url, "gateway") as duel:
        report = await compare(duel, 200, seed=5, session=family.session)
    kinds = report.found.items()
    assert [list(told(found)) for key, found in kinds if key[:3] not in OTHER_REASONS] == []
    assert {200, 201, 400, 401, 404, 500, 501} <= {status for status, _ in report.statuses}
