"""The judge sees each planted fault, and lets pass what the reference executor leaves open."""

from collections.abc import Mapping
from random import Random
from typing import Any

import pytest
from graphql import DocumentNode

from tests.differential import executors, judge
from tests.differential.cases import Case, Compile, Duel, duels
from tests.differential.executors import Returned, Runs, Shuffled, quiet_machine, reference
from tests.differential.faults import ANSWERS, AROUND, EXECUTORS, answering, executing
from tests.differential.judge import Outcome
from tests.differential.plans import compiled
from tests.differential.state import State
from tests.differential.tally import Tally, run_case, run_world
from tests.differential.world import World

# On a loop of their own: what is left on it after an answer is ended.
pytestmark = pytest.mark.asyncio(loop_scope="module")

SEED, WORLDS = 1000, 30
FAULTS: Mapping[str, Compile] = {
    **{name: answering(change, compiled) for name, change in ANSWERS.items()},
    **{name: executing(executor) for name, executor in EXECUTORS.items()},
    **AROUND,
}


async def first_difference(compile: Compile, seed: int = SEED, count: int = WORLDS) -> Tally:
    tally = Tally(details=0)
    with quiet_machine():
        for number in range(seed, seed + count):
            await run_world(number, compile, tally, stop=True)
            if tally.differences:
                break
    return tally


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_planted_fault_is_seen(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "PATIENCE", 0.5)
    assert (await first_difference(FAULTS[fault])).differences


async def test_a_difference_is_told_with_all_that_repeats_it() -> None:
    tally = Tally(details=1)
    fault = answering(ANSWERS["keys come in another order"], compiled)
    with quiet_machine():
        await run_world(SEED, fault, tally, stop=True)
    found = tally.differences[0]
    document = duels_of(SEED)[found.case.document].drawn.text
    told = dict(part.split("\n", 1) for part in found.text.split("--- ")[1:])
    assert found.text.startswith(f"case {found.case} ")
    assert list(told) == ["schema", "Python", "document", "variables", "reference", "plan"]
    assert "type Query" in told["schema"]
    assert len("".join(told["document"].split())) < len("".join(document.split()))


def duels_of(seed: int) -> dict[int, Duel]:
    return dict(duels(World(seed), compiled))


async def test_other_sleeps_are_no_difference() -> None:
    """The reference executor itself tells other errors below nulls when sleeps are of other lengths."""

    def shuffled(world: World, document: DocumentNode, name: str | None) -> Runs | str:
        run = reference(document, name, Shuffled)

        def later(state: State, variables: Mapping[str, Any]) -> Returned:
            state.shuffled = Random(977)
            return run(state, variables)

        return later

    tally = Tally()
    with quiet_machine():
        for number in range(SEED, SEED + WORLDS // 3):
            await run_world(number, shuffled, tally)
    # Where the sleeps are others, a shared future may be cancelled, and the request with it.
    left = [one for one in tally.differences if not one.reason.startswith("raised CancelledError")]
    assert not left, left[0].text
    assert tally.outcomes[Outcome.REORDERED] and tally.outcomes[Outcome.BELOW_NULL]


async def test_the_reference_is_heard_although_most_of_its_requests_die(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With other sleeps a shared future is mostly cancelled; then futures are kept apart and it answers."""
    case = Case(73119089, 11, 1)
    monkeypatch.setattr(judge, "RERUNS", 12)
    tally = Tally()
    with quiet_machine():
        await run_case(case, duels_of(case.seed)[case.document], tally)
    assert tally.outcomes == {Outcome.BELOW_NULL: 1}
