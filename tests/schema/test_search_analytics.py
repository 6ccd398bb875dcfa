"""What is told of searches: to everybody of their own, to administrators of everybody's."""

from datetime import timedelta
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from models import raw, roles
from models.moments import Moment
from models.raw import stored_form
from models.search import log
from models.search.kinds import Asking
from models.search.log import SearchLog
from models.users import User
from schema.context import Caller
from tests.schema.conftest import NOW, Graph

Database = AsyncDatabase[dict[str, Any]]
POPULAR = """query($limit: Int!, $days: Int!, $all: Boolean!) {
  popularSearches(limit: $limit, days: $days, everybody: $all) { total searches { query count percentage } }
}"""
ADMIN = "00000000-0000-4000-8000-000000000001"


@pytest.fixture
async def searches(database: Database) -> None:
    """Searches of two people, over the last weeks."""
    for account, query, days, results in [
        ("ann", "Moyo", 0, 3),
        ("ann", " moyo ", 1, 0),
        ("ann", "harare", 1, 1),
        ("ann", "", 2, 9),
        ("ann", "long ago", 40, 1),
        ("bob", "moyo", 0, 1),
    ]:
        await log.note(account, query, Asking.GENERAL, results, 0.0125, NOW - timedelta(days=days))
    await log.note("ann", "moyo", Asking.PERSON, 2, 0.0375, NOW)


async def popular(
    graph: Graph, subject: object, *, limit: int = 10, days: int = 30, all: bool = False
) -> Any:
    said = await graph.data(POPULAR, subject, limit=limit, days=days, all=all)
    return said["popularSearches"]


async def test_the_questions_that_are_asked_most_often(graph: Graph, searches: None) -> None:
    assert await popular(graph, "ann") == {
        "total": 4,
        "searches": [
            {"query": "moyo", "count": 3, "percentage": 75.0},
            {"query": "harare", "count": 1, "percentage": 25.0},
        ],
    }
    assert (await popular(graph, "ann", days=1, limit=1))["searches"][0]["count"] == 3
    assert (await popular(graph, "ann", days=60))["total"] == 5
    assert await popular(graph, "dan") == {"total": 0, "searches": []}


async def test_only_administrators_are_told_of_everybody(
    graph: Graph, searches: None, database: Database
) -> None:
    asked = {"limit": 10, "days": 30, "all": True}
    assert await graph.codes(POPULAR, "ann", **asked) == ["NOT_ADMINISTRATOR"]
    assert await graph.codes(POPULAR, **asked) == ["NOT_SIGNED_IN"]
    await roles.give("ann", roles.Role.ADMIN, "tests", NOW)
    assert (await popular(graph, "ann", all=True))["total"] == 5
    user = User(id=1, uuid=ADMIN, email="admin@example.test", is_admin=True, created_at=Moment.of(NOW))
    await raw.collection(User).insert_one(stored_form(user))
    assert (await popular(graph, ADMIN, all=True))["total"] == 5
    await raw.collection(User).update_one({"_id": 1}, {"$set": {"is_active": False}})
    assert await graph.codes(POPULAR, ADMIN, **asked) == ["NOT_ADMINISTRATOR"]


async def test_a_token_may_say_that_somebody_is_an_administrator(graph: Graph, searches: None) -> None:
    for role, codes in (("admin", []), ("user", ["NOT_ADMINISTRATOR"]), (None, ["NOT_ADMINISTRATOR"])):
        context = graph.context("eve")
        assert context.caller is not None
        context.caller = Caller("eve", "credential", context.caller.expires, role=role)
        result = await graph.schema.execute(POPULAR, {"limit": 1, "days": 1, "all": True}, context)
        assert [error.formatted["extensions"]["code"] for error in result.errors or ()] == codes


async def test_trends_by_every_interval(graph: Graph, searches: None) -> None:
    query = """query($i: SearchInterval!) {
      searchTrends(days: 30, interval: $i) { number times { start count } daily { count } }
    }"""
    for interval, counts in (("HOUR", [1, 2, 2]), ("DAY", [1, 2, 2]), ("WEEK", [5]), ("MONTH", [3, 2])):
        said = (await graph.data(query, "ann", i=interval))["searchTrends"]
        assert [each["count"] for each in said["times"]] == counts, interval
        assert [each["count"] for each in said["daily"]] == [1, 2, 2]
        assert said["number"] == 3


async def test_how_searches_did(graph: Graph, searches: None) -> None:
    query = """{
      searchPerformance {
        total ways { way count } general person averageResults averageMillis foundPercentage
      }
    }"""
    assert (await graph.data(query, "ann"))["searchPerformance"] == {
        "total": 6,
        "ways": [{"way": "GENERAL", "count": 5}, {"way": "PERSON", "count": 1}],
        "general": 5,
        "person": 1,
        "averageResults": 2.67,
        "averageMillis": 16.67,
        "foundPercentage": 83,
    }
    nothing = (await graph.data(query, "dan"))["searchPerformance"]
    assert (nothing["total"], nothing["averageResults"], nothing["general"]) == (0, 0, None)


async def test_everything_between_two_dates(graph: Graph, searches: None) -> None:
    query = """query($since: String, $until: String) { searchAnalytics(since: $since, until: $until) {
      account period { since until } volume { count } popular { query } performance { total }
    } }"""
    day = (NOW - timedelta(days=1)).date().isoformat()
    said = (await graph.data(query, "ann", since=day, until=day))["searchAnalytics"]
    assert said == {
        "account": "ann",
        "period": {"since": day, "until": day},
        "volume": [{"count": 2}],
        "popular": [{"query": "harare"}, {"query": "moyo"}],
        "performance": {"total": 2},
    }
    said = (await graph.data(query, "ann"))["searchAnalytics"]
    assert (said["period"], said["performance"]["total"]) == (None, 6)


async def test_searches_are_forgotten_after_two_years(database: Database) -> None:
    indexes = await raw.collection(SearchLog).index_information()
    assert indexes["at_1"]["expireAfterSeconds"] == 2 * 365 * 24 * 3600
