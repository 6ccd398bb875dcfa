"""Metrics tell how documents are run, and under few labels."""

from pathlib import Path

import pytest
import strawberry
from prometheus_client import CollectorRegistry, generate_latest

from compat_rest.engine import compile_engine
from compat_rest.stats import statistics
from schema import build
from schema.execution.prepared import prepare
from schema.execution.seams import Execution, Schema
from server.documents import DocumentMetrics
from tests.conftest import REPOSITORY


@strawberry.type
class Query:
    @strawberry.field
    def number(self, of: int = 1) -> int:
        return of


async def test_what_was_run_kept_and_compiled_is_told() -> None:
    schema, stock = Schema(Query), Schema(Query, execution="stock")
    registry = CollectorRegistry()
    prepared = [prepare(each, "{ number }", "a.graphql") for each in (schema, schema, stock)]
    registry.register(DocumentMetrics(schema.documents, prepared))
    for _ in range(5):
        await schema.execute("{ number }")
    await schema.execute("{ nothing }")

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(f"lockstep_{name}", labels)

    assert value("graphql_documents_total", run="plan", reason="") == 3
    assert value("graphql_documents_total", run="stock", reason="new") == 2
    assert value("graphql_documents_total", run="refused", reason="") == 1
    assert value("graphql_cache_lookups_total", result="hit") == 4
    assert value("graphql_cache_lookups_total", result="miss") == 2
    assert value("graphql_cache_documents") == 2
    assert value("graphql_cache_bytes") == schema.documents.bytes > 0
    assert value("graphql_cache_evicted_total") == 0
    assert value("graphql_compile_seconds_count") == 1
    assert value("graphql_compile_seconds_sum") == schema.documents.compile_seconds > 0
    assert value("prepared_documents", run="plan", reason="") == 2
    assert value("prepared_documents", run="stock", reason="off") == 1


async def test_no_client_can_add_a_label() -> None:
    schema = Schema(Query)
    registry = CollectorRegistry()
    registry.register(DocumentMetrics(schema.documents, []))
    texts = [f"{{ a{number}: number }}" for number in range(50)] + [f"{{ nothing{n} }}" for n in range(50)]
    for text in texts * 3:
        await schema.execute(text, operation_name=None)
    page = generate_latest(registry).decode()
    assert page.count("lockstep_graphql_documents_total{") == 3


@pytest.mark.parametrize(("execution", "reason"), [("compiled", "plan"), ("stock", "off")])
def test_the_check_tells_how_the_documents_of_the_contract_are_run(execution: Execution, reason: str) -> None:
    secrets = {"SECRET_KEY": "not needed", "JWT_SECRET_KEY": "not needed either"}
    contract: Path = REPOSITORY / "openapi.yaml"
    counts = statistics(compile_engine(contract, build(leaves="raw", execution=execution), secrets))[
        "mandarin"
    ]
    documents = {word: count for word, count in counts.items() if word.startswith("documents: ")}
    assert documents == {f"documents: {reason}": counts["operations"]}
