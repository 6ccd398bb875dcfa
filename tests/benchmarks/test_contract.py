"""The contract of the benchmarks is served, and answers what the peers answer."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from pymongo.asynchronous.database import AsyncDatabase

from benchmarks import contracts, data
from benchmarks.cases import LONG_LIST, NESTED, POINT
from benchmarks.peers.python.documents import cursor_of, show_course, show_user
from benchmarks.servers import CONTRACT
from server.embedded import Services
from tests.benchmarks.runs import stored
from tests.compat_rest.contracts import compiled
from tests.serving import JWT_SECRET_KEY, served, settings_for

Database = AsyncDatabase[dict[str, Any]]
Headers = dict[str, str]

LEARNER = 2
COURSES = [data.course(number) for number in range(1, 31)]


@pytest.fixture(scope="module")
async def client(
    services: Services, scratch: AsyncDatabase[dict[str, Any]]
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server with the contract of the benchmarks and a little of their data."""
    name = f"{scratch.name}_measured"
    database = scratch.client[name]
    async with served(settings_for(services, name, contract=CONTRACT)) as address:
        await database["courses"].insert_many(COURSES)
        await database["course_content"].insert_many([data.lesson(each, 1, 4 - each) for each in (1, 2, 3)])
        await database["users"].insert_one(data.user(LEARNER))
        await database["enrollments"].insert_many([data.enrollment(each, LEARNER, each) for each in (1, 2)])
        await database["counters"].insert_one({"_id": "enrollments", "last": 2})
        async with httpx.AsyncClient(base_url=address) as client:
            yield client
    await scratch.client.drop_database(name)


def bearer(user: int = LEARNER) -> Headers:
    """The header of a learner."""
    claims = {"sub": str(user), "exp": datetime.now(UTC) + timedelta(minutes=5)}
    return {"Authorization": f"Bearer {jwt.encode(claims, JWT_SECRET_KEY, algorithm='HS256')}"}


async def asked(
    client: httpx.AsyncClient, host: str, path: str, headers: dict[str, str] | None = None
) -> Any:
    """Status and JSON of a GET on the host of a surface."""
    answer = await client.get(path, headers={"Host": host, **(headers or {})})
    return answer.status_code, answer.json()


async def graph(client: httpx.AsyncClient, query: str, **variables: Any) -> Any:
    """The data of a document, asked by the learner."""
    answer = await client.post("/graphql", json={"query": query, "variables": variables}, headers=bearer())
    return answer.json()["data"]


async def test_a_course_is_read_without_and_with_a_caller(client: httpx.AsyncClient) -> None:
    expected = {"course": show_course(data.course(10))}
    assert await asked(client, "lean.test", "/courses/10") == (200, expected)
    assert await asked(client, "full.test", "/courses/10", bearer()) == (200, expected)
    assert await asked(client, "full.test", "/courses/10") == (401, {"error": "Unauthorized"})
    assert await asked(client, "lean.test", "/courses/99") == (404, {"error": "Course not found"})


async def test_lists_have_the_published_courses_by_id(client: httpx.AsyncClient) -> None:
    published = [show_course(course) for course in COURSES if course["published"]]
    assert await asked(client, "lean.test", "/courses/") == (200, {"courses": published[:20]})
    assert await asked(client, "full.test", "/courses/", bearer()) == (200, {"courses": published[:20]})
    assert await asked(client, "lean.test", "/catalog/") == (200, {"courses": published})
    rest = [course for course in published if course["id"] > 25]
    assert await asked(client, "lean.test", f"/courses/?after={cursor_of(25)}") == (200, {"courses": rest})
    place = await asked(client, "full.test", f"/courses/?after={cursor_of(25)}", bearer())
    assert place == (200, {"courses": rest})


async def test_a_learner_reads_their_profile(client: httpx.AsyncClient) -> None:
    assert await asked(client, "signed.test", "/auth/me", bearer()) == (
        200,
        {"user": show_user(stored(data.user(LEARNER)))},
    )
    assert await asked(client, "signed.test", "/auth/me") == (401, {"error": "Unauthorized"})
    assert await asked(client, "signed.test", "/auth/me", bearer(99)) == (404, {"error": "User not found"})


@pytest.mark.parametrize(("host", "course"), [("signed.test", 3), ("full.test", 4)])
async def test_a_learner_takes_a_course_once(client: httpx.AsyncClient, host: str, course: int) -> None:
    path, headers = f"/courses/{course}/enroll", {"Host": host, **bearer()}
    first = await client.post(path, headers=headers)
    assert first.status_code == 201
    made = first.json()["enrollment"]
    assert (made["user_id"], made["course_id"], made["progress"]) == (LEARNER, course, 0)
    again = await client.post(path, headers=headers)
    assert (again.status_code, again.json()) == (400, {"error": "Already enrolled"})
    nobody = await client.post(path, headers={"Host": host})
    assert (nobody.status_code, nobody.json()) == (401, {"error": "Unauthorized"})


async def test_the_documents_of_the_benchmarks_are_answered(client: httpx.AsyncClient) -> None:
    course = data.course(1)
    assert await graph(client, POINT, id="1") == {
        "course": {
            "id": "1",
            "title": course["title"],
            "description": course["description"],
            "published": True,
            "createdAt": f"{course['created_at']['text']}Z",
        }
    }
    nested = (await graph(client, NESTED))["myEnrollments"]["edges"]
    assert nested[1]["node"] == {
        "id": "2",
        "progress": 2,
        "user": {"id": "2", "username": "learner2"},
        "course": {"id": "2", "title": data.course(2)["title"]},
    }
    lessons = (await graph(client, LONG_LIST, id="1"))["course"]["content"]
    assert [lesson["id"] for lesson in lessons] == ["3", "2", "1"]


@pytest.mark.parametrize("count", [10, 130])
def test_a_contract_of_any_size_is_made_of_the_product_s(tmp_path: Path, count: int) -> None:
    engine = compiled(contracts.make(tmp_path, count))
    assert len(engine.surfaces["mandarin"].endpoints) == count


def test_a_contract_has_a_list_of_each_size(tmp_path: Path) -> None:
    engine = compiled(contracts.lists(tmp_path, (10, 300)))
    assert list(engine.surfaces["lean"].endpoints) == ["lean.rows_10", "lean.rows_300"]
    text = (tmp_path / "operations" / "lean" / "rows_300.graphql").read_text()
    assert "first: 300" in text
    assert json.loads((tmp_path / "openapi.yaml").read_text())["paths"].keys() == {
        "/lean/rows/10",
        "/lean/rows/300",
    }
