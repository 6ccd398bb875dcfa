"""Values leave as JSON has them through one door, and untouched through the other."""

from datetime import date
from typing import Any, cast

import pytest
from graphql import GraphQLError

import schema
from models.errors import Unfit
from models.moments import Moment, StoredMoment
from models.reviews import Review
from schema.scalars import parse_day, parse_moment, print_moment, print_number, unprintable
from tests.schema.conftest import NOW, Graph


@pytest.mark.usefixtures("school")
async def test_raw_leaves_are_python_values(graph: Graph) -> None:
    graph.schema = schema.build(leaves="raw")
    data = await graph.data("{ me { id createdAt } dueReviews { edges { node { interval } } } }", 1)
    assert data["me"]["createdAt"] == Moment.from_text("2026-01-05T08:30:00.5").model_dump()
    assert data["me"]["id"] == "1"
    await Review.find({"user_id": 1}).update({"$set": {"interval": 6.0}})
    again = await graph.data("{ dueReviews { edges { node { interval } } } }", 1)
    assert repr(again["dueReviews"]["edges"][0]["node"]["interval"]) == "6.0"


def printed(moment: Moment) -> str:
    return print_moment(cast(StoredMoment, moment.model_dump()))


def test_moments_always_have_six_decimals() -> None:
    assert printed(Moment.of(NOW)) == "2026-01-01T09:30:00.123456Z"
    assert printed(Moment.of(NOW.replace(microsecond=0))) == "2026-01-01T09:30:00.000000Z"
    assert printed(Moment.of(NOW.replace(microsecond=7))) == "2026-01-01T09:30:00.000007Z"
    assert printed(Moment.from_text("0099-01-01T00:00:00")) == "0099-01-01T00:00:00.000000Z"
    assert printed(Moment.from_text("9999-12-31T23:59:59.999999")) == "9999-12-31T23:59:59.999999Z"
    assert parse_moment("2026-01-01T09:30:00Z") == Moment.from_text("2026-01-01T09:30:00Z")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), True, "1", None])
def test_json_has_only_finite_numbers(value: object) -> None:
    with pytest.raises(GraphQLError):
        print_number(value)


def test_other_values_are_refused() -> None:
    wrong: list[Any] = ["2026", {}, Moment.of(NOW), {"at": NOW, "us": 1000}]
    for value in wrong:
        with pytest.raises(GraphQLError):
            print_moment(value)
    for text in (2026, "2026"):
        with pytest.raises(GraphQLError):
            parse_moment(text)
    with pytest.raises(GraphQLError):
        unprintable("secret")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1950-03-02", date(1950, 3, 2)),
        ("19500302", date(1950, 3, 2)),
        ("2001-12-31T23:30:00-05:00", date(2001, 12, 31)),
        ("2000-02-29 and more", date(2000, 2, 29)),
    ],
)
def test_a_day_is_what_a_text_begins_with(text: str, day: date) -> None:
    assert parse_day(text) == day


@pytest.mark.parametrize(
    "value", ["1950-02-30", "1950", "1950-3-2", "195003022", "", "x", 1950, None, ["1950-03-02"]]
)
def test_what_is_no_day_is_unfit(value: object) -> None:
    with pytest.raises(Unfit):
        parse_day(value)
