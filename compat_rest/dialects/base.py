"""What every dialect says: routes, bodies, JSON and pages."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, NamedTuple, Protocol

from compat_rest import sanitize
from compat_rest.contract.expressions import Scope
from compat_rest.contract.operations import Operation
from compat_rest.contract.surfaces import Surface
from compat_rest.http import Reply, Request
from compat_rest.limits import Count
from compat_rest.sanitize import Step


class Texts(Protocol):
    """Writes the answers of one operation."""

    def __call__(self, value: Any, plain: bool) -> bytes:
        """The text of a value; of a plain one every JSON writer spells the numbers alike."""


class BadValue(Exception):
    """A value of a surface that its dialect does not have; the message names those it has."""


class Match(NamedTuple):
    """The operation that a request names, and the values in its path."""

    operation: Operation
    path_values: Mapping[str, Any]


class Missing:
    """No operation has the path."""


MISSING = Missing()


class Dialect(ABC):
    """One framework's habits; a surface overrides them by value."""

    defaults: ClassVar[Mapping[str, Any]]
    # How requests are judged: a schema as a whole, or a chain of rules for each value.
    judge: ClassVar[Literal["schema", "chain"]] = "schema"
    # Whether requests pass steps before their route is looked for, and answers are finished at their end.
    stepped: ClassVar[bool] = False
    # The steps of `x-sanitize`.
    steps: ClassVar[Mapping[str, Step]] = sanitize.STEPS

    def __init__(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            if name not in self.defaults:
                raise BadValue(f"The dialect has no value {name!r}; known are {', '.join(self.defaults)}.")
            if type(value) is not type(self.defaults[name]):
                raise BadValue(f"The value {name!r} is like {self.defaults[name]!r}, not {value!r}.")
        self.values: Mapping[str, Any] = {**self.defaults, **values}
        self.refusals = self.texts()

    # Whether the old server ran for development, where its error handler tells more.
    developing: bool = False
    numbers: ClassVar[str] = "python"
    sort: ClassVar[bool] = False

    @abstractmethod
    def routes(self, operations: Sequence[Operation]) -> None:
        """Learns the operations of the surface."""

    def start(self, surface: Surface) -> None:
        """Learns what the surface does before its routes, and how it limits; raises BadValue."""
        if surface.before:
            raise BadValue("The dialect does nothing before its routes; drop `before`.")

    async def before(self, request: Request, count: Count) -> Reply | None:
        """Has a request pass the steps of its surface: an answer where one gives it; raises Refusal."""
        return None

    async def limit(self, name: str, request: Request, scope: Scope) -> None:
        """Counts a request against a limit of the surface; raises Refusal where it is one too many."""
        raise BadValue(f"The dialect has no limit {name!r}.")

    async def finish(self, request: Request, reply: Reply) -> Reply:
        """An answer as it leaves, with what the framework says on every one."""
        return reply

    @abstractmethod
    def match(self, request: Request) -> Match | Reply | Missing:
        """The operation a request names, or the framework's own answer; raises Refusal."""

    def missing(self, request: Request) -> Reply:
        """The framework's answer where no operation has the path."""
        return self.page(404, "")

    def readable(self, path: str) -> bool:
        """Whether a path can be read that no operation has."""
        return True

    @abstractmethod
    async def read_json(self, request: Request) -> Any:
        """The JSON value of a body; raises Refusal."""

    @abstractmethod
    def texts(self) -> Texts:
        """A writer of the framework's JSON for the answers of one operation."""

    @abstractmethod
    def json(self, status: int, text: bytes) -> Reply:
        """An answer that is a JSON text."""

    def send(self, status: int, media: str, body: bytes) -> Reply:
        """An answer of another media type."""
        return Reply(status, [("Content-Type", media)], body)

    def redirect(self, status: int, location: str, request: Request) -> Reply:
        """The answer that sends a client elsewhere."""
        reply = self.page(status, "")
        reply.headers.append(("Location", location))
        return reply

    @abstractmethod
    def page(self, status: int, code: str) -> Reply:
        """The framework's own page for a status."""
