"""What schemathesis is told beside the contract: who it is, the graph's scalars, and what surprises are."""

import os
import random
from datetime import UTC, datetime
from typing import Any

import schemathesis
from hypothesis import strategies
from schemathesis.graphql import nodes, scalar

from schema.tokens import Tokens

SECRET = "LOCKSTEP_FUZZ_SECRET"
# Who calls, by the first of their ids: the owner of the tree, or those who may only look at it.
ROLE = "LOCKSTEP_FUZZ_ROLE"
# The demo's learner has cards; the others, who are made for the run, have every course before them.
LEARNER = 1
LEARNERS = range(101, 501)
OWNER, VIEWER = 501, 502


class Caller:
    """Signs each request in anew, because one of them signs out."""

    def get(self, case: Any, context: Any) -> str:
        """A token of somebody who may call, in which every surface finds what it looks for."""
        learner = random.choice((LEARNER, random.choice(LEARNERS)))
        number = int(os.environ.get(ROLE) or learner)
        user: Any = {"_id": number, "uuid": uuid_of(number), "email": f"{number}@example.com"}
        return Tokens(os.environ[SECRET]).access(user, datetime.now(UTC))

    def set(self, case: Any, data: str, context: Any) -> None:
        """Puts the token where a new client puts it."""
        case.headers["Authorization"] = f"Bearer {data}"


def uuid_of(number: int) -> str:
    """The UUID of somebody who is made for a run."""
    return f"00000000-0000-4000-8000-{number:012}"


if SECRET in os.environ:
    schemathesis.auth(refresh_interval=None)(Caller)

scalar("Secret", strategies.text().map(nodes.String))
scalar("Date", strategies.dates().map(str).map(nodes.String))
scalar("JSON", strategies.text().map(nodes.String))
scalar(
    "Quality",
    strategies.one_of(
        strategies.integers().map(nodes.Int),
        strategies.floats(allow_nan=False, allow_infinity=False).map(nodes.Float),
        strategies.text().map(nodes.String),
        strategies.booleans().map(nodes.Boolean),
        strategies.none().map(lambda _: nodes.Null),
    ),
)


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """An id that an answer told as empty is not sent as one: a path without it is another path."""
    for name, value in (case.path_parameters or {}).items():
        if value == "":
            case.path_parameters[name] = "-"


@schemathesis.check
def no_surprise(context: Any, response: Any, case: Any) -> None:
    """Whatever the graph is asked, it never answers that something went wrong on its side."""
    if response.status_code >= 500 or '"code":"INTERNAL"' in response.text:
        raise AssertionError(f"The graph was surprised: {response.text[:500]}")
