"""Pages of the house that old APIs had too, as their contracts name them."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from compat_rest.dialects.express.headers import unsent
from compat_rest.http import Reply, Request
from compat_rest.instead import Page
from server.health import AWAY, UNAVAILABLE, Health
from server.metrics import Metrics
from server.pages import docs
from server.pages.assets import Assets

HTML, SCRIPT = "text/html; charset=utf-8", "application/javascript; charset=utf-8"
JSON = "application/json; charset=utf-8"
# What a program asks of the documentation beside its files.
CONTRACT = "openapi.json"
STARTED = time.monotonic()


class SurfacePages:
    """Health, metrics and documentation for the surfaces of one application."""

    def __init__(self, health: Health, metrics: Metrics, assets: Assets, contract: bytes) -> None:
        self.health = health
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
            "status": status,
            "healthy": status != UNAVAILABLE,
            "database": {
                "connected": mongodb["status"] != AWAY,
                "latency": round(milliseconds),
                "at": {"at": at.replace(tzinfo=None), "us": 0, "text": None},
                "pool": await self.health.connections(),
            },
            "environment": {"missing": []},
            "uptime": time.monotonic() - STARTED,
        }

    async def told(self, request: Request) -> Reply:
        """The metrics, as Prometheus asks for them; without a length where the answer might be compressed."""
        if not self.metrics.enabled:
            return Reply(404)
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
