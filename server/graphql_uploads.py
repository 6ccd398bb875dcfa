"""GraphQL requests that bring files, by the multipart request specification: `operations`, `map`, then files.

Their files go straight into the store as they come in, so such a request may be far larger than any other,
and may take longer. What no verb took is deleted again.
"""

import asyncio
import re
from collections.abc import Awaitable, Mapping
from typing import Any

import structlog
from cross_web import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from strawberry.exceptions import MissingQueryError
from strawberry.http import process_result
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from compat_rest.deadlines import Deadlines
from compat_rest.forms import FORM, boundary_of, clear
from compat_rest.http import Request
from compat_rest.parts import Malformed, Over, Part, parts
from compat_rest.refusal import Refusal
from models.errors import DomainError, Invalid, NotSignedIn, Overloaded
from models.file_errors import FileTooLarge, TooManyFiles
from models.uploads import FileLimits, Incoming, Upload
from server.graphql import PATH, POSTED, GraphQLDoor, note_code, refused_as, to_json
from server.limits import COUNTED, AsyncLimiter, raw
from server.middleware import SecurityHeaders, too_slow

logger = structlog.get_logger(__name__)
# What a page of another site cannot send with a form: who sends it was asked by its browser first.
ASKED = (b"graphql-require-preflight", b"apollo-require-preflight", b"x-apollo-operation-name")
# A place in the variables: names, and numbers for the items of lists.
PLACE = re.compile(r"variables(\.[_A-Za-z][_0-9A-Za-z]*|\.(?:0|[1-9][0-9]{0,3}))+")
# What the members of a request are, where they are given.
MEMBERS = {
    "query": (str, "a text"),
    "variables": (dict, "a JSON object"),
    "operationName": (str, "a text"),
    "extensions": (dict, "a JSON object"),
}
STATUS = {FileTooLarge.code: 413, NotSignedIn.code: 401}


class GraphQLUploads:
    """Answers requests to /graphql that bring files; others are the application's."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        door: GraphQLDoor,
        limiter: AsyncLimiter,
        name: str,
        text_limit: int,
        limits: FileLimits,
        seconds: float,
    ) -> None:
        self.app = app
        self.door = door
        self.limiter = limiter
        self.name = name
        self.text_limit = text_limit
        self.limits = limits
        self.deadlines = Deadlines(seconds)
        self.careful = SecurityHeaders(self.answer)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Has a request answered; as no coroutine, it costs others next to nothing."""
        if scope["type"] == "http" and scope["path"] == PATH and brings_files(scope):
            return self.careful(scope, receive, send)
        return self.app(scope, receive, send)

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        verdict = await self.limiter.check_request(self.name, HTTPConnection(scope))
        if verdict is not None and not verdict.allowed:
            scope.setdefault("state", {})[COUNTED] = verdict
            return await self.app(scope, receive, send)
        request = Request(scope, receive, "", self.text_limit)
        deadline = self.deadlines.begin()
        try:
            response: ASGIApp = await self._answered(scope, request)
        except asyncio.CancelledError:
            if not deadline.passed():
                raise
            logger.warning("request timed out", path=PATH, seconds=self.deadlines.seconds, started=False)
            response = too_slow(scope)
        finally:
            self.deadlines.end(deadline)
            await clear(request.uploads)
        if isinstance(response, Response) and verdict is not None:
            response.raw_headers.extend(raw(verdict.headers()))
        await response(scope, receive, send)

    async def _answered(self, scope: Scope, request: Request) -> Response:
        try:
            context = await self.door.context(request.header("authorization"), cookies(scope))
            if context.caller is None:
                # Nobody's files are not even looked at.
                raise NotSignedIn
            asked = await Reading(self, request).asked()
            for upload in request.uploads:
                await upload.settle()
            result = await self.door.schema.execute(
                asked.get("query"),
                asked.get("variables"),
                context,
                None,
                asked.get("operationName"),
                POSTED,
                asked.get("extensions"),
            )
        except (MissingQueryError, CannotGetOperationTypeError, InvalidOperationTypeError):
            return refused_as(400, "There is no query or mutation to run.", Invalid.code)
        except (Malformed, HTTPException, Refusal, TimeoutError) as error:
            return refused_as(400, sentence(error), Invalid.code)
        except Overloaded as error:
            return refused_as(503, error.message, error.code)
        except DomainError as error:
            return refused_as(STATUS.get(error.code, 400), error.message, error.code)
        if result.errors:
            note_code(scope, result.errors)
        return Response(to_json(process_result(result)), media_type="application/json")


class Reading:
    """One request while it is read."""

    def __init__(self, way: GraphQLUploads, request: Request) -> None:
        self.way = way
        self.request = request
        self.texts: dict[str, bytearray] = {}
        self.room = way.text_limit
        # Where each file belongs, by the name of its part; known once the map is there.
        self.places: dict[str, list[str]] | None = None
        self.found: dict[str, Upload] = {}
        self.incoming: Incoming | None = None

    async def asked(self) -> dict[str, Any]:
        """The request with its files in place; raises Malformed, Refusal, HTTPException and DomainError."""
        try:
            await self._read(boundary_of(self.request.header("content-type")))
        except BaseException:
            if self.incoming is not None:
                await self.incoming.abort()
            raise
        operations = self._object("operations")
        for member, (kind, called) in MEMBERS.items():
            if not isinstance(operations.get(member), kind | None):
                raise Malformed(f"`{member}` is {called}.")
        for name, places in (self.places or {}).items():
            if name not in self.found:
                raise Malformed(f"The map names a file {name!r}, and no part has it.")
            for place in places:
                put(operations, place, self.found[name])
        return operations

    async def _read(self, boundary: bytes) -> None:
        part: Part | None = None
        async for event in parts(self.request.chunks(), boundary):
            if isinstance(event, Part):
                part = event
                self._begin(event)
            elif isinstance(event, Over):
                if part is not None:
                    await self._end(part)
            elif self.incoming is not None:
                await self.incoming.write(event)
            elif part is not None:
                self._more(part.field, event)

    def _begin(self, part: Part) -> None:
        if part.filename is None:
            if part.field not in ("operations", "map") or part.field in self.texts:
                raise Malformed(f"A part {part.field[:40]!r} means nothing here.")
            self.texts[part.field] = bytearray()
            return
        if self.places is None:
            raise Malformed("Files come after `operations` and `map`.")
        if part.field not in self.places or part.field in self.found:
            raise Malformed(f"The map does not name the file {part.field[:40]!r}, or it comes twice.")
        limit, beside = self.way.limits.file, self.request.uploads
        self.incoming = Incoming(part.filename, part.media_type, limit, beside)

    def _more(self, name: str, data: bytes) -> None:
        self.room -= len(data)
        if self.room < 0:
            raise Malformed("The request without its files is larger than this server accepts.")
        self.texts[name] += data

    async def _end(self, part: Part) -> None:
        if self.incoming is not None:
            upload = await self.incoming.close()
            self.incoming = None
            self.request.uploads.append(upload)
            self.found[part.field] = upload
        elif part.field == "map":
            self.places = self._map()

    def _map(self) -> dict[str, list[str]]:
        if "operations" not in self.texts:
            raise Malformed("`operations` comes before `map`.")
        places = self._object("map")
        if len(places) > self.way.limits.files:
            raise TooManyFiles(limit=self.way.limits.files)
        for name, paths in places.items():
            if not isinstance(paths, list) or not paths or not all(fits(path) for path in paths):
                raise Malformed(
                    f'The map says no place for {name[:40]!r}: a list such as ["variables.file"].'
                )
        return places

    def _object(self, name: str) -> dict[str, Any]:
        if name not in self.texts:
            raise Malformed(f"There is no part `{name}`.")
        value = self.way.door.parse_json(bytes(self.texts[name]))
        if not isinstance(value, dict):
            raise Malformed(f"`{name}` is a JSON object.")
        return value


def fits(path: object) -> bool:
    """Whether a text names a place in the variables."""
    return isinstance(path, str) and len(path) <= 200 and PLACE.fullmatch(path) is not None


def put(operations: dict[str, Any], path: str, upload: Upload) -> None:
    """Puts a file where null stands for it; raises Malformed."""
    here: Any = operations
    *steps, last = path.split(".")
    for step in steps:
        here = below(here, step, path)
    if below(here, last, path) is not None:
        raise Malformed(f"At {path} there is no null that a file could stand for.")
    here[int(last) if isinstance(here, list) else last] = upload


def below(here: Any, step: str, path: str) -> Any:
    """What stands below a place; raises Malformed where there is nothing."""
    if isinstance(here, dict) and step in here:
        return here[step]
    if isinstance(here, list) and step.isdecimal() and int(step) < len(here):
        return here[int(step)]
    raise Malformed(f"There is no place {path}.")


def brings_files(scope: Mapping[str, Any]) -> bool:
    """Whether a request is a form with parts."""
    if scope["method"] != "POST":
        return False
    kind = next((value for key, value in scope["headers"] if key == b"content-type"), b"")
    return bool(kind[: len(FORM)].lower() == FORM.encode())


def cookies(scope: Mapping[str, Any]) -> list[str]:
    """The cookies of a request, unless a page of another site may have made a browser send them."""
    headers = scope["headers"]
    if not any(key in ASKED for key, _ in headers):
        return []
    return [value.decode("latin-1") for key, value in headers if key == b"cookie"]


def sentence(error: Exception) -> str:
    """What to tell of a request that cannot be read."""
    if isinstance(error, Malformed):
        return str(error)
    if isinstance(error, Refusal):
        return str(error.details.get("message", "The request cannot be read."))
    return str(error.reason) if isinstance(error, HTTPException) else "The request ends before its end."
