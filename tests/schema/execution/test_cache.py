"""Documents are compiled when they have shown that they come again, and kept while there is room."""

import math
import time
from collections.abc import Iterator

import pytest
import strawberry

from schema.execution import cache
from schema.execution.cache import BUSY, PLAN, TOO_LARGE, Allowance, Documents
from schema.execution.known import DOCUMENT_BYTES, FIELD_BYTES, NEW, REFUSED
from schema.execution.plan import FIELD_BYTES as PLAN_BYTES
from schema.execution.plan import Uncompiled
from schema.execution.seams import Schema
from schema.limits import Limits


@strawberry.type
class Query:
    @strawberry.field
    def number(self, of: int = 1) -> int:
        return of


SCHEMA = Schema(Query)


def documents(room: int = 1_000_000, *, eager: bool = False, limits: Limits | None = None) -> Documents:
    return Documents(SCHEMA._schema, limits or Limits(), SCHEMA.compile, room=room, eager=eager)


def ask(known: Documents, text: str, name: str | None = None) -> str:
    """Looks a document up; says how it is run."""
    found = known.find(text, name)
    return REFUSED if known.refusals(found, {}) else PLAN if found.plan else found.reason


def size_of(text: str, fields: int = 1) -> int:
    """What a document counts for without a plan."""
    return len(text) + DOCUMENT_BYTES + fields * FIELD_BYTES


def test_a_document_is_compiled_the_third_time() -> None:
    known = documents()
    assert [ask(known, "{ number }") for _ in range(4)] == [NEW, NEW, PLAN, PLAN]
    assert (known.misses, known.hits, known.compiled, len(known)) == (1, 3, 1, 1)
    assert known.runs == {NEW: 2, PLAN: 2}
    assert known.bytes == size_of("{ number }") + PLAN_BYTES
    assert 0 < known.compile_seconds < 1


def test_documents_that_come_once_are_not_compiled_and_drive_out_none_that_is_used() -> None:
    known = documents(room=20 * size_of("{ number(of: 100) }"))
    for number in range(200):
        assert ask(known, f"{{ number(of: {number}) }}") == NEW
        ask(known, "{ number }")
    assert (known.misses, known.compiled) == (201, 1)
    assert known.evicted > 100


def test_an_eager_schema_compiles_at_once() -> None:
    known = documents(eager=True)
    assert ask(known, "{ number }") == PLAN
    assert (known.compiled, len(known)) == (1, 1)


def test_blanks_and_the_name_of_the_operation_make_another_document() -> None:
    known = documents(eager=True)
    text = "query A { number } query B { other: number }"
    plans = [known.find(*each).plan for each in ((text, "A"), (text, "B"), (text, None), (text + " ", "A"))]
    assert len({id(plan) for plan in plans}) == 4
    assert [known.find(text, name).name for name in ("A", "B", None)] == ["A", "B", "A"]
    # A text that ends like a name is no other document's name.
    assert known.find("{ number }A", None).errors != known.find("{ number }", "A").errors


def test_a_refused_document_is_kept_too() -> None:
    known = documents()
    for text in ("{", "{ nothing }", "{ number }}"):
        assert [ask(known, text) for _ in range(4)] == [REFUSED] * 4
    assert (known.misses, known.hits, known.compiled) == (3, 9, 0)


LIMITS = Limits(characters=40, tokens=12, depth=1, aliases=1, fields=2, cost=2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{ number }" + " " * 31, "41 characters found. Allowed: 40"),
        ("{ a b c d e f g h i j k l m }", "Syntax Error: Document contains more than 12 tokens."),
        ("{ a { b { c } } }", "'anonymous' exceeds maximum operation depth of 1"),
        ("{ x: a y: b }", "2 aliases found. Allowed: 1"),
        ("{ number x: number __typename }", "More than 2 fields found."),
        ("{ nothing }", "Cannot query field 'nothing' on type 'Query'."),
        ("{ number x: number }", None),
    ],
)
def test_what_is_too_much_is_refused_by_the_cheapest_check(text: str, message: str | None) -> None:
    found = documents(limits=LIMITS).find(text, None).errors
    assert [error.message.partition(" Parsing")[0] for error in found] == ([message] if message else [])


def test_the_oldest_make_room() -> None:
    size = size_of("{ number(of: 1) }") + PLAN_BYTES
    known = documents(room=10 * size, eager=True)
    texts = [f"{{ number(of: {number}) }}" for number in range(10)]
    assert [ask(known, text) for text in texts] == [PLAN] * 10
    assert (len(known), known.bytes, known.evicted) == (10, 10 * size, 0)
    plans = [(found.operation, found.plan) for found in (known.find(text, None) for text in texts)]
    # What is used stays, although it came first.
    ask(known, texts[0])
    ask(known, "{ number(of: 11) }")
    assert known.bytes <= 10 * size
    kept = [operation is not None and known.plan_of(operation) is plan for operation, plan in plans]
    assert kept == [True, False, False, *[True] * 7]
    assert (len(known), known.evicted) == (9, 2)


def test_a_plan_counts_for_more_when_requests_bring_other_conditions() -> None:
    text = "query($a: Boolean!, $b: Boolean!) { number a: number @include(if: $a) b: number @skip(if: $b) }"
    known = documents(eager=True)
    assert ask(known, text) == PLAN
    plan = known.find(text, None).plan
    assert plan is not None
    before = known.bytes
    for a, b in ((True, False), (True, True), (False, True)):
        plan.run(None, {"a": a, "b": b})
    known.find(text, None)
    assert known.bytes == before + (3 + 2 + 1) * PLAN_BYTES


def test_a_document_as_large_as_many_others_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    small = 8 * size_of("{ number }")
    known = documents(room=small - 1, eager=True)
    assert [ask(known, "{ number }") for _ in range(3)] == [TOO_LARGE] * 3
    assert (len(known), known.bytes, known.compiled) == (0, 0, 0)
    known = documents(room=small, eager=True)
    assert [ask(known, "{ number }") for _ in range(3)] == [TOO_LARGE] * 3
    assert (len(known), known.bytes, known.compiled) == (1, small // 8, 0)
    monkeypatch.setattr(cache, "MOST_FIELDS", 2)
    known = documents(eager=True)
    assert ask(known, "{ number a: number }") == PLAN
    assert ask(known, "{ number a: number b: number }") == TOO_LARGE


def test_compiling_takes_a_share_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now: Iterator[float] = iter([0.0, 0.0, 0.0, 1.0, 9.0, 10.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(now))
    allowance = Allowance(share=0.1, saved=0.5)
    assert allowance.left()
    allowance.spend(1.2)
    assert [allowance.left() for _ in range(4)] == [False, False, True, True]


def test_a_document_waits_while_there_is_no_time_to_compile_it() -> None:
    known = documents()
    known._allowance.spend(math.inf)
    assert [ask(known, "{ number }") for _ in range(4)] == [NEW, NEW, BUSY, BUSY]
    known._allowance = Allowance()
    assert ask(known, "{ number }") == PLAN


def test_what_the_compiler_leaves_to_the_interpreter_is_tried_once() -> None:
    tried = []

    def compile(document: object, operation: object) -> Uncompiled:
        tried.append(operation)
        return Uncompiled("a reason")

    known = Documents(SCHEMA._schema, Limits(), compile, room=1_000_000)
    assert [ask(known, "{ number }") for _ in range(5)] == [NEW, NEW, *["a reason"] * 3]
    assert (len(tried), known.compiled) == (1, 0)
