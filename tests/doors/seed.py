"""The documents that every story begins with."""

from datetime import UTC, datetime, timedelta

from pymongo.write_concern import WriteConcern
from werkzeug.security import generate_password_hash

from models.characters import Character
from models.counters import Numbered, leave_behind
from models.courses import Course, CourseContent
from models.enrollments import Enrollment
from models.invitations import Invitation
from models.moments import Moment
from models.raw import stored_form
from models.reviews import Review
from models.users import User

PASSWORD = "correct horse"
MAY = Moment.from_text("2026-05-01T08:00:00.250000")
# One round is enough for a password that everybody knows.
HASH = generate_password_hash(PASSWORD, "pbkdf2:sha256:1")
# The card of each number: repetition, easiness, interval.
CARDS: tuple[tuple[int | None, float | None, int | float | None], ...] = (
    (0, 2.5, 1),
    (1, 2.5, 1),
    (2, 2.5, 6),
    (2, 1.3, 1e300),
    (None, 2.5, 1),
)


def people_and_courses() -> list[Numbered]:
    """Everything but the cards."""
    return [
        User(id=1, email="lin@example.com", username="lin", password_hash=HASH, created_at=MAY),
        User(id=2, email="mo@example.com", username="mo", password_hash=HASH, created_at=MAY),
        User(id=3, email="plain@example.com", username="plain", password_hash="letmein", created_at=MAY),
        Invitation(id=1, code="WELCOME"),
        Invitation(id=2, code="USED", used=True, used_by=1, used_at=MAY),
        Invitation(id=3, code="SECOND"),
        Course(id=1, title="First words", description="Greetings", published=True, created_at=MAY),
        Course(id=2, title="Draft", description=None, published=False, created_at=MAY),
        Course(id=3, title="汉字", description="", published=True, created_at=None),
        CourseContent(id=1, course_id=1, sequence=2, title="Numbers", body="一二三"),
        CourseContent(id=2, course_id=1, sequence=1, title="Greetings", body="你好"),
        CourseContent(id=3, course_id=2, sequence=1, title="Draft lesson", body=None),
        Character(id=1, hanzi="猫", pinyin="māo", meaning="cat"),
        Enrollment(id=1, user_id=2, course_id=1, enrolled_at=MAY, progress=40),
    ]


async def plant(now: datetime) -> None:
    """Writes the documents into the connected, empty database; reviews 1 to 5 of user 1 wait."""
    due = Moment.from_text((now - timedelta(hours=1)).astimezone(UTC).isoformat())
    later = Moment.from_text("2099-01-01T00:00:00")
    cards = [
        Review(
            id=number,
            user_id=1,
            character_id=1 if number == 1 else None,
            repetition=repetition,
            easiness=easiness,
            interval=interval,
            next_review=due,
        )
        for number, (repetition, easiness, interval) in enumerate(CARDS, 1)
    ]
    others = [Review(id=6, user_id=1, next_review=later), Review(id=7, user_id=2, next_review=due)]
    by_kind: dict[type[Numbered], list[Numbered]] = {}
    for document in (*people_and_courses(), *cards, *others):
        by_kind.setdefault(type(document), []).append(document)
    for kind, rows in by_kind.items():
        # The stories show what is durable; their beginning need not be.
        collection = kind.get_pymongo_collection().with_options(write_concern=WriteConcern(w=1))
        await collection.insert_many([stored_form(document) for document in rows])
        await leave_behind(kind, max(document.id for document in rows))
