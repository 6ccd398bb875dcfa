"""A worker that is killed in the middle of an import leaves a tree that the next one makes whole."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from models import raw, uploads
from models.blobs import Place
from models.gedcom import bringing
from models.gedcom.kept import GedcomRecord
from models.gedcom.reports import GedcomImport
from models.people import Person
from models.relationships import Relationship
from server.embedded import Services
from tests.models.family import ADA, NOW, tree_of
from tests.models.gedcoms import HEAD
from tests.working import forget_transactions, until, worker

Database = AsyncDatabase[dict[str, Any]]
COUPLES = 1_500


def file() -> bytes:
    """A file of couples with a child each."""
    people = "".join(f"0 @I{at}@ INDI\n1 NAME Somebody {at} /Moyo/\n1 _X kept\n" for at in range(COUPLES * 3))
    families = "".join(
        f"0 @F{at}@ FAM\n1 HUSB @I{at * 3}@\n1 WIFE @I{at * 3 + 1}@\n1 CHIL @I{at * 3 + 2}@\n"
        for at in range(COUPLES)
    )
    return f"{HEAD}{people}{families}0 TRLR\n".encode()


async def chunks() -> AsyncIterator[bytes]:
    yield file()


@pytest.mark.usefixtures("store")
async def test_an_import_is_there_once_whoever_was_killed(
    services: Services, database: Database, place: Place, tmp_path: Path
) -> None:
    environ = {
        "LOCKSTEP_DATA": str(tmp_path / "data"),
        "MONGODB_URI": services.mongodb_uri,
        "MONGODB_DATABASE": database.name,
        "REDIS_URL": services.redis_url,
        "AWS_ENDPOINT_URL": str(place.endpoint),
        "AWS_S3_BUCKET": place.bucket,
        "AWS_ACCESS_KEY_ID": place.access_key,
        "AWS_SECRET_ACCESS_KEY": place.secret_key,
    }
    tree = await tree_of()
    upload = await uploads.receive("large.ged", "", chunks(), 10**9)
    report = await bringing.bring(tree["_id"], ADA, NOW, upload)

    async def people() -> int:
        return await raw.collection(Person).count_documents({"tree_id": tree["_id"]})

    async def told() -> Any:
        return await raw.collection(GedcomImport).find_one({"_id": report["_id"]})

    with worker(environ, tmp_path / "first") as first:

        async def begun() -> bool:
            return await people() > COUPLES

        await until(begun, 60)
        first.kill()
    assert (await told())["state"] == "RUNNING"
    with worker(environ, tmp_path / "log") as last:

        async def done() -> bool:
            return bool((await told())["state"] == "DONE")

        await until(done, 90)
        assert last.stop() == 0
    await forget_transactions(database)
    assert await people() == COUPLES * 3 == (await told())["people"]
    assert await raw.collection(Relationship).count_documents({}) == COUPLES * 3
    assert await raw.collection(GedcomRecord).count_documents({}) == COUPLES * 4
    assert (await told())["problem_count"] == 0
