"""The dialect of APIs that a contract words to the end: each refusal is a row of it, in JSON as JSON is.

Paths are matched to the letter, in the order of the contract; HEAD goes with GET, and OPTIONS tells what else
there is. What no framework stands behind has no pages: an unknown path is `PATH_UNKNOWN`, another method
`METHOD_UNKNOWN`.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import orjson

from compat_rest.contract.before import LIMIT
from compat_rest.contract.expressions import Scope
from compat_rest.contract.operations import Operation
from compat_rest.contract.surfaces import Surface
from compat_rest.depth import is_deeper
from compat_rest.dialects.base import BadValue, Dialect, Match, Texts
from compat_rest.dialects.express.cors import Cors
from compat_rest.errors import LIMITED
from compat_rest.http import Reply, Request
from compat_rest.limits import Count, details, fields
from compat_rest.passed import Passed
from compat_rest.refusal import Refusal

JSON = "application/json"
STEPS = ("cors",)
# What an answer says to caches where its operation says nothing.
KEPT, UNKEPT = "private, no-cache", "no-store"
PATH_UNKNOWN, METHOD_UNKNOWN = "PATH_UNKNOWN", "METHOD_UNKNOWN"


class PlainJson:
    """Writes JSON in the order of the contract, in UTF-8."""

    def __call__(self, value: Any, plain: bool) -> bytes:
        """The text of a value."""
        try:
            return orjson.dumps(value, option=orjson.OPT_PASSTHROUGH_SUBCLASS)
        except TypeError:
            # Numbers beyond 64 bits or with an exponent; a lone surrogate is written as an escape.
            return json.dumps(value, separators=(",", ":")).encode()


class PlainDialect(Dialect):
    """JSON alone: for bodies, for answers and for refusals."""

    # `depth` bounds how deep the JSON of a body may nest; `aliases` are other beginnings of paths; `headers`
    # stand on every answer.
    defaults: ClassVar[Mapping[str, Any]] = {"depth": 64, "aliases": {}, "headers": {}}
    stepped: ClassVar[bool] = True

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self._raw = tuple(
            (str(name).encode("latin-1"), str(value).encode("latin-1"))
            for name, value in self.values["headers"].items()
        )

    def routes(self, operations: Sequence[Operation]) -> None:
        """Learns the operations, by their paths and by the parts of those that name something."""
        self._exact: dict[str, dict[str, Operation]] = {}
        self._open: list[tuple[list[str], dict[str, Operation]]] = []
        for operation in operations:
            self._methods(operation.path)[operation.method] = operation

    def _methods(self, path: str) -> dict[str, Operation]:
        if "{" not in path:
            return self._exact.setdefault(path, {})
        parts = path.split("/")
        for known, methods in self._open:
            if known == parts:
                return methods
        self._open.append((parts, {}))
        return self._open[-1][1]

    def start(self, surface: Surface) -> None:
        """Learns who may call from elsewhere, and how often; raises BadValue."""
        self._surface = surface.name
        self._limits = {limit.name: limit for limit in surface.limits}
        self._cors = Cors(surface.cors) if surface.cors else None
        for step in surface.before:
            if step not in STEPS and not step.startswith(LIMIT):
                known = ", ".join(STEPS)
                raise BadValue(f"The dialect has no step {step!r}; known are {known} and {LIMIT}<name>.")
        self._before = surface.before

    async def before(self, request: Request, count: Count) -> Reply | None:
        """Has a request pass the steps of the surface in their order."""
        passed = request.passed = Passed(count)
        for other, own in self.values["aliases"].items():
            if request.path.startswith(other):
                request.path = own + request.path.removeprefix(other)
        for step in self._before:
            if not step.startswith(LIMIT):
                reply = self._cors(request, passed.headers) if self._cors else None
                if reply is not None and request.header("access-control-request-method"):
                    return reply
            elif self._limits[step.removeprefix(LIMIT)].covers(request.path):
                await self.limit(step.removeprefix(LIMIT), request, Scope(request))
        return None

    async def limit(self, name: str, request: Request, scope: Scope) -> None:
        """Counts a request, and tells on its answer what is left."""
        assert request.passed is not None  # nosec B101  # every request passes `before`
        limit = self._limits[name]
        key = request.forwarded(limit.hops) if limit.key is None else str(limit.key(scope))
        verdict = await request.passed.count(self._surface, limit, key)
        request.passed.headers.update(fields(limit, verdict, request.now))
        if not verdict.allowed:
            raise Refusal(f"{LIMITED}:{name}", details(limit, verdict))

    def match(self, request: Request) -> Match | Reply:
        """The operation a request names; raises Refusal for a path or a method that there is not."""
        methods, values = self._found(request.path)
        operation = methods.get("GET" if request.method == "HEAD" else request.method)
        if operation is not None:
            return Match(operation, values)
        allowed = ", ".join(sorted({*methods, "OPTIONS", *(("HEAD",) if "GET" in methods else ())}))
        if request.method == "OPTIONS":
            return Reply(204, [("Allow", allowed)], length=False)
        raise Refusal(METHOD_UNKNOWN, {"allow": allowed})

    def _found(self, path: str) -> tuple[Mapping[str, Operation], Mapping[str, str]]:
        exact = self._exact.get(path)
        if exact is not None:
            return exact, {}
        parts = path.split("/")
        for known, methods in self._open:
            if len(known) == len(parts):
                values = {
                    name[1:-1]: part
                    for name, part in zip(known, parts, strict=True)
                    if name.startswith("{") and part
                }
                if all(name == part or name[1:-1] in values for name, part in zip(known, parts, strict=True)):
                    return methods, values
        raise Refusal(PATH_UNKNOWN)

    def missing(self, request: Request) -> Reply:
        """Raises the refusal of a path that there is not."""
        raise Refusal(PATH_UNKNOWN)

    async def read_json(self, request: Request) -> Any:
        """The JSON of a body in UTF-8; no body at all is an empty object. Raises Refusal."""
        kind = request.header("content-type")
        if kind is None and not (request.header("content-length") or "0").strip("0"):
            if request.header("transfer-encoding") is None:
                return {}
        media = (kind or "").partition(";")[0].strip().lower()
        if media != JSON and not (media.startswith("application/") and media.endswith("+json")):
            raise Refusal("UNSUPPORTED_TYPE")
        body = await request.body()
        if not body:
            return {}
        try:
            text = body.decode()
            if is_deeper(text, self.values["depth"]):
                raise Refusal("UNREADABLE_BODY")
            # Python's own reads whole numbers of any size; NaN and Infinity are no JSON.
            return json.loads(text, parse_constant=_no_number)
        except ValueError:
            raise Refusal("UNREADABLE_BODY") from None

    async def finish(self, request: Request, reply: Reply) -> Reply:
        """An answer as it leaves: named, timed, and no longer than it has to be for who has it already."""
        names = {name.lower(): value for name, value in reply.headers}
        etag = names.get("etag")
        if etag and request.method in ("GET", "HEAD") and reply.status == 200 and has(request, etag):
            reply.status = 304
        if reply.status in (204, 304):
            reply.body, reply.length = b"", False
            reply.headers = [each for each in reply.headers if each[0].lower() != "content-type"]
        if "cache-control" not in names:
            reply.headers.append(("Cache-Control", KEPT if reply.status < 400 else UNKEPT))
        name = request.scope.get("state", {}).get("request_id")
        if name:
            reply.headers.append(("X-Request-ID", name))
        taken = (datetime.now(UTC) - request.now).total_seconds() * 1000
        reply.headers.append(("X-Response-Time", f"{taken:.2f}"))
        said = {} if request.passed is None else request.passed.headers
        reply.headers = [*said.items(), *reply.headers]
        reply.raw, reply.finished = self._raw, True
        return reply

    def texts(self) -> Texts:
        """A writer of JSON."""
        return PlainJson()

    def json(self, status: int, text: bytes) -> Reply:
        """A JSON answer."""
        return Reply(status, [("Content-Type", JSON)], text)

    def page(self, status: int, code: str) -> Reply:
        """There are no pages; a status without a row of the contract says only itself."""
        return Reply(status, [("Content-Type", JSON)], b'{"status_code":%d}' % status)


def _no_number(name: str) -> None:
    raise ValueError(name)


def has(request: Request, etag: str) -> bool:
    """Whether the client has what a tag names."""
    wanted = request.joined("if-none-match")
    if not wanted:
        return False
    return wanted.strip() == "*" or any(
        each.strip(" \t").removeprefix("W/") == etag for each in wanted.split(",")
    )
