"""Drives two servers through the same sessions and tells where their answers part."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from compat_rest.parity.compare import Difference, differences
from compat_rest.parity.conditions import Asked, credential, session_cookie
from compat_rest.parity.cookies import set_by
from compat_rest.parity.deviations import Deviations, Row
from compat_rest.parity.identities import Identities, holds_id
from compat_rest.parity.messages import Answer, Request
from compat_rest.parity.noise import Noise
from compat_rest.parity.replay import Contract
from compat_rest.parity.texts import Kind
from compat_rest.parity.wire import NoAnswer, send
from tests.old_servers.processes import Server
from tests.old_servers.steps import Crafted, Issued, Step


@dataclass(frozen=True)
class Outcome:
    """What came of one step: the requests as sent, both answers, and what sets them apart."""

    step: Step
    requests: tuple[Request, Request]
    old: Answer
    new: Answer
    differences: Sequence[Difference]
    row: Row | None

    @property
    def unexplained(self) -> bool:
        return bool(self.differences) and self.row is None

    @property
    def parted(self) -> bool:
        """Whether the servers may now hold different data, so that comparing on would prove nothing."""
        written = self.step.method == "POST" and (self.old.status < 300 or self.new.status < 300)
        return self.unexplained or (self.row is not None and written)

    @property
    def signature(self) -> tuple[object, ...]:
        """What makes two differences the same kind of difference."""
        return self.old.status, self.new.status, *sorted({one.pointer for one in self.differences})


@dataclass
class Jar:
    """The cookies that both servers issued in a session, oldest first, and those that a logout ended."""

    pairs: list[tuple[str, str]] = field(default_factory=list)
    ended: set[str] = field(default_factory=set)

    def values(self, step: Step, secret: str, now: int) -> tuple[str | None, str | None]:
        """The value of the step's cookie on either server; None twice when there is none to send."""
        source = step.cookie.source if step.cookie else None
        if isinstance(source, Crafted):
            value = source.signed(secret, now)
            return value, value
        if isinstance(source, Issued) and source.back < len(self.pairs):
            return self.pairs[-1 - source.back]
        return None, None

    def learn(self, sent: Request, old: Answer, new: Answer) -> None:
        """Keep what was issued, and remember what was ended."""
        cookie, before, after = (
            session_cookie(sent),
            *(set_by(answer).get("session") for answer in (old, new)),
        )
        if cookie and before == "":
            self.ended.add(credential(cookie))
        if before and after:
            self.pairs.append((before, after))
            # Whoever logs in again within the second of the login before gets the same cookie: it must work.
            self.ended.discard(credential(before))


class Drawn(Noise):
    """Clocks may differ anywhere, and ids and tokens where the name of a field says what it holds."""

    def at(self, pointer: str) -> frozenset[Kind]:
        """The kinds of value that may move at a place."""
        name = pointer.rstrip("/0123456789")
        kinds = {Kind.ID} if holds_id(name) else {Kind.SIGNATURE} if name.endswith("Token") else set()
        return super().at(pointer) | kinds


@dataclass(frozen=True)
class Duel:
    """Two servers with one secret and the same start state, and what may differ between them."""

    old: Server
    new: Server
    secret: str
    contract: Contract = field(default_factory=lambda: Contract("mandarin"))
    deviations: Deviations = field(default_factory=Deviations)
    # Whether ids and tokens are drawn, so that each server has its own.
    drawn: bool = False

    async def play(self, steps: Sequence[Step]) -> list[Outcome]:
        """The outcomes of a session from the start state, up to where the servers part."""
        await asyncio.gather(asyncio.to_thread(self.old.reset), asyncio.to_thread(self.new.reset))
        jar, identities, outcomes = Jar(), Identities(), list[Outcome]()
        for step in steps:
            outcome = await self._step(step, jar, identities)
            outcomes.append(outcome)
            if outcome.parted:
                break
        return outcomes

    async def _step(self, step: Step, jar: Jar, identities: Identities) -> Outcome:
        values = jar.values(step, self.secret, int(time.time()))
        requests = step.request(values[0]), step.request(values[1])
        old, new = await asyncio.gather(ask(self.old, requests[0]), ask(self.new, requests[1]))
        noise = (Drawn if self.drawn else Noise).by_form(secret=self.secret)
        # The old server took leading slashes for one; the contract is asked about the path that was meant.
        path = "/" + requests[0].path.lstrip("/")
        found = differences(
            old,
            new,
            tolerances=self.contract.tolerances(step.method, path, old.status),
            noise=noise,
            identities=identities,
        )
        row = self.deviations.explain(
            f"{self.contract.surface}/generated",
            0,
            self.contract.operation(step.method, path),
            old,
            new,
            # Chunks are taken for the body they carry.
            asked=Asked(replace(requests[0], body=step.body or b""), frozenset(jar.ended)),
            found=found,
        )
        jar.learn(requests[0], old, new)
        return Outcome(step, requests, old, new, found, row)


async def ask(server: Server, request: Request) -> Answer:
    """The server's answer; its absence counts as one, and says why."""
    try:
        return await send("127.0.0.1", server.port, request)
    except NoAnswer as error:
        return Answer(0, (), str(error).encode())
