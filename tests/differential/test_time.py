"""The plan takes no longer than the reference executor, and what a request begins ends in the same way."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from unittest.mock import patch

import pytest
from graphql import GraphQLError
from graphql.execution import executor

from tests.differential.executors import ReferenceExecutor
from tests.differential.plays import CANCELLED, PLAYS, STOPPED, STOPPED_LATER, STOPS
from tests.differential.station import Halt
from tests.differential.stopwatch import Play, by_plan, by_reference, compare, play

# On a loop of their own: what is left on it after an answer is ended.
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("reason", PLAYS)
async def test_it_ends_alike_and_as_soon(reason: str) -> None:
    assert await compare(PLAYS[reason], by_plan) == ""


@pytest.mark.parametrize("reason", CANCELLED)
async def test_a_request_that_is_cancelled_cancels_all_that_it_began(reason: str) -> None:
    assert await compare(CANCELLED[reason], by_plan, cancel_after=0.1) == ""


@pytest.mark.parametrize("kind", STOPS)
@pytest.mark.parametrize("text", STOPPED)
async def test_what_is_no_error_of_a_field_ends_the_request(text: str, kind: str) -> None:
    assert await compare(text.format(kind), by_plan) == ""


# An interrupt in a task stops the loop itself.
@pytest.mark.parametrize("kind", ["cancelled", "halt"])
@pytest.mark.parametrize("text", STOPPED_LATER)
async def test_what_is_no_error_of_a_field_ends_the_request_later(text: str, kind: str) -> None:
    stock, plan = await play(text.format(kind), by_reference), await play(text.format(kind), by_plan)
    assert plan.answer.raised is not None and stock.answer.raised is not None
    # A cancellation on the way may have lost its text.
    assert plan.answer.raised.split(":")[0] == stock.answer.raised.split(":")[0]


async def test_a_load_that_one_position_gives_up_is_there_for_the_other() -> None:
    """The reference cancels the future that both wait for, and the request dies of it."""
    text = "{ x: child { boomFirst loaded } y: child { loaded quick } }"
    stock, plan = await play(text, by_reference), await play(text, by_plan)
    assert stock.answer.raised is not None and stock.answer.raised.startswith("CancelledError")
    assert plan.answer.data == {"x": None, "y": {"loaded": 1, "quick": 1}}
    assert [one.path for one in plan.answer.errors] == [("x", "boomFirst")]


# What would be seen if an executor did it wrong.


async def one_by_one(*awaitables: Awaitable[Any]) -> list[Any]:
    return [await one for one in awaitables]


async def to_the_end(*awaitables: Awaitable[Any]) -> list[Any]:
    found = await asyncio.gather(*awaitables, return_exceptions=True)
    for one in found:
        if isinstance(one, BaseException):
            raise one
    return found


async def without_cancelling(*awaitables: Awaitable[Any]) -> list[Any]:
    return await asyncio.gather(*awaitables)


async def shielded(*awaitables: Awaitable[Any]) -> list[Any]:
    return await asyncio.shield(asyncio.gather(*awaitables))


class Careless(ReferenceExecutor):
    """Forgets what was begun before a synchronous failure."""

    def settle_in_background(self, awaitables: list[Awaitable[Any]]) -> None:
        for one in awaitables:
            getattr(one, "close", lambda: None)()


class Greedy(ReferenceExecutor):
    """Takes everything that is raised for the error of a field."""

    def execute_field(self, *arguments: Any) -> Any:
        try:
            return super().execute_field(*arguments)
        except (Halt, asyncio.CancelledError, KeyboardInterrupt, SystemExit, GeneratorExit) as error:
            raise GraphQLError(str(error)) from None


def gathering(gather: Callable[..., Awaitable[Any]]) -> Play:
    def run(document: Any, station: Any) -> Any:
        returned = by_reference(document, station)
        return later(returned) if asyncio.iscoroutine(returned) else returned

    async def later(returned: Awaitable[Any]) -> Any:
        with patch.object(executor, "gather_with_cancel", gather):
            return await returned

    return run


@pytest.mark.parametrize(
    ("reason", "by", "expected"),
    [
        ("siblings run at the same time", gathering(one_by_one), "it takes"),
        ("one waits for the other", gathering(one_by_one), "raised"),
        ("a null does not wait for what is beside it", gathering(to_the_end), "it takes"),
        ("a null goes up", gathering(without_cancelling), "it ends with"),
        ("the same with a task", partial(by_reference, executor=Careless), "complaints"),
    ],
)
async def test_a_planted_fault_is_seen(reason: str, by: Play, expected: str) -> None:
    assert (await compare(PLAYS[reason], by)).startswith(expected)


async def test_a_planted_fault_of_cancelling_is_seen() -> None:
    found = await compare(CANCELLED["many fields"], gathering(shielded), cancel_after=0.1)
    assert found.startswith("it ends with")


async def test_a_planted_fault_of_stopping_is_seen() -> None:
    found = await compare(STOPPED[1].format("halt"), partial(by_reference, executor=Greedy))
    assert found.startswith("raised None, where the reference raises Halt")
