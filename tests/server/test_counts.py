"""Counts are joined, and each request is told what it would have been told alone."""

import asyncio
import math
import secrets
import time
from collections.abc import AsyncIterator
from contextvars import ContextVar
from random import Random
from typing import Any

import pytest
from redis.asyncio import Redis

from server.counts import WINDOW, Away, Counts
from server.embedded import Services


@pytest.fixture
async def counts(services: Services) -> AsyncIterator[Counts]:
    counts = Counts(services.redis_url, timeout=5)
    yield counts
    await counts.close()


@pytest.fixture
def key() -> str:
    return f"test{secrets.token_hex(6)}"


def calls(counts: Counts, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many keys each call of the script had."""
    script, made = counts._script, []

    async def counted(keys: list[str], args: list[int]) -> Any:
        made.append(len(keys))
        return await script(keys=keys, args=args)

    monkeypatch.setattr(counts, "_script", counted)
    return made


async def test_what_comes_in_one_turn_is_one_call(
    counts: Counts, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = calls(counts, monkeypatch)
    told = await asyncio.gather(*(counts.add(f"{key}{number % 3}", 60, 1) for number in range(30)))
    assert made == [3]
    assert [count for count, _ in told] == [number // 3 + 1 for number in range(30)]
    assert {math.ceil(seconds) for _, seconds in told} == {60}


async def test_each_is_told_what_it_would_be_told_alone(counts: Counts, key: str) -> None:
    chosen = Random(1)
    asked = [(f"{key}{chosen.randrange(4)}", chosen.randrange(1, 5)) for _ in range(300)]
    expected, alone = [], dict.fromkeys((name for name, _ in asked), 0)
    for name, cost in asked:
        alone[name] += cost
        expected.append(alone[name])
    told: list[int] = []
    while len(told) < len(asked):
        some = asked[len(told) : len(told) + chosen.randrange(1, 40)]
        told += [
            count for count, _ in await asyncio.gather(*(counts.add(name, 60, cost) for name, cost in some))
        ]
    assert told == expected


async def test_a_window_begins_with_its_first_count_and_ends(counts: Counts, key: str) -> None:
    assert [*await asyncio.gather(counts.add(key, 1, 2), counts.add(key, 1, 3))] == [(2, 1), (5, 1)]
    await asyncio.sleep(0.6)
    assert (await counts.add(key, 1, 1))[0] == 6
    await asyncio.sleep(0.6)
    assert await counts.add(key, 1, 1) == (1, 1)


async def test_few_calls_are_under_way_and_the_rest_gathers(
    counts: Counts, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = calls(counts, monkeypatch)

    async def later(turns: int) -> int:
        for _ in range(turns):
            await asyncio.sleep(0)
        return (await counts.add(key, 60, 1))[0]

    told = await asyncio.gather(*(later(turns) for turns in range(200)))
    assert sorted(told) == list(range(1, 201))
    assert len(made) < 100
    assert counts.pool.max_connections == WINDOW


async def test_who_gives_up_takes_nobody_along(counts: Counts, key: str) -> None:
    tasks = [asyncio.create_task(counts.add(key, 60, 1)) for _ in range(4)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    told = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(told[1], asyncio.CancelledError)
    assert [told[0], told[2], told[3]] == [(1, 60), (3, 60), (4, 60)]


async def test_where_valkey_is_away_each_has_an_exception_of_its_own() -> None:
    counts = Counts("redis://127.0.0.1:1", timeout=0.2)
    told = await asyncio.gather(*(counts.add("key", 60, 1) for _ in range(3)), return_exceptions=True)
    assert [str(error) for error in told] == ["ConnectionError"] * 3
    assert all(isinstance(error, Away) for error in told) and len({id(error) for error in told}) == 3
    await counts.close()


async def test_who_came_while_valkey_stood_still_waits_no_longer_than_the_first(services: Services) -> None:
    async def still(**options: Any) -> None:
        await asyncio.sleep(5)

    counts = Counts(services.redis_url, timeout=0.2)
    counts._script = still  # type: ignore[assignment]  # a Valkey that does not answer
    loop = asyncio.get_running_loop()

    async def asked(after: float) -> float:
        await asyncio.sleep(after)
        begin = loop.time()
        with pytest.raises(Away, match="TimeoutError"):
            await counts.add("key", 60, 1)
        return loop.time() - begin

    waited = await asyncio.gather(*(asked(after) for after in (0, 0.05, 0.1, 0.15)))
    assert max(waited) < 0.35
    await counts.close()


async def test_a_server_that_stood_still_itself_reads_the_answer_first(services: Services, key: str) -> None:
    counts = Counts(services.redis_url, timeout=0.1)
    await counts.add(key, 60, 1)
    # In any state of a call that is under way.
    for turns in range(12):
        adding = asyncio.create_task(counts.add(key, 60, 1))
        for _ in range(turns):
            await asyncio.sleep(0)
        time.sleep(0.2)
        count, _ = await adding
        assert count == turns + 2
    await counts.close()


async def test_a_closed_server_waits_for_no_count(services: Services) -> None:
    async def still(**options: Any) -> None:
        await asyncio.sleep(5)

    counts = Counts(services.redis_url, timeout=5)
    counts._script = still  # type: ignore[assignment]  # a Valkey that does not answer
    waiting = asyncio.create_task(counts.add("key", 60, 1))
    await asyncio.sleep(0.01)
    await counts.close()
    with pytest.raises(Away, match="given up"):
        await waiting


async def test_a_call_is_of_no_single_request(
    counts: Counts, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    current: ContextVar[str] = ContextVar("current", default="nobody")
    script, seen = counts._script, []

    async def looking(**options: Any) -> Any:
        seen.append(current.get())
        return await script(**options)

    monkeypatch.setattr(counts, "_script", looking)
    current.set("a request")
    await counts.add(key, 60, 1)
    assert (seen, current.get()) == (["nobody"], "a request")


async def test_a_count_stands_under_its_key(counts: Counts, key: str, services: Services) -> None:
    await counts.add(key, 60, 2)
    async with Redis.from_url(services.redis_url) as valkey:
        assert (await valkey.get(key), await valkey.ttl(key)) == (b"2", 60)
