"""Requests and answers as they stand on the wire, without an opinion about either."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

Headers = tuple[tuple[str, str], ...]


def values(headers: Iterable[tuple[str, str]], name: str) -> list[str]:
    """Every value of a header, in the order in which they were sent."""
    wanted = name.lower()
    return [value for key, value in headers if key.lower() == wanted]


@dataclass(frozen=True)
class Request:
    """One request: its exact first line, its headers in order and letter case, its body bytes."""

    line: str
    headers: Headers = ()
    body: bytes = b""

    @property
    def method(self) -> str:
        return self.line.split(" ", 1)[0]

    @property
    def target(self) -> str:
        parts = self.line.split(" ")
        return " ".join(parts[1:-1]) if len(parts) > 2 else "".join(parts[1:])

    @property
    def path(self) -> str:
        """The path of the target as sent, without query, in origin form."""
        target = self.target
        if "://" in target and not target.startswith("/"):
            return urlsplit(target).path or "/"
        return target.partition("?")[0]

    def values(self, name: str) -> list[str]:
        return values(self.headers, name)


@dataclass(frozen=True)
class Answer:
    """One answer; status 0 stands for no answer at all."""

    status: int
    headers: Headers = ()
    body: bytes = b""

    def values(self, name: str) -> list[str]:
        return values(self.headers, name)

    def header(self, name: str) -> str | None:
        """The first value of a header, or None."""
        return next(iter(self.values(name)), None)


NO_ANSWER = Answer(0)
