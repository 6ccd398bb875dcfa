"""Planted faults: wrong answers, and executors that do one thing wrong; the judge has to see each of them."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from inspect import isawaitable
from typing import Any
from unittest.mock import patch

from graphql import DocumentNode, ExecutionResult, GraphQLError, is_leaf_type, is_non_null_type
from strawberry.schema import schema_converter

from tests.differential.cases import Compile
from tests.differential.executors import ReferenceExecutor, Returned, Runs, reference
from tests.differential.leaves import Text
from tests.differential.state import State
from tests.differential.world import World

Data = Any


# Faults of the answer.


def answering(change: Callable[[ExecutionResult], ExecutionResult], base: Compile) -> Compile:
    """An executor whose answers are changed."""

    def compile(world: World, document: DocumentNode, name: str | None) -> Runs | str:
        run = base(world, document, name)
        if isinstance(run, str):
            return run

        def changed(state: State, variables: Mapping[str, Any]) -> Returned:
            returned = run(state, variables)
            return changed_later(returned) if isawaitable(returned) else change(returned)

        return changed

    async def changed_later(returned: Awaitable[ExecutionResult]) -> ExecutionResult:
        return change(await returned)

    return compile


def of_error(
    change: Callable[[GraphQLError], GraphQLError | None],
) -> Callable[[ExecutionResult], ExecutionResult]:
    """Changes the last error, or leaves it out."""

    def changed(result: ExecutionResult) -> ExecutionResult:
        if not result.errors:
            return result
        last = change(result.errors[-1])
        errors = [*result.errors[:-1], *([last] if last is not None else [])]
        return ExecutionResult(result.data, errors or None)

    return changed


def error_like(error: GraphQLError, **changes: Any) -> GraphQLError:
    parts = {
        "message": error.message,
        "nodes": error.nodes,
        "path": error.path,
        "original_error": error.original_error,
        "extensions": error.extensions,
        **changes,
    }
    return GraphQLError(**parts)


def told_twice(result: ExecutionResult) -> ExecutionResult:
    return ExecutionResult(result.data, result.errors and [*result.errors, result.errors[0]])


def told_backwards(result: ExecutionResult) -> ExecutionResult:
    return ExecutionResult(result.data, result.errors and result.errors[::-1])


def of_data(change: Callable[[Data], Data]) -> Callable[[ExecutionResult], ExecutionResult]:
    """Changes every value of the data, from the innermost outwards."""

    def visit(value: Data) -> Data:
        if isinstance(value, dict):
            value = {key: visit(one) for key, one in value.items()}
        elif isinstance(value, list):
            value = [visit(one) for one in value]
        return change(value)

    return lambda result: ExecutionResult(visit(result.data), result.errors)


def null_spreads(value: Data) -> Data:
    """A null that goes up one level further than it should."""
    return None if isinstance(value, dict) and len(value) > 1 and None in value.values() else value


ANSWERS: dict[str, Callable[[ExecutionResult], ExecutionResult]] = {
    "an error is lost": of_error(lambda error: None),
    "an error is told twice": told_twice,
    "errors come in another order": told_backwards,
    "an error has no location": of_error(lambda error: error_like(error, nodes=None)),
    "an error has one location of several": of_error(
        lambda error: error_like(error, nodes=error.nodes and error.nodes[:1])
    ),
    "an error has the path of its parent": of_error(
        lambda error: error_like(error, path=error.path and error.path[:-1])
    ),
    "an error has another message": of_error(lambda error: error_like(error, message=error.message + ".")),
    "an error has lost its extensions": of_error(lambda error: error_like(error, extensions={})),
    "an error has lost its cause": of_error(lambda error: error_like(error, original_error=None)),
    "keys come in another order": of_data(
        lambda value: dict(reversed(value.items())) if isinstance(value, dict) else value
    ),
    "a key is missing": of_data(
        lambda value: dict(list(value.items())[:-1]) if isinstance(value, dict) and len(value) > 3 else value
    ),
    "1 is true": of_data(lambda value: True if type(value) is int and value == 1 else value),
    "a whole float is an integer": of_data(
        lambda value: int(value) if isinstance(value, float) and value == 3.0 else value
    ),
    "a list is a tuple": of_data(lambda value: tuple(value) if isinstance(value, list) else value),
    "a text is of another class": of_data(lambda value: Text(value) if isinstance(value, str) else value),
    "a null goes up too far": of_data(null_spreads),
    "a null does not go up": of_data(lambda value: {} if value is None else value),
    "an item is missing": of_data(
        lambda value: value[:-1] if isinstance(value, list) and len(value) > 3 else value
    ),
}


# Faults of the execution.


class Parallel(ReferenceExecutor):
    """The fields of a mutation do not wait for each other."""

    def execute_fields_serially(self, *arguments: Any) -> Any:
        return self.execute_fields(*arguments)


class Twice(ReferenceExecutor):
    """Leaves are read twice."""

    def execute_field(self, parent_type: Any, source: Any, details: Any, path: Any, position: Any) -> Any:
        one = self.schema.get_field(parent_type, details[0].node.name.value)
        kind = one and (one.type.of_type if is_non_null_type(one.type) else one.type)
        if one and is_leaf_type(kind) and not one.args and not details[0].node.arguments:
            before = list(self.collected_errors.errors)
            resolve: Any = one.resolve
            again = resolve(source, self.build_resolve_info(one, [details[0].node], parent_type, path))
            if isawaitable(again):
                asyncio.ensure_future(again).add_done_callback(
                    lambda done: done.cancelled() or done.exception()
                )
            self.collected_errors.errors[:] = before
        return super().execute_field(parent_type, source, details, path, position)


class Forgetful(ReferenceExecutor):
    """Children do not see the context variables that their parent's resolver has set."""

    async def complete_awaitable_value(
        self, return_type: Any, details: Any, info: Any, path: Any, result: Any, position: Any
    ) -> Any:
        task = asyncio.ensure_future(result)
        return await super().complete_awaitable_value(return_type, details, info, path, task, position)


class Aside(ReferenceExecutor):
    """A lone awaitable runs in a task of its own, so that nobody sees the context variables it has set."""

    def execute_field(self, *arguments: Any) -> Any:
        result = super().execute_field(*arguments)
        return asyncio.ensure_future(result) if isawaitable(result) else result


class Trusting(ReferenceExecutor):
    """A returned exception is not an error."""

    def complete_value(self, *arguments: Any) -> Any:
        result = arguments[4]
        if isinstance(result, Exception):
            arguments = (*arguments[:4], None, *arguments[5:])
        return super().complete_value(*arguments)


class Lenient(ReferenceExecutor):
    """Whatever is an instance of the right class is shown as it is."""

    @staticmethod
    def complete_leaf_value(return_type: Any, result: Any) -> Any:
        if return_type.name == "Int" and isinstance(result, int):
            return result
        return ReferenceExecutor.complete_leaf_value(return_type, result)


class Unbounded(ReferenceExecutor):
    """Integers may be of any size."""

    @staticmethod
    def complete_leaf_value(return_type: Any, result: Any) -> Any:
        if return_type.name == "Int" and type(result) is int:
            return result
        return ReferenceExecutor.complete_leaf_value(return_type, result)


class Loose(ReferenceExecutor):
    """A whole number is as good as a float."""

    @staticmethod
    def complete_leaf_value(return_type: Any, result: Any) -> Any:
        if return_type.name == "Float" and type(result) is int:
            return result
        return ReferenceExecutor.complete_leaf_value(return_type, result)


class Narrow(ReferenceExecutor):
    """Nothing but a list is a list."""

    def complete_list_value(self, *arguments: Any) -> Any:
        if type(arguments[4]) is tuple:
            raise GraphQLError("Expected a list.")
        return super().complete_list_value(*arguments)


class Blind(ReferenceExecutor):
    """Nobody asks whether an object is of the type."""

    def complete_object_value(self, *arguments: Any) -> Any:
        return_type, details, _, path, result, position = arguments
        return self.collect_and_execute_subfields(return_type, details, path, result, position)


class Hasty(ReferenceExecutor):
    """Takes the first possible type."""

    def complete_abstract_value(self, *arguments: Any) -> Any:
        return self.complete_object_value(self.schema.get_possible_types(arguments[0])[0], *arguments[1:])


class Stubborn(ReferenceExecutor):
    """Goes on with the siblings of a field that has nulled their parent."""

    def execute_fields(self, kind: Any, source: Any, path: Any, fields: Any, position: Any) -> Any:
        try:
            return super().execute_fields(kind, source, path, fields, position)
        except GraphQLError:
            before_errors = list(self.collected_errors.errors)
            for name, details in list(fields.items())[1:]:
                try:
                    again = super().execute_fields(kind, source, path, {name: details}, position)
                except GraphQLError:
                    continue
                if isawaitable(again):
                    self.settle_in_background([again])
            self.collected_errors.errors[:] = before_errors
            raise


EXECUTORS: dict[str, type[ReferenceExecutor]] = {
    "mutations run at the same time": Parallel,
    "leaves are read twice": Twice,
    "children lose context variables": Forgetful,
    "lone awaitables lose context variables": Aside,
    "a returned exception is no error": Trusting,
    "true is an integer": Lenient,
    "integers are of any size": Unbounded,
    "an integer is a float": Loose,
    "a tuple is no list": Narrow,
    "any object is of the type": Blind,
    "the first possible type is taken": Hasty,
    "siblings go on after a null": Stubborn,
}


def executing(executor: type[ReferenceExecutor]) -> Compile:
    return lambda world, document, name: reference(document, name, executor)


# Faults around the execution.


def wrong_operation(world: World, document: DocumentNode, name: str | None) -> Runs | str:
    """The operation is not the one that was asked for."""
    return reference(document, name and "Other")


def first_variables(world: World, document: DocumentNode, name: str | None) -> Runs | str:
    """Conditions are decided once for all requests."""
    run = reference(document, name)
    decided: dict[str, Any] = {}

    def again(state: State, variables: Mapping[str, Any]) -> Returned:
        for key, value in variables.items():
            if isinstance(value, bool):
                decided.setdefault(key, value)
        return run(state, {**variables, **{key: decided[key] for key in decided if key in variables}})

    return again


def absent_is_null(world: World, document: DocumentNode, name: str | None) -> Runs | str:
    """A variable that is not given counts as null, also where it has a default."""
    run = reference(document, name)
    declared = {
        one.variable.name.value
        for definition in document.definitions
        for one in getattr(definition, "variable_definitions", None) or ()
    }
    return lambda state, variables: run(state, {**dict.fromkeys(declared), **variables})


def shared_arguments(world: World, document: DocumentNode, name: str | None) -> Runs | str:
    """Lists and input objects are converted once, although resolvers change them."""
    run = reference(document, name)
    convert: Any = vars(schema_converter)["convert_arguments"]
    kept: dict[str, Any] = {}

    def once(value: Any, arguments: Any, *rest: Any, **options: Any) -> Any:
        key = f"{[one.python_name for one in arguments]}{value}"
        if key not in kept:
            kept[key] = convert(value, arguments, *rest, **options)
        return kept[key]

    def shared(state: State, variables: Mapping[str, Any]) -> Returned:
        with patch.object(schema_converter, "convert_arguments", once):
            return run(state, variables)

    return shared


def defaults_left_out(world: World, document: DocumentNode, name: str | None) -> Runs | str:
    """Python fills in the defaults of lists, one list for all calls."""
    run = reference(document, name)
    convert: Any = vars(schema_converter)["convert_arguments"]

    def less(value: Any, arguments: Any, *rest: Any, **options: Any) -> Any:
        converted = convert(value, arguments, *rest, **options)
        for one in arguments:
            if isinstance(one.default, list) and converted.get(one.python_name) == one.default:
                del converted[one.python_name]
        return converted

    def left_out(state: State, variables: Mapping[str, Any]) -> Returned:
        with patch.object(schema_converter, "convert_arguments", less):
            return run(state, variables)

    return left_out


def rootless(world: World, document: DocumentNode, name: str | None) -> Runs | str:
    """The root value is forgotten."""
    run = reference(document, name)

    def forgotten(state: State, variables: Mapping[str, Any]) -> Returned:
        state.root = None
        return run(state, variables)

    return forgotten


def always_later(world: World, document: DocumentNode, name: str | None) -> Runs | str:
    """There is something to await although nothing is asynchronous."""
    run = reference(document, name)

    async def later(state: State, variables: Mapping[str, Any]) -> ExecutionResult:
        returned = run(state, variables)
        return await returned if isawaitable(returned) else returned

    return later


def stopped(world: World, document: DocumentNode, name: str | None) -> Runs | str:
    """A document that has something to await never gets an answer."""
    run = reference(document, name)

    async def never(returned: Awaitable[ExecutionResult]) -> ExecutionResult:
        await returned
        nothing: asyncio.Future[ExecutionResult] = asyncio.get_running_loop().create_future()
        return await nothing

    def stuck(state: State, variables: Mapping[str, Any]) -> Returned:
        returned = run(state, variables)
        return never(returned) if isawaitable(returned) else returned

    return stuck


def forgotten_coroutine(world: World, document: DocumentNode, name: str | None) -> Runs | str:
    """A coroutine is made and never awaited."""
    run = reference(document, name)

    async def unused() -> None: ...

    def careless(state: State, variables: Mapping[str, Any]) -> Returned:
        left: Any = unused()
        del left
        return run(state, variables)

    return careless


def mixed_up(world: World, document: DocumentNode, name: str | None) -> Runs | str:
    """Requests at the same time see the context of each other."""
    run = reference(document, name)
    latest: list[State] = []

    async def later(state: State, returned: Awaitable[ExecutionResult]) -> ExecutionResult:
        result = await returned
        state.log, latest[-1].log = latest[-1].log, state.log
        return result

    def mixed(state: State, variables: Mapping[str, Any]) -> Returned:
        latest.append(state)
        returned = run(state, variables)
        return later(state, returned) if isawaitable(returned) else returned

    return mixed


AROUND: dict[str, Compile] = {
    "another operation is run": wrong_operation,
    "conditions are decided once": first_variables,
    "an absent variable is null": absent_is_null,
    "arguments are converted once": shared_arguments,
    "defaults are left to Python": defaults_left_out,
    "the root value is forgotten": rootless,
    "a synchronous document is answered later": always_later,
    "a document is never answered": stopped,
    "a coroutine is never awaited": forgotten_coroutine,
    "requests at the same time are mixed up": mixed_up,
}
