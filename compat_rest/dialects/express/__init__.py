"""The dialect of Express 4 with helmet, cors, compression and express-rate-limit, byte for byte."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, ClassVar, Literal

from compat_rest import sanitize
from compat_rest.contract.before import LIMIT
from compat_rest.contract.expressions import Scope
from compat_rest.contract.operations import Operation
from compat_rest.contract.surfaces import Surface
from compat_rest.dialects.base import MISSING, Dialect, Match, Missing, Texts
from compat_rest.dialects.express import bodies, headers, pages, paths, query
from compat_rest.dialects.express.compress import compressed
from compat_rest.dialects.express.cors import Cors
from compat_rest.dialects.express.json import Stringify
from compat_rest.dialects.express.paths import Routes
from compat_rest.errors import DEVELOPMENT, LIMITED
from compat_rest.http import Reply, Request
from compat_rest.limits import Count, details, fields
from compat_rest.passed import Passed
from compat_rest.refusal import Refusal
from compat_rest.sanitize import Step

JSON = "application/json; charset=utf-8"
# Answers without a body have neither a type nor a length; a tag stays.
BARE = (204, 304)
MOVED = 301
Take = Callable[[Request, Passed], Awaitable[Reply | None]]


class ExpressDialect(Dialect):
    """JSON as JavaScript writes it, tags for bodies, and steps that every request passes before its route."""

    # `body` is the largest body, `depth` how deep its JSON may nest; `csp` is helmet's policy, and without
    # one helmet says nothing; `routers` are the paths where routers are mounted; `hops` the proxies that
    # are trusted; `environment` where the old server ran.
    defaults: ClassVar[Mapping[str, Any]] = {
        "body": 102_400, "depth": 1000, "csp": "", "routers": [], "hops": 0, "environment": "production",
    }  # fmt: skip
    numbers: ClassVar[str] = "js"
    judge: ClassVar[Literal["schema", "chain"]] = "chain"
    stepped: ClassVar[bool] = True
    steps: ClassVar[Mapping[str, Step]] = sanitize.JS

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self._careful = headers.careful(self.values["csp"])
        self._barred = headers.barred(self.values["csp"])
        self._before: list[Take] = []
        self.developing = self.values["environment"] == DEVELOPMENT

    def routes(self, operations: Sequence[Operation]) -> None:
        """Learns the operations in their order."""
        self._routes = Routes(operations, self.values["routers"])

    def start(self, surface: Surface) -> None:
        """Learns the steps before the routes."""
        self._surface = surface.name
        self._limits = {limit.name: limit for limit in surface.limits}
        self._stars = [str(row.plain("path", "")).lower() for row in surface.otherwise]
        self._cors = Cors(surface.cors) if surface.cors else None
        steps: dict[str, Take] = {"cors": self._ask_origin, "compress": self._compress, "body": self._read}
        self._before = [steps.get(name) or self._limiting(name) for name in surface.before]

    async def before(self, request: Request, count: Count) -> Reply | None:
        """Has a request pass the steps of the surface in their order."""
        passed = request.passed = Passed(count)
        # Express looks at paths as they were sent.
        request.path = request.raw.decode("latin-1").removeprefix(request.prefix)
        for step in self._before:
            reply = await step(request, passed)
            if reply is not None:
                return reply
        return None

    async def _ask_origin(self, request: Request, passed: Passed) -> Reply | None:
        return None if self._cors is None else self._cors(request, passed.headers)

    async def _compress(self, request: Request, passed: Passed) -> Reply | None:
        passed.compressed = True
        return None

    async def _read(self, request: Request, passed: Passed) -> Reply | None:
        await bodies.read(request, passed, self.values["body"], self.values["depth"])
        return None

    def _limiting(self, step: str) -> Take:
        name = step.removeprefix(LIMIT)
        limit = self._limits[name]

        async def counted(request: Request, passed: Passed) -> Reply | None:
            if limit.covers(request.path):
                await self.limit(name, request, Scope(request))
            return None

        return counted

    async def limit(self, name: str, request: Request, scope: Scope) -> None:
        """Counts a request, and tells on its answer what is left."""
        assert request.passed is not None  # nosec B101  # every request passes `before`
        limit = self._limits[name]
        if limit.key is None:
            key = request.forwarded(limit.hops or self.values["hops"])
        else:
            key = str(limit.key(scope))
        verdict = await request.passed.count(self._surface, limit, key)
        request.passed.headers.update(fields(limit, verdict, request.now))
        if not verdict.allowed:
            raise Refusal(f"{LIMITED}:{name}", details(limit, verdict))

    def match(self, request: Request) -> Match | Missing:
        """The operation a request names; reads its query too."""
        text = request.query_string
        request.query = query.parse(text) if text else {}
        found = self._routes.find(request.method, request.path)
        if found is MISSING and "%" in request.path:
            paths.check_star(request.path, self._stars)
        return found

    def readable(self, path: str) -> bool:
        """Whether a path can be read that no operation has."""
        try:
            paths.value_of(path)
        except Refusal:
            return False
        return True

    def missing(self, request: Request) -> Reply:
        """finalhandler's page."""
        return pages.missing(request, self._barred)

    async def read_json(self, request: Request) -> Any:
        """The body as it was read before the route."""
        return request.parsed

    async def finish(self, request: Request, reply: Reply) -> Reply:
        """An answer with its tag, compressed where it may be, and with what the steps say."""
        said = {} if request.passed is None else request.passed.headers
        if reply.tagged:
            etag = headers.tag(reply.body)
            if (
                request.method in ("GET", "HEAD")
                and 200 <= reply.status < 300
                and headers.is_fresh(request, etag)
            ):
                reply.status = 304
            reply.headers.append(("ETag", etag))
        if reply.status in BARE:
            bare(reply)
        elif request.passed is not None and request.passed.compressed:
            await compressed(request, reply, said)
        reply.headers = [*said.items(), *reply.headers]
        reply.raw = reply.raw or self._careful
        reply.finished = True
        return reply

    def texts(self) -> Texts:
        """A writer of JavaScript's JSON."""
        return Stringify()

    def json(self, status: int, text: bytes) -> Reply:
        """What res.json sends."""
        return Reply(status, [("Content-Type", JSON)], text, tagged=True)

    def send(self, status: int, media: str, body: bytes) -> Reply:
        """What res.send sends."""
        return Reply(status, [("Content-Type", media)], body, tagged=True)

    def redirect(self, status: int, location: str, request: Request) -> Reply:
        """serve-static's page, which keeps the query; or that of res.redirect."""
        if status != MOVED:
            return pages.found(status, location, request)
        if location == f"{request.path.lower()}/":
            location = f"{request.path}/"
        query = f"?{request.query_string}" if request.query_string else ""
        return pages.redirect(status, location + query, self._barred)

    def page(self, status: int, code: str) -> Reply:
        """finalhandler's page for an error."""
        return pages.failure(status, self._barred)


def bare(reply: Reply) -> None:
    """Takes from an answer without a body what speaks of one; a preflight says its length itself."""
    if reply.tagged:
        reply.headers = [each for each in reply.headers if each[0] != "Content-Type"]
    reply.body, reply.length = b"", False
