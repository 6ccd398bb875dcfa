"""Tags of versions: what an If-Match lets through."""

import pytest

from schema.etags import MOST, tag, versions


def test_a_version_is_let_through_by_its_own_tag() -> None:
    assert tag(3) == '"3"'
    assert versions(tag(3)) == frozenset({3})


@pytest.mark.parametrize(
    ("condition", "let"),
    [
        (None, None),
        ("*", None),
        (" * ", None),
        ('"1", "2" ,"30"', {1, 2, 30}),
        ('W/"1", "2"', {2}),
        ('"abc"', set()),
        ('"0"', set()),
        ('"01"', set()),
        ('"1234567890"', set()),
        ("", set()),
        ("1", set()),
        ('"1', set()),
        ('"1" "2"', set()),
        ('"1", x', set()),
        ('"1\n"', set()),
    ],
)
def test_a_condition_lets_through_what_it_names(condition: str | None, let: set[int] | None) -> None:
    assert versions(condition) == (None if let is None else frozenset(let))


def test_more_tags_than_anybody_has_are_not_looked_at() -> None:
    assert versions(", ".join(tag(number) for number in range(1, 500))) == frozenset(range(1, MOST + 1))
