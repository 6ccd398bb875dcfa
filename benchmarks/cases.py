"""The cases: what is asked of every server, in which variety, and under how many connections."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from benchmarks import data
from benchmarks.peers.python.documents import cursor_of

CONNECTIONS = (1, 32, 256)
# A request for a thousand rows takes too long for 256 of them to be a load that anybody has.
FEW = (1, 32)
# Stands in a request for the number of a course that nobody takes yet.
FRESH = "@COURSE@"
VARIETY = 4096

POINT = "query course($id: ID!) { course(id: $id) { id title description published createdAt } }"
NESTED = """
query mine {
  myEnrollments(first: 20) {
    edges { node { id progress user { id username } course { id title } } }
  }
}
"""
LONG_LIST = "query lessons($id: ID!) { course(id: $id) { content { id courseId sequence title body } } }"


@dataclass(frozen=True)
class Ask:
    """One request, before it is put into the words of one server."""

    method: str
    path: str
    user: int | None = None
    body: str | None = None


@dataclass(frozen=True)
class Case:
    """One kind of request: the variety that is sent in turn, and what is compared before measuring."""

    name: str
    title: str
    asks: Callable[[], Sequence[Ask]]
    checks: Callable[[], Sequence[Ask]]
    connections: tuple[int, ...] = CONNECTIONS
    writes: bool = False
    status: int = 200


def numbers(highest: int, seed: int) -> list[int]:
    """Numbers from 1 to `highest` in no order, always the same."""
    return Random(seed).choices(range(1, highest + 1), k=VARIETY)


def hello() -> list[Ask]:
    """A greeting."""
    return [Ask("GET", "/hello")]


def point() -> list[Ask]:
    """One course after the other, without a caller."""
    return [Ask("GET", f"/courses/{number}") for number in numbers(data.COURSES, 1)]


def few_points() -> list[Ask]:
    """A published course, one that is not, and one that is not there."""
    return [Ask("GET", f"/courses/{number}") for number in (1, 20, data.COURSES, 999_999)]


def me() -> list[Ask]:
    """One caller after the other."""
    return [Ask("GET", "/auth/me", user) for user in range(1, data.USERS + 1)]


def few_callers() -> list[Ask]:
    """Callers with and without an imported text, one whom nobody knows, and nobody."""
    return [Ask("GET", "/auth/me", user) for user in (1, 2, 999_999, None)]


def enroll() -> list[Ask]:
    """One learner after the other takes a course that they do not take yet."""
    return [Ask("POST", f"/courses/{FRESH}/enroll", user) for user in range(1, data.USERS + 1)]


def few_enrollments() -> list[Ask]:
    """A new enrollment, the same again, a course that is not there, a learner who is not, and nobody."""
    pairs = ((data.COURSES, 1), (data.COURSES, 1), (999_999, 1), (1, 999_999), (1, None))
    return [Ask("POST", f"/courses/{course}/enroll", user) for course, user in pairs]


def signed(asks: Callable[[], Sequence[Ask]]) -> Callable[[], list[Ask]]:
    """The same, each by a caller."""
    return lambda: [replace(ask, user=index % data.USERS + 1) for index, ask in enumerate(asks())]


def pages(path: str, last: int, seed: int) -> Callable[[], list[Ask]]:
    """One page of a list after the other, none of them the same for long."""
    return lambda: [Ask("GET", f"{path}?after={cursor_of(after)}") for after in numbers(last, seed)]


def few_pages(path: str) -> Callable[[], list[Ask]]:
    """The first page of a list, one in its middle, and one with few left."""
    after = [f"?after={cursor_of(number)}" for number in (20, data.COURSES // 2, data.COURSES - 5)]
    return lambda: [Ask("GET", f"{path}{place}") for place in ("", *after)]


def graphql(query: str, variables: dict[str, Any] | None = None, user: int | None = None) -> Ask:
    """A document and its variables."""
    body = {"query": " ".join(query.split()), **({"variables": variables} if variables else {})}
    return Ask("POST", "/graphql", user, json.dumps(body, separators=(",", ":")))


# A page begins where enough of the published courses are left.
SHORT = pages("/courses/", data.COURSES - 100, 3)
LONG = pages("/catalog/", data.COURSES - 2_000, 4)

CASES: dict[str, Case] = {
    case.name: case
    for case in (
        Case("hello", "A greeting", hello, hello),
        Case("rest-point", "REST: one course", point, few_points),
        Case("rest-list-20", "REST: 20 courses", SHORT, few_pages("/courses/")),
        Case("rest-list-1000", "REST: 1,000 courses", LONG, few_pages("/catalog/"), FEW),
        Case("rest-me", "REST: the caller's profile", me, few_callers),
        Case("rest-write", "REST: enroll", enroll, few_enrollments, writes=True, status=201),
        Case(
            "graphql-point",
            "GraphQL: one course",
            lambda: [graphql(POINT, {"id": str(number)}) for number in numbers(data.COURSES, 2)],
            lambda: [graphql(POINT, {"id": str(number)}) for number in (1, 20, data.COURSES)],
        ),
        Case(
            "graphql-nested",
            "GraphQL: 20 enrollments, each with user and course",
            lambda: [graphql(NESTED, user=user) for user in range(1, data.USERS + 1)],
            lambda: [graphql(NESTED, user=user) for user in (1, 2, data.USERS)],
        ),
        Case(
            "graphql-list-1000",
            "GraphQL: 1,000 lessons x 5 fields",
            lambda: [graphql(LONG_LIST, {"id": str(number)}) for number in data.long_courses()],
            lambda: [graphql(LONG_LIST, {"id": str(number)}) for number in (1, data.long_courses()[0])],
            FEW,
        ),
        Case("full-point", "Full stack: one course", signed(point), signed(few_points)),
        Case(
            "full-list-20",
            "Full stack: 20 courses",
            signed(SHORT),
            lambda: [*signed(few_pages("/courses/"))(), Ask("GET", "/courses/")],
        ),
        Case("full-write", "Full stack: enroll", enroll, few_enrollments, writes=True, status=201),
    )
}
