"""One generated document after the other, run by both executors and judged."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graphql import DocumentNode, parse, validate

from tests.differential.documents import Drawn, draw_document, draw_variables
from tests.differential.executors import (
    HASTE,
    Answer,
    Request,
    Runs,
    Shuffled,
    perform,
    perform_all,
    reference,
)
from tests.differential.judge import Verdict, judge
from tests.differential.state import State
from tests.differential.values import mix
from tests.differential.world import World

DOCUMENTS, RUNS = 14, 4
CASES_A_WORLD = DOCUMENTS * RUNS
# How much of what resolvers give is unusual, in thousandths; the first run of a document is a clean one.
NOISE = (0, 20, 80, 250)

# What makes the second executor of a document; a text says why it has none.
Compile = Callable[[World, DocumentNode, str | None], Runs | str]


@dataclass(frozen=True)
class Case:
    """One request: which schema, which document, and which values; its name is enough to repeat it."""

    seed: int
    document: int
    run: int

    def __str__(self) -> str:
        return f"{self.seed}.{self.document}.{self.run}"

    @classmethod
    def named(cls, name: str) -> "Case":
        seed, document, run = map(int, name.split("."))
        return cls(seed, document, run)


@dataclass
class Duel:
    """A document that both executors are to run."""

    world: World
    drawn: Drawn
    compile: Compile
    # A number that the values come from.
    seed: int

    @cached_property
    def document(self) -> DocumentNode:
        return parse(self.drawn.text)

    @property
    def valid(self) -> bool:
        return not validate(self.world.core, self.document)

    @cached_property
    def stock(self) -> Runs:
        return reference(self.document, self.drawn.name)

    @cached_property
    def shuffled(self) -> Runs:
        return reference(self.document, self.drawn.name, Shuffled)

    @cached_property
    def plan(self) -> Runs | str:
        return self.compile(self.world, self.document, self.drawn.name)

    def state(self, run: int, **options: Any) -> State:
        """What a run works on; made anew for each executor."""
        awaitables = not self.drawn.calm and run % 2 == 1
        made = State(
            self.world,
            mix(self.seed, run),
            NOISE[run],
            awaitables=awaitables,
            calm=self.drawn.calm,
            **options,
        )
        made.fill(self.drawn.names, self.drawn.event)
        return made

    def variables(self, run: int) -> dict[str, Any]:
        return draw_variables(self.drawn, mix(self.seed, run, 1))

    async def answers(self, run: int, variables: Mapping[str, Any]) -> tuple[Answer, Answer]:
        """What the reference and the plan answer."""
        assert not isinstance(self.plan, str)
        stock = await perform(Request(self.stock, self.state(run), variables))
        plan = await perform(Request(self.plan, self.state(run), variables))
        return stock, plan

    async def together(self) -> list[Answer]:
        """What the plan answers to all runs at the same time."""
        assert not isinstance(self.plan, str)
        answers = await perform_all(
            [Request(self.plan, self.state(run), self.variables(run)) for run in range(RUNS)]
        )
        for answer in answers:
            # Nobody knows which of them they are about; each run alone shows its own.
            answer.complaints.clear()
        return answers

    async def verdict(
        self, run: int, variables: Mapping[str, Any], stock: Answer, plan: Answer, shield: bool = False
    ) -> Verdict:
        async def rerun(attempt: int) -> Answer:
            state = self.state(run, shuffle=attempt, shield=shield)
            answer = await perform(Request(self.shuffled, state, variables), HASTE)
            if not answer.died or shield:
                return answer
            # It tells nothing: with these sleeps a shared future was cancelled.
            state = self.state(run, shuffle=attempt, shield=True)
            return await perform(Request(self.shuffled, state, variables), HASTE)

        return await judge(stock, plan, self.drawn.calm, self.drawn.operation == "mutation", rerun)

    async def unshared(self, run: int, variables: Mapping[str, Any]) -> Answer:
        """The answer of the reference when no two positions wait for one future."""
        return await perform(Request(self.stock, self.state(run, shield=True), variables))


def duels(world: World, compile: Compile) -> Iterator[tuple[int, Duel]]:
    """The documents over one schema; every other one has no asynchronous field."""
    for number in range(DOCUMENTS):
        seed = mix(world.seed, number)
        drawn = draw_document(world.outline, seed, calm=number % 2 == 0)
        yield number, Duel(world, drawn, compile, seed)
