"""A small graph and small contracts on it, for the words that the landed contract does not use."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any

import strawberry
import yaml
from strawberry.schema.config import StrawberryConfig

from compat_rest.contract.expressions import Scope
from compat_rest.contract.findings import ContractError
from compat_rest.dialects.base import Match
from compat_rest.endpoint import answer_to
from compat_rest.engine import Engine, Served, compile_engine
from compat_rest.http import Reply, Request
from compat_rest.identity.chain import Identity
from compat_rest.limits import Count, uncounted
from compat_rest.otherwise import otherwise
from compat_rest.refusal import Refusal
from models.errors import CourseNotFound
from schema.context import Caller, Context
from schema.directives import raises
from schema.execution.seams import Schema
from schema.raw import RAW
from schema.scalars import JSON, Day, scalars
from tests.compat_rest.contracts import Remembered

ENVIRON = {"KEY": "a-key-of-more-than-thirty-two-bytes"}


@strawberry.enum
class Colour(Enum):
    """What a box looks like."""

    RED = "red"
    CRIMSON = "crimson"
    BLUE = "blue"


@strawberry.type
class Made:
    """A box that was not there before."""

    name: str


@strawberry.type
class Found:
    """A box that was there."""

    name: str
    size: int


@strawberry.input
class Lid:
    """What a box is closed with."""

    name: str
    colour: list[Colour] | None = None


def text_of(name: str | None = None) -> str:
    """Some text; there is none for `none`."""
    if name == "none":
        raise CourseNotFound
    return f"<{name}>"


@strawberry.type
class Query:
    """Boxes."""

    @strawberry.field
    def open(self, name: str) -> Made | Found:
        """A box, found or made."""
        return Found(name=name, size=3) if name == "old" else Made(name=name)

    text: str = strawberry.field(resolver=text_of, directives=[raises(CourseNotFound)])

    @strawberry.field
    def sort(
        self,
        colours: list[Colour] | None = None,
        colour: Colour | None = None,
        day: Day | None = None,
        notes: list[strawberry.ID] | None = None,
        extra: JSON | None = None,
        lid: Lid | None = None,
        legacy_unfit: list[str] | None = None,
    ) -> JSON:
        """What came in."""
        unfit = {} if legacy_unfit is None else {"unfit": legacy_unfit}
        return unfit | {
            "colours": [each.name for each in colours or ()],
            "colour": colour.name if colour else None,
            "day": str(day) if day else None,
            "notes": list(notes or ()),
            "extra": extra,
            "lid": {"name": lid.name, "colour": [each.name for each in lid.colour or ()]} if lid else None,
        }  # type: ignore[return-value]  # any JSON value


SCHEMA = Schema(
    query=Query,
    execution="compiled",
    config=StrawberryConfig(scalar_map=scalars("raw"), default_resolver=RAW),
)
SURFACE: dict[str, Any] = {
    "prefix": "/toy",
    "dialect": "express",
    "before": ["body"],
    "stages": ["validate"],
    "invalid": {"status": 400, "body": {"errors": "$entries"}},
    "errors": {"*": {"status": 500, "body": {"error": "Failed"}}},
}
FAILED = {"description": "Why not.", "content": {"application/json": {"schema": {"type": "object"}}}}
REFUSALS = {status: FAILED for status in ("400", "401", "500")}


def operation(name: str, responses: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """An operation of the surface, which anybody may call."""
    return {"operationId": f"toy.{name}", "security": [], "responses": {**REFUSALS, **responses}, **more}


def body(**properties: Any) -> dict[str, Any]:
    """A request body with these properties."""
    schema = {"type": "object", "properties": properties}
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}}


def answer(media: str = "application/json", **schema: Any) -> dict[str, Any]:
    """A response with a body."""
    return {"description": "It.", "content": {media: {"schema": schema}}}


def contract(
    folder: Path,
    paths: Mapping[str, Any],
    documents: Mapping[str, str] | None = None,
    surface: Mapping[str, Any] | None = None,
    **more: Any,
) -> Path:
    """A contract with these paths and documents in a folder; the path of its file."""
    whole = {
        "openapi": "3.1.0",
        "info": {"title": "Toys", "version": "1"},
        "x-surfaces": {"toy": {**SURFACE, **(surface or {})}},
        "paths": paths,
        **more,
    }
    path = folder / "openapi.yaml"
    path.write_text(yaml.safe_dump(whole, sort_keys=False, allow_unicode=True))
    for name, text in (documents or {}).items():
        place = folder / f"operations/toy/{name}.graphql"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return path


def engine(path: Path) -> Engine:
    """The engine of a contract on the small graph."""
    return compile_engine(path, SCHEMA, ENVIRON)


def problems(path: Path) -> list[str]:
    """What is wrong with a contract."""
    try:
        engine(path)
    except ContractError as error:
        return [finding.problem for finding in error.findings]
    return []


def context_for(caller: Caller | None, now: datetime) -> Context:
    """A request seen from the resolvers of the small graph, which ask for nothing."""

    async def revoke() -> None:
        raise AssertionError

    return Context(
        caller=caller,
        now=now,
        passwords=None,  # type: ignore[arg-type]  # never asked
        tokens=None,  # type: ignore[arg-type]  # never asked
        page_limit=1,
        revoke=revoke,
    )


@dataclass
class Said:
    """An answer, taken apart."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


async def ask(
    path: Path,
    method: str,
    target: str,
    sent: Any = None,
    headers: Mapping[str, str] | None = None,
    pages: Mapping[str, Any] | None = None,
    count: Count = uncounted,
) -> Said:
    """What a contract answers to a request, from its first step to its last."""
    served = engine(path).surfaces["toy"]
    content = b"" if sent is None else sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    said = {"host": "toy.test", **({} if sent is None else {"content-type": "application/json"})}
    said |= {"content-length": str(len(content))} if content else {}
    where, _, query = target.partition("?")
    scope = {
        "type": "http",
        "scheme": "http",
        "method": method,
        "path": where,
        "raw_path": where.encode(),
        "query_string": query.encode(),
        "headers": [(k.lower().encode(), v.encode()) for k, v in {**said, **(headers or {})}.items()],
        "client": ("127.0.0.1", 5),
    }

    async def receive() -> Any:
        return {"type": "http.request", "body": content}

    request = Request(scope, receive, served.surface.prefix, 10_000)
    request.pages = pages or {}
    reply = await _answer(served, request, count)
    body = reply.body
    return Said(reply.status, {name.lower(): value for name, value in reply.headers}, body)


async def _answer(served: Served, request: Request, count: Count) -> Reply:
    identity, dialect = Identity(served.surface.identity, Remembered()), served.dialect
    session = identity.open([])
    try:
        early = await dialect.before(request, count)
    except Refusal as refusal:
        row = served.errors.row(refusal.code, of_document=False)
        return answer_to(refusal.code, row, Scope(request, error=refusal.details), dialect)
    if early is not None:
        return early
    found = dialect.match(request)
    if isinstance(found, Match):
        operation, request.path_values = found
        return await served.endpoints[operation.id].handle(request, session, identity, dialect, context_for)
    errors = served.errors
    said = await otherwise(served.otherwise, errors, request, session, identity, dialect)
    return dialect.missing(request) if said is None else said


NOW = datetime(2026, 1, 1, tzinfo=UTC)
