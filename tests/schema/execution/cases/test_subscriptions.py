"""Each event of a subscription is answered by itself, as a query on the event would be."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextvars import ContextVar
from typing import Any

import pytest
from graphql import GraphQLObjectType, GraphQLSchema, parse

from tests.schema.execution.cases.runner import Stream, both_streams, check_stream, schema_of, table

SDL = """
    type Query { inbox: Inbox }
    type Email { from: String subject: String later: String must: String! }
    type Inbox { total: Int unread: Int emails: [Email!] }
    type Event { email: Email inbox: Inbox word: String must: String! }
    type Subscription { event(priority: Int = 0): Event word: String must: Int! count: Int emails: [Email!] }
"""


def schema_with(**sources: Callable[..., Any]) -> GraphQLSchema:
    """A schema whose subscriptions come from these functions."""
    schema = schema_of(SDL)
    root = schema.subscription_type
    assert isinstance(root, GraphQLObjectType)
    for name, source in sources.items():
        root.fields[name].subscribe = source
    return schema


def events(*values: Any) -> Callable[..., AsyncIterator[Any]]:
    """A source of these events; functions make theirs."""

    async def source(root: Any, info: Any, **arguments: Any) -> AsyncIterator[Any]:
        for value in values:
            await asyncio.sleep(0)
            yield value(info) if callable(value) else value

    return source


async def later(value: Any) -> Any:
    """The value a moment later; an exception is raised then."""
    if isinstance(value, Exception):
        raise value
    return value


HELLO: dict[str, Any] = {"from": "joe", "subject": "Hello", "later": lambda info: later("l"), "must": "m"}
INBOX = {"total": 2, "unread": 1, "emails": [HELLO, {"from": "ann", "must": "n"}]}
EVENT = {"event": {"email": HELLO, "inbox": INBOX, "word": "w", "must": "m"}}
BAD = ValueError("bad")


@table(
    [
        Stream(
            id="no events",
            document="subscription { event { word } }",
            source=events(),
            answers=[],
        ),
        Stream(
            id="objects below events",
            document=(
                "subscription { event { email { from subject } inbox { unread total emails { from } } } }"
            ),
            source=events(EVENT, {"event": {"email": None, "inbox": {}}}, {"event": None}, {}),
            answers=[
                (
                    {
                        "event": {
                            "email": {"from": "joe", "subject": "Hello"},
                            "inbox": {"unread": 1, "total": 2, "emails": [{"from": "joe"}, {"from": "ann"}]},
                        }
                    },
                    [],
                ),
                ({"event": {"email": None, "inbox": {"unread": None, "total": None, "emails": None}}}, []),
                ({"event": None}, []),
                ({"event": None}, []),
            ],
        ),
        Stream(
            id="awaited fields",
            document="subscription { event { email { later subject } word } }",
            source=events(
                EVENT, lambda info: {"event": later({"word": "x", "email": later({"later": later(BAD)})})}
            ),
            answers=[
                ({"event": {"email": {"later": "l", "subject": "Hello"}, "word": "w"}}, []),
                (
                    {"event": {"email": {"later": None, "subject": None}, "word": "x"}},
                    ["event.email.later 1:32 bad"],
                ),
            ],
        ),
        Stream(
            id="aliases, fragments and conditions",
            document="""
                subscription ($with: Boolean!) { e: event { ...W t: __typename must @include(if: $with) } }
                fragment W on Event { word x: word @skip(if: $with) }""",
            variables={"with": True},
            source=events({"event": {"word": "w", "must": "m"}}),
            answers=[({"e": {"word": "w", "t": "Event", "must": "m"}}, [])],
        ),
        Stream(
            id="failures of an event are its own",
            document="subscription { event { must word } }",
            source=events(EVENT, {"event": {"word": "w"}}, {"event": {"must": BAD}}, {"event": BAD}, EVENT),
            answers=[
                ({"event": {"must": "m", "word": "w"}}, []),
                ({"event": None}, ["event.must 1:24 Cannot return null for non-nullable field Event.must."]),
                ({"event": None}, ["event.must 1:24 bad"]),
                ({"event": None}, ["event 1:16 bad"]),
                ({"event": {"must": "m", "word": "w"}}, []),
            ],
        ),
        Stream(
            id="an event that must not be null",
            document="subscription { must }",
            source=events({"must": 1}, {"must": None}, {"must": "x"}, {"must": 2}),
            answers=[
                ({"must": 1}, []),
                (None, ["must 1:16 Cannot return null for non-nullable field Subscription.must."]),
                (None, ["must 1:16 Int cannot represent non-integer value: 'x'"]),
                ({"must": 2}, []),
            ],
        ),
        Stream(
            id="lists as events",
            document="subscription { emails { from must } }",
            source=events({"emails": [HELLO, {"must": "n"}]}, {"emails": [HELLO, {}]}, {"emails": ()}),
            answers=[
                ({"emails": [{"from": "joe", "must": "m"}, {"from": None, "must": "n"}]}, []),
                (
                    {"emails": None},
                    ["emails.1.must 1:30 Cannot return null for non-nullable field Email.must."],
                ),
                ({"emails": []}, []),
            ],
        ),
        Stream(
            id="events that are no objects",
            document="subscription { word }",
            source=events("text", 5, None, [1]),
            answers=[({"word": None}, [])] * 4,
        ),
        Stream(
            id="what is done for each event",
            document="subscription { word }",
            source=events({"word": lambda info: info.context.append(info.root_value is not None) or "w"}),
            answers=[({"word": "w"}, [])],
            effects=[True],
        ),
    ]
)
async def test_events(case: Stream) -> None:
    field = case.document.split("{", 1)[1].split()[0].replace("e:", "event")
    await check_stream(schema_with(**{field: case.source}), case)


NAME: ContextVar[str] = ContextVar("name", default="nobody")


@both_streams
async def test_an_event_sees_the_context_of_its_source(stream: Any) -> None:
    def word(info: Any) -> str:
        return NAME.get()

    async def source(root: Any, info: Any) -> AsyncIterator[Any]:
        NAME.set("source")
        yield {"word": word}

    async def seen() -> list[Any]:
        return [answer.data async for answer in stream(schema_with(word=source), document, {}, None)]

    document = parse("subscription { word }")
    assert await asyncio.create_task(seen()) == [{"word": "source"}]


@both_streams
async def test_a_source_that_fails_ends_the_stream(stream: Any) -> None:
    async def source(root: Any, info: Any) -> AsyncIterator[Any]:
        yield {"word": "once"}
        raise LookupError("gone")

    seen = []
    with pytest.raises(LookupError, match="gone"):
        async for answer in stream(schema_with(word=source), parse("subscription { word }"), {}, None):
            seen.append(answer.data)
    assert seen == [{"word": "once"}]


@both_streams
async def test_a_source_is_closed_with_its_stream(stream: Any) -> None:
    closed = []

    async def source(root: Any, info: Any) -> AsyncIterator[Any]:
        try:
            while True:
                yield {"word": "again"}
        finally:
            closed.append(True)

    answers = stream(schema_with(word=source), parse("subscription { word }"), {}, None)
    assert (await anext(answers)).data == {"word": "again"}
    await answers.aclose()
    await asyncio.sleep(0.01)
    assert closed == [True]


@both_streams
async def test_events_of_two_streams_do_not_mix(stream: Any) -> None:
    """One answer waits while the other stream goes on."""
    release = asyncio.Event()

    async def slow(info: Any) -> str:
        await release.wait()
        return "slow"

    schema = schema_with(word=events({"word": slow}), count=events({"count": 1}, {"count": 2}))
    first = asyncio.ensure_future(anext(stream(schema, parse("subscription { word }"), {}, None)))
    second = [answer.data async for answer in stream(schema, parse("subscription { count }"), {}, None)]
    assert second == [{"count": 1}, {"count": 2}]
    assert not first.done()
    release.set()
    assert (await first).data == {"word": "slow"}


@both_streams
async def test_variables_of_each_event(stream: Any) -> None:
    """Resolvers below an event get the variables that the subscription began with, with defaults."""
    told: list[Any] = []
    schema = schema_with(event=events({"event": {}}, {"event": {}}))
    schema.type_map["Event"].fields["word"].resolve = (  # type: ignore[attr-defined]  # an object type
        lambda source, info: told.append(info.variable_values.coerced)
    )
    document = parse("subscription ($p: Int = 3, $q: Int) { event(priority: $p) { word } }")
    assert [answer.data async for answer in stream(schema, document, {"q": 1.0}, None)] == [
        {"event": {"word": None}}
    ] * 2
    assert told == [{"p": 3, "q": 1}] * 2
