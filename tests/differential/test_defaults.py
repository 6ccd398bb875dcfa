"""A resolver that spoils its arguments spoils nothing that a later call gets.

Resolvers of generated schemas change the lists and inputs that they are given, to see that nobody else gets
them. What Python itself fills in, where a relation asks an object that is no document for a key and so calls
a resolver named `get`, is one object for all calls: it is told, and left as it is.
"""

import pytest

from tests.differential.cases import Case, duels
from tests.differential.executors import Answer, Request, perform, quiet_machine
from tests.differential.plans import compiled
from tests.differential.state import STATE, State
from tests.differential.tally import Tally, run_case
from tests.differential.world import World

# On a loop of their own: what is left on it after an answer is ended.
pytestmark = pytest.mark.asyncio(loop_scope="module")

# A document of this schema calls `get(byName: [[Pick!]!], kind: [Boolean]! = [false], after: Pick)` so.
CASE = Case(73105029, 11, 1)


@pytest.fixture(scope="module")
def world() -> World:
    return World(CASE.seed)


def called(world: World, **arguments: object) -> str:
    """What `get` of an object writes down of its arguments, called as Python calls."""
    state = State(world, 1)
    made = world.classes["T0"]["instance"]
    token = STATE.set(state)
    try:
        vars(made)["get"](object.__new__(made), "key", **arguments)
    finally:
        STATE.reset(token)
    return str(state.log[-1][3])


async def test_a_default_of_python_is_told_and_left_as_it_is(world: World) -> None:
    told = "{'by_name': 'key', 'kind': [False], 'after': None}, defaults of Python: ['kind']"
    assert [called(world), called(world)] == [told, told]


async def test_what_an_executor_hands_on_is_spoilt(world: World) -> None:
    kind = [False]
    assert called(world, kind=kind) == "{'by_name': 'key', 'kind': [False], 'after': None}"
    assert kind == [False, "spoilt"]


async def test_a_request_leaves_nothing_behind_for_the_next_one(world: World) -> None:
    duel = dict(duels(world, compiled))[CASE.document]
    assert not isinstance(duel.plan, str)
    answers: list[Answer] = []
    with quiet_machine():
        for run in (duel.stock, duel.plan, duel.stock):
            answers.append(await perform(Request(run, duel.state(CASE.run), duel.variables(CASE.run))))
    stock, plan, again = ([entry[3] for entry in answer.log] for answer in answers)
    assert any("defaults of Python: ['kind']" in entry for entry in stock)
    assert sorted(stock) == sorted(plan) and stock == again


async def test_both_executors_answer_it_alike(world: World) -> None:
    duel = dict(duels(world, compiled))[CASE.document]
    with quiet_machine():
        verdict = await run_case(CASE, duel, Tally())
    assert verdict, verdict and verdict.reason
