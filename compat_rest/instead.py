"""Operations without a document: a constant answer, a house page, or another address."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from compat_rest.answer import EMPTY, HOUSE, Answer, Choose
from compat_rest.answers import Answers, media_of, successes_of
from compat_rest.chained import Chained
from compat_rest.contract.expressions import BadExpression, Scope, compile_text
from compat_rest.contract.operations import Operation, schema_of
from compat_rest.contract.rules import validator
from compat_rest.contract.source import Node
from compat_rest.dialects.base import Dialect
from compat_rest.endpoint import Endpoint
from compat_rest.errors import JSON
from compat_rest.http import Reply, Request
from compat_rest.plainly import Plainly, Refuse, Write
from schema.context import Context

# A house page: an answer as it is, or data that the response schema puts into the old form.
Page = Callable[[Request], Awaitable[Reply | Mapping[str, Any]]]
PAGES = ("health", "metrics", "docs", "docs-asset")
KINDS = ("response", "page", "redirect")
REMEDY = f"Write one of {', '.join(KINDS)}, as in `x-instead: {{response: '501'}}`."


@dataclass(frozen=True)
class Instead:
    """What stands in the place of a document."""

    kind: str
    value: str

    @property
    def reason(self) -> str:
        """How it is done, for counting."""
        return f"instead: {self.kind}"

    async def run(self, variables: Mapping[str, Any], context: Context) -> Any:
        """The data of the house page, or its reply; nothing where no page is asked."""
        if self.kind != "page":
            return {}
        request: Request = variables["request"]
        return await request.pages[self.value](request)


class _Asking:
    """Hands the request itself to the house page."""

    def _variables(self, request: Request, scope: Scope) -> dict[str, Any]:
        return {"request": request}


class Replaced(_Asking, Endpoint):
    """An operation without a document."""


class ReplacedChained(_Asking, Chained):
    """An operation without a document, whose request is judged by chains."""


def instead_of(operation: Operation, refuse: Refuse) -> Instead | None:
    """What `x-instead` says; None where it says nothing that is known, with a finding."""
    node = operation.node.get("x-instead") or operation.node
    word = operation.node.plain("x-instead")
    if not isinstance(word, dict) or len(word) != 1 or set(word) - set(KINDS):
        refuse(node, f"x-instead cannot be {word!r}.", REMEDY)
        return None
    kind, value = next(iter(word.items()))
    if kind == "page" and value not in PAGES:
        refuse(node, f"There is no house page {value!r}.", f"Known are {', '.join(PAGES)}.")
        return None
    return Instead(kind, str(value))


class Replacement:
    """Compiles the answers of an operation without a document."""

    def __init__(
        self,
        operation: Operation,
        dialect: Dialect,
        environ: Mapping[str, str],
        sample: Scope,
        answers: Answers,
        refuse: Refuse,
    ) -> None:
        self._operation = operation
        self._dialect = dialect
        self._environ = environ
        self._sample = sample
        self._answers = answers
        self._refuse = refuse

    def of(self, instead: Instead) -> tuple[Answer, Choose | None] | None:
        """The answer, and what decides where there are several; None with a finding."""
        if instead.kind == "response":
            return self._constant(instead.value)
        return self._redirect(instead.value) if instead.kind == "redirect" else self._page()

    def _constant(self, status: str) -> tuple[Answer, None] | None:
        node = self._operation.responses().get(status)
        if node is None:
            place = self._operation.node.get("x-instead") or self._operation.node
            self._refuse(place, f"The answer {status!r} is not documented.", "Describe it in `responses`.")
            return None
        plainly = Plainly(self._environ, self._refuse, data=False)
        answer = self._answer(status, node, plainly)
        schema = schema_of(node, JSON)
        if answer is not None and schema is not None and not plainly.failed:
            judge = validator(schema, self._operation.id, self._answers.found)
            if not judge.is_valid(answer.write({}, self._sample)):
                self._refuse(schema, f"The body of {status} does not fit its schema.", "Correct one of them.")
        return None if answer is None else (answer, None)

    def _redirect(self, location: str) -> tuple[Answer, None] | None:
        responses = [status for status in self._operation.responses() if status in ("301", "302")]
        if len(responses) != 1:
            self._refuse(self._operation.node, "The redirect is not documented.", "Describe one 301 or 302.")
            return None
        try:
            where = compile_text(location, self._environ)
        except BadExpression as error:
            self._refuse(self._operation.node, str(error), "Correct the address.")
            return None
        status, dialect = int(responses[0]), self._dialect

        def write(value: Any, scope: Scope) -> Reply:
            return dialect.redirect(status, str(where(scope)), scope.request)  # type: ignore[arg-type]  # a request of the door

        return Answer(status, write, dialect.texts(), media=HOUSE), None

    def _page(self) -> tuple[Answer, Choose] | None:
        responses = self._operation.responses()
        chosen = {status: node for status, node in responses.items() if "x-when" in node}
        if not chosen:
            chosen = successes_of(self._operation)
            if len(chosen) != 1:
                remedy = "Document the one success that the page fills, or say `x-when` on each."
                problem = f"There are {len(chosen)} answers for the page."
                self._refuse(self._operation.node, problem, remedy)
        by_name: dict[str, Answer] = {}
        for status, node in chosen.items():
            name = str(node.plain("x-when", ""))
            if name in by_name:
                self._refuse(node, f"x-when {name!r} stands twice.", "Give each answer its own.")
            answer = self._answer(status, node, Plainly(self._environ, self._refuse, data=True))
            if answer is not None:
                by_name[name] = answer
        if not by_name:
            return None
        first = next(iter(by_name.values()))
        house = Answer(first.status, _as_it_is, self._dialect.texts(), media=HOUSE)

        def choose(data: Any, scope: Scope) -> Answer:
            if isinstance(data, Reply):
                return house
            return by_name.get(str(data.get("__typename", "")), first)

        return first, choose

    def _answer(self, status: str, node: Node, plainly: Plainly) -> Answer | None:
        media, texts = media_of(node), self._dialect.texts()
        headers = self._answers.headers(node, None)
        if media is None:
            return Answer(int(status), _as_it_is, texts, headers=headers, media=EMPTY)
        schema = schema_of(node, media)
        if schema is None:
            self._refuse(node, f"The {status} has no {media} schema.", "Describe its body.")
            return None
        write: Write = plainly.compile(schema)
        other = None if media == JSON else media
        return Answer(int(status), write, texts, False, headers=headers, media=other)


def _as_it_is(value: Any, scope: Scope) -> Any:
    return value
