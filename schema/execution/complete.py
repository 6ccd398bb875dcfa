"""The exact way of completing values, as graphql-core's executor does it; `emit` skips what cannot matter."""

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import suppress
from typing import Any

from graphql import GraphQLError, default_type_resolver, located_error
from graphql.execution.executor import invalid_return_type_error
from graphql.pyutils import Undefined, inspect, is_iterable
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.cast import get_strawberry_type_cast
from strawberry.types.union import StrawberryUnion

from schema.execution.holes import close_all
from schema.execution.info import info_at
from schema.execution.kinds import PLAIN, awaits, is_awaitable, is_plain, made_by
from schema.execution.request import Hole, Request, settle
from schema.execution.sites import Field, Position, Selection, path_of


def arrive(request: Request, value: Any, site: Field, parent: Position | None, container: Any) -> Any:
    """Completes what a resolver returned, or leaves a hole where it has to be awaited."""
    return take(request, value, (parent, site.slot, container, site))


def take(request: Request, value: Any, position: Position) -> Any:
    """Completes a value, or leaves a hole where it has to be awaited."""
    if type(value) not in PLAIN and awaits(value):
        request.holes.append((value, position, complete))
        return None
    return complete(request, value, position)


def complete(request: Request, value: Any, position: Position) -> Any:
    """Completes a value that need not be awaited."""
    site = position[3]
    if type(value) in PLAIN:
        return site.finish(request, value, position)
    if isinstance(value, Exception):
        raise value
    if value is None or value is Undefined:
        if site.non_null:
            field = site.field
            raise TypeError(f"Cannot return null for non-nullable field {field.parent}.{field.name}.")
        return None
    return site.finish(request, value, position)


def keep(request: Request, value: Any, position: Position) -> Any:
    """A value that was completed before it was awaited."""
    return value


def finish_leaf(request: Request, value: Any, position: Position) -> Any:
    """Writes a scalar or an enum by its type."""
    output = position[3].serialize(value)
    return output if type(output) in PLAIN else written(request, output, value, position)


def written(request: Request, output: Any, value: Any, position: Position) -> Any:
    """Checks what a leaf type has made of a value."""
    if output is None or output is Undefined:
        type_ = inspect(position[3].type)
        raise TypeError(
            f"Expected `{type_}.coerce_output_value({inspect(value)})` to return non-nullable value,"
            f" returned: {inspect(output)}"
        )
    if type(output) not in PLAIN and awaits(output):
        request.holes.append((output, position, keep))
        return None
    return output


def finish_list(request: Request, value: Any, position: Position) -> Any:
    """Completes the items of a list, of whatever can be iterated, or of an asynchronous iterator."""
    if type(value) is list:
        return each(request, value, position)
    if hasattr(value, "__aiter__"):
        request.holes.append((iterate(request, value.__aiter__(), position), position, keep))
        return None
    if not is_iterable(value):
        field = position[3].field
        raise GraphQLError(
            f"Expected Iterable, but did not find one for field '{field.parent}.{field.name}'."
        )
    return each(request, value, position)


def each(request: Request, values: Iterable[Any], position: Position) -> list[Any]:
    """Completes values one by one."""
    item = position[3].item
    finished: list[Any] = []
    iterator = iter(values)
    try:
        for index, value in enumerate(iterator):
            finished.append(None)
            at = (position, index, finished, item)
            try:
                finished[index] = take(request, value, at)
            except Exception as error:
                settle(request, error, at)
    except Exception:
        _abandon(request, iterator, position)
        raise
    return finished


def _abandon(request: Request, iterator: Iterator[Any], position: Position) -> None:
    """What is left of a list that has failed is awaited all the same, as graphql-core does."""
    item = position[3].item
    with suppress(Exception):
        for value in iterator:
            if is_awaitable(value):
                request.holes.append((value, (position, 0, [None], item), keep))


async def iterate(request: Request, iterator: AsyncIterator[Any], position: Position) -> list[Any]:
    """Completes the values of an asynchronous iterator; what they leave to be awaited waits for its end."""
    site = position[3]
    finished: list[Any] = []
    holes: list[Hole] = []
    close = getattr(iterator, "aclose", None)
    try:
        while True:
            try:
                value = await anext(iterator)
            except StopAsyncIteration:
                break
            except Exception as error:
                raise located_error(error, site.field.nodes, path_of(position)) from error
            finished.append(None)
            at = (position, len(finished) - 1, finished, site.item)
            try:
                finished[-1] = take(request, value, at)
            except Exception as error:
                settle(request, error, at)
            finally:
                holes += request.holes
                request.holes = []
    except Exception:
        if close is not None:
            with suppress(Exception):
                await close()
        request.holes = holes
        raise
    except BaseException:
        close_all(holes)
        raise
    request.holes = holes
    return finished


def finish_object(request: Request, value: Any, position: Position) -> Any:
    """Completes an object, once its type has agreed to the value."""
    return _of_type(request, value, position, position[3].selection)


def _of_type(request: Request, value: Any, position: Position, selection: Selection) -> Any:
    agrees = selection.type.is_type_of
    if agrees is None or (type(value) in selection.accepted and get_strawberry_type_cast(value) is None):
        return selection.make(request, value, position)
    verdict: Any = agrees(value, info_at(request, position))

    def decided(request: Request, verdict: Any, position: Position) -> Any:
        if not verdict:
            raise invalid_return_type_error(selection.type, value, position[3].field.details)
        return selection.make(request, value, position)

    if is_awaitable(verdict):
        request.holes.append((verdict, position, decided))
        return None
    if verdict and _is_settled(agrees, value):
        selection.accepted.add(type(value))
    return decided(request, verdict, position)


def finish_abstract(request: Request, value: Any, position: Position) -> Any:
    """Completes an object of an interface or a union, once its type is known."""
    site = position[3]
    known = site.known
    kind = type(value)
    if known is not None and kind in known and get_strawberry_type_cast(value) is None:
        return known[kind].make(request, value, position)
    info = info_at(request, position)
    resolve = site.type.resolve_type or default_type_resolver
    name: Any = resolve(value, info, site.type)

    def named(request: Request, name: Any, position: Position) -> Any:
        type_ = request.plan.stock.ensure_valid_runtime_type(name, site.type, site.field.details, info, value)
        selection = site.possible[type_.name]
        done = _of_type(request, value, position, selection)
        if known is not None and _shows(selection, value):
            known[kind] = selection
        return done

    if is_awaitable(name):
        request.holes.append((name, position, named))
        return None
    return named(request, name, position)


def is_known(resolve: Any) -> bool:
    """Whether a type resolver is one of Strawberry's, which look at the class of an object that has one."""
    makers = (GraphQLCoreConverter.from_interface, StrawberryUnion.get_type_resolver)
    return any(made_by(resolve, maker) for maker in makers)


def _shows(selection: Selection, value: Any) -> bool:
    """Whether a type shows every value of this class that is not cast to another type."""
    known: Any = selection.type.extensions.get("strawberry-definition")
    if known is None or known.is_graphql_generic:
        return False
    shown: Any = getattr(type(value), "__strawberry_definition__", None)
    return shown is known and _is_settled(selection.type.is_type_of, value)


def _is_settled(agrees: Any, value: Any) -> bool:
    """Whether the class alone settles what a type says of a value."""
    return (
        (agrees is None or is_generated(agrees))
        and get_strawberry_type_cast(value) is None
        and is_plain(type(value))
    )


def is_generated(agrees: Any) -> bool:
    """Whether an `is_type_of` is one of Strawberry's own, which look at the class of a value."""
    return made_by(agrees, GraphQLCoreConverter.from_object)
