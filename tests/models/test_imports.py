"""An import takes every row or none, says exactly what is wrong, and may be run again."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from models import demo, users
from models.characters import Character
from models.counters import next_id
from models.courses import Course, CourseContent
from models.enrollments import Enrollment
from models.files import BadFile
from models.imports import Refused, clear, import_rows
from models.invitations import Invitation
from models.moments import Moment
from models.passwords import Passwords
from models.reviews import Review
from models.users import User

Rows = dict[str, list[Any]]
Database = AsyncDatabase[dict[str, Any]]

ADA = {
    "id": 1,
    "email": "ada",
    "username": "ada",
    "password_hash": None,
    "created_at": "2026-01-05T08:30:00.5",
}
BO = {"id": 4, "email": "bo", "username": "bo", "password_hash": "plain", "created_at": None}
COURSE = {"id": 2, "title": None, "description": None, "published": True, "created_at": None}
GOOD: Rows = {
    "users": [ADA, BO],
    "invitation_codes": [
        {"id": 1, "code": "C", "used": True, "used_by": 1, "used_at": "2026-01-01T00:00:00"}
    ],
    "courses": [COURSE],
    "course_content": [{"id": 1, "course_id": 2, "sequence": 1, "title": "t", "body": None}],
    "characters": [{"id": 3, "hanzi": "𠮷", "pinyin": "jí", "meaning": "lucky"}],
    "enrollments": [
        {"id": 9, "user_id": 4, "course_id": 2, "enrolled_at": "2026-02-10T10:00:00.000500", "progress": 40}
    ],
    "reviews": [
        {"id": 5, "user_id": 1, "character_id": 3, "repetition": None, "easiness": 2, "interval": 37.0},
        {"id": 6, "user_id": 1, "character_id": None, "next_review": "2026-01-01T00:00:00+00:00"},
    ],
}

COUNTS = {
    "users": 2,
    "invitations": 1,
    "courses": 1,
    "course_content": 1,
    "characters": 1,
    "enrollments": 1,
    "reviews": 2,
}

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "fixtures.json"


def write(file: Path, *states: Rows) -> Path:
    """A file with one row a line, as people write them."""
    lines = ['{"fixtures": {']
    for number, tables in enumerate(states):
        lines.append(f'"state{number}": {{"tables": {{')
        for table, rows in tables.items():
            lines.append(f'"{table}": [')
            lines.append(",\n".join(json.dumps(row) for row in rows))
            lines.append("]," if table != list(tables)[-1] else "]")
        lines.append("}}," if number < len(states) - 1 else "}}")
    file.write_text("\n".join([*lines, "}}"]))
    return file


async def everything(database: Database) -> dict[str, list[dict[str, Any]]]:
    names = sorted(await database.list_collection_names())
    return {name: await database[name].find().sort("_id").to_list() for name in names}


async def test_rows_become_documents(file: Path) -> None:
    summary = await import_rows("mandarin", write(file, GOOD), None)
    told = summary.as_json()
    assert len(told.pop("id")) == 8
    assert told.pop("checksums_before") == {} and told.pop("checksums_after").keys() == {*COUNTS, "counters"}
    assert told == {
        "surface": "mandarin",
        "file": str(file),
        "state": None,
        "written": {
            "users": 2,
            "invitation_codes": 1,
            "courses": 1,
            "course_content": 1,
            "characters": 1,
            "enrollments": 1,
            "reviews": 2,
        },
        "resumed": False,
        "changed": COUNTS,
        "bad": [],
        "bad_rows": 0,
        "ignored_columns": {},
        "others": [],
        "notes": [],
        "demo_replaced": False,
        "foreign": 0,
        "before": {},
        "after": {**COUNTS, "counters": 7},
    }
    ada, bo = await User.get(1), await User.get(4)
    assert ada is not None and bo is not None and ada.uuid != bo.uuid
    made = Moment.from_text("2026-01-05T08:30:00.5")
    assert ada == User(id=1, uuid=ada.uuid, email="ada", username="ada", created_at=made)
    assert bo == User(id=4, uuid=bo.uuid, email="bo", username="bo", password_hash="plain")
    assert await Invitation.get(1) == Invitation(
        id=1, code="C", used=True, used_by=1, used_at=Moment.from_text("2026-01-01T00:00:00")
    )
    assert await Course.get(2) == Course(id=2, published=True)
    assert await CourseContent.get(1) == CourseContent(id=1, course_id=2, sequence=1, title="t")
    assert await Character.get(3) == Character(id=3, hanzi="𠮷", pinyin="jí", meaning="lucky")
    assert await Enrollment.get(9) == Enrollment(
        id=9,
        user_id=4,
        course_id=2,
        enrolled_at=Moment.from_text("2026-02-10T10:00:00.000500"),
        progress=40,
    )
    review = await Review.get(5)
    assert review == Review(id=5, user_id=1, character_id=3, repetition=None, easiness=2, interval=37.0)
    assert repr((review and review.easiness, review and review.interval)) == "(2, 37.0)"
    assert await Review.get(6) == Review(
        id=6,
        user_id=1,
        repetition=0,
        easiness=2.5,
        interval=1,
        next_review=Moment.from_text("2026-01-01T00:00:00+00:00"),
    )


async def test_the_next_ids_follow_the_highest(file: Path) -> None:
    await import_rows("mandarin", write(file, GOOD))
    kinds = (User, Invitation, Course, CourseContent, Character, Enrollment, Review)
    assert [await next_id(kind) for kind in kinds] == [5, 2, 3, 2, 4, 10, 7]


async def test_a_second_import_changes_nothing(file: Path, database: Database) -> None:
    await import_rows("mandarin", write(file, GOOD))
    before = await everything(database)
    await import_rows("mandarin", file)
    assert await everything(database) == before


async def test_many_rows_come_in_batches(file: Path) -> None:
    rows = [{"id": id, "hanzi": "一"} for id in range(1, 1202)]
    seen: list[tuple[str, int, int]] = []
    await import_rows("mandarin", write(file, {"characters": rows}), progress=lambda *step: seen.append(step))
    assert seen == [("characters", 500, 1201), ("characters", 1000, 1201), ("characters", 1201, 1201)]
    assert await Character.count() == 1201


def broken(table: str, row: dict[str, Any]) -> Rows:
    return {**GOOD, table: [*GOOD[table], row]}


@pytest.mark.parametrize(
    ("rows", "line", "table", "pointer", "reason"),
    [
        (
            broken("users", {**BO, "id": "x"}),
            6,
            "users",
            "2/id",
            "id is text, and must be a whole number",
        ),
        (broken("users", {**BO, "email": "b2"}), 6, "users", "2/id", "id 4 is given twice, first on line 5"),
        (broken("users", {**BO, "id": 5}), 6, "users", "2/email", "email is the same as on line 5"),
        (
            broken("invitation_codes", {"id": 2, "code": "D", "used": False, "used_by": 99}),
            9,
            "invitation_codes",
            "1/used_by",
            "used_by is 99, and users has no such id",
        ),
        (
            broken("enrollments", {**GOOD["enrollments"][0], "id": 10, "progress": 41}),
            21,
            "enrollments",
            "1/course_id",
            "user_id and course_id are the same as on line 20",
        ),
        (
            broken("reviews", {"id": 7, "user_id": 1, "next_review": "2026"}),
            25,
            "reviews",
            "2/next_review",
            "next_review is '2026', and it is not an ISO 8601 date and time",
        ),
        ({**GOOD, "people": [{"id": 1}]}, 27, "people", "0", ""),
    ],
)
async def test_one_bad_row_keeps_all_out(
    file: Path, rows: Rows, line: int, table: str, pointer: str, reason: str
) -> None:
    summary = await import_rows("mandarin", write(file, rows))
    (bad,) = summary.bad
    assert (bad.line, bad.table, bad.pointer) == (line, table, f"/fixtures/state0/tables/{table}/{pointer}")
    assert bad.reason == reason or "the table is not one of users, invitation_codes" in bad.reason
    assert file.read_text().split("\n")[line - 1].startswith("{")
    assert summary.written == {}
    assert await User.count() == await Course.count() == 0
    assert await next_id(User) == 1


async def test_what_refers_to_a_bad_row_is_bad_too_and_the_rest_can_be_had(file: Path) -> None:
    rows = {**GOOD, "users": [ADA, {**BO, "username": None}], "courses": [{**COURSE, "secret": 1, "a": 2}]}
    summary = await import_rows("mandarin", write(file, rows), skip_bad=True)
    assert [(bad.line, bad.table, bad.reason) for bad in summary.bad] == [
        (5, "users", "username is null or missing, and must be text"),
        (20, "enrollments", "user_id is 4, and users has no such id"),
    ]
    assert summary.written["users"] == 1 and summary.written["enrollments"] == 0
    assert summary.ignored_columns == {"courses": ["a", "secret"]}
    assert await User.count() == 1 and await Review.count() == 2


async def test_references_may_be_in_the_database_already(file: Path, tmp_path: Path) -> None:
    await import_rows("mandarin", write(file, GOOD))
    more = {"reviews": [{"id": 70, "user_id": 4, "character_id": 3}]}
    assert (await import_rows("mandarin", write(tmp_path / "more.json", more))).bad == []


async def test_nobody_loses_an_address_or_an_id_to_a_file(file: Path, tmp_path: Path) -> None:
    await import_rows("mandarin", write(file, GOOD))
    others = {"users": [{**BO, "id": 8}, {**ADA, "email": "eve"}]}
    summary = await import_rows("mandarin", write(tmp_path / "others.json", others))
    assert [(bad.line, bad.reason) for bad in summary.bad] == [
        (4, "email is that of id 4 in the database"),
        (5, "id 1 has another email in the database"),
    ]
    assert (await users.get(1))["email"] == "ada"


async def test_a_state_is_chosen_by_name(file: Path) -> None:
    write(file, {"users": [ADA]}, {"users": [ADA, BO]})
    assert (await import_rows("mandarin", file, "state1")).written["users"] == 2
    for state, words in [
        (None, "choose one with --state: state0, state1"),
        ("x", "has no state 'x'; it has"),
    ]:
        with pytest.raises(BadFile, match=words):
            await import_rows("mandarin", file, state)


async def test_rows_may_come_one_a_line(tmp_path: Path) -> None:
    file = tmp_path / "export.ndjson"
    lines = [
        json.dumps({"table": table, "row": row}, ensure_ascii=False)
        for table, rows in GOOD.items()
        for row in rows
    ]
    # U+2028 is a line break to some, and not to JSON.
    lines[0] = lines[0].replace('"username": "ada"', '"username": "a\u2028da"')
    file.write_text("\n".join([*lines, "", '{"table": "users", "row": {"id": 1.5}}']), encoding="utf-8-sig")
    summary = await import_rows("mandarin", file, skip_bad=True)
    assert [(bad.line, bad.pointer) for bad in summary.bad] == [(len(lines) + 2, "/row/id")]
    assert (await users.get(1))["username"] == "a\u2028da"
    with pytest.raises(BadFile, match=r"export\.ndjson has one row a line and knows no states"):
        await import_rows("mandarin", file, "base")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("f.json", b'{"a": 1,\n "b": }', ":2: this is not JSON: Expecting value."),
        ("f.json", b'{"a": 1,\n\n "b": "\xff"}', ":3: this is not UTF-8 text."),
        ("f.json", b"[" * 100_000, ": this JSON is nested too deeply."),
        ("f.json", b"[]", ":1: / must be an object."),
        ("f.json", b'\n{"fixtures": []}', ":2: /fixtures must be an object."),
        ("f.json", b'{"fixtures": {}}', " holds several states; choose one with --state: (none)."),
        ("f.json", b'{"fixtures":\n{"a": 1}}', ":2: /fixtures/a must be an object."),
        ("f.json", b'{"fixtures":\n{"a":\n{}}}', ":3: /fixtures/a/tables must be an object."),
        (
            "f.json",
            b'{"fixtures": {"a~/": {"tables": {"users": 1}}}}',
            ":1: /fixtures/a~0~1/tables/users must be a list of rows.",
        ),
        (
            "f.json",
            b'{"fixtures": {"a": {"tables":\n {"users": [1]}}}}',
            ":2: /fixtures/a/tables/users/0 must be an object.",
        ),
        ("f.jsonl", b'\n{"table": "users"', ":2: this is not JSON: Expecting ',' delimiter"),
        ("f.jsonl", b"[1]", ':1: a line must be {"table": "…", "row": {…}}.'),
        ("f.jsonl", b'{"table": "users", "row": 1}', ':1: a line must be {"table": "…", "row": {…}}.'),
    ],
)
async def test_a_malformed_file_is_named_with_its_line(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(BadFile) as caught:
        await import_rows("mandarin", file)
    assert str(caught.value).startswith(f"{file}{message}")


async def test_a_missing_file_and_an_unknown_surface_are_told(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="cannot be read: No such file or directory"):
        await import_rows("mandarin", tmp_path / "nothing.json")
    with pytest.raises(BadFile, match="There is no surface 'nowhere' to import; there are: mandarin"):
        await import_rows("nowhere", tmp_path / "nothing.json")


async def test_demo_data_makes_way(file: Path, passwords: Passwords, now: datetime) -> None:
    await demo.load_once(now, passwords)
    summary = await import_rows("mandarin", write(file, GOOD))
    assert summary.demo_replaced is True
    assert [user.email for user in await User.find_all().to_list()] == ["ada", "bo"]
    assert await next_id(Course) == 3
    assert await demo.load_once(now, passwords) is False
    assert (await import_rows("mandarin", file)).demo_replaced is False


async def test_demo_data_stays_when_the_file_is_bad(file: Path, passwords: Passwords, now: datetime) -> None:
    await demo.load_once(now, passwords)
    reviews = [{"id": 1, "user_id": 1}]
    summary = await import_rows("mandarin", write(file, {"reviews": reviews}))
    assert [bad.reason for bad in summary.bad] == ["user_id is 1, and users has no such id"]
    assert await Course.count() == 4


async def test_people_beside_demo_data_are_not_overwritten(
    file: Path, passwords: Passwords, now: datetime
) -> None:
    await demo.load_once(now, passwords)
    await users.register("new@example.com", "pw", "new", "WELCOME-1", now, passwords)
    with pytest.raises(Refused, match="People have registered beside the demo data"):
        await import_rows("mandarin", write(file, GOOD))


async def test_clearing_leaves_empty_collections(
    database: Database, passwords: Passwords, now: datetime
) -> None:
    await demo.load_once(now, passwords)
    await clear(database)
    assert not any((await everything(database)).values())


@pytest.mark.parametrize(
    ("state", "counts"),
    [("base", [10, 7, 4, 6, 3, 1, 14]), ("sm2", [2, 0, 1, 0, 3, 0, 64]), ("empty", [2, 0, 0, 0, 0, 0, 0])],
)
async def test_the_start_states_of_the_recordings_are_clean(
    recordings: Path, state: str, counts: list[int]
) -> None:
    summary = await import_rows("mandarin", recordings / "mandarin" / "fixtures.json", state)
    assert (summary.bad, list(summary.written.values())) == ([], counts)
    assert summary.ignored_columns == {}
