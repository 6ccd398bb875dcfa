"""Runs a document: by the reference executor, and by the plan."""

import asyncio
import contextlib
import gc
import re
import warnings
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Any, NamedTuple, Protocol

import orjson
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationType,
    execute,
    get_operation_ast,
)
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from tests.differential.state import STATE, TOKEN, State, shown
from tests.differential.values import pause

# A request that takes longer never ends.
PATIENCE = 5.0
# Where only the errors of an answer count, what is left behind by it is waited for no longer.
HASTE = 0.2
ADDRESS = re.compile(rb" at 0x[0-9a-f]+")
PLAIN_JSON = (
    orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
)

Path = tuple[str | int, ...]


class Fault(NamedTuple):
    """An error of an answer, by what of it can be seen."""

    message: str
    path: Path | None
    locations: tuple[tuple[int, int], ...]
    extensions: str
    cause: str

    def __str__(self) -> str:
        places = ", ".join(f"{line}:{column}" for line, column in self.locations)
        extensions = f" {self.extensions}" if self.extensions not in ("None", "{}") else ""
        return (
            f"{list(self.path or ())} at {places or 'nowhere'}: {self.message!r} ({self.cause}){extensions}"
        )


@dataclass
class Answer:
    """Everything that can be seen of one run."""

    data: Any = None
    errors: list[Fault] = field(default_factory=list)
    # What came out in place of an answer.
    raised: str | None = None
    log: list[tuple[Any, ...]] = field(default_factory=list)
    # Whether there was something to await.
    awaited: bool = False
    # The context variable afterwards, where the request was made.
    token: str = "-"
    # Complaints of the loop and of the interpreter.
    complaints: list[str] = field(default_factory=list)
    batches: int = 0

    @property
    def bytes(self) -> bytes:
        try:
            text = orjson.dumps(self.data, default=tagged, option=PLAIN_JSON)
        except TypeError as error:
            text = f"not JSON: {error}".encode()
        return ADDRESS.sub(b"", text) if b" at 0x" in text else text

    @property
    def died(self) -> bool:
        """Whether a request came to no answer: cancelled from within, or waiting for what nobody brings."""
        return self.raised is not None and self.raised.startswith(("CancelledError", "TimeoutError"))

    @property
    def types(self) -> str:
        """The data with the types of its values."""
        return shown(self.data)

    def __str__(self) -> str:
        lines = [f"raised: {self.raised}"] if self.raised else [f"data: {self.data!r}"]
        lines += [f"error: {one}" for one in self.errors]
        lines += [f"complaint: {one}" for one in self.complaints]
        lines += [f"call: {entry}" for entry in self.log]
        return "\n".join([*lines, f"awaited: {self.awaited}, token: {self.token}"])


def tagged(value: object) -> str:
    return f"<{type(value).__name__} {value!r}>"


Returned = ExecutionResult | Awaitable[ExecutionResult]


class Runs(Protocol):
    """One of the two ways to execute a document."""

    def __call__(self, state: State, variables: Mapping[str, Any]) -> Returned: ...


class ReferenceExecutor(StrawberryGraphQLCoreExecutionContext):
    """graphql-core's executor, as Strawberry uses it."""


class Shuffled(ReferenceExecutor):
    """The same, but nobody knows how long anything takes that is awaited."""

    async def complete_awaitable_value(
        self, return_type: Any, details: Any, info: Any, path: Any, result: Any, position: Any
    ) -> Any:
        await delay(info.context, result)
        return await super().complete_awaitable_value(return_type, details, info, path, result, position)

    async def complete_awaitable_list_item_value(
        self, item: Any, item_type: Any, details: Any, info: Any, path: Any, position: Any
    ) -> Any:
        await delay(info.context, item)
        return await super().complete_awaitable_list_item_value(
            item, item_type, details, info, path, position
        )


async def delay(state: State, awaitable: Any) -> None:
    try:
        await pause(state.turns(0))
    except asyncio.CancelledError:
        if asyncio.iscoroutine(awaitable):
            awaitable.close()
        raise


def interpret(
    schema: GraphQLSchema, document: DocumentNode, executor: type[ReferenceExecutor], **options: Any
) -> Returned:
    """Runs a document by the reference executor, called as Strawberry calls it."""
    call: Any = execute
    returned: Returned = call(
        schema,
        document,
        is_awaitable=optimized_is_awaitable,
        executor_class=executor,
        operation_extensions=None,
        **options,
    )
    return returned


def reference(
    document: DocumentNode, name: str | None, executor: type[ReferenceExecutor] = ReferenceExecutor
) -> Runs:
    """The reference executor, for one document; for a subscription, with one event as the root."""
    operation = get_operation_ast(document, name)

    def event(state: State, variables: Mapping[str, Any]) -> Returned:
        build: Any = executor.build
        built = build(
            state.world.core,
            document,
            context_value=state,
            raw_variable_values=dict(variables),
            operation_name=name,
            is_awaitable=optimized_is_awaitable,
            operation_extensions=None,
        )
        if isinstance(built, list):
            return ExecutionResult(None, built)
        answered: Returned = built.build_per_event_executor(state.root).execute_operation(False)
        return answered

    def run(state: State, variables: Mapping[str, Any]) -> Returned:
        return interpret(
            state.world.core,
            document,
            executor,
            root_value=state.root,
            context_value=state,
            variable_values=dict(variables),
            operation_name=name,
        )

    if operation is not None and operation.operation is OperationType.SUBSCRIPTION:
        return event
    return run


class Request(NamedTuple):
    """One run of one document."""

    run: Runs
    state: State
    variables: Mapping[str, Any]


async def perform(request: Request, patience: float | None = None) -> Answer:
    """The answer of one run, with all that it leaves behind settled."""
    (answer,) = await perform_all([request], patience)
    return answer


async def perform_all(requests: Sequence[Request], patience: float | None = None) -> list[Answer]:
    """The answers of requests at the same time, each in a context of its own."""
    answers = [Answer() for _ in requests]
    contexts = [copy_context() for _ in requests]
    with complaints(answers):
        await asyncio.gather(*map(begin, requests, answers, contexts))
        # An answer may come at once although something goes on in the background.
        if not all(request.state.calm for request in requests):
            await settled(patience)
    for request, answer, context in zip(requests, answers, contexts, strict=True):
        answer.token = context.run(TOKEN.get)
        answer.log = request.state.log
        answer.batches = request.state.batches
    return answers


async def begin(request: Request, answer: Answer, context: Context) -> None:
    context.run(STATE.set, request.state)
    try:
        returned: Any = context.run(request.run, request.state, request.variables)
    except BaseException as error:
        answer.raised = told(error)
        return
    if isawaitable(returned):
        answer.awaited = True
        returned = await asyncio.get_running_loop().create_task(outcome(returned, answer), context=context)
    if returned is not None:
        read(returned, answer)


async def outcome(returned: Awaitable[ExecutionResult], answer: Answer) -> ExecutionResult | None:
    try:
        async with asyncio.timeout(PATIENCE):
            return await returned
    except BaseException as error:
        answer.raised = told(error)
        return None


def told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def read(result: ExecutionResult, answer: Answer) -> None:
    answer.data = result.data
    answer.errors = [fault(error) for error in result.errors or ()]
    if result.errors is not None and not result.errors:
        answer.complaints.append("an empty list of errors")


def fault(error: GraphQLError) -> Fault:
    return Fault(
        error.message,
        None if error.path is None else tuple(error.path),
        tuple((place.line, place.column) for place in error.locations or ()),
        repr(error.extensions),
        type(error.original_error).__name__,
    )


async def settled(patience: float | None = None) -> None:
    """Waits for what still runs after an answer was given; what does not end by itself is ended."""
    current = asyncio.current_task()
    while left := [task for task in asyncio.all_tasks() if task is not current]:
        done, _ = await asyncio.wait(left, timeout=PATIENCE if patience is None else patience)
        if not done:
            for task in left:
                task.cancel()
    # Callbacks that were planned for the next turn.
    await asyncio.sleep(0)


@contextlib.contextmanager
def complaints(answers: Sequence[Answer]) -> Iterator[None]:
    """Writes down what the loop and the interpreter complain about meanwhile."""

    def write(text: str) -> None:
        for answer in answers:
            answer.complaints.append(text)

    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()
    loop.set_exception_handler(lambda _, found: write(complaint(found)))
    shown = warnings.showwarning
    warnings.showwarning = lambda message, *_, **__: write(str(message))
    try:
        yield
    finally:
        loop.set_exception_handler(before)
        warnings.showwarning = shown


def complaint(found: Mapping[str, Any]) -> str:
    return f"{found.get('message')}: {found.get('exception')!r}"


@contextlib.contextmanager
def outspoken() -> Iterator[None]:
    """Warnings are shown each time."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", RuntimeWarning)
        yield


@contextlib.contextmanager
def quiet_machine() -> Iterator[None]:
    """The same, and garbage in circles is left alone, lest another run be blamed for it."""
    with outspoken():
        gc.disable()
        try:
            yield
        finally:
            clean()
            gc.enable()


def clean() -> None:
    """Collects the garbage in circles; that somebody left a coroutine in it is nobody's complaint."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()
