"""A refusal names what it is about and says what to do; whatever somebody gave is repeated in part only."""

import inspect

import pytest

from models import family_errors
from models.errors import DomainError
from models.family_errors import (
    BiologicalParentTaken,
    EndNotFound,
    NotApplicable,
    ParentNotFound,
    PatternInvalid,
    ReferenceTaken,
    VersionNotFound,
    VersionUnreadable,
)
from models.kinds import Kind, ParentRole

ID = "685bc8000000000000001001"
NAMED: list[tuple[DomainError, str]] = [
    (VersionNotFound(version=7), "7"),
    (VersionUnreadable(version=7), "7"),
    (EndNotFound(id=ID), ID),
    (BiologicalParentTaken(role=ParentRole.BIOLOGICAL_MOTHER), "biological mother"),
    (NotApplicable(name="status", kind=Kind.SIBLING.value), "status"),
    (ParentNotFound(role="Biological mother", id=ID), ID),
    (ReferenceTaken(reference="1234-5"), "'1234-5'"),
    (PatternInvalid(reason="it takes too long"), "it takes too long"),
]


@pytest.mark.parametrize(("error", "name"), NAMED, ids=[error.code for error, _ in NAMED])
def test_a_refusal_names_what_it_is_about(error: DomainError, name: str) -> None:
    assert name in error.message and error.message.endswith(".")
    assert error.details


def test_a_long_text_is_not_repeated() -> None:
    message = ReferenceTaken(reference="x" * 10_000).message
    assert len(message) < 200 and "x…" not in message and "'…" in message


def test_every_error_is_a_sentence_with_a_code() -> None:
    kinds: list[type[DomainError]] = [
        each
        for _, each in inspect.getmembers(family_errors, inspect.isclass)
        if issubclass(each, DomainError) and each is not DomainError
    ]
    codes = [each.code for each in kinds]
    assert len(set(codes)) == len(codes) > 25
    for each in kinds:
        assert each.sentence.endswith(".") and each.sentence[0].isupper(), each.code
