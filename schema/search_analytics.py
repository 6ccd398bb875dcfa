"""What is told of searches: to everybody of their own, to administrators of everybody's."""

from datetime import timedelta
from typing import Any

import strawberry

from models.errors import AccountGone, Invalid, Unfit
from models.keys import UUID
from models.roles import Role, role_of
from models.search import log
from models.search.dates import bounds
from models.search.errors import NotAdministrator
from models.search.kinds import Asking, Interval
from models.search.log import Asked
from schema.context import Context, Info
from schema.directives import raises
from schema.permissions import SignedIn
from schema.scalars import Number
from schema.search_shown import time_count
from schema.search_types import TimeCount
from schema.trees import CALLER, caller

ADMIN = "admin"
# What may be asked for: so many questions, and so many days back.
LIMIT, DAYS = 50, 365
ASKED = raises(*CALLER, Invalid, NotAdministrator)


@strawberry.type(description="A question, and how often it was asked.")
class PopularSearch:
    """A question, and how often it was asked."""

    query: str
    count: int
    percentage: Number = strawberry.field(description="Of all questions of that time.")


@strawberry.type(description="The questions that were asked most often.")
class PopularSearches:
    """The questions that were asked most often."""

    limit: int
    days: int
    total: int = strawberry.field(description="How many questions were asked.")
    searches: list[PopularSearch]


@strawberry.type(description="How often something was looked for, the oldest first.")
class SearchTrends:
    """How often something was looked for."""

    days: int
    interval: Interval
    times: list[TimeCount]
    daily: list[TimeCount] = strawberry.field(description="By day, whatever the interval is.")
    number: int = strawberry.field(description="How many days there are.")


@strawberry.type(description="How many searches were of one way.")
class WayCount:
    """How many searches were of one way."""

    way: Asking
    count: int


@strawberry.type(description="How searches did.")
class SearchPerformance:
    """How searches did."""

    total: int
    ways: list[WayCount]
    general: int | None = strawberry.field(description="Searches by words; null for none.")
    person: int | None = strawberry.field(description="Searches for people; null for none.")
    average_results: Number
    average_millis: Number
    found_percentage: int = strawberry.field(description="How many of a hundred found something.")


@strawberry.type(description="A time between two dates, as they were given.")
class SearchPeriod:
    """A time between two dates."""

    since: str
    until: str


@strawberry.type(description="What is told of searches.")
class SearchAnalytics:
    """What is told of searches."""

    everybody: bool
    account: strawberry.ID | None = strawberry.field(description="Whose searches; null for everybody's.")
    period: SearchPeriod | None = strawberry.field(description="Where both dates were given.")
    volume: list[TimeCount] = strawberry.field(description="By day.")
    popular: list[PopularSearch]
    performance: SearchPerformance


async def told_to(context: Context, everybody: bool) -> str | None:
    """Whose searches the caller is told of; raises NotAdministrator."""
    account = await caller(context)
    if not everybody:
        return account
    if not await is_administrator(context):
        raise NotAdministrator
    return None


async def is_administrator(context: Context) -> bool:
    """Whether the caller is an administrator: by their token, or as a user of this server."""
    if context.caller is not None and context.caller.role == ADMIN:
        return True
    account = await context.account()
    if UUID.fullmatch(account):
        try:
            if (await context.user()).get("is_admin"):
                return True
        except (AccountGone, Unfit):
            return False
    return await role_of(account) is Role.ADMIN


def back(context: Context, days: int, least: int = 1) -> Any:
    """When some days ago was; raises Invalid."""
    if not least <= days <= DAYS:
        raise Invalid(f"days is {days}, and must be {least} to {DAYS}.", name="days")
    return context.now - timedelta(days=days)


def shares(found: list[log.Counted], total: int) -> list[dict[str, Any]]:
    """Questions with their part of all."""
    return [
        {"query": each.key, "count": each.number, "percentage": round(100 * each.number / total, 4)}
        for each in found
    ]


def performed(done: log.Performance) -> dict[str, Any]:
    """How searches did, as the source of the graph."""
    by_name = {each.name.lower(): done.kinds.get(each.value) for each in Asking}
    return {
        "total": done.total,
        "ways": [{"way": way, "count": count} for way, count in done.kinds.items()],
        **by_name,
        "average_results": round(done.results, 2),
        "average_millis": round(done.millis, 2),
        "found_percentage": round(100 * done.found / done.total) if done.total else 0,
    }


@strawberry.type
class SearchAnalyticsQueries:
    """What is told of searches."""

    @strawberry.field(
        graphql_type=SearchAnalytics,
        description="Everything that is told of searches, between two dates in ISO 8601 or of all the time.",
        permission_classes=[SignedIn],
        directives=[ASKED],
    )
    async def search_analytics(
        self, info: Info, since: str | None = None, until: str | None = None, everybody: bool = False
    ) -> dict[str, Any]:
        """Everything that is told."""
        account = await told_to(info.context, everybody)
        asked = Asked(
            account,
            bounds(since, "since")[0] if since else None,
            bounds(until, "until")[1] if until else None,
        )
        total = await log.total(asked)
        return {
            "everybody": everybody,
            "account": account,
            "period": {"since": since, "until": until} if since and until else None,
            "volume": [time_count(each.key, each.number) for each in await log.trend(asked)],
            "popular": shares(await log.popular(asked), total),
            "performance": performed(await log.performance(asked)),
        }

    @strawberry.field(
        graphql_type=PopularSearches,
        description="The questions that were asked most often.",
        permission_classes=[SignedIn],
        directives=[ASKED],
    )
    async def popular_searches(
        self, info: Info, limit: int = 10, days: int = 30, everybody: bool = False
    ) -> dict[str, Any]:
        """The questions that were asked most often."""
        context = info.context
        if not 1 <= limit <= LIMIT:
            raise Invalid(f"limit is {limit}, and must be 1 to {LIMIT}.", name="limit")
        since = back(context, days)
        asked = Asked(await told_to(context, everybody), since)
        total = await log.total(asked)
        told = {"limit": limit, "days": days, "total": total}
        return {**told, "searches": shares(await log.popular(asked, limit), total)}

    @strawberry.field(
        graphql_type=SearchTrends,
        description="How often something was looked for, the oldest first.",
        permission_classes=[SignedIn],
        directives=[ASKED],
    )
    async def search_trends(
        self, info: Info, days: int = 30, interval: Interval = Interval.DAY, everybody: bool = False
    ) -> dict[str, Any]:
        """How often something was looked for."""
        since = back(info.context, days)
        asked = Asked(await told_to(info.context, everybody), since)
        times = [time_count(each.key, each.number) for each in await log.trend(asked, interval)]
        daily = times
        if interval is not Interval.DAY:
            daily = [time_count(each.key, each.number) for each in await log.trend(asked)]
        return {"days": days, "interval": interval, "number": len(daily), "times": times, "daily": daily}

    @strawberry.field(
        graphql_type=SearchPerformance,
        description="How searches did.",
        permission_classes=[SignedIn],
        directives=[ASKED],
    )
    async def search_performance(self, info: Info, everybody: bool = False) -> dict[str, Any]:
        """How searches did."""
        return performed(await log.performance(Asked(await told_to(info.context, everybody))))
