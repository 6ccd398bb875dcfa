"""What openapi.yaml says to a comparison: the operation of a request, and how far its answer may differ."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from compat_rest.contract.lined import escape
from compat_rest.contract.operations import Contract, Operation
from compat_rest.contract.source import Node
from compat_rest.dialects import DIALECTS
from compat_rest.parity.tolerance import KINDS, Tolerance

# A schema that refers to itself is followed this far; no answer nests deeper.
MAX_DEPTH = 24
_WITHIN = re.compile(r"(\d+(?:\.\d+)?) ?(ms|s|)")


class BadTolerance(Exception):
    """An `x-parity` that says nothing known; the message names its place."""


@dataclass(frozen=True)
class SurfaceContract:
    """One surface of the contract, for comparing."""

    contract: Contract
    surface: str

    @cached_property
    def routes(self) -> list[tuple[re.Pattern[str], Operation]]:
        return [(_pattern(operation), operation) for operation in self.contract.of(self.surface)]

    @cached_property
    def lenient(self) -> bool:
        """Whether the framework takes letters of any case, and a slash more or less at the end."""
        surface = self.contract.surfaces.get(self.surface)
        return surface is not None and DIALECTS[surface.dialect].stepped

    def find(self, method: str, path: str) -> Operation | None:
        """The operation of a request whose path has no prefix; HEAD belongs to GET."""
        asked, decoded = "GET" if method == "HEAD" else method, unquote(path)
        found = (one for pattern, one in self.routes if one.method == asked and pattern.fullmatch(decoded))
        exact = next(found, None)
        return exact if exact is not None or not self.lenient else self._nearly(asked, decoded)

    def _nearly(self, method: str, path: str) -> Operation | None:
        """The operation of a path that only a lenient framework takes for its own."""
        bare = path.rstrip("/") if path.endswith("/") else f"{path}/"
        found = (
            one
            for pattern, one in self.routes
            if one.method == method
            and any(re.fullmatch(pattern.pattern, each, re.IGNORECASE) for each in (path, bare))
        )
        return next(found, None)

    def operation(self, method: str, path: str) -> str | None:
        """The id of the operation of a request, or None."""
        found = self.find(method, path)
        return found.id if found else None

    def tolerances(self, method: str, path: str, status: int) -> Sequence[Tolerance]:
        """What the contract allows in an answer; raises BadTolerance."""
        found = self.find(method, path)
        return tolerances_of(found, status) if found else ()


def _pattern(operation: Operation) -> re.Pattern[str]:
    whole = {
        str(node.plain("name")): node.get("schema")
        for node in operation.parameters
        if node.plain("in") == "path"
    }

    def piece(match: re.Match[str]) -> str:
        schema = whole.get(match[1])
        return r"\d+" if schema is not None and schema.plain("type") == "integer" else "[^/]+"

    parts = re.split(r"(\{\w+\})", operation.path)
    return re.compile(
        "".join(re.sub(r"\{(\w+)\}", piece, p) if p[:1] == "{" else re.escape(p) for p in parts)
    )


def tolerances_of(operation: Operation, status: int) -> list[Tolerance]:
    """The tolerances of one answer of an operation; raises BadTolerance."""
    responses = operation.responses()
    found = list(_word(operation.node, ""))
    node = responses.get(str(status)) or responses.get(f"{status // 100}XX") or responses.get("default")
    if node is None:
        return found
    found += _word(node, "")
    for name, header in node.members("headers").items():
        found += _word(header, f"header:{name}")
    for media in node.members("content").values():
        schema = media.get("schema")
        if schema is not None:
            found += _schema(schema, "", 0)
    return found


def _schema(schema: Node, pointer: str, depth: int) -> Iterator[Tolerance]:
    if depth > MAX_DEPTH or not isinstance(schema.value, dict):
        return
    yield from _word(schema, pointer)
    for name, below in schema.members("properties").items():
        yield from _schema(below, f"{pointer}/{escape(name)}", depth + 1)
    for name in ("items", "additionalProperties"):
        each = schema.get(name)
        if each is not None:
            yield from _schema(each, f"{pointer}/*", depth + 1)
    for name in ("oneOf", "anyOf", "allOf"):
        for branch in schema.elements(name):
            yield from _schema(branch, pointer, depth + 1)


def _word(node: Node, pointer: str) -> Iterator[Tolerance]:
    word = node.plain("x-parity")
    if word is None:
        return
    kinds = [key for key in word if key in KINDS] if isinstance(word, dict) else []
    if not kinds or not isinstance(word, dict) or set(word) - set(kinds) - {"within"}:
        raise BadTolerance(f"{_place(node)}: x-parity is one of {', '.join(KINDS)} with its reason.")
    within = _within(word["within"], node) if "within" in word else None
    if ("near" in kinds) != (within is not None):
        raise BadTolerance(f"{_place(node)}: x-parity near and within belong together.")
    for kind in kinds:
        yield Tolerance(pointer, kind, str(word[kind]), within)


def _within(value: object, node: Node) -> float:
    match = _WITHIN.fullmatch(str(value))
    if match is None:
        raise BadTolerance(f"{_place(node)}: within {value!r} is not a number, 60ms or 2s.")
    return float(match[1]) / (1000 if match[2] == "ms" else 1)


def _place(node: Node) -> str:
    return f"{node.file}:{node.line}: {node.pointer}/x-parity"
