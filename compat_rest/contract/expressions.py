"""Runtime expressions: values of a request, an answer or an error inside the texts of the contract.

The grammar is OpenAPI's (`$request.path.id`, `$request.body#/email`, `$method`, `$url`), with this
project's own `$data#/…`, `$error.name`, `$path` and `$env.NAME` (`$env.NAME:default`).
A text that is one expression keeps its value's type; inside a text an expression stands in braces, and a
literal brace is doubled. A text that begins with a literal dollar begins with two.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from compat_rest.contract.source import unescape


class BadExpression(Exception):
    """An expression that means nothing; the message says what would do."""


class RequestView(Protocol):
    """What an expression may read of a request."""

    @property
    def method(self) -> str:
        """The HTTP method."""

    @property
    def url(self) -> str:
        """The whole address as sent."""

    @property
    def target(self) -> str:
        """Path and query as sent."""

    @property
    def path_values(self) -> Mapping[str, Any]:
        """The values in the path."""

    @property
    def query_values(self) -> Mapping[str, Any]:
        """The first value of each query parameter."""

    def header(self, name: str) -> str | None:
        """The first value of a header."""


@dataclass(slots=True)
class Scope:
    """What expressions are evaluated against."""

    request: RequestView
    body: Any = None
    data: Any = None
    error: Mapping[str, Any] = field(default_factory=dict)
    # Whether every JSON writer spells the numbers that were read through it alike.
    plain: bool = True


Evaluate = Callable[[Scope], Any]

_PIECE = re.compile(r"\{\{|\}\}|\{(\$[^{}]+)\}|[{}]|[^{}]+")


def point(value: Any, pointer: str) -> Any:
    """The value at a JSON Pointer, or None where there is none."""
    for step in pointer.split("/")[1:]:
        if isinstance(value, Mapping):
            value = value.get(unescape(step))
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def compile_value(value: Any, environ: Mapping[str, str]) -> Evaluate:
    """A value of the contract as a function of the scope; raises BadExpression."""
    if isinstance(value, dict):
        members = {key: compile_value(member, environ) for key, member in value.items()}
        return lambda scope: {key: member(scope) for key, member in members.items()}
    if isinstance(value, list):
        items = [compile_value(item, environ) for item in value]
        return lambda scope: [item(scope) for item in items]
    if isinstance(value, str):
        return compile_text(value, environ)
    return _constant(value)


def compile_text(text: str, environ: Mapping[str, str]) -> Evaluate:
    """A text with expressions as a function of the scope; raises BadExpression."""
    if text.startswith("$$"):
        return _constant(text[1:])
    if text.startswith("$"):
        return compile_expression(text, environ)
    if "{" not in text and "}" not in text:
        return _constant(text)
    pieces: list[Evaluate] = []
    for match in _PIECE.finditer(text):
        piece = match[0]
        if match[1]:
            pieces.append(compile_expression(match[1], environ))
        elif piece in "{}":
            raise BadExpression(
                f"The brace at column {match.start() + 1} of {text!r} stands alone; double it."
            )
        else:
            pieces.append(_constant(piece.replace("{{", "{").replace("}}", "}")))
    return lambda scope: "".join(_text(piece(scope)) for piece in pieces)


def _constant(value: Any) -> Evaluate:
    return lambda scope: value


def _text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else str(value)


def compile_expression(expression: str, environ: Mapping[str, str]) -> Evaluate:
    """One expression as a function of the scope; raises BadExpression."""
    whole: dict[str, Evaluate] = {
        "$method": lambda scope: scope.request.method,
        "$url": lambda scope: scope.request.url,
        "$path": lambda scope: scope.request.target,
    }
    if expression in whole:
        return whole[expression]
    for prefix, compiler in _BY_PREFIX.items():
        if expression.startswith(prefix) and len(expression) > len(prefix):
            return compiler(expression[len(prefix) :])
    if expression.startswith("$env."):
        return _constant(from_environ(expression, environ))
    known = ", ".join([*whole, *(f"{prefix}…" for prefix in _BY_PREFIX), "$env.NAME"])
    raise BadExpression(f"The expression {expression!r} means nothing; known are {known}.")


_BY_PREFIX: dict[str, Callable[[str], Evaluate]] = {
    "$request.path.": lambda name: lambda scope: scope.request.path_values.get(name),
    "$request.query.": lambda name: lambda scope: scope.request.query_values.get(name),
    "$request.header.": lambda name: lambda scope: scope.request.header(name),
    "$request.body#": lambda pointer: lambda scope: point(scope.body, pointer),
    "$data#": lambda pointer: lambda scope: point(scope.data, pointer),
    "$error.": lambda name: lambda scope: scope.error.get(name),
}


def from_environ(expression: str, environ: Mapping[str, str]) -> str:
    """`$env.NAME` or `$env.NAME:default`; raises BadExpression where neither is there."""
    name, separator, default = expression.removeprefix("$env.").partition(":")
    if name in environ:
        return environ[name]
    if separator:
        return default
    raise BadExpression(f"The environment variable {name} is not set; set it, or write $env.{name}:default.")


def resolved(value: Any, environ: Mapping[str, str]) -> Any:
    """A value of a surface with the environment's values in place; raises BadExpression."""
    if isinstance(value, dict):
        return {key: resolved(member, environ) for key, member in value.items()}
    if isinstance(value, list):
        return [resolved(item, environ) for item in value]
    if isinstance(value, str) and value.startswith("$env."):
        return from_environ(value, environ)
    if isinstance(value, str):
        return re.sub(r"\{(\$env\.[^{}]+)\}", lambda match: from_environ(match[1], environ), value)
    return value
