"""Runtime expressions: values of a request, an answer or an error inside the texts of the contract.

The grammar is OpenAPI's (`$request.path.id`, `$request.body#/email`, `$method`, `$url`), with this
project's own `$data#/…`, `$error.name`, `$entries`, `$path`, `$now`, `$now.<form>`, `$uptime`, `$client`,
`$cookies.name`, `$spelled.<expression>#<pointer>` and `$env.NAME` (`$env.NAME|$env.OTHER:default`).
A text that is one expression keeps its value's type; inside a text an expression stands in braces, and a
literal brace is doubled. A text that begins with a literal dollar begins with two.
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from werkzeug.http import parse_cookie

from compat_rest.contract.lined import unescape
from compat_rest.texts import INSTANTS
from models.moments import Moment

STARTED = time.monotonic()


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
    def now(self) -> datetime:
        """When it arrived."""

    @property
    def client(self) -> str:
        """The address of the client."""

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
    # Path and query after their chains; None where they have none.
    path: Mapping[str, Any] | None = None
    query: Mapping[str, Any] | None = None
    # What can be nothing that is stored; it is said when everything else was asked.
    unfit: Exception | None = None
    # The same of names in a body; the verb says it where it comes to them.
    late: set[str] | None = None
    # Whether every JSON writer spells the numbers that were read through it alike.
    plain: bool = True


Evaluate = Callable[[Scope], Any]
# The legacy spelling of each graph value of the schema at a pointer; raises BadExpression.
Spell = Callable[[str], Mapping[Any, Any]]

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


def _spells_nothing(pointer: str) -> Mapping[Any, Any]:
    raise BadExpression(f"There is no schema {pointer!r} here.")


def compile_value(value: Any, environ: Mapping[str, str], spell: Spell = _spells_nothing) -> Evaluate:
    """A value of the contract as a function of the scope; raises BadExpression."""
    if isinstance(value, dict):
        members = {key: compile_value(member, environ, spell) for key, member in value.items()}
        return lambda scope: {key: member(scope) for key, member in members.items()}
    if isinstance(value, list):
        items = [compile_value(item, environ, spell) for item in value]
        return lambda scope: [item(scope) for item in items]
    if isinstance(value, str):
        return compile_text(value, environ, spell)
    return _constant(value)


def compile_text(text: str, environ: Mapping[str, str], spell: Spell = _spells_nothing) -> Evaluate:
    """A text with expressions as a function of the scope; raises BadExpression."""
    if text.startswith("$$"):
        return _constant(text[1:])
    if text.startswith("$"):
        return compile_expression(text, environ, spell)
    if "{" not in text and "}" not in text:
        return _constant(text)
    pieces: list[Evaluate] = []
    for match in _PIECE.finditer(text):
        piece = match[0]
        if match[1]:
            pieces.append(compile_expression(match[1], environ, spell))
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


_WHOLE: dict[str, Evaluate] = {
    "$method": lambda scope: scope.request.method,
    "$url": lambda scope: scope.request.url,
    "$path": lambda scope: scope.request.target,
    "$entries": lambda scope: scope.error.get("entries"),
    "$now": lambda scope: Moment.of(scope.request.now).model_dump(),
    "$uptime": lambda scope: time.monotonic() - STARTED,
    "$client": lambda scope: scope.request.client,
}


def compile_expression(
    expression: str, environ: Mapping[str, str], spell: Spell = _spells_nothing
) -> Evaluate:
    """One expression as a function of the scope; raises BadExpression."""
    if expression in _WHOLE:
        return _WHOLE[expression]
    for prefix, compiler in _BY_PREFIX.items():
        if expression.startswith(prefix) and len(expression) > len(prefix):
            return compiler(expression[len(prefix) :])
    if expression.startswith("$env."):
        return _constant(from_environ(expression, environ))
    if expression.startswith(_SPELLED):
        return _spelled(expression, environ, spell)
    known = ", ".join([*_WHOLE, *(f"{prefix}…" for prefix in _BY_PREFIX), "$spelled.…#…", "$env.NAME"])
    raise BadExpression(f"The expression {expression!r} means nothing; known are {known}.")


def _path_value(name: str) -> Evaluate:
    return lambda scope: (scope.request.path_values if scope.path is None else scope.path).get(name)


def _query_value(name: str) -> Evaluate:
    return lambda scope: (scope.request.query_values if scope.query is None else scope.query).get(name)


_BY_PREFIX: dict[str, Callable[[str], Evaluate]] = {
    "$request.path.": _path_value,
    "$request.query.": _query_value,
    "$request.header.": lambda name: lambda scope: scope.request.header(name),
    "$request.body#": lambda pointer: lambda scope: point(scope.body, pointer),
    "$cookies.": lambda name: lambda scope: cookies(scope.request).get(name),
    "$data#": lambda pointer: lambda scope: point(scope.data, pointer),
    "$error.": lambda name: lambda scope: scope.error.get(name),
    "$now.": lambda form: _instant(form),
}


def _instant(form: str) -> Evaluate:
    printer = INSTANTS.get(form)
    if printer is None:
        raise BadExpression(f"An instant has no text form {form!r}; known are {', '.join(INSTANTS)}.")
    return lambda scope: printer(Moment.of(scope.request.now).model_dump())


_SPELLED = "$spelled."


def _spelled(expression: str, environ: Mapping[str, str], spell: Spell) -> Evaluate:
    inner, _, pointer = expression.removeprefix(_SPELLED).rpartition("#")
    evaluate, spellings = compile_expression(f"${inner}", environ), spell(pointer)

    def spelled(scope: Scope) -> Any:
        value = evaluate(scope)
        return spellings.get(value, value)

    return spelled


def cookies(request: RequestView) -> Mapping[str, str]:
    """The cookies of a request by name; of several the first one."""
    values: dict[str, str] = {}
    for name, value in parse_cookie(request.header("cookie") or "").items(multi=True):
        values.setdefault(name, value)
    return values


def from_environ(expression: str, environ: Mapping[str, str]) -> str:
    """`$env.NAME`, `$env.NAME|$env.OTHER:default`: the first one set; raises BadExpression without any."""
    names, separator, default = expression.partition(":")
    alternatives = [each.removeprefix("$env.") for each in names.split("|")]
    for name in alternatives:
        if name in environ:
            return environ[name]
    if separator:
        return default
    name = alternatives[-1]
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
