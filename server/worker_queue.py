"""The way of jobs to workers: their ids in Valkey. What is lost there is brought again."""

import time
from collections.abc import Sequence
from typing import Any

from bson import ObjectId
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

# Extends the turn of whoever has it; one step, so that nobody extends another's.
EXTEND = "return redis.call('get', KEYS[1]) == ARGV[1] and redis.call('pexpire', KEYS[1], ARGV[2]) or 0"
END = "return redis.call('get', KEYS[1]) == ARGV[1] and redis.call('del', KEYS[1]) or 0"
# Seconds that one worker carries without a word, before another one does.
TURN = 3.0


class Queue:
    """Ids of jobs that wait, the oldest first; each is in it once."""

    def __init__(self, url: str, name: str) -> None:
        once = Retry(NoBackoff(), 0)
        self.name = f"{name}:jobs"
        self.valkey = Redis.from_url(url, socket_timeout=2.0, socket_connect_timeout=1.0, retry=once)
        # Who waits for something to do waits longer than an answer may take otherwise.
        self.waiting = Redis.from_url(url, socket_timeout=4.0, socket_connect_timeout=1.0, retry=once)

    async def close(self) -> None:
        """Lets go of Valkey."""
        await self.valkey.aclose()
        await self.waiting.aclose()

    async def carry(self, ids: Sequence[ObjectId]) -> None:
        """Puts ids at the end; those that are in the queue keep their place."""
        if ids:
            now = time.time()
            await self.valkey.zadd(self.name, {str(id): now for id in ids}, nx=True)

    async def take(self, most: int, seconds: float) -> list[ObjectId]:
        """The next ids, at most so many, as soon as there are any; none after so many seconds."""
        found: Any = await self.waiting.bzmpop(seconds, 1, [self.name], min=True, count=most)
        names = [member.decode("ascii", "replace") for member, _ in found[1]] if found else []
        return [ObjectId(name) for name in names if ObjectId.is_valid(name)]

    async def lead(self, worker: str) -> bool:
        """Whether this worker is the one that carries, for another while."""
        key, turn = f"{self.name}:carrier", int(TURN * 1000)
        if await self.valkey.set(key, worker, nx=True, px=turn):
            return True
        return bool(await self.valkey.eval(EXTEND, 1, key, worker, turn))

    async def step_down(self, worker: str) -> None:
        """Lets another worker carry at once."""
        await self.valkey.eval(END, 1, f"{self.name}:carrier", worker)

    async def length(self) -> int:
        """How many ids wait in Valkey."""
        return int(await self.valkey.zcard(self.name))
