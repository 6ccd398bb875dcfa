"""One legacy endpoint: an operation of the contract and its prepared document, ready to answer."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jsonschema_rs import Draft202012Validator

from compat_rest.contract.expressions import Scope, point
from compat_rest.contract.operations import Operation
from compat_rest.dialects.base import Dialect, Texts
from compat_rest.errors import ErrorTable, Row
from compat_rest.http import Reply, Request
from compat_rest.identity.chain import Identity
from compat_rest.identity.flask_session import Session
from compat_rest.inward import Inward
from compat_rest.outward import Write
from compat_rest.refusal import Refusal
from schema.context import Caller, Context
from schema.execution.prepared import Failure, Prepared

ContextFor = Callable[[Caller | None, datetime], Context]


@dataclass(frozen=True)
class Answer:
    """The documented success of an operation: its status, its writer, and what it does to the session."""

    status: int
    write: Write
    text: Texts
    # Whether no constant of it is a number that JSON writers spell differently.
    plain: bool = True
    start: str | None = None
    ends: bool = False


@dataclass(frozen=True)
class Rules:
    """What may come in: the compiled schemas of body and parameters, and the steps that run before them."""

    body: Draft202012Validator | None
    before: Mapping[str, Callable[[Any], Any]]
    parameters: tuple[tuple[str, str, bool, Draft202012Validator], ...]


@dataclass(frozen=True)
class Endpoint:
    """Answers the requests of one operation, stage by stage."""

    operation: Operation
    document: Prepared
    rules: Rules
    inward: Inward
    answer: Answer
    errors: ErrorTable

    async def handle(
        self,
        request: Request,
        session: Session,
        identity: Identity,
        dialect: Dialect,
        context_for: ContextFor,
    ) -> Reply:
        """The answer to a request; never raises for what a client sends."""
        scope = Scope(request)
        caller: Caller | None = None
        try:
            for stage in self.operation.stages:
                if stage == "body" and self.rules.body is not None:
                    scope.body = await dialect.read_json(request)
                elif stage == "validate":
                    self._validate(request, scope)
                elif stage == "identity":
                    calling = identity.caller(request.header("authorization"), session)
                    caller = await (or_nobody(calling) if self.operation.anonymous else calling)
            variables = self._variables(request, scope)
        except Refusal as refusal:
            return self.refused(refusal.code, refusal.details, scope, dialect, of_document=False)
        result = await self.document.run(variables, context_for(caller, request.now))
        if isinstance(result, Failure):
            return self.refused(result.code, result.details, scope, dialect, of_document=True)
        scope.data = result
        written = self.answer.write(result, scope)
        if self.answer.start is not None:
            await identity.start(session, point(written, self.answer.start))
        elif self.answer.ends:
            await identity.end(session)
        text = self.answer.text(written, self.answer.plain and scope.plain)
        return dialect.json(self.answer.status, text)

    def _variables(self, request: Request, scope: Scope) -> dict[str, Any]:
        return self.inward.variables(
            lambda place: scope.body if place == "body" else self._sent(place, request)
        )

    def _validate(self, request: Request, scope: Scope) -> None:
        if self.rules.body is not None:
            if not isinstance(scope.body, dict):
                raise Refusal("BODY_NOT_AN_OBJECT")
            before = self.rules.before
            scope.body = {
                key: before[key](value) if key in before else value for key, value in scope.body.items()
            }
            if not fits(self.rules.body, scope.body):
                raise Refusal("INVALID")
        for place, name, required, validator in self.rules.parameters:
            values = self._sent(place, request)
            if name in values:
                if not fits(validator, values[name]):
                    raise Refusal("INVALID")
            elif required:
                raise Refusal("INVALID")

    def _sent(self, place: str, request: Request) -> Mapping[str, Any]:
        """What a request says at a place where parameters stand."""
        if place == "path":
            return request.path_values
        if place == "query":
            return request.query_values
        names = [name for where, name, _, _ in self.rules.parameters if where == place]
        return {name: value for name in names if (value := request.header(name)) is not None}

    def refused(
        self,
        code: str,
        details: Mapping[str, Any],
        scope: Scope,
        dialect: Dialect,
        *,
        of_document: bool,
    ) -> Reply:
        """The contract's answer to an error code."""
        scope.error = details
        return answer_to(code, self.errors.row(code, of_document=of_document), scope, dialect)


async def or_nobody(calling: Awaitable[Caller]) -> Caller | None:
    """Who calls, where nobody has to."""
    try:
        return await calling
    except Refusal:
        return None


def answer_to(code: str, row: Row | None, scope: Scope, dialect: Dialect) -> Reply:
    """What a row says: its JSON body, or the dialect's page; without a row the page of a failure."""
    if row is None:
        return dialect.page(500, code)
    if row.body is None:
        reply = dialect.page(row.status, code)
    else:
        reply = dialect.json(row.status, dialect.refusals(row.body(scope), False))
    reply.headers += row.head(scope)
    return reply


def fits(validator: Draft202012Validator, value: Any) -> bool:
    """Whether a value fits; text that is not Unicode is judged with its lone surrogates replaced."""
    try:
        return validator.is_valid(value)
    except UnicodeEncodeError:
        return validator.is_valid(_scrubbed(value))


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_scrubbed(item) for item in value]
    if isinstance(value, dict):
        return {_scrubbed(key): _scrubbed(member) for key, member in value.items()}
    return value
