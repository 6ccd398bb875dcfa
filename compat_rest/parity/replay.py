"""Replays recordings against a server and judges every answer."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from compat_rest.parity import cookies, tolerance, wire
from compat_rest.parity.carry import Carried
from compat_rest.parity.compare import Difference, differences
from compat_rest.parity.conditions import Asked, credential, session_cookie
from compat_rest.parity.deviations import Deviations, Row
from compat_rest.parity.har import BadRecording, Recording, Step, read, story_name
from compat_rest.parity.identities import Identities
from compat_rest.parity.messages import NO_ANSWER, Answer, Request
from compat_rest.parity.noise import Noise
from compat_rest.parity.tolerance import Tolerance, Tolerances

# A recording takes seconds; a clock that is off by more was computed wrongly.
WINDOW = timedelta(seconds=60)


class Target(Protocol):
    """Something that a recording can be replayed against, in the state that the recording starts from."""

    def started(self, recording: Recording) -> AbstractAsyncContextManager[tuple[str, int]]:
        """Host and port of a server in the recording's start state, for as long as the block runs."""


@dataclass(frozen=True)
class Contract:
    """What the contract of a surface says about its requests: their operation and their tolerances."""

    surface: str
    operation: Callable[[str, str], str | None] = field(default=lambda method, path: None)
    tolerances: Tolerances = tolerance.none


@dataclass(frozen=True)
class StepResult:
    """One step judged."""

    step: Step
    sent: Request
    operation: str | None
    new: Answer
    found: tuple[Difference, ...]
    row: Row | None
    notes: tuple[str, ...]

    @property
    def unexplained(self) -> bool:
        return bool(self.found) and self.row is None


@dataclass(frozen=True)
class RecordingResult:
    """One recording judged; `paired` when a second run of it showed what is noise."""

    recording: Recording
    surface: str
    steps: tuple[StepResult, ...]
    paired: bool
    seconds: float

    @property
    def name(self) -> str:
        return f"{self.surface}/{self.recording.name}"

    @property
    def equal(self) -> int:
        return sum(not step.found for step in self.steps)

    @property
    def explained(self) -> int:
        return sum(step.row is not None for step in self.steps)

    @property
    def different(self) -> int:
        return sum(step.unexplained for step in self.steps)


@dataclass(frozen=True)
class Results:
    """A whole replay judged."""

    recordings: tuple[RecordingResult, ...]
    deviations: Deviations

    @property
    def steps(self) -> int:
        return sum(len(result.steps) for result in self.recordings)

    @property
    def different(self) -> int:
        return sum(result.different for result in self.recordings)

    @property
    def coverage(self) -> dict[str, int]:
        """How many steps each row explains, every row named."""
        rows = (step.row for result in self.recordings for step in result.steps)
        counted = Counter(row.id for row in rows if row is not None)
        return {row.id: counted[row.id] for row in self.deviations.rows}

    @property
    def unused(self) -> list[Row]:
        """Rows that explain nothing although every recording they name, beside those given, was replayed."""
        names = {result.name for result in self.recordings}
        beside = {
            f"{result.surface}/{story_name(path)}"
            for result in self.recordings
            for path in result.recording.path.parent.glob("*.har")
        }
        return [
            row for row in self.deviations.rows if not self.coverage[row.id] and _done(row, names, beside)
        ]


def _done(row: Row, names: Collection[str], beside: Collection[str]) -> bool:
    named = {name for name in beside if any(steps.name(name) for steps in row.recordings)}
    return bool(named) and named.issubset(names)


async def replay(
    recordings: Sequence[Recording],
    target: Target,
    contracts: Callable[[Recording], Contract],
    *,
    deviations: Deviations | None = None,
    secrets: cookies.Secrets | None = None,
    timeout: float = 30.0,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Callable[[Recording, int], None] = lambda recording, step: None,
) -> Results:
    """Each recording replayed from its start state, one after the other; raises BadRecording."""
    rows = deviations or Deviations()
    results = []
    for recording in recordings:
        async with target.started(recording) as address:
            run = _Run(recording, contracts(recording), rows, secrets, timeout, address, now)
            results.append(await run.all(progress))
    return Results(tuple(results), rows)


@dataclass
class _Run:
    recording: Recording
    contract: Contract
    deviations: Deviations
    secrets: cookies.Secrets | None
    timeout: float
    address: tuple[str, int]
    now: Callable[[], datetime]
    carried: Carried = field(default_factory=Carried)
    identities: Identities = field(default_factory=Identities)
    answers: list[Answer] = field(default_factory=list)
    ended: set[str] = field(default_factory=set)

    async def all(self, progress: Callable[[Recording, int], None]) -> RecordingResult:
        began = time.monotonic()
        pair = second_run(self.recording)
        for request, count in self.recording.warmup:
            for _ in range(count):
                await self.send(request, self.timeout)
        judged = []
        for step in self.recording.steps:
            judged.append(await self.step(step, pair.steps[step.index] if pair else None))
            progress(self.recording, step.index)
        seconds = time.monotonic() - began
        return RecordingResult(
            self.recording, self.contract.surface, tuple(judged), pair is not None, seconds
        )

    async def step(self, step: Step, again: Step | None) -> StepResult:
        second = self.now().timestamp()
        await asyncio.sleep(
            max(step.pause, cookies.seconds_to_wait(step, self.recording, self.answers, second))
        )
        began = self.now()
        sent, notes = self.fresh(step, int(began.timestamp()))
        new, trouble = await self.send(sent, max(self.timeout, step.waited or 0.0))
        noise = Noise.between(step.answer, again.answer) if again else Noise.none()
        notes += trouble + [
            f"{place} differs between the two old runs, in no known way" for place in noise.unproven
        ]
        noise = noise.moved(began - step.started, WINDOW, self.secrets.fixture if self.secrets else None)
        method, path = step.request.method, step.request.path
        found = differences(
            mended(step),
            new,
            tolerances=[*self.contract.tolerances(method, path, step.answer.status), *loosened(step)],
            noise=noise,
            identities=self.identities,
        )
        notes += self.carried.learn(step, new)
        self.answers.append(new)
        operation = self.contract.operation(method, path)
        row = self.explain(step, operation, new, found) if found else None
        self.end_sessions(step)
        return StepResult(step, sent, operation, new, tuple(found), row, tuple(notes))

    def explain(
        self, step: Step, operation: str | None, new: Answer, found: Sequence[Difference]
    ) -> Row | None:
        name = f"{self.contract.surface}/{self.recording.name}"
        asked = Asked(step.request, frozenset(self.ended))
        return self.deviations.explain(
            name, step.index, operation, step.answer, new, asked=asked, found=found
        )

    def end_sessions(self, step: Step) -> None:
        cookie = session_cookie(step.request)
        if cookie and cookies.set_by(step.answer).get("session") == "":
            self.ended.add(credential(cookie))

    def fresh(self, step: Step, second: int) -> tuple[Request, list[str]]:
        notes: list[str] = []
        request = step.request
        try:
            headers = cookies.fresh(step, self.recording, self.answers, self.secrets, second)
            request = replace(request, headers=headers)
        except cookies.CannotCarry as problem:
            notes.append(str(problem))
        filled, unknown = self.carried.fill(step, request)
        return filled, notes + unknown

    async def send(self, request: Request, timeout: float) -> tuple[Answer, list[str]]:
        try:
            return await wire.send(*self.address, request, timeout=timeout), []
        except wire.NoAnswer as problem:
            return NO_ANSWER, [str(problem)]


def second_run(recording: Recording) -> Recording | None:
    """The other run of a recording, if there is one; raises BadRecording when it tells another story."""
    if recording.sibling is None:
        return None
    other = read(recording.sibling)
    mine, others = len(recording.steps), len(other.steps)
    if mine != others:
        story = "two runs of one story have equally many"
        raise BadRecording(f"{other.path}: has {others} entries, {recording.path.name} has {mine}; {story}.")
    return other


def mended(step: Step) -> Answer:
    """The old answer with the length of the body that the file holds, where the body was redacted."""
    if not step.redacted:
        return step.answer
    length = str(len(step.answer.body))
    headers = (
        (name, length if name.lower() == "content-length" else value) for name, value in step.answer.headers
    )
    return replace(step.answer, headers=tuple(headers))


def loosened(step: Step) -> list[Tolerance]:
    """What a redacted body leaves unknown."""
    reason = "the recorded body was redacted"
    return [Tolerance("header:ETag", "volatile", reason)] if step.redacted else []


def load_secrets(path: Path) -> cookies.Secrets | None:
    """The secrets that a fixture file names for signing cookies, if it names any; raises ValueError."""
    document = json.loads(path.read_bytes())
    application = document.get("application") if isinstance(document, dict) else None
    return cookies.Secrets.of(application) if isinstance(application, dict) else None


def load_environ(path: Path) -> dict[str, str]:
    """The variables of the old server's environment that a fixture file names for its tokens."""
    document = json.loads(path.read_bytes())
    tokens = document.get("jwt") if isinstance(document, dict) else None
    # Names of variables are in capitals; what else stands there describes them.
    return {name: str(value) for name, value in tokens.items() if name.isupper()} if tokens else {}
