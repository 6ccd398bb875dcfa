"""One legacy endpoint: an operation of the contract and its prepared document, ready to answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jsonschema_rs import Draft202012Validator

from compat_rest.contract.expressions import Scope, point
from compat_rest.contract.operations import Operation
from compat_rest.dialects.base import Dialect
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
                    caller = await self._caller(request, session, identity)
            sent = {place: self._sent(place, request) for place in self.inward.feeds if place != "body"}
            variables = self.inward.variables({**sent, "body": scope.body})
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
        return dialect.json(self.answer.status, written)

    async def _caller(self, request: Request, session: Session, identity: Identity) -> Caller | None:
        try:
            return await identity.caller(request.header("authorization"), session)
        except Refusal:
            if self.operation.anonymous:
                return None
            raise

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


def answer_to(code: str, row: Row | None, scope: Scope, dialect: Dialect) -> Reply:
    """What a row says: its JSON body, or the dialect's page; without a row the page of a failure."""
    if row is None:
        return dialect.page(500, code)
    reply = dialect.page(row.status, code) if row.body is None else dialect.json(row.status, row.body(scope))
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
