"""Cards in the graph: what is due, and what an answer does."""

import pytest

from models.reviews import Review
from tests.schema.conftest import NOBODY, Graph

DUE = """{
  dueReviews {
    totalCount
    edges {
      node { id userId characterId repetition easiness interval nextReview lastReview
             user { username } character { id hanzi pinyin meaning } }
    }
  }
}"""
SUBMIT = """mutation ($id: ID!, $quality: Quality!) {
  submitReview(id: $id, quality: $quality) { id repetition easiness interval nextReview lastReview }
}"""

pytestmark = pytest.mark.usefixtures("school")


async def test_due_reviews_with_their_characters(graph: Graph) -> None:
    assert await graph.data(DUE, 1) == {
        "dueReviews": {
            "totalCount": 2,
            "edges": [
                {
                    "node": {
                        "id": "1",
                        "userId": "1",
                        "characterId": "1",
                        "repetition": 0,
                        "easiness": 2.5,
                        "interval": 1,
                        "nextReview": "2025-12-31T09:30:00.123456Z",
                        "lastReview": None,
                        "user": {"username": "ada"},
                        "character": {"id": "1", "hanzi": "好", "pinyin": "hǎo", "meaning": "good"},
                    }
                },
                {
                    "node": {
                        "id": "2",
                        "userId": "1",
                        "characterId": None,
                        "repetition": 0,
                        "easiness": 2.5,
                        "interval": 1,
                        "nextReview": "2026-01-01T09:30:00.123456Z",
                        "lastReview": None,
                        "user": {"username": "ada"},
                        "character": None,
                    }
                },
            ],
        }
    }


async def test_nobody_has_no_reviews_and_pages_count_all(graph: Graph) -> None:
    assert await graph.data(DUE, 999) == {"dueReviews": {"totalCount": 0, "edges": []}}
    page = "{ dueReviews(first: 1) { totalCount edges { node { id } } } }"
    assert await graph.data(page, 1) == {"dueReviews": {"totalCount": 2, "edges": [{"node": {"id": "1"}}]}}
    assert await graph.codes(DUE) == ["NOT_SIGNED_IN"]
    assert await graph.codes(DUE, None) == ["TOKEN_WITHOUT_USER"]


async def test_nulls_of_old_rows_are_shown_as_null(graph: Graph) -> None:
    await Review.find({"user_id": 1}).update(
        {"$set": {"repetition": None, "easiness": None, "interval": None, "character_id": 77}}
    )
    query = "{ dueReviews(first: 1) { edges { node { repetition easiness interval character { id } } } } }"
    nulls = {"repetition": None, "easiness": None, "interval": None, "character": None}
    assert await graph.data(query, 1) == {"dueReviews": {"edges": [{"node": nulls}]}}


async def test_an_answer_moves_a_card(graph: Graph) -> None:
    await Review.find_one({"_id": 1}).update({"$set": {"repetition": 2, "interval": 6}})
    data = await graph.data(SUBMIT, 1, id="1", quality=4)
    assert repr(data["submitReview"]) == repr(
        {
            "id": "1",
            "repetition": 3,
            "easiness": 2.5,
            "interval": 15.0,
            "nextReview": "2026-01-16T09:30:00.123456Z",
            "lastReview": "2026-01-01T09:30:00.123456Z",
        }
    )
    literal = await graph.data("mutation { submitReview(id: 2, quality: 3.5) { interval easiness } }", 1)
    assert repr(literal["submitReview"]) == "{'interval': 1, 'easiness': 2.435}"


@pytest.mark.parametrize(
    ("subject", "id", "quality", "code"),
    [
        (NOBODY, "1", 4, "NOT_SIGNED_IN"),
        (None, "x", "x", "TOKEN_WITHOUT_USER"),
        (1, "x", "x", "REVIEW_NOT_FOUND"),
        (1, "99", "x", "REVIEW_NOT_FOUND"),
        (1, "4", "x", "REVIEW_NOT_FOUND"),
        (1, str(2**63), 4, "UNFIT"),
        (1, "1", "4", "UNFIT"),
        (1, "1", [4], "UNFIT"),
        (1, "1", {"$gt": 1}, "UNFIT"),
        (1, "1", None, "INVALID"),
    ],
)
async def test_a_refusal_names_the_first_thing_in_the_way_and_changes_nothing(
    graph: Graph, subject: object, id: str, quality: object, code: str
) -> None:
    before = await Review.find_all().to_list()
    assert await graph.codes(SUBMIT, subject, id=id, quality=quality) == [code]
    assert await Review.find_all().to_list() == before
