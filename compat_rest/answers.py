"""The documented successes of an operation, compiled: one, or several of which the graph's answer decides."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from compat_rest.answer import EMPTY, Answer, Choose, is_header
from compat_rest.contract.expressions import BadExpression, Evaluate, Scope, compile_text
from compat_rest.contract.findings import Collector
from compat_rest.contract.operations import Operation, schema_of
from compat_rest.contract.source import Node
from compat_rest.contract.spelling import types_of
from compat_rest.dialects.base import Dialect
from compat_rest.errors import JSON
from compat_rest.outward import Located, Outward

# A 304 is the dialect's own.
ELSEWHERE = ("301", "302", "303", "307", "308")
BARE = ("204", *ELSEWHERE)


class Answers:
    """Compiles the successes of one operation."""

    def __init__(
        self, operation: Operation, dialect: Dialect, environ: Mapping[str, str], found: Collector
    ) -> None:
        self._operation = operation
        self._dialect = dialect
        self._environ = environ
        self.found = found

    def of(self, outward: Outward) -> tuple[Answer, Choose | None] | None:
        """The success, and what decides where there are several; None with a finding."""
        successes = successes_of(self._operation)
        if len(successes) == 1:
            status, node = next(iter(successes.items()))
            answer = self._one(status, node, outward, None)
            return None if answer is None else (answer, None)
        if not successes or any("x-when" not in node for node in successes.values()):
            remedy = "Document the one success that the document fills, or say `x-when` on each."
            self._refuse(self._operation.node, f"There are {len(successes)} successful answers.", remedy)
            return None
        return self._several(successes, outward)

    def _several(
        self, successes: Mapping[str, Node], outward: Outward
    ) -> tuple[Answer, Choose | None] | None:
        place = self._choice(successes, outward)
        if place is None:
            return None
        by_type: dict[str, Answer] = {}
        for status, node in successes.items():
            name = str(node.plain("x-when"))
            if name not in place.place.by_type or name in by_type:
                known = ", ".join(place.place.by_type)
                self._refuse(node, f"x-when {name!r} is no open choice.", f"Name each of {known} once.")
                continue
            narrowed = replace(place, place=place.place.narrowed(name), nullable=False)
            answer = self._one(status, node, outward, narrowed)
            if answer is not None:
                by_type[name] = answer
        for name in place.place.by_type.keys() - {node.plain("x-when") for node in successes.values()}:
            self._refuse(self._operation.node, f"No answer is for {name}.", f"Add one with `x-when: {name}`.")
        if not by_type:
            return None

        def choose(data: Any, scope: Scope) -> Answer:
            return by_type[place.get(data, scope)["__typename"]]

        return next(iter(by_type.values())), choose

    def _choice(self, successes: Mapping[str, Node], outward: Outward) -> Located | None:
        """The place of the graph whose type decides, which all successes share."""
        pointers = {_pointer(node) for node in successes.values()}
        if len(pointers) > 1:
            remedy = "Give every `x-when` the same `x-graph`."
            self._refuse(self._operation.node, "The successes stand at several places.", remedy)
            return None
        node = next(iter(successes.values()))
        place = outward.locate(node, pointers.pop(), outward.whole())
        if place is None:
            return None
        if not place.place.by_type or place.nullable or place.stars:
            remedy = "Point `x-graph` at a union or an interface that is never null."
            self._refuse(node, "Several successes would be a guess here.", remedy)
            return None
        if "__typename" not in place.place.keys:
            remedy = "Select it beside the fragments."
            self._refuse(node, "The document does not select __typename.", remedy)
            return None
        return place

    def _one(self, status: str, node: Node, outward: Outward, place: Located | None) -> Answer | None:
        media = media_of(node)
        headers = self.headers(node, outward)
        if media is None:
            if status not in BARE:
                self._refuse(node, f"The {status} has no {JSON} schema.", "Describe its body.")
                return None
            ends = node.plain("x-session") == "end"
            texts = self._dialect.texts()
            return Answer(int(status), bare, texts, ends=ends, headers=headers, media=EMPTY)
        schema = schema_of(node, media)
        if schema is None:
            self._refuse(node, f"The {status} has no {media} schema.", "Describe its body.")
            return None
        if media != JSON and types_of(schema) != {"string"}:
            self._refuse(schema, f"{media} is written from text.", "Write `type: string` with `x-graph`.")
            return None
        start, ends = session_of(self._operation, node, schema, self.found)
        write = outward.compile(schema, place)
        texts = self._dialect.texts()
        return Answer(
            int(status), write, texts, outward.plain, start, ends, headers, None if media == JSON else media
        )

    def headers(self, node: Node, outward: Outward | None) -> tuple[tuple[str, Evaluate], ...]:
        """The headers of a response that have a value."""
        written = []
        for name, header in node.members("headers").items():
            schema = header.get("schema")
            evaluate = None if schema is None else self._header(schema, outward)
            if evaluate is not None:
                written.append((name, evaluate))
        return tuple(written)

    def _header(self, schema: Node, outward: Outward | None) -> Evaluate | None:
        constant, pointer = schema.plain("const"), schema.plain("x-graph")
        if constant is not None:
            if not is_header(str(constant)):
                self._refuse(schema, f"{constant!r} is no value of a header.", "Use letters of latin-1.")
            return lambda scope: constant
        if pointer is None:
            return None
        if not str(pointer).startswith("/") or outward is None:
            try:
                return compile_text(str(pointer), self._environ)
            except BadExpression as error:
                self._refuse(schema, str(error), "Correct the expression.")
                return None
        place = outward.locate(schema, str(pointer), outward.whole())
        if place is None:
            return None
        write, nullable = outward.value(schema, place), place.nullable
        if nullable:
            remedy = "Point at a field that may not, or write a text with the value in braces."
            self._refuse(schema, "The header's place in the graph may be null.", remedy)
        return lambda scope: write(place.get(scope.data, scope), scope)

    def _refuse(self, node: Node, problem: str, remedy: str) -> None:
        self.found.add(node, self._operation.id, problem, remedy)


def bare(value: Any, scope: Scope) -> None:
    """Nothing is written."""


def successes_of(operation: Operation) -> dict[str, Node]:
    """The answers that a document may fill, by status."""
    responses = operation.responses()
    return {
        status: node for status, node in responses.items() if status.startswith("2") or status in ELSEWHERE
    }


def media_of(node: Node) -> str | None:
    """The media type of a response, JSON where it has several; None for a response without a body."""
    content = node.plain("content") or {}
    return JSON if JSON in content else next(iter(content), None)


def _pointer(node: Node) -> str | None:
    """Where the data of a response stands: beside its `x-when`, or in its schema."""
    pointer = node.plain("x-graph")
    schema = schema_of(node, media_of(node) or JSON)
    said = pointer if pointer is not None or schema is None else schema.plain("x-graph")
    return None if said is None else str(said)


def session_of(operation: Operation, node: Node, schema: Node, found: Collector) -> tuple[str | None, bool]:
    """What a response does to the session: the pointer of the user who signs in, and whether it ends."""
    word = node.plain("x-session")
    if word is None or word == "end":
        return None, word == "end"
    expression = word.get("start") if isinstance(word, dict) else None
    prefix = "$response.body#"
    place: Node | None = schema
    if not isinstance(expression, str) or not expression.startswith(prefix):
        place = None
    else:
        for step in expression.removeprefix(prefix).split("/")[1:]:
            place = place.members("properties").get(step) if place else None
    if place is None:
        remedy = "Write `end`, or `{start: $response.body#/<the user in this answer>}`."
        found.add(node, operation.id, f"x-session {word!r} names nothing in the answer.", remedy)
        return None, False
    kept = place.members("properties")
    for scheme in operation.surface.identity:
        for key, pointer in scheme.session.items():
            if pointer.strip("/") not in kept:
                problem = f"The session keeps {key!r} from {pointer!r}, which the signed-in user has not."
                found.add(node, operation.id, problem, "Correct `session` of the identity, or the answer.")
    return str(expression).removeprefix(prefix), False
