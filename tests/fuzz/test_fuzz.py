"""Requests drawn from the contract, and documents drawn from the schema, meet no surprise.

`python -m tests.fuzz --cases 20000` is the same for longer.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.embedded import Services
from tests.fuzz import run

Figure = Callable[[str, object], None]

CASES = 2_000
GRAPHQL_SECONDS = 12


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


@pytest.fixture(scope="module")
def address(services: Services, folder: Path) -> Iterator[str]:
    """A server with demo data and many learners."""
    with run.server(services, folder) as address:
        yield address


def test_every_answer_is_one_that_the_contract_documents(
    address: str, folder: Path, record_property: Figure
) -> None:
    figures = run.contract(address, folder, CASES, covering=("learners",))
    record_property("figure", f"openapi.yaml fuzzed: {figures}")
    assert not figures.failed, figures.output
    assert figures.cases >= CASES


def test_the_graph_is_never_surprised(address: str, folder: Path, record_property: Figure) -> None:
    figures = run.graph(address, folder, GRAPHQL_SECONDS)
    record_property("figure", f"schema.graphql fuzzed: {figures}")
    assert not figures.failed, figures.output
    assert figures.cases >= 50
