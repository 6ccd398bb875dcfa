"""Ours beside `wire.js`: the same routes in the dialect express, which tell what reached them.

Run as `python -m tests.old_servers.express.wire_server VARIANT`; it prints its port, then forgets its counts
on each line of its input and says "ready", until its input ends.
"""

import asyncio
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from compat_rest.contract.before import Limit
from compat_rest.dialects.express.headers import unsent
from compat_rest.dialects.express.json import Stringify
from compat_rest.door import SurfaceDoor
from compat_rest.http import Reply, Request
from compat_rest.limits import Verdict
from server.scratch import listening
from tests.compat_rest import toys
from tests.compat_rest.contracts import Remembered
from tests.old_servers.express.variants import VARIANTS

ROUTES = (
    ("get", "/api/echo"), ("post", "/api/echo"), ("put", "/api/echo/{id}"),
    ("get", "/api/echo/{id}/parts/{part}"), ("get", "/api/things"), ("post", "/api/things"),
    ("get", "/api/things/{id}"), ("delete", "/api/things/{id}"), ("get", "/health"), ("get", "/big/{size}"),
    ("get", "/csv"), ("get", "/gedcom"), ("get", "/raw"),
)  # fmt: skip
ERROR = {"error": "$error.name", "message": "$error.message"}
THROWN = {
    "status": "error",
    "error": "$error.thrown",
    "message": "$error.message",
    "stack": "{$error.name}: {$error.message}",
}
JSON = "application/json; charset=utf-8"
write = Stringify()


class Counted:
    """Counts in this process."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str], tuple[int, float]] = {}

    async def __call__(self, surface: str, limit: Limit, key: str) -> Verdict:
        """Counts a request of a client."""
        now = time.monotonic()
        count, ends = self.counts.get((limit.name, key), (0, now + limit.window))
        count += limit.cost
        self.counts[limit.name, key] = count, ends
        return Verdict(max(0, limit.amount - count), ends - now, allowed=count <= limit.amount)


def surface(variant: Mapping[str, Any]) -> dict[str, Any]:
    """The surface of a variant as its contract says it."""
    limits = [
        {"rate": f"{each['amount']}/{each['window']} seconds"}
        | {key: each[key] for key in ("name", "paths", "cost", "headers") if key in each}
        for each in variant["limits"]
    ]
    cors = {key: value for key, value in variant["cors"].items() if value is not None}
    said: dict[str, Any] = {
        "before": variant["before"],
        "limits": limits,
        "cors": cors,
        "stages": [],
        "values": {
            "body": variant["body"], "hops": variant["hops"], "csp": "default-src 'self'",
            "routers": ["/api/things"], "depth": 5000,
            "environment": "development" if variant.get("development") else "production",
        },
        "errors": {
            "UNREADABLE_BODY": refused(400),
            "UNSUPPORTED_TYPE": refused(415),
            "BODY_TOO_LARGE": refused(413),
            "RATE_LIMITED": {"status": 429, "body": {"error": "Too many requests"}},
            "*": {"status": 500, "body": {"error": "Failed"}},
        },
    }  # fmt: skip
    if variant["otherwise"]:
        said["otherwise"] = [
            {"path": "/api/", "status": 501, "body": {"error": "{$method} {$path}"}},
            {"status": 404, "body": {"error": "Not found", "path": "$path"}},
        ]
    return said


def refused(status: int) -> dict[str, Any]:
    """The answer to a request that cannot be read, also for developers."""
    return {"status": status, "body": ERROR, "development": {"status": status, "body": THROWN}}


def contract(folder: Path, variant: Mapping[str, Any]) -> Path:
    """The contract of a variant."""
    whole = {"description": "What the page says."}
    paths: dict[str, Any] = {}
    for place, (method, path) in enumerate((*ROUTES, ("get", "/docs"))):
        instead = {"redirect": "/docs/"} if path == "/docs" else {"page": "health"}
        said = {"301": whole} if path == "/docs" else {"200": whole}
        parameters = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in ("id", "part", "size")
            if f"{{{name}}}" in path
        ]
        more = {"x-instead": instead, "parameters": parameters}
        paths.setdefault(f"/toy{path}", {})[method] = toys.operation(f"route{place}", said, **more)
    return toys.contract(folder, paths, surface=surface(variant))


async def page(request: Request) -> Reply:
    """What the route of a request answers."""
    kind = request.path.lower().lstrip("/").split("/")[0]
    if request.method == "DELETE":
        return Reply(204)
    if kind == "health":
        return sent(JSON, write({"status": "ok", "text": "ü😀\u2028\u007f</"}, True))
    if kind == "big":
        size = request.path_values["size"].strip()
        return sent(JSON, write({"text": "x" * (int(size) if size.isdecimal() else 0)}, True))
    if kind == "csv":
        return sent("text/csv; charset=utf-8", b"a,b\n" * 400)
    if kind == "gedcom":
        return sent("application/x-gedcom; charset=utf-8", b"0 HEAD\n" * 400)
    if kind == "raw":
        media = ("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        return unsent(request, Reply(200, [media], b"# HELP\n" * 300))
    told = {
        "params": request.path_values,
        "query": request.query,
        "body": request.parsed,
        "path": request.target,
    }
    return sent(JSON, write(told, False))


def sent(media: str, body: bytes) -> Reply:
    """An answer with a tag."""
    return Reply(200, [("Content-Type", media)], body, tagged=True)


async def serve(variant: Mapping[str, Any]) -> None:
    """Serve and forget until the input ends."""
    counted = Counted()
    with TemporaryDirectory(prefix="lockstep-wire-") as folder:
        engine = toys.engine(contract(Path(folder), variant))
    door = SurfaceDoor(
        engine.surfaces["toy"],
        revocations=Remembered(),
        context_for=toys.context_for,
        max_body_bytes=1_000_000,
        timeout=30.0,
        count=counted,
        pages={"health": page},
    )

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for phase in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{phase}.complete"})
            return
        await door(scope, receive, send)

    async with listening(app) as (_host, port):
        print(port, flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            counted.counts.clear()
            print("ready", flush=True)


if __name__ == "__main__":
    asyncio.run(serve(VARIANTS[sys.argv[1]]))
