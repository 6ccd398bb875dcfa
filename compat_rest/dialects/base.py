"""What every dialect says: routes, bodies, JSON and pages."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple, Protocol

from compat_rest.contract.operations import Operation
from compat_rest.http import Reply, Request


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


class Dialect(ABC):
    """One framework's habits; a surface overrides them by value."""

    defaults: ClassVar[Mapping[str, Any]]

    def __init__(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            if name not in self.defaults:
                raise BadValue(f"The dialect has no value {name!r}; known are {', '.join(self.defaults)}.")
            if type(value) is not type(self.defaults[name]):
                raise BadValue(f"The value {name!r} is like {self.defaults[name]!r}, not {value!r}.")
        self.values: Mapping[str, Any] = {**self.defaults, **values}
        self.refusals = self.texts()

    numbers: ClassVar[str] = "python"
    sort: ClassVar[bool] = False

    @abstractmethod
    def routes(self, operations: Sequence[Operation]) -> None:
        """Learns the operations of the surface."""

    @abstractmethod
    def match(self, request: Request) -> Match | Reply:
        """The operation a request names, or the framework's own answer."""

    @abstractmethod
    async def read_json(self, request: Request) -> Any:
        """The JSON value of a body; raises Refusal."""

    @abstractmethod
    def texts(self) -> Texts:
        """A writer of the framework's JSON for the answers of one operation."""

    @abstractmethod
    def json(self, status: int, text: bytes) -> Reply:
        """An answer that is a JSON text."""

    @abstractmethod
    def page(self, status: int, code: str) -> Reply:
        """The framework's own page for a status."""
