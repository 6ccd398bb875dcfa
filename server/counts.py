"""Counts in Valkey, joined: what is counted in one turn of the event loop is one call of a script.

One round trip costs the server as much as a small request does, so requests share it; each still gets a
count of its own, exactly as if it had come alone.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from contextvars import Context
from dataclasses import dataclass
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

# So many calls may be on their way; what is counted meanwhile goes with the next one. One is also enough: the
# counts of all are one key as a rule, and Valkey answers one call after the other.
WINDOW = 1
# By so many seconds a timer is late where the loop was busy with something else.
STOOD_STILL = 0.05
# For each key and its pair of arguments, cost and seconds: the count, and how many milliseconds it is kept.
SCRIPT = """
local told = {}
for index, key in ipairs(KEYS) do
  local cost = tonumber(ARGV[2 * index - 1])
  local count = redis.call("incrby", key, cost)
  if count == cost then
    redis.call("expire", key, ARGV[2 * index])
  end
  told[2 * index - 1] = count
  told[2 * index] = redis.call("pttl", key)
end
return told
"""


class Away(Exception):
    """Valkey did not count in time; carries the name of what went wrong."""


@dataclass(slots=True)
class Hit:
    """One request to count something, and where its count is waited for."""

    key: str
    window: int
    cost: int
    told: "asyncio.Future[tuple[int, float]]"


class Counts:
    """Counts under keys that are forgotten after a window of seconds."""

    def __init__(self, url: str, *, timeout: float) -> None:
        self.timeout = timeout
        self.pool = BlockingConnectionPool.from_url(
            url,
            max_connections=WINDOW,
            timeout=4 * timeout,
            # Behind the patience below, which knows a loop that stood still from a Valkey that is away.
            socket_timeout=4 * timeout,
            socket_connect_timeout=4 * timeout,
            # The defaults would try ten times over several seconds.
            retry=Retry(NoBackoff(), 0),
        )
        self._script = Redis(connection_pool=self.pool).register_script(SCRIPT)
        self._waiting: list[Hit] = []
        self._calls: set[asyncio.Task[None]] = set()
        self._turning = False
        self._loop: asyncio.AbstractEventLoop | None = None

    async def add(self, key: str, window: int, cost: int) -> tuple[int, float]:
        """Counts, and tells the count and the seconds until it is forgotten; raises Away."""
        loop = self._loop
        if loop is None or not loop.is_running():
            # Asked for once, since that costs a system call up to Python 3.11.
            loop = self._loop = asyncio.get_running_loop()
        told: asyncio.Future[tuple[int, float]] = loop.create_future()
        self._waiting.append(Hit(key, window, cost, told))
        if not self._turning and len(self._calls) < WINDOW:
            self._turning = True
            loop.call_soon(self._flush, context=Context())
        return await told

    async def close(self) -> None:
        """Gives up what is waited for, and the connections."""
        for call in self._calls:
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)
        await self.pool.aclose()

    def _flush(self) -> None:
        self._turning = False
        hits, self._waiting = self._waiting, []
        if hits:
            # In the context of nobody: a call belongs to no single request.
            call = asyncio.get_running_loop().create_task(self._call(hits))
            self._calls.add(call)
            call.add_done_callback(self._called)

    def _called(self, call: "asyncio.Task[None]") -> None:
        self._calls.discard(call)
        self._flush()

    async def _call(self, hits: Sequence[Hit]) -> None:
        totals: dict[str, int] = {}
        befores: list[int] = []
        for hit in hits:
            befores.append(totals.get(hit.key, 0))
            totals[hit.key] = befores[-1] + hit.cost
        windows = {hit.key: hit.window for hit in hits}
        arguments = [number for key, total in totals.items() for number in (total, windows[key])]
        try:
            async with patience(self.timeout):
                told: list[Any] = await self._script(keys=list(totals), args=arguments)
        except (RedisError, OSError) as error:
            # Whoever came meanwhile has waited long enough, and would wait for the same.
            waiting, self._waiting = self._waiting, []
            fail([*hits, *waiting], type(error).__name__)
            return
        except BaseException:
            fail(hits, "given up")
            raise
        ends = {key: (told[2 * place], told[2 * place + 1] / 1000) for place, key in enumerate(totals)}
        for hit, before in zip(hits, befores, strict=True):
            if not hit.told.done():
                count, seconds = ends[hit.key]
                # As if those that came together had come one after the other.
                hit.told.set_result((count - totals[hit.key] + before + hit.cost, seconds))


@asynccontextmanager
async def patience(seconds: float) -> AsyncIterator[None]:
    """Raises TimeoutError in a block that takes longer; where the loop stood still, that does not count.

    Then the answer may have been there all the time, and is read first.
    """
    loop = asyncio.get_running_loop()
    timer: asyncio.TimerHandle
    async with asyncio.timeout(None) as limit:

        def ask(due: float) -> None:
            nonlocal timer
            now = loop.time()
            if now - due > STOOD_STILL:
                timer = loop.call_at(now + seconds, ask, now + seconds)
            else:
                limit.reschedule(now)

        timer = loop.call_later(seconds, ask, loop.time() + seconds)
        try:
            yield
        finally:
            timer.cancel()


def fail(hits: Sequence[Hit], reason: str) -> None:
    """Tells each that nothing was counted, with an exception of its own."""
    for hit in hits:
        if not hit.told.done():
            hit.told.set_exception(Away(reason))
