"""Makes a session that ends in a difference as small as it can be while still ending in the same one."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tests.old_servers.drive import Duel, Outcome
from tests.old_servers.steps import Step


async def smallest(duel: Duel, steps: Sequence[Step], outcome: Outcome) -> tuple[list[Step], Outcome]:
    """The smallest session found that ends like the given one, and how it ends."""
    best, end = list(steps), outcome
    shrinking = True
    while shrinking:
        shrinking = False
        for candidate in smaller(best):
            found = (await duel.play(candidate))[-1]
            if found.step is candidate[-1] and found.signature == outcome.signature and found.unexplained:
                best, end, shrinking = candidate, found, True
                break
    return best, end


def smaller(steps: list[Step]) -> Iterator[list[Step]]:
    """Sessions a little simpler than this one, the boldest cuts first."""
    *before, last = steps
    if len(before) > 1:
        yield [last]
        yield [*before[len(before) // 2 :], last]
        yield [*before[: len(before) // 2], last]
    for index in range(len(before)):
        yield [*before[:index], *before[index + 1 :], last]
    for simpler in simpler_steps(last):
        yield [*before, simpler]


def simpler_steps(step: Step) -> Iterator[Step]:
    """The same request with one thing less."""
    if step.chunked:
        yield replace(step, chunked=False)
    if "?" in step.target:
        yield replace(step, target=step.target.partition("?")[0])
    if step.cookie is not None:
        yield replace(step, cookie=None)
        if step.cookie.damage != "none":
            yield replace(step, cookie=replace(step.cookie, damage="none"))
        if step.cookie.source is not None and step.cookie.template != "session={value}":
            yield replace(step, cookie=replace(step.cookie, template="session={value}"))
    for index, (name, _value) in enumerate(step.headers):
        if name != "Host":
            yield replace(step, headers=step.headers[:index] + step.headers[index + 1 :])
    if step.body is not None:
        yield replace(step, body=None, chunked=False)
        for body in simpler_bodies(step.body):
            yield replace(step, body=body)


def simpler_bodies(body: bytes) -> Iterator[bytes]:
    """The JSON object without one of its members."""
    try:
        members = json.loads(body)
    except (ValueError, RecursionError):
        return
    if isinstance(members, dict):
        for name in members:
            yield json.dumps({key: value for key, value in members.items() if key != name}).encode()
