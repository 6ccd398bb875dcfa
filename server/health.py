"""Health: whether the process lives, and whether it can serve."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError
from redis.asyncio import Redis
from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

OK = "ok"
DEGRADED = "degraded"
AWAY = "away"
UNAVAILABLE = "unavailable"
logger = structlog.get_logger(__name__)


class Health:
    """Answers probes. Without MongoDB nothing can be served; without Valkey most things can."""

    def __init__(
        self, *, mongodb: AsyncDatabase[dict[str, Any]], valkey: Redis, version: str, timeout: float = 1.0
    ) -> None:
        self.mongodb = mongodb
        self.valkey = valkey
        self.version = version
        self.timeout = timeout

    def routes(self) -> list[Route]:
        """The routes of the three probes."""
        return [
            Route("/health", self.health, methods=["GET"]),
            Route("/health/live", self.live, methods=["GET"]),
            Route("/health/ready", self.ready, methods=["GET"]),
        ]

    async def live(self, request: Request) -> Response:
        """Whether the process answers at all; asks nothing of anyone."""
        return answer({"status": OK})

    async def ready(self, request: Request) -> Response:
        """Whether requests can be served: 200, or 503 while MongoDB is away."""
        status, checks = await self.check()
        return answer({"status": status, "checks": checks})

    async def health(self, request: Request) -> Response:
        """What ready says, with the version that says it."""
        status, checks = await self.check()
        return answer({"status": status, "version": self.version, "checks": checks})

    async def check(self) -> tuple[str, dict[str, dict[str, object]]]:
        """The state of everything together, and of each service."""
        mongodb, valkey = await asyncio.gather(
            self.ask("mongodb", self.ask_mongodb), self.ask("valkey", self.ask_valkey)
        )
        status = OK if valkey["status"] == OK else DEGRADED
        if mongodb["status"] != OK:
            status = UNAVAILABLE
        return status, {"mongodb": mongodb, "valkey": valkey}

    async def ask(self, service: str, question: Callable[[], Awaitable[object]]) -> dict[str, object]:
        """Whether a service answers in time, and how fast; never where it lives or what it said."""
        begin = time.perf_counter()
        try:
            async with asyncio.timeout(self.timeout):
                await question()
        except (PyMongoError, RedisError, OSError) as error:
            logger.warning("service is away", service=service, error=type(error).__name__)
            return {"status": AWAY}
        return {"status": OK, "milliseconds": round((time.perf_counter() - begin) * 1000, 1)}

    async def connections(self) -> dict[str, int]:
        """The connections that MongoDB has, how many of them do nothing, and how many wait; none if away."""
        try:
            async with asyncio.timeout(self.timeout):
                told = await self.mongodb.client.admin.command(
                    "serverStatus", repl=0, metrics=0, locks=0, wiredTiger=0
                )
        except (PyMongoError, OSError):
            return {"total": 0, "idle": 0, "waiting": 0}
        counts = told.get("connections", {})
        total, waiting = counts.get("current", 0), counts.get("queuedForEstablishment", 0)
        return {"total": total, "idle": max(0, total - counts.get("active", 0)), "waiting": waiting}

    async def ask_mongodb(self) -> object:
        return await self.mongodb.command("ping")

    async def ask_valkey(self) -> object:
        return await self.valkey.ping()


def answer(content: dict[str, object]) -> JSONResponse:
    """A probe's answer, which is only true now."""
    status = 503 if content["status"] == UNAVAILABLE else 200
    return JSONResponse(content, status, {"Cache-Control": "no-store"})
