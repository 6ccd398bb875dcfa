"""The dialect of Flask 3.1 on Werkzeug 3.1, byte for byte; routes and pages are Werkzeug's own."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, ClassVar

from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    NotFound,
    UnsupportedMediaType,
    default_exceptions,
)
from werkzeug.http import parse_options_header
from werkzeug.routing import Map, RequestRedirect, Rule
from werkzeug.sansio.utils import get_host
from werkzeug.wrappers import Response

from compat_rest.contract.operations import Operation
from compat_rest.depth import is_deeper
from compat_rest.dialects import index
from compat_rest.dialects.ascii_json import AsciiJson
from compat_rest.dialects.base import Dialect, Match, Texts
from compat_rest.http import Headers, Reply, Request
from compat_rest.refusal import Refusal

HTML = "text/html; charset=utf-8"
_UNREAD = "Did not attempt to load JSON data because the request Content-Type was not 'application/json'."
# So many hosts are remembered, none longer than a name can be; a client may send what it likes.
MOST_HOSTS, LONGEST_HOST = 1_000, 262
_CONVERTERS = {"integer": "int", "number": "float"}


class FlaskDialect(Dialect):
    """Sorted ASCII JSON, HTML pages, strict slashes with 308, HEAD and OPTIONS on every route."""

    # `static` is the route that Flask adds for a static folder; `depth` bounds how deep JSON may nest, which
    # is about where Python's own parser gives up under a web framework.
    defaults: ClassVar[Mapping[str, Any]] = {"static": "/static", "depth": 900}
    sort: ClassVar[bool] = True

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        # Schemes and hosts that Werkzeug has found to be sound.
        self._hosts: set[tuple[str, str]] = set()

    def routes(self, operations: Sequence[Operation]) -> None:
        """Learns the operations as Werkzeug rules."""
        known = [index.Rule(operation, _rule(operation)) for operation in operations]
        rules = [
            Rule(_rule(operation), methods=[operation.method, "OPTIONS"], endpoint=operation)
            for operation in operations
        ]
        if self.values["static"]:
            files = f"{self.values['static']}/<path:filename>"
            known.append(index.Rule(None, files))
            rules.append(Rule(files, methods=["GET", "OPTIONS"], endpoint=None))
        self._map = Map(rules)
        self._index = index.Index(known, self._ask)

    def _ask(self, method: str, path: str) -> index.Answer | None:
        try:
            operation, values = self._map.bind("localhost").match(path, method)
        except HTTPException:
            return None
        return operation, values

    def match(self, request: Request) -> Match | Reply:
        """The operation a request names; redirects, 404, 405 and OPTIONS are answered as Flask does."""
        named = (request.scope["scheme"], request.host)
        if named in self._hosts:
            found = self._index.find(request.method, request.path)
            if found is not None:
                return Match(*found)
        try:
            adapter = self._map.bind(
                get_host(*named),
                script_name=request.prefix or "/",
                url_scheme=request.scope["scheme"],
                path_info=request.path,
                default_method=request.method,
                query_args=request.query_string,
            )
            if len(self._hosts) < MOST_HOSTS and len(request.host) <= LONGEST_HOST:
                self._hosts.add(named)
            endpoint, values = adapter.match()
            if request.method == "OPTIONS":
                allowed = ", ".join(sorted(adapter.allowed_methods()))
                return Reply(200, [("Content-Type", HTML), ("Allow", allowed)])
        except RequestRedirect as redirect:
            return _html(redirect)
        except NotFound:
            return self.page(404, "")
        except HTTPException as refused:
            return _html(refused)
        if not isinstance(endpoint, Operation):
            return self.page(404, "")
        return Match(endpoint, values)

    async def read_json(self, request: Request) -> Any:
        """The body as Flask's get_json reads it: any JSON media type, any Unicode encoding."""
        media_type, _ = parse_options_header(request.header("content-type"))
        media_type = media_type.lower()
        if media_type != "application/json" and not (
            media_type.startswith("application/") and media_type.endswith("+json")
        ):
            raise Refusal("UNSUPPORTED_TYPE")
        body = await request.body()
        try:
            text = body.decode(json.detect_encoding(body), "surrogatepass")
            if is_deeper(text, self.values["depth"]):
                raise Refusal("UNREADABLE_BODY")
            return json.loads(text.removeprefix("\ufeff") if body.startswith(b"\xef\xbb\xbf") else text)
        except (ValueError, RecursionError):
            raise Refusal("UNREADABLE_BODY") from None

    def texts(self) -> Texts:
        """A writer of Flask's JSON: keys sorted, ASCII, no spaces."""
        return AsciiJson()

    def json(self, status: int, text: bytes) -> Reply:
        """Flask's JSON answer, with one newline at the end."""
        return Reply(status, [("Content-Type", "application/json")], text + b"\n")

    def page(self, status: int, code: str) -> Reply:
        """Werkzeug's page of a status."""
        if code == "UNSUPPORTED_TYPE":
            return _html(UnsupportedMediaType(_UNREAD))
        headers, body = _page(status)
        return Reply(status, [*headers], body)


def _rule(operation: Operation) -> str:
    path = operation.path
    for parameter in operation.parameters:
        if parameter.plain("in") == "path":
            schema = parameter.get("schema")
            name = parameter.plain("name")
            converter = _CONVERTERS.get(str(schema.plain("type")) if schema else "", "string")
            path = path.replace(f"{{{name}}}", f"<{converter}:{name}>")
    return path


@cache
def _page(status: int) -> tuple[Headers, bytes]:
    reply = _html(default_exceptions.get(status, InternalServerError)())
    return reply.headers, reply.body


def _html(error: HTTPException) -> Reply:
    response = Response.force_type(error.get_response())
    # The headers as Werkzeug sends them: this is where it quotes the address of a redirect.
    headers = [
        (key, value)
        for key, value in response.get_wsgi_headers({}).items()
        if key.lower() != "content-length"
    ]
    return Reply(response.status_code, headers, response.get_data())
