"""Who may do what through the old APIs: every operation with a document, called by everybody there is.

Whoever is refused has also changed nothing.
"""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from compat_rest.contract.findings import Collector
from compat_rest.contract.operations import Contract, Operation, read_contract
from server.embedded import Services
from tests.conftest import REPOSITORY
from tests.doors import family, rest_rights
from tests.doors.documents import documents
from tests.doors.family import CAST, NOBODY
from tests.doors.story import Stage

SECRETS = dict.fromkeys(("SECRET_KEY", "JWT_SECRET_KEY", "JWT_SECRET", "JWT_REFRESH_SECRET"), "x" * 32)


def contract() -> Contract:
    """The contract of this house."""
    return read_contract(REPOSITORY / "openapi.yaml", SECRETS, Collector())


CONTRACT = contract()
OPERATIONS = [
    operation
    for operation in CONTRACT.operations
    if operation.surface.name != rest_rights.LEARNERS and (CONTRACT.folder / operation.document).exists()
]


@pytest.fixture
async def uncounted(services: Services) -> AsyncIterator[Redis]:
    """The counts of requests, which these many calls would exhaust."""
    redis = Redis.from_url(services.redis_url)
    yield redis
    await redis.aclose()


async def forget_counts(redis: Redis, database: str) -> None:
    """Lets everybody begin anew."""
    async for name in redis.scan_iter(f"lockstep:{database}:*"):
        await redis.delete(name)


def test_there_is_something_to_call_of_every_surface() -> None:
    found = {operation.surface.name for operation in OPERATIONS}
    assert found == {name for name in CONTRACT.surfaces if name != rest_rights.LEARNERS}
    named = {*rest_rights.BODIES, *rest_rights.OWN_PLACES, *rest_rights.SAYS, *rest_rights.OWN_TREE}
    assert named <= {operation.id for operation in OPERATIONS}


@pytest.mark.parametrize("operation", OPERATIONS, ids=[each.id for each in OPERATIONS])
async def test_an_operation_is_for_those_it_is_for(
    stage: Stage, uncounted: Redis, operation: Operation
) -> None:
    right = rest_rights.needs(CONTRACT, operation)
    for who in (*CAST, NOBODY):
        await family.plant(stage.database)
        await forget_counts(uncounted, stage.database.name)
        before = await documents(stage.database, stage.begun)
        answer = await stage.http.request(
            operation.method,
            rest_rights.path(operation),
            json=rest_rights.BODIES.get(operation.id),
            headers={"Host": operation.surface.hosts[0], **family.credential(who)},
        )
        wanted, said = rest_rights.expected(operation, right, who), answer.status_code
        assert said in wanted, f"{operation.id} says {said} to {who}: {answer.text}"
        reads = operation.method == "GET" and operation.id not in rest_rights.MAKES
        if said >= 300 or reads:
            left = await documents(stage.database, stage.begun)
            assert left == before, f"{operation.id} by {who} left something"
