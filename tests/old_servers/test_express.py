"""The dialect express and the libraries of the old Node servers answer generated requests alike."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.embedded import Services
from tests.old_servers.compare import SECRET, Report, compare, this_server, told
from tests.old_servers.drive import Duel
from tests.old_servers.express import family, generate
from tests.old_servers.express.install import Absent, folder
from tests.old_servers.express.variants import VARIANTS
from tests.old_servers.processes import express, in_express
from tests.old_servers.steps import Step

REQUESTS = 300


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


@pytest.fixture(scope="module")
def gateways(libraries: Path, services: Services) -> Iterator[Duel]:
    """The old gateway and this server."""
    with this_server(services.mongodb_uri, services.redis_url, "gateway") as duel:
        yield duel


async def test_the_old_gateway_and_this_server_answer_alike(gateways: Duel) -> None:
    report = await compare(gateways, REQUESTS, seed=5, session=family.session)
    assert [list(told(found)) for found in report.found.values()] == []
    assert {200, 201, 400, 401, 404, 500, 501} <= {status for status, _ in report.statuses}


OWN = family.MEMBERS[0]
MEMBERS = "/api/genealogy/members"


@pytest.mark.parametrize(
    ("method", "target", "sent", "user", "status"),
    [
        ("POST", MEMBERS, {"birthDate": "1950"}, family.USERS[0], 400),
        ("POST", MEMBERS, {"firstName": "A", "birthDate": "1950"}, family.USERS[0], 500),
        ("POST", MEMBERS, {"firstName": ["A"]}, family.USERS[0], 500),
        ("POST", MEMBERS, {"notes": ["A"]}, family.USERS[0], 400),
        ("POST", MEMBERS, {"firstName": "half \ud83d"}, family.USERS[0], 201),
        ("PUT", f"{MEMBERS}/{OWN}", {"deathDate": "1950-W01"}, family.USERS[1], 404),
        ("PUT", f"{MEMBERS}/{OWN}", {"deathDate": "1950-W01"}, family.USERS[0], 500),
        ("PUT", f"{MEMBERS}/{OWN}", {"notes": ["A"]}, family.USERS[0], 500),
        ("PUT", f"{MEMBERS}/{OWN}", {}, family.USERS[0], 400),
        ("PUT", f"{MEMBERS}/{OWN}", {"notes": "a"}, "x", 500),
        ("PUT", f"{MEMBERS}/{family.NOBODY}", {"notes": "a"}, family.NOBODY, 404),
        ("PUT", f"{MEMBERS}/x", {"notes": "a"}, None, 401),
    ],
)
async def test_of_two_reasons_to_refuse_both_tell_the_same(
    gateways: Duel, method: str, target: str, sent: object, user: str | None, status: int
) -> None:
    token = user and family.signed({"userId": user, "exp": family.FAR}, SECRET)
    headers = (
        family.HOST,
        ("Content-Type", "application/json"),
        *((("Authorization", f"Bearer {token}"),) * bool(token)),
    )
    (outcome,) = await gateways.play([Step(method, target, headers, json.dumps(sent).encode())])
    assert (outcome.old.status, outcome.new.status, outcome.differences) == (status, status, [])
