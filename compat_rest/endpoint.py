"""One legacy endpoint: an operation of the contract and its prepared document, ready to answer."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from jsonschema_rs import Draft202012Validator

from compat_rest.answer import Answer, Choose
from compat_rest.contract.before import LIMIT
from compat_rest.contract.expressions import Scope, cookies, point
from compat_rest.contract.operations import Operation
from compat_rest.contract.surfaces import ACCOUNT, STAGES
from compat_rest.dialects.base import Dialect
from compat_rest.errors import ErrorTable, Row
from compat_rest.forms import Form, is_form, settle
from compat_rest.http import Reply, Request
from compat_rest.identity.chain import Identity
from compat_rest.identity.flask_session import Session
from compat_rest.inward import Inward
from compat_rest.refusal import Refusal
from models.errors import TokenWithoutUser, Unfit
from schema.context import Caller, Context
from schema.execution.prepared import Failure

ContextFor = Callable[[Caller | None, datetime], Context]


class Runs(Protocol):
    """What an operation does once its request has passed the stages."""

    async def run(self, variables: Mapping[str, Any], context: Context) -> Any:
        """The data of the answer, or a Failure."""

    @property
    def reason(self) -> str:
        """How it is done, for counting."""


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
    document: Runs
    rules: Rules
    inward: Inward
    answer: Answer
    errors: ErrorTable
    # Decides where several successes are documented.
    choose: Choose | None = None
    # What files it is sent.
    form: Form | None = None

    async def handle(
        self,
        request: Request,
        session: Session,
        identity: Identity,
        dialect: Dialect,
        context_for: ContextFor,
    ) -> Reply:
        """The answer to a request; never raises for what a client sends."""
        scope = self._scope(request)
        caller: Caller | None = None
        try:
            for stage in self.operation.stages:
                if stage == "body" and self.rules.body is not None:
                    scope.body = await self._body(request, dialect)
                elif stage == "validate":
                    self._validate(request, scope)
                elif stage == "identity":
                    calling = identity.caller(request.header("authorization"), session)
                    caller = await (or_nobody(calling) if self.operation.anonymous else calling)
                elif stage not in STAGES:
                    await self._further(stage, caller, request, scope, dialect)
            variables = self._variables(request, scope)
            if request.uploads:
                await settle(request.uploads)
        except Refusal as refusal:
            return self.refused(refusal.code, refusal.details, scope, dialect, of_document=False)
        result = await self.document.run(variables, context_for(caller, request.now))
        if isinstance(result, Failure):
            return self.refused(result.code, result.details, scope, dialect, of_document=True)
        scope.data = result
        answer = self.answer if self.choose is None else self.choose(result, scope)
        written = answer.write(result, scope)
        if answer.start is not None or answer.ends:
            await signed(answer, written, session, identity)
        return self._reply(answer, written, scope, dialect)

    async def _body(self, request: Request, dialect: Dialect) -> Any:
        if self.form is not None and is_form(request):
            request.linger(request)
            return await self.form.read(request)
        return await dialect.read_json(request)

    async def _further(
        self, stage: str, caller: Caller | None, request: Request, scope: Scope, dialect: Dialect
    ) -> None:
        """A stage that few operations name: a limit, or whether the caller is somebody."""
        if stage != ACCOUNT:
            await dialect.limit(stage.removeprefix(LIMIT), request, scope)
        elif not is_somebody(caller):
            raise Refusal("TOKEN_WITHOUT_USER")

    def _reply(self, answer: Answer, written: Any, scope: Scope, dialect: Dialect) -> Reply:
        if answer.media is None:
            reply = dialect.json(answer.status, answer.text(written, answer.plain and scope.plain))
        else:
            reply = answer.other(written, dialect)
        if answer.headers:
            try:
                reply.headers += answer.head(scope)
            except Refusal as refusal:
                return self.refused(refusal.code, {}, scope, dialect, of_document=True)
        return reply

    def _scope(self, request: Request) -> Scope:
        return Scope(request)

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
        if place == "cookie":
            return cookies(request)
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


async def signed(answer: Answer, written: Any, session: Session, identity: Identity) -> None:
    """Signs the caller in or out, as an answer says."""
    if answer.start is not None:
        await identity.start(session, point(written, answer.start))
    else:
        await identity.end(session)


def is_somebody(caller: Caller | None) -> bool:
    """Whether a credential names an account, in the words of whichever server."""
    try:
        return caller is not None and caller.name is not None
    except TokenWithoutUser:
        return False
    except Unfit:
        return True


async def or_nobody(calling: Awaitable[Caller]) -> Caller | None:
    """Who calls, where nobody has to."""
    try:
        return await calling
    except Refusal:
        return None


def answer_to(code: str, row: Row | None, scope: Scope, dialect: Dialect) -> Reply:
    """What a row says: its JSON body, or the dialect's page; without a row the page of a failure."""
    reply = answer_of(code, row, scope, dialect)
    reply.code = code
    return reply


def answer_of(code: str, row: Row | None, scope: Scope, dialect: Dialect) -> Reply:
    if row is None:
        return dialect.page(500, code)
    if row.body is None:
        reply = dialect.page(row.status, code)
    else:
        reply = worded(row.body(scope), row, dialect)
    reply.headers += row.head(scope)
    return reply


def worded(body: Any, row: Row, dialect: Dialect) -> Reply:
    """The body of a row: JSON, under another name where the row has one, or a text as it is."""
    if row.type is not None and row.type.startswith("text/") and isinstance(body, str):
        return dialect.send(row.status, row.type, body.encode("utf-8", "replace"))
    reply = dialect.json(row.status, dialect.refusals(body, False))
    if row.type is not None:
        others = [each for each in reply.headers if each[0].lower() != "content-type"]
        reply.headers = [*others, ("Content-Type", row.type)]
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
