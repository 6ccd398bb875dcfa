"""Reads recordings: HAR 1.2 files with the additions that make one replayable."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from compat_rest.parity.messages import Answer, Headers, Request

T = TypeVar("T")
# A generated body above this is a mistake in the file, not a request anyone recorded.
MAX_GENERATED = 64 * 1024 * 1024


class BadRecording(Exception):
    """A recording that cannot be read; the message names the file, the place and what is wrong there."""


@dataclass(frozen=True)
class CookieSource:
    """Where the Cookie header of a step came from, and so how a fresh one is made."""

    kind: str
    issued_by: int | None = None
    template: str | None = None
    operation: str | None = None
    as_recorded: bool = False
    payload: object = None
    payload_raw: str | None = None
    signed_at: int | str = "now+0s"
    secret: str = "fixture"
    salt: str = "cookie-session"
    digest: str = "sha1"
    compressed: bool = False
    leading_zero: bool = False


@dataclass(frozen=True)
class Capture:
    """A value of an answer that later requests use: `/json/pointer` or `header:Name`."""

    variable: str
    pointer: str


@dataclass(frozen=True)
class Template:
    """The parts of a request that hold `{{variable}}`."""

    path: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None


@dataclass(frozen=True)
class Step:
    """One exchange: what was sent, what the old server answered, and what it depends on."""

    index: int
    request: Request
    answer: Answer
    comment: str
    started: datetime
    pause: float = 0.0
    cookie: CookieSource | None = None
    captures: tuple[Capture, ...] = ()
    template: Template | None = None
    redacted: bool = False
    waited: float | None = None


@dataclass(frozen=True)
class Recording:
    """One story told to the old server, in order, from one named start state."""

    path: Path
    name: str
    comment: str
    state: str | None
    host: str
    environ: Mapping[str, str]
    warmup: tuple[tuple[Request, int], ...]
    steps: tuple[Step, ...]
    # The state of another service that answered a part of the requests: its name and the state's.
    upstream: tuple[str, str] | None = None

    @property
    def sibling(self) -> Path | None:
        """The other run of the same story (`.a.har` and `.b.har`), where there is one."""
        match = re.fullmatch(r"(.+)\.([ab])\.har", self.path.name)
        if match is None:
            return None
        other = self.path.with_name(f"{match[1]}.{'b' if match[2] == 'a' else 'a'}.har")
        return other if other.exists() else None


def story_name(path: Path) -> str:
    """The name of the story in a file: `06-login` for `06-login.a.har`."""
    return re.sub(r"(\.[ab])?\.har$", "", path.name)


class Node:
    """A value of the file that knows its place, so that a complaint can name it."""

    def __init__(self, file: Path, pointer: str, value: object) -> None:
        self.file, self.pointer, self.value = file, pointer, value

    def fail(self, message: str) -> BadRecording:
        return BadRecording(f"{self.file}: {self.pointer or '/'} {message}")

    def has(self, key: str) -> bool:
        return isinstance(self.value, dict) and self.value.get(key) is not None

    def at(self, key: str) -> "Node":
        if not isinstance(self.value, dict):
            raise self.fail("is not an object.")
        child = Node(self.file, f"{self.pointer}/{key}", self.value.get(key))
        if key not in self.value:
            raise child.fail("is missing.")
        return child

    def items(self) -> list["Node"]:
        if not isinstance(self.value, list):
            raise self.fail("is not an array.")
        return [Node(self.file, f"{self.pointer}/{index}", item) for index, item in enumerate(self.value)]

    def of(self, kind: type[T], name: str) -> T:
        if not isinstance(self.value, kind) or (isinstance(self.value, bool) and kind is not bool):
            raise self.fail(f"is not {name}.")
        return self.value

    def text(self, key: str, default: str | None = None) -> str:
        return default if default is not None and not self.has(key) else self.at(key).of(str, "a text")

    def number(self, key: str, default: float | None = None) -> float:
        if default is not None and not self.has(key):
            return default
        node = self.at(key)
        return node.of(int, "a number") if isinstance(node.value, int) else node.of(float, "a number")

    def integer(self, key: str) -> int:
        return self.at(key).of(int, "a whole number")

    def flag(self, key: str) -> bool:
        return self.has(key) and self.at(key).of(bool, "true or false")

    def texts(self, key: str) -> dict[str, str]:
        if not self.has(key):
            return {}
        node = self.at(key)
        return {name: node.text(name) for name in node.of(dict, "an object")}

    def list(self, key: str) -> list["Node"]:
        return self.at(key).items() if self.has(key) else []


def read(path: Path) -> Recording:
    """The recording in a file; raises BadRecording with file and place."""
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise BadRecording(f"{path}: cannot be read: {error.strerror or error}.") from error
    except json.JSONDecodeError as error:
        raise BadRecording(f"{path}:{error.lineno}:{error.colno}: is not JSON: {error.msg}.") from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise BadRecording(f"{path}: is not JSON: {error}.") from error
    log = Node(path, "", document).at("log")
    entries = log.at("entries").items()
    if not entries:
        raise log.at("entries").fail("holds no entry, so there is nothing to replay.")
    return Recording(
        path=path,
        name=story_name(path),
        comment=log.text("comment", ""),
        state=log.text("_fixture") if log.has("_fixture") else None,
        host=_host(entries[0].at("request")),
        environ=log.texts("_env"),
        warmup=tuple(_warmup(node, _host(entries[0].at("request"))) for node in log.list("_warmup")),
        steps=tuple(_step(index, entry) for index, entry in enumerate(entries)),
        upstream=_upstream(log.text("_upstream", "")),
    )


def _upstream(text: str) -> tuple[str, str] | None:
    """`notes-service running, fixture two-notes` as service and state; None for one that was away."""
    match = re.fullmatch(r"(?P<service>[\w-]+) running, fixture (?P<state>[\w-]+)", text)
    return (match["service"], match["state"]) if match else None


def _host(request: Node) -> str:
    host = urlsplit(request.text("url")).hostname
    if not host:
        raise request.at("url").fail("names no host.")
    return host


def _warmup(node: Node, host: str) -> tuple[Request, int]:
    line = f"{node.text('method')} {node.text('path')} HTTP/1.1"
    return Request(line, (("Host", host),)), node.integer("count")


def _step(index: int, entry: Node) -> Step:
    response = entry.at("response")
    return Step(
        index=index,
        request=_request(entry.at("request")),
        answer=_answer(response),
        comment=entry.text("comment", ""),
        started=_instant(entry.at("startedDateTime")),
        pause=max(entry.number("_pauseBeforeMs", 0.0), entry.number("_waitBeforeMs", 0.0)) / 1000,
        cookie=_cookie(entry.at("_cookie"), index) if entry.has("_cookie") else None,
        captures=tuple(Capture(node.text("var"), node.text("pointer")) for node in entry.list("_captures")),
        template=_template(entry.at("_template")) if entry.has("_template") else None,
        redacted=entry.has("_redacted"),
        waited=response.number("_waitedSeconds") if response.has("_waitedSeconds") else None,
    )


def _instant(node: Node) -> datetime:
    try:
        instant = datetime.fromisoformat(node.of(str, "a text"))
    except ValueError as error:
        raise node.fail("is not an ISO 8601 date and time.") from error
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _headers(node: Node) -> Headers:
    return tuple((header.text("name"), header.text("value")) for header in node.at("headers").items())


def _request(node: Node) -> Request:
    target = _target(node.text("url"))
    line = node.text("_requestLine", f"{node.text('method')} {target} {node.text('httpVersion', 'HTTP/1.1')}")
    return Request(line, _headers(node), _sent_body(node.at("postData")) if node.has("postData") else b"")


def _target(url: str) -> str:
    """What the request line asked for: path and query, or the whole address where it stood there."""
    absolute = re.fullmatch(r"https?://[^/]+?(https?://.*)", url)
    if absolute:
        return absolute[1]
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _sent_body(node: Node) -> bytes:
    if node.has("_generate"):
        made = node.at("_generate")
        repeat, count = made.text("repeat"), made.integer("count")
        if not 0 <= len(repeat) * count <= MAX_GENERATED:
            raise made.at("count").fail(f"makes a body that is not between 0 and {MAX_GENERATED} characters.")
        return (made.text("prefix", "") + repeat * count + made.text("suffix", "")).encode()
    return _bytes(node, "text", node.text("_encoding", ""))


def _answer(node: Node) -> Answer:
    content = node.at("content")
    return Answer(
        node.integer("status"), _headers(node), _bytes(content, "text", content.text("encoding", ""))
    )


def _bytes(node: Node, key: str, encoding: str) -> bytes:
    text = node.text(key, "")
    if encoding not in ("", "base64"):
        raise node.fail(f"is in an unknown encoding, {encoding!r}; known is base64.")
    try:
        return base64.b64decode(text, validate=True) if encoding else text.encode()
    except (binascii.Error, UnicodeEncodeError) as error:
        raise node.at(key).fail(f"cannot be turned into bytes: {error}.") from error


def _template(node: Node) -> Template:
    return Template(
        path=node.text("path") if node.has("path") else None,
        headers=node.texts("headers"),
        body=node.text("body") if node.has("body") else None,
    )


def _cookie(node: Node, index: int) -> CookieSource:
    kind = node.text("kind")
    if kind not in ("issued", "tampered", "crafted", "literal"):
        raise node.at("kind").fail(f"is {kind!r}; known are issued, tampered, crafted and literal.")
    origin = {"issued": "issuedBy", "tampered": "from"}.get(kind)
    issued_by = node.integer(origin) if origin else None
    if origin and issued_by is not None and not 0 <= issued_by < index:
        raise node.at(origin).fail(f"is {issued_by}, which is no entry before this one.")
    time_bytes = node.text("timeBytes", "")
    if time_bytes not in ("", "one leading zero byte"):
        raise node.at("timeBytes").fail(f"is {time_bytes!r}; known is 'one leading zero byte'.")
    return CookieSource(
        kind=kind,
        issued_by=issued_by,
        template=node.text("template") if node.has("template") else None,
        operation=node.text("op") if node.has("op") else None,
        as_recorded=node.flag("sendAsRecorded"),
        payload=node.at("payload").value if node.has("payload") else None,
        payload_raw=node.text("payloadRaw") if node.has("payloadRaw") else None,
        signed_at=_signing_time(node) if kind == "crafted" else 0,
        secret=node.text("secret", "fixture"),
        salt=node.text("salt", "cookie-session"),
        digest=node.text("digest", "sha1"),
        compressed=node.flag("compressed"),
        leading_zero=bool(time_bytes),
    )


def _signing_time(node: Node) -> int | str:
    at = node.at("signedAt")
    if isinstance(at.value, int):
        return at.of(int, "a number of seconds")
    text = at.of(str, "a number of seconds or a text such as 'now-60s'")
    if not re.fullmatch(r"now([+-]\d+s)?", text):
        raise at.fail(f"is {text!r}; a text such as 'now-60s' is expected.")
    return text
