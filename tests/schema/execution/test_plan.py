"""Plans: what is compiled, what is left to the interpreter, and what a plan leaves behind."""

import gc
import inspect
import linecache
import runpy
import sys
from pathlib import Path

import pytest
import strawberry
from graphql import ExecutionResult, parse

from schema.execution.plan import VARIANTS, Plan, Uncompiled, compile_event, compile_operation
from tests.schema.execution.both import both, finished, interpreted, plan_of, told


@strawberry.type
class Book:
    id: strawberry.ID
    title: str | None = None

    @strawberry.field
    def next(self) -> "Book":
        return Book(id=strawberry.ID(self.id + "'"))

    @strawberry.field
    def pages(self, first: int = 1) -> list[int]:
        return list(range(first))


@strawberry.type
class Query:
    @strawberry.field
    def book(self) -> Book:
        return Book(id=strawberry.ID("1"), title="Wake")

    @strawberry.field
    async def later(self) -> str:
        return "later"


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def write(self, text: str, info: strawberry.Info) -> str:
        info.context.append(text)
        return text

    @strawberry.mutation
    def fail(self, info: strawberry.Info) -> str:
        info.context.append("fail")
        raise ValueError("It cannot be written.")


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def books(self) -> Book:  # type: ignore[misc]  # never called here: the event is given to the plan
        yield


schema = strawberry.Schema(Query, Mutation, Subscription)


@pytest.mark.parametrize(
    ("text", "name", "reason"),
    [
        ("{ __schema { queryType { name } } }", None, "introspection"),
        ("{ book { ...F } } fragment F on Book { __typename next { id } }", None, None),
        ("{ later @defer }", None, "directive"),
        ("query @own { later }", None, "directive"),
        ("query Q($a: Int @own) { later }", None, "directive"),
        ("{ book { ...F @own } } fragment F on Book { id }", None, "directive"),
        ("{ later @include(if: 1) }", None, "condition"),
        ("subscription { books { id } }", None, "subscription"),
        ("{ later } query Other { later }", None, "operation"),
        ("query One { later } query Other { later }", "Third", "operation"),
        ("query One { later } query Other { later }", "Other", None),
        ("fragment F on Book { id }", None, "operation"),
    ],
)
def test_what_is_compiled(text: str, name: str | None, reason: str | None) -> None:
    compiled = compile_operation(schema._schema, parse(text), name)
    assert (compiled.reason if isinstance(compiled, Uncompiled) else None) == reason


def test_fragments_with_variables_are_left_to_the_interpreter() -> None:
    text = "{ book { ...F(a: 1) } } fragment F($a: Int) on Book { pages(first: $a) }"
    document = parse(text, experimental_fragment_arguments=True)
    assert compile_operation(schema._schema, document) == Uncompiled("fragment variables")


def test_an_operation_that_the_schema_has_no_type_for_is_left_to_the_interpreter() -> None:
    bare = strawberry.Schema(Query)
    assert compile_operation(bare._schema, parse("mutation { write }")) == Uncompiled("operation")


def test_a_limit_refuses_what_has_more_fields() -> None:
    document = parse("{ book { id title next { id } } }")
    assert compile_operation(schema._schema, document, limit=4) == Uncompiled("size")
    plan = compile_operation(schema._schema, document, limit=5)
    assert isinstance(plan, Plan)
    assert plan.fields == 5
    assert plan.bytes > 5_000


def test_fragments_that_double_each_other_stay_small() -> None:
    levels = "".join(
        f"fragment F{level} on Book {{ a: next {{ ...F{level + 1} }} b: next {{ ...F{level + 1} }} }}\n"
        for level in range(30)
    )
    plan = plan_of(schema, f"{{ book {{ ...F0 }} }}\n{levels}fragment F30 on Book {{ id }}")
    assert plan.fields < 100


def test_fragments_that_hold_each_other_are_left_to_the_interpreter() -> None:
    text = "{ book { ...A } } fragment A on Book { next { ...A } }"
    assert compile_operation(schema._schema, parse(text)) == Uncompiled("depth")


def test_nothing_of_a_document_becomes_source() -> None:
    plan = plan_of(schema, "query Secret($first: Int = 7) { book { pages(first: $first) } later }")
    assert "Secret" not in plan.source
    assert "out['pages']" in plan.source


def test_the_source_is_shown_in_tracebacks_until_the_plan_is_dropped() -> None:
    plan = plan_of(schema, "{ book { id } }")
    names = list(plan.files)
    assert names
    assert all(name in linecache.cache for name in names)
    del plan
    gc.collect()
    assert not any(name in linecache.cache for name in names)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("{ courses { edges { node { id } } } }", "'courses', out"),
        ("{ __schema { types { name } } }", "intro"),
    ],
)
def test_the_source_of_a_document_can_be_printed(
    text: str,
    printed: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    document = tmp_path / "document.graphql"
    document.write_text(text)
    monkeypatch.setattr(sys, "argv", ["schema.execution", str(document)])
    runpy.run_module("schema.execution", run_name="__main__")
    assert printed in capsys.readouterr().out


async def test_an_answer_is_awaited_only_where_something_in_it_is() -> None:
    assert isinstance(plan_of(schema, "{ book { id } }").run(None, None), ExecutionResult)
    returned = plan_of(schema, "{ later }").run(None, None)
    assert inspect.isawaitable(returned)
    assert (await returned).data == {"later": "later"}


async def test_each_combination_of_conditions_is_compiled_once_up_to_a_number() -> None:
    names = [f"v{number}" for number in range(5)]
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    asked = " ".join(f"{name}: title @include(if: ${name})" for name in names)
    text = f"query ({declared}) {{ book {{ id {asked} }} }}"
    plan = plan_of(schema, text)
    assert plan.source == ""
    for number in range(2 ** len(names)):
        variables = {name: bool(number >> place & 1) for place, name in enumerate(names)}
        result = await finished(plan.run(None, variables))
        assert repr(result.data) == repr((await interpreted(schema, text, variables)).data)
    assert len(plan.variants) == VARIANTS


async def test_a_condition_that_is_null_is_an_error_where_it_stands() -> None:
    result = await both(schema, "query ($on: Boolean = true) { book { id @skip(if: $on) } }", {"on": None})
    assert result.data is None
    assert len(result.errors or ()) == 1


async def test_a_variant_above_the_limit_is_left_to_the_interpreter() -> None:
    asked = "{ later @include(if: $a) book @skip(if: $a) { id @skip(if: $b) } }"
    text = f"query ($a: Boolean!, $b: Boolean!) {asked}"
    plan = plan_of(schema, text, limit=2)
    result = await finished(plan.run(None, {"a": False, "b": False}))
    assert result.data == {"book": {"id": "1"}}


async def test_wrong_variables_are_answered_like_in_stock() -> None:
    result = await both(schema, "query ($n: Int!) { book { pages(first: $n) } }", {"n": "many"})
    assert result.data is None
    assert len(result.errors or ()) == 1


async def test_fields_of_a_mutation_run_one_after_the_other_until_the_answer_is_null() -> None:
    text = 'mutation { __typename a: write(text: "a") b: write(text: "b") fail c: write(text: "c") }'
    stock, log = [], []  # type: ignore[var-annotated]  # filled by resolvers
    expected = await interpreted(schema, text, context=stock)
    result = await finished(plan_of(schema, text).run(log, None))
    assert (result.data, told(result.errors)) == (None, told(expected.errors))
    assert log == stock == ["a", "b", "fail"]


async def test_an_event_is_the_root_of_its_plan() -> None:
    document = parse("subscription { books { id next { id } } }")
    plan = compile_event(schema._schema, document)
    assert isinstance(plan, Plan)
    result = await finished(plan.run(None, None, root=Book(id=strawberry.ID("7"))))
    assert result == ExecutionResult({"books": {"id": "7", "next": {"id": "7'"}}}, None)
    assert compile_event(schema._schema, parse("{ later }")) == Uncompiled("operation")


async def test_a_variant_of_an_event_that_has_none_is_interpreted() -> None:
    document = parse("subscription ($on: Boolean) { books { id @include(if: $on) } }")
    plan = compile_event(schema._schema, document)
    assert isinstance(plan, Plan)
    result = await finished(plan.run(None, {"on": None}, root=Book(id=strawberry.ID("7"))))
    assert result.data is None
    assert len(result.errors or ()) == 1
