"""What is read raw is what the documents say: the same fields, the same values, with nothing in between."""

from datetime import UTC, datetime
from typing import Any, get_type_hints

import pytest
from beanie import Document

from models import characters, courses, enrollments, raw, reviews, users
from models.characters import Character, StoredCharacter
from models.counters import Numbered
from models.courses import Course, CourseContent, StoredCourse, StoredLesson
from models.enrollments import Enrollment, StoredEnrollment
from models.events import Event, StoredEvent
from models.history import PersonHistory, StoredVersion
from models.moments import Moment, StoredMoment
from models.notifications import Notification, StoredNotification
from models.people import Person, StoredPerson
from models.relationships import Relationship, StoredRelationship
from models.reviews import Review, StoredReview
from models.sources import Source, StoredSource
from models.suggestions import MergeSuggestion, StoredSuggestion
from models.trees import StoredTree, Tree
from models.users import HIDDEN, StoredUser, User

LATE = Moment.from_text("9999-12-31T23:59:59.999999+00:00")
EARLY = Moment.of(datetime(1, 1, 1, 0, 0, 0, 7, UTC))
BIG = 2**63 - 1

STORED: list[tuple[type[Document], Any, set[str]]] = [
    (Course, StoredCourse, set()),
    (CourseContent, StoredLesson, set()),
    (Character, StoredCharacter, set()),
    (Enrollment, StoredEnrollment, set()),
    (Review, StoredReview, set()),
    (User, StoredUser, set(HIDDEN)),
    (Tree, StoredTree, {"opening"}),
    (Person, StoredPerson, set()),
    (Relationship, StoredRelationship, {"claims"}),
    (PersonHistory, StoredVersion, set()),
    (MergeSuggestion, StoredSuggestion, {"preview"}),
    (Notification, StoredNotification, set()),
    (Event, StoredEvent, set()),
    (Source, StoredSource, set()),
]


def full() -> list[Numbered]:
    """Documents with every field and extreme values."""
    return [
        Course(id=BIG, title="t", description="", published=True, created_at=LATE),
        Course(id=1),
        CourseContent(id=1, course_id=1, sequence=-1, title="t", body="b"),
        Character(id=0, hanzi="好", pinyin="hǎo", meaning="good"),
        Enrollment(id=1, user_id=BIG, course_id=-BIG, enrolled_at=EARLY, progress=2**31 - 1),
        Review(
            id=1, user_id=1, character_id=2**40, easiness=2, interval=15.0, next_review=LATE, revision=2**33
        ),
    ]


@pytest.mark.parametrize(("kind", "stored", "hidden"), STORED)
def test_what_is_stored_has_the_fields_of_its_document(
    kind: type[Document], stored: Any, hidden: set[str]
) -> None:
    fields = {"_id" if name == "id" else name for name in kind.model_fields} - {"revision_id"}
    assert set(get_type_hints(stored)) == fields - hidden
    assert stored.__required_keys__ == {"_id"}


def test_a_stored_moment_has_the_fields_of_a_moment() -> None:
    assert set(get_type_hints(StoredMoment)) == set(Moment.model_fields)


@pytest.mark.usefixtures("database")
async def test_raw_reads_and_documents_agree() -> None:
    documents = full()
    for document in documents:
        await document.insert()
        read = await type(document).get(document.id)
        assert read == document
        found = await raw.collection(type(document)).find_one({"_id": document.id})
        assert found == raw.stored_form(document)


@pytest.mark.usefixtures("database")
async def test_verbs_hand_out_what_is_stored() -> None:
    documents = full()
    for document in [*documents, User(id=1, email="a", username="a", password_hash="h", created_at=EARLY)]:
        await document.insert()
    shown = {name: value for name, value in (await raw.collection(User).find_one({}) or {}).items()}
    assert await users.get(1) == {name: shown[name] for name in shown if name not in HIDDEN}
    assert await courses.get(BIG) == raw.stored_form(documents[0])
    assert await courses.published(None, 5) == [raw.stored_form(documents[0])]
    assert await courses.LESSONS.load(1) == [raw.stored_form(documents[2])]
    assert await characters.BY_ID.load(0) == raw.stored_form(documents[3])
    assert await enrollments.of_user(BIG, None, 5) == [raw.stored_form(documents[4])]
    assert await enrollments.OF_USER_AND_COURSE.load((BIG, -BIG)) == raw.stored_form(documents[4])
    assert await reviews.BY_ID.load(1) == raw.stored_form(documents[5])
    assert await reviews.due(1, datetime(9999, 12, 31, 23, 59, 59, 999999), None, 5) == [
        raw.stored_form(documents[5])
    ]


@pytest.mark.usefixtures("database")
async def test_only_the_fields_that_are_asked_for_are_read() -> None:
    documents = full()
    for document in documents:
        await document.insert()
    now = datetime(9999, 12, 31, 23, 59, 59, 999999)
    assert await courses.published(None, 5, ("title",)) == [{"_id": BIG, "title": "t"}]
    assert await enrollments.of_user(BIG, None, 5, ()) == [{"_id": 1}]
    assert await reviews.due(1, now, None, 5, ("interval",)) == [{"_id": 1, "interval": 15.0}]
    whole = await raw.collection(Review).find_one({})
    assert whole is not None and [type(whole[name]) for name in ("easiness", "interval")] == [int, float]
