"""Keeps what the reference executor leaves behind from failing these tests or those after them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.differential.executors import clean

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The reference executor leaves coroutines that nobody awaits; that the plan leaves none is compared."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("ignore:coroutine .* was never awaited"))


@pytest.fixture(scope="module", autouse=True)
def litter() -> Iterator[None]:
    """Such coroutines are collected before the next module begins."""
    yield
    clean()
