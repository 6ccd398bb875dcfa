"""Where plans take the place of the interpreter: a schema that runs documents by their plans.

A request over HTTP goes straight from its known document to the plan. What comes over a WebSocket, or to a
schema with somebody else's extensions, goes Strawberry's way: there `Judging` hands over the known document,
and `Planned` runs its plan where the interpreter would begin.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Any, Literal

import strawberry
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    Undefined,
    execute,
    specified_rules,
)
from strawberry.execution import optimized_is_awaitable
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types import ExecutionResult as Answer
from strawberry.types.execution import ExecutionContext, StreamExecutionResult
from strawberry.types.graphql import OperationType as Kind

from schema.errors import dressed_for, log
from schema.execution.cache import Documents
from schema.execution.known import Known
from schema.execution.plan import Plan, Uncompiled, compile_event, compile_operation
from schema.limits import Limits

logger = logging.getLogger(__name__)

# When known documents are compiled: once they come again, at once, or never.
Execution = Literal["compiled", "eager", "stock"]
# How many bytes of known documents are kept: some seven hundred of the usual length.
ROOM = 32_000_000
# Why nothing, or one document, is compiled.
OFF = "off"
FAILED = "failed"


class Schema(strawberry.Schema):
    """A schema that runs documents by their plans, logs surprises and keeps quiet about refusals."""

    def __init__(
        self,
        query: type,
        mutation: type | None = None,
        subscription: type | None = None,
        *,
        limits: Limits | None = None,
        execution: Execution = "compiled",
        room: int = ROOM,
        extensions: Iterable[type[SchemaExtension] | Callable[[], SchemaExtension]] = (),
        **options: Any,
    ) -> None:
        others = tuple(extensions)
        super().__init__(
            query,
            mutation,
            subscription,
            extensions=[lambda: Judging(self.documents), *others],
            execution_context_class=Planned,
            **options,
        )
        # An extension that wants to see each field is only heard by the interpreter.
        hooked = any(type(other()).resolve is not SchemaExtension.resolve for other in others)
        self._interpreted = hooked or execution == "stock"
        self.documents = Documents(
            self._schema, limits or Limits(), self.compile, room=room, eager=execution == "eager"
        )
        self._straight = not (
            others
            or self.directives
            or self.config.enable_experimental_incremental_execution
            or self.config.disable_field_suggestions
        )

    def compile(self, document: DocumentNode, operation: OperationDefinitionNode) -> Plan | Uncompiled:
        """The plan of an operation, or that of the events of a subscription."""
        if self._interpreted:
            return Uncompiled(OFF)
        name = operation.name.value if operation.name else None
        try:
            if operation.operation is OperationType.SUBSCRIPTION:
                return compile_event(self._schema, document, name)
            return compile_operation(self._schema, document, name)
        except Exception:
            # A fault of the compiler costs the plan, not the answer.
            logger.exception("A document could not be compiled.")
            return Uncompiled(FAILED)

    async def execute(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any | None = None,
        root_value: Any | None = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[Kind] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> Answer:
        """The answer to a query or a mutation, with dressed errors."""
        known = self._known(query, operation_name, allowed_operation_types) if self._straight else None
        if known is None:
            return await super().execute(
                query,
                variable_values,
                context_value,
                root_value,
                operation_name,
                allowed_operation_types,
                operation_extensions,
            )
        variables = variable_values or {}
        if errors := self.documents.refusals(known, variables):
            result = ExecutionResult(None, errors)
        else:
            try:
                running = self._run(known, variables, context_value, root_value, operation_extensions)
                result = running if isinstance(running, ExecutionResult) else await running
            except Exception as error:
                # Whatever went wrong outside of a field is an error of the answer, as Strawberry has it.
                result = ExecutionResult(None, [GraphQLError(str(error), original_error=error)])
        if not result.errors:
            return Answer(result.data, None)
        self.process_errors(result.errors)
        return Answer(result.data, dressed_for(context_value, self._schema, known.document, result.errors))

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Logs what nobody expected."""
        log(errors)

    def _known(self, query: object, name: object, allowed: Iterable[Kind] | None) -> Known | None:
        """The document of a request; None where Strawberry is to say what is wrong with the request."""
        if not (isinstance(query, str) and query and isinstance(name, str | None)):
            return None
        known = self.documents.find(query, name)
        kind = known.kind
        if known.document is not None and (
            kind is None or kind is Kind.SUBSCRIPTION or (allowed is not None and kind not in allowed)
        ):
            return None
        return known

    def _run(
        self, known: Known, variables: dict[str, Any], context: Any, root: Any, extensions: Any
    ) -> ExecutionResult | Awaitable[ExecutionResult]:
        if known.plan is not None:
            return known.plan.run(context, variables, root=root, extensions=extensions)
        assert known.document is not None  # nosec B101  # a document without errors
        return execute(
            self._schema,
            known.document,
            root,
            context,
            variables,
            known.name,
            is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]  # only its return type is wider
            executor_class=self.execution_context_class,
            operation_extensions=extensions,
        )


class Judging(SchemaExtension):
    """Hands the known document to Strawberry, and dresses the errors of what it answers."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._known: Known | None = None

    def on_operation(self) -> Iterator[None]:
        """Dresses the errors of a single answer."""
        execution = self.execution_context
        execution.parse_options["max_tokens"] = self._documents.limits.tokens
        yield
        if execution.result is not None:
            self._dress(execution.result)

    def on_parse(self) -> Iterator[None]:
        """Hands over the document; what cannot be read is left to Strawberry, which reports it."""
        execution = self.execution_context
        # Before there is a document this is the name that the request gives.
        query, name = execution.query, execution.operation_name
        if isinstance(query, str) and isinstance(name, str | None):
            self._known = known = self._documents.find(query, name)
            if known.document is None:
                self._documents.refusals(known, {})
            execution.graphql_document = known.document
        yield

    def on_validate(self) -> Iterator[None]:
        """Hands over what was found in the document; the rules of other extensions are left to Strawberry."""
        execution = self.execution_context
        if self._known is not None and self._known.document is execution.graphql_document:
            errors = self._documents.refusals(self._known, execution.variables or {})
            if errors or execution.validation_rules == tuple(specified_rules):
                execution.pre_execution_errors = errors
        yield

    def on_stream_result(self, result: StreamExecutionResult) -> Iterator[None]:
        """Dresses the errors of each answer of a stream."""
        self._dress(result)
        yield

    def _dress(self, result: Any) -> None:
        """Replaces the errors; the old ones may be kept with their document, so they stay as they are."""
        if errors := getattr(result, "errors", None):
            execution = self.execution_context
            result.errors = dressed_for(
                execution.context, execution.schema._schema, execution.graphql_document, errors
            )


class Planned(StrawberryGraphQLCoreExecutionContext):
    """Runs an operation, or one event of a subscription, by its plan where there is one."""

    def execute_operation(self, serially: bool | None = None) -> Any:
        """The result of the plan, or of the interpreter."""
        schema: Schema = self.schema.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]
        plan = schema.documents.plan_of(self.operation)
        if plan is None:
            return super().execute_operation(serially)
        # The plan takes variables as they came, and reads them itself.
        sources: Mapping[str, Any] = self.variable_values.sources
        variables = {name: source.value for name, source in sources.items() if source.value is not Undefined}
        return plan.run(
            self.context_value, variables, root=self.root_value, extensions=self.operation_extensions
        )
