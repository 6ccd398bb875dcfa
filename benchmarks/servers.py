"""The servers that are measured: this one in two dresses, and its peers; one process each."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmarks.cases import Ask
from benchmarks.peers.python.documents import key_of

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
MADE = HERE / ".made"
CONTRACT = HERE / "contract" / "openapi.yaml"
VENV = MADE / "venv" / "bin"
NODE = HERE / "peers" / "node"
PARSE = HERE / "peers" / "parse"

READS = ("rest-point", "rest-list-20", "rest-list-1000")
REST = (*READS, "rest-me", "rest-write")
GRAPHQL = ("graphql-point", "graphql-nested", "graphql-list-1000")
FULL = ("full-point", "full-list-20", "full-write")
# As uvicorn's own documentation says for production.
UVICORN = ("--no-access-log", "--log-level", "warning", "--loop", "uvloop", "--http", "httptools")

Translate = Callable[[Ask], Ask]
Normal = Callable[[str, Any], Any]


@dataclass(frozen=True)
class Place:
    """Where a server listens and what it may use."""

    port: int
    environ: Mapping[str, str]


@dataclass(frozen=True)
class Server:
    """One server: how it is started, what it is asked, and in which words."""

    name: str
    title: str
    command: Callable[[Place], list[str]]
    cases: tuple[str, ...]
    environ: Mapping[str, str] = field(default_factory=dict)
    # The Host that a request names, by case; a surface of this server is known by it.
    hosts: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    translate: Translate = lambda ask: ask
    # What a server says in a form of its own, as far as it can be compared: the case and the answer.
    normal: Normal | None = None
    needs: str = "python"
    ready: str = "/hello"


def node(script: Path) -> Callable[[Place], list[str]]:
    """A program of Node."""
    return lambda place: ["node", str(script)]


def uvicorn(application: str, program: Path = VENV / "python") -> Callable[[Place], list[str]]:
    """An application under uvicorn, by the Python of the peers or by this one."""

    def command(place: Place) -> list[str]:
        at = ("--host", "127.0.0.1", "--port", str(place.port))
        return [str(program), "-m", "uvicorn", *at, *UVICORN, f"benchmarks.peers.python.{application}:app"]

    return command


def gunicorn(place: Place) -> list[str]:
    """Flask under gunicorn: one process that answers, with threads."""
    threads = ("--workers", "1", "--worker-class", "gthread", "--threads", "8", "--no-control-socket")
    at = ("--bind", f"127.0.0.1:{place.port}", "--log-level", "warning")
    return [str(VENV / "gunicorn"), *threads, *at, "benchmarks.peers.python.flask_app:app"]


def lockstep(*arguments: str) -> Callable[[Place], list[str]]:
    """This server, by the command that an operator uses."""
    program = [sys.executable, "-c", "from server.cli import main; main()", "serve", *arguments]
    return lambda place: program


def settings(**others: str) -> dict[str, str]:
    """The settings of this server under load: its contract here, and no rate where no peer has one."""
    return {
        "LOCKSTEP_CONTRACT": str(CONTRACT),
        "LOCKSTEP_DATA": str(MADE / "lockstep"),
        "LOCKSTEP_DEMO": "0",
        "LOCKSTEP_GRAPHQL_RATE": "off",
        **others,
    }


LEAN = settings(METRICS_ENABLED="0", LOG_LEVEL="WARNING")
SURFACES = {
    **dict.fromkeys(READS, "lean.test"),
    **dict.fromkeys(("rest-me", "rest-write"), "signed.test"),
    **dict.fromkeys(FULL, "full.test"),
}


def parse_ask(ask: Ask) -> Ask:
    """A request as Parse Server knows it: its classes by name, its ids as text."""
    if ask.path == "/graphql":
        return replace(ask, body=parse_document(json.loads(ask.body or "{}")))
    path, _, cursor = ask.path.partition("?after=")
    if path in ("/courses/", "/catalog/"):
        limit = 20 if path == "/courses/" else 1000
        wanted: dict[str, Any] = {"published": True}
        if cursor:
            wanted["objectId"] = {"$gt": parse_id(str(key_of(cursor)))}
        where = quote(json.dumps(wanted, separators=(",", ":")))
        return replace(ask, path=f"/parse/classes/Course?where={where}&order=objectId&limit={limit}")
    number = ask.path.rpartition("/")[2]
    return replace(ask, path=f"/parse/classes/Course/{parse_id(number)}")


def parse_id(number: str) -> str:
    """A course's number as an id that sorts like it."""
    return number.zfill(6)


def parse_document(body: dict[str, Any]) -> str:
    """The point read as Parse Server's own graph has it."""
    query = "query course($id: ID!) { course(id: $id) { objectId title description published createdAt } }"
    return json.dumps({"query": query, "variables": {"id": parse_id(body["variables"]["id"])}})


def parse_normal(case: str, answer: Any) -> Any:
    """What Parse Server says and the others say too."""
    if case == "graphql-point":
        return {"course": comparable(answer["data"]["course"])}
    if "results" in answer or "courses" in answer:
        rows = answer.get("results") or answer.get("courses")
        return {"courses": [comparable(row) for row in rows]}
    if "error" in answer:
        return {"error": True}
    return {"course": comparable(answer.get("course") or answer)}


def comparable(course: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a course that Parse Server keeps as the others do."""
    return {name: course[name] for name in ("title", "description", "published")}


SERVERS: dict[str, Server] = {
    server.name: server
    for server in (
        Server(
            "lockstep",
            "Lockstep",
            lockstep(),
            (*REST, *GRAPHQL),
            environ=LEAN,
            hosts=SURFACES,
            needs="nothing",
            ready="/health/ready",
        ),
        Server(
            "lockstep-full",
            "Lockstep, full stack",
            lockstep(),
            FULL,
            environ=settings(METRICS_ENABLED="1", LOG_LEVEL="INFO"),
            hosts=SURFACES,
            needs="nothing",
            ready="/health/ready",
        ),
        Server(
            "uvicorn", "bare uvicorn", uvicorn("hello", Path(sys.executable)), ("hello",), needs="nothing"
        ),
        Server(
            "starlette",
            "hand-written Starlette route",
            uvicorn("starlette_verb", Path(sys.executable)),
            READS,
            needs="nothing",
        ),
        Server("express", "Express 4", node(NODE / "express.js"), ("hello", *REST), needs="node"),
        Server(
            "express-full",
            "Express 4, full stack",
            node(NODE / "express-full.js"),
            FULL,
            needs="node",
            ready="/metrics",
        ),
        Server("fastify", "Fastify", node(NODE / "fastify.js"), ("hello", *REST), needs="node"),
        Server("flask", "Flask, gunicorn", gunicorn, ("hello", *REST)),
        Server("fastapi-motor", "FastAPI, Motor", uvicorn("fastapi_motor"), ("hello", *REST)),
        Server("fastapi-beanie", "FastAPI, Beanie", uvicorn("fastapi_beanie"), REST),
        Server("apollo", "Apollo Server", node(NODE / "apollo.js"), GRAPHQL, needs="node"),
        Server("yoga", "GraphQL Yoga, JIT", node(NODE / "yoga.js"), GRAPHQL, needs="node"),
        Server("mercurius", "Mercurius, JIT", node(NODE / "mercurius.js"), GRAPHQL, needs="node"),
        Server("strawberry", "Strawberry, stock", uvicorn("strawberry_app"), GRAPHQL),
        Server(
            "parse",
            "Parse Server",
            node(PARSE / "server.js"),
            (*READS, "graphql-point"),
            headers={"X-Parse-Application-Id": "measured"},
            translate=parse_ask,
            normal=parse_normal,
            needs="parse",
        ),
    )
}
