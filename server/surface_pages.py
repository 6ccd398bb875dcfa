"""Pages of the house that old APIs had too, as their contracts name them."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from compat_rest.dialects.express.headers import unsent
from compat_rest.http import Reply, Request
from compat_rest.instead import Page
from compat_rest.refusal import NoPage
from models import blobs
from server.health import AWAY, DEGRADED, OK, UNAVAILABLE, Health
from server.metrics import Metrics
from server.pages import docs
from server.pages.assets import Assets

HTML, SCRIPT = "text/html; charset=utf-8", "application/javascript; charset=utf-8"
JSON = "application/json; charset=utf-8"
# What a program asks of the documentation beside its files.
CONTRACT = "openapi.json"
STARTED = time.monotonic()
WORDS = {OK: "healthy", DEGRADED: "degraded", UNAVAILABLE: "unhealthy"}
OLD_NAMES = {"mongodb": "database", "valkey": "cache"}


def counted(checks: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The services by what old APIs call them, and how many of them are well."""
    services = {
        OLD_NAMES[name]: {
            "status": "healthy" if check["status"] == OK else "unhealthy",
            "ready": check["status"] == OK,
            "milliseconds": check.get("milliseconds"),
        }
        for name, check in checks.items()
    }
    well = sum(service["ready"] for service in services.values())
    summary = {"total": len(services), "well": well, "ill": len(services) - well}
    return {"services": services, "summary": summary}


class SurfacePages:
    """Health, metrics and documentation for the surfaces of one application."""

    def __init__(
        self,
        health: Health,
        metrics: Metrics,
        assets: Assets,
        contract: bytes,
        issuers: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self.health = health
        self.issuers = issuers
        self.metrics = metrics
        self.files = {name: assets.files[place] for name, place in docs.BESIDE.items()}
        self.contract = contract
        self.html = docs.standing_alone(f"./{CONTRACT}")

    def by_name(self) -> Mapping[str, Page]:
        """The pages by the names that a contract gives them."""
        return {
            "health": self.healthy,
            "metrics": self.told,
            "docs": self.documentation,
            "docs-asset": self.documentation_file,
        }

    async def healthy(self, request: Request) -> Mapping[str, Any]:
        """How the server is, for response schemas to pick from."""
        status, checks = await self.health.check()
        mongodb = checks["mongodb"]
        milliseconds: Any = mongodb.get("milliseconds", 0)
        at = datetime.now(UTC)
        return {
            # Of several answers the one that says `x-when` so.
            "__typename": "Healthy" if status == OK else "Unhealthy",
            "word": WORDS[status],
            "version": self.health.version,
            **counted(checks),
            "issuers": [{"name": name, "circuit": state} for name, state in self.issuers().items()],
            "status": status,
            "healthy": status != UNAVAILABLE,
            "database": {
                "connected": mongodb["status"] != AWAY,
                "latency": round(milliseconds),
                "at": {"at": at.replace(tzinfo=None), "us": 0, "text": None},
                "pool": await self.health.connections(),
            },
            "environment": {"missing": []},
            "files": {"connected": blobs.is_connected()},
            "uptime": time.monotonic() - STARTED,
        }

    async def told(self, request: Request) -> Reply:
        """The metrics, without a length where the answer might be compressed; raises NoPage."""
        if not self.metrics.enabled:
            raise NoPage
        body, media = self.metrics.text(request.header("accept") or "")
        return unsent(request, Reply(200, [("Content-Type", media)], body))

    async def documentation(self, request: Request) -> Reply:
        """The documentation, whose files stand beside it."""
        return Reply(200, [("Content-Type", HTML)], self.html, tagged=True)

    async def documentation_file(self, request: Request) -> Reply:
        """A file of the documentation, or the documentation where there is none of that name."""
        name = str(request.path_values.get("file"))
        if name == CONTRACT:
            return Reply(200, [("Content-Type", JSON)], self.contract, tagged=True)
        file = self.files.get(name)
        if file is None:
            return await self.documentation(request)
        media = SCRIPT if file.media_type == "text/javascript" else file.media_type
        return Reply(200, [("Content-Type", media)], file.content, tagged=True)
