"""One run of a plan: its variables, its errors, and which places of the answer have become null."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from copy import copy
from typing import Any

from graphql import Executor, GraphQLError, located_error
from graphql.execution.values import VariableValues
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from schema.execution.sites import Field, Position, path_of

# An awaitable, the place that it fills, and what completes its value.
Hole = tuple[Awaitable[Any], Position, Callable[["Request", Any, Position], Any]]


class Request:
    """What the functions of a plan share while they answer one request."""

    data: dict[str, Any] | None = None
    # The tasks that are waited for; None while there is nothing to be awaited, or one value only.
    work: Any = None
    _stock: Executor[Any] | None = None

    def __init__(
        self,
        plan: Any,
        context: Any,
        root: Any,
        raw: Mapping[str, Any],
        coerced: dict[str, Any],
        values: VariableValues | None,
        extensions: Any,
    ) -> None:
        # The variant of a plan that is run.
        self.plan = plan
        self.context = context
        self.root = root
        self.raw = raw
        self.coerced = coerced
        self._values = values
        self.extensions = extensions
        self.errors: list[GraphQLError] = []
        # Places that an error has made null, by container and key; None is the whole answer.
        self.nulled: dict[tuple[int, Any] | None, Position | None] = {}
        # Values to be awaited that were met since the event loop was last left alone.
        self.holes: list[Hole] = []
        self.arguments: dict[Field, dict[str, Any]] = {}

    @property
    def values(self) -> VariableValues:
        """The variables in the form in which graphql-core's helpers want them."""
        if self._values is None:
            self._values = self.plan.variables.sources(self.raw, self.coerced)
        return self._values

    @property
    def stock(self) -> Executor[Any]:
        """The executor that would answer this request without a plan; it makes infos."""
        if self._stock is None:
            self._stock = stock = copy(self.plan.stock)
            stock.root_value = self.root
            stock.context_value = self.context
            stock.variable_values = self.values
            if isinstance(stock, StrawberryGraphQLCoreExecutionContext):
                stock.operation_extensions = self.extensions
        return self._stock

    def add(self, error: GraphQLError, position: Position | None) -> bool:
        """Records an error that makes its place null; False where a place around it was null before."""
        if self.is_null(position):
            return False
        self.nulled[None if position is None else _place(position)] = position
        self.errors.append(error)
        return True

    def lose(self, position: Position) -> None:
        """Notes that nobody looks at a place any more: errors there are told to nobody."""
        self.nulled.setdefault(_place(position), position)

    def is_null(self, position: Position | None) -> bool:
        """Whether a place, or one around it, has become null by an error."""
        nulled = self.nulled
        if not nulled:
            return False
        while position is not None:
            if _place(position) in nulled:
                return True
            position = position[0]
        return None in nulled


def _place(position: Position) -> tuple[int, Any]:
    return id(position[2]), position[1]


def failed(request: Request, error: Exception, site: Field, parent: Position | None, container: Any) -> None:
    """A field failed before anything was awaited: null where it may be, or raised for the place around it."""
    settle(request, error, (parent, site.slot, container, site))


def settle(request: Request, error: Exception, position: Position) -> None:
    """An error at a position: recorded there if it may be null, or raised for the place around it."""
    site = position[3]
    located = located_error(error, site.field.nodes, path_of(position))
    if site.non_null:
        raise located
    request.add(located, position)
