"""Plans: operations compiled once and run many times, with the answers of graphql-core's executor."""

from __future__ import annotations

import linecache
import weakref
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationType,
    assert_valid_schema,
    default_field_resolver,
    default_type_resolver,
)
from graphql.execution.collect_fields import FragmentDetails
from graphql.execution.incremental import IncrementalExecutor
from graphql.execution.values import VariableValues
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types import Info

from schema.execution.arguments import Variables
from schema.execution.drain import drain
from schema.execution.emit import Emitter, blank
from schema.execution.holes import waiting
from schema.execution.info import info_class
from schema.execution.request import Hole, Request
from schema.execution.selections import Collector, Operation, Refused, operation_of
from schema.execution.shape import Shape, reshape
from schema.execution.source import forget

# Variants that are compiled for one operation; four conditions that vary freely make as many.
VARIANTS = 16

# What a plan takes in memory for each field, with what it learns from lists; measured with tracemalloc.
FIELD_BYTES = 4_608

Result = ExecutionResult | Awaitable[ExecutionResult]


@dataclass(frozen=True)
class Uncompiled:
    """Why an operation is left to the interpreter."""

    reason: str


def compile_operation(
    schema: GraphQLSchema,
    document: DocumentNode,
    name: str | None = None,
    *,
    limit: int | None = None,
    shape: Shape | None = None,
) -> Plan | Uncompiled:
    """The plan of a valid query or mutation of no more fields than the limit, answering in this shape."""
    return _compile(schema, document, name, limit, shape, event=False)


def compile_event(
    schema: GraphQLSchema, document: DocumentNode, name: str | None = None, *, limit: int | None = None
) -> Plan | Uncompiled:
    """The plan that answers one event of a valid subscription, given to it as the root."""
    return _compile(schema, document, name, limit, None, event=True)


def _compile(
    schema: GraphQLSchema,
    document: DocumentNode,
    name: str | None,
    limit: int | None,
    shape: Shape | None,
    *,
    event: bool,
) -> Plan | Uncompiled:
    assert_valid_schema(schema)
    try:
        operation = operation_of(schema, document, name)
        if (operation.node.operation is OperationType.SUBSCRIPTION) is not event:
            raise Refused("operation" if event else "subscription")
        return Plan(operation, document, name, limit, shape)
    except Refused as refused:
        return Uncompiled(refused.reason)


class Variant:
    """The functions for one operation under certain conditions."""

    def __init__(self, plan: Plan, conditions: tuple[bool, ...]) -> None:
        self.operation = operation = plan.operation
        self.variables = plan.variables
        self.stock = plan.stock
        self.info = plan.info
        collector = Collector(operation, dict(zip(operation.conditions, conditions, strict=True)), plan.limit)
        self.selection = collector.root()
        if plan.shape:
            reshape(plan.shape, self.selection)
        self.fields = collector.fields
        self.is_serial = operation.node.operation is OperationType.MUTATION
        self.functions: list[Any] = []
        self.is_mixed = False

    def emit(self, plan: Plan) -> Variant:
        """Writes and compiles the functions."""
        emitter = Emitter(plan.info, plan.config, plan.variables, plan.files)
        names = emitter.serial(self.selection) if self.is_serial else [emitter.selection(self.selection)]
        made = emitter.compile()
        self.functions = [made[name] for name in names]
        # Whether what is awaited may lie in several places.
        self.is_mixed = len(emitter.groups) > 1
        return self

    def run(self, request: Request) -> Result:
        """Answers a request; the answer has to be awaited only where something in it has."""
        if self.is_serial:
            request.data = blank(self.selection)
            reached, holes = self._step(request, 0)
            return self._steps(request, reached, holes) if holes else _result(request)
        try:
            request.data = self.functions[0](request, request.root, None)
        except GraphQLError as error:
            request.add(error, None)
        holes = waiting(request)
        return self._drained(request, holes) if holes else _result(request)

    async def _drained(self, request: Request, holes: list[Hole]) -> ExecutionResult:
        await drain(request, holes)
        return _result(request)

    async def _steps(self, request: Request, reached: int, holes: list[Hole]) -> ExecutionResult:
        while holes:
            await drain(request, holes)
            reached, holes = self._step(request, reached + 1)
        return _result(request)

    def _step(self, request: Request, first: int) -> tuple[int, list[Hole]]:
        """Runs fields one after the other, to the first that has to be awaited or the end."""
        for number in range(first, len(self.functions)):
            if None in request.nulled:
                break
            try:
                self.functions[number](request, request.root, None, request.data)
            except GraphQLError as error:
                request.add(error, None)
            holes = waiting(request)
            if holes:
                return number, holes
        return len(self.functions), []


def _result(request: Request) -> ExecutionResult:
    return ExecutionResult(None if None in request.nulled else request.data, request.errors or None)


class Plan:
    """One operation of one document, compiled against one schema."""

    def __init__(
        self,
        operation: Operation,
        document: DocumentNode,
        name: str | None,
        limit: int | None,
        shape: Shape | None,
    ) -> None:
        self.operation = operation
        self.document = document
        self.name = name
        self.limit = limit
        self.shape = shape
        self.variables = Variables(operation.schema, operation.node.variable_definitions or ())
        strawberry = operation.schema.extensions.get("strawberry-definition")
        self.config = strawberry.config if strawberry is not None else None
        self.info = info_class(self.config.info_class if self.config is not None else Info)
        kind = IncrementalExecutor if strawberry is None else StrawberryGraphQLCoreExecutionContext
        self.stock = kind(
            operation.schema,
            dict(operation.fragments),
            {name: FragmentDetails(node) for name, node in operation.fragments.items()},
            None,
            None,
            operation.node,
            VariableValues({}, {}),
            default_field_resolver,
            default_type_resolver,
            default_field_resolver,
            is_awaitable=optimized_is_awaitable,
        )
        # The names under which tracebacks find the source.
        self.files: list[str] = []
        weakref.finalize(self, forget, self.files)
        if shape and operation.conditions:
            # A combination of conditions may be left to the interpreter, which knows no shapes.
            raise Refused("shape")
        self.usual = Variant(self, operation.usual)
        self.fields = self.usual.fields
        self.variants: dict[tuple[bool, ...], Variant | None] = {}
        # Without conditions there is one variant; the others are written when they are met.
        self.only = None if operation.conditions else self.usual.emit(self)

    def run(
        self, context: Any, variables: Mapping[str, Any] | None, *, root: Any = None, extensions: Any = None
    ) -> Result:
        """Answers a request whose variables are as they came in."""
        raw = variables or {}
        exact: VariableValues | None = None
        coerced = self.variables.coerce(raw)
        if coerced is None:
            found = self.variables.coerce_exactly(raw)
            if isinstance(found, list):
                return ExecutionResult(None, found)
            exact, coerced = found, found.coerced
        variant = self.only or self._variant(coerced)
        if variant is None:
            return self._interpreted(context, raw, root, extensions)
        return variant.run(Request(variant, context, root, raw, coerced, exact, extensions))

    @property
    def bytes(self) -> int:
        """About how much memory the plan takes."""
        return FIELD_BYTES * (self.fields + sum(each.fields for each in self.variants.values() if each))

    @property
    def source(self) -> str:
        """The source that was written so far."""
        return "".join("".join(linecache.getlines(name)) for name in self.files)

    def _variant(self, coerced: Mapping[str, Any]) -> Variant | None:
        """The variant for the conditions of a request; None where that is left to the interpreter."""
        conditions: tuple[Any, ...] = tuple(coerced.get(name) for name in self.operation.conditions)
        # Anything else than a boolean is an error of the place where the condition stands.
        if not all(type(value) is bool for value in conditions):
            return None
        if conditions not in self.variants:
            if len(self.variants) >= VARIANTS:
                return None
            self.variants[conditions] = self._made(conditions)
        return self.variants[conditions]

    def _made(self, conditions: tuple[bool, ...]) -> Variant | None:
        try:
            made = self.usual if conditions == self.operation.usual else Variant(self, conditions)
        except Refused:
            return None
        return made.emit(self)

    def _interpreted(self, context: Any, raw: Mapping[str, Any], root: Any, extensions: Any) -> Result:
        own: dict[str, Any] = {"is_awaitable": optimized_is_awaitable}
        if self.config is not None:
            own["operation_extensions"] = extensions
        executor = type(self.stock).build(
            self.operation.schema,
            self.document,
            root,
            context,
            dict(raw),
            self.name,
            **own,
        )
        if isinstance(executor, list):
            return ExecutionResult(None, executor)
        serially = False if self.operation.node.operation is OperationType.SUBSCRIPTION else None
        return cast("Result", executor.execute_operation(serially))
