"""Databases of family trees come in whole, whichever server kept them, and may come in again."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase

from models import accounts, person_writes, relating, reverts
from models.family_errors import VersionNotFound, VersionUnreadable
from models.files import BadFile, pairs
from models.history import PersonHistory
from models.imports import import_rows
from models.kinds import Kind
from models.passwords import Passwords
from models.people import Person
from models.relationships import Relationship
from models.suggestions import MergeSuggestion
from models.trees import Tree
from models.users import User
from tests.models.family import NOW, names
from tests.models.test_imports import everything

Database = AsyncDatabase[dict[str, Any]]
pytestmark = pytest.mark.usefixtures("database")
OWNER = "00000000-0000-4000-8000-000000000002"
FAMILY = ObjectId("685bc8000000000000001001")

STATES = [
    ("gateway", "gw-seed", {"users": 2}),
    ("gateway", "gw-users", {"users": 16}),
    ("gateway", "gw-relaxed", {"users": 16}),
    ("gateway", "gw-notables", {}),
    (
        "gateway",
        "gw-tree",
        {"users": 16, "family_trees": 1, "people": 6, "relationships": 9},
    ),
    ("gateway", "gw-two-trees", {"users": 16, "family_trees": 2, "people": 2}),
    ("auth", "auth-seed", {"users": 2}),
    ("auth", "auth-guessed", {"users": 1}),
    ("genealogy", "gen-empty", {"users": 6}),
    ("genealogy", "gen-family", {"users": 6, "family_trees": 4, "people": 8, "relationships": 5}),
    ("genealogy", "gen-notes", {"users": 6, "notifications": 4}),
    ("genealogy", "gen-many", {"users": 6, "family_trees": 28}),
]


@pytest.fixture
def file(recordings: Path) -> Path:
    return recordings / "fixtures.json"


@pytest.fixture
def rows(tmp_path: Path) -> Callable[..., Path]:
    """A file with rows of tables, one a line."""

    def write(**tables: list[dict[str, Any]]) -> Path:
        path = tmp_path / "rows.ndjson"
        lines = [json.dumps({"table": table, "row": row}) for table, rows in tables.items() for row in rows]
        path.write_text("\n".join(lines))
        return path

    return write


@pytest.mark.parametrize(("surface", "state", "counts"), STATES)
async def test_a_start_state_comes_in_whole_and_again(
    file: Path, database: Database, surface: str, state: str, counts: dict[str, int]
) -> None:
    summary = await import_rows(surface, file, state)
    assert (summary.bad, summary.ignored_columns, summary.foreign) == ([], {}, 0)
    found = {name: number for name, number in summary.after.items() if name != "counters"}
    assert (summary.before, found) == ({}, counts)
    before = await everything(database)
    again = await import_rows(surface, file, state)
    assert again.before == again.after == summary.after
    assert await everything(database) == before


async def test_two_servers_of_one_family_come_into_one_database(file: Path, passwords: Passwords) -> None:
    await import_rows("gateway", file, "gw-users")
    before = await User.find_all().sort("_id").to_list()
    summary = await import_rows("genealogy", file, "gen-notes")
    assert (summary.bad, summary.written["users"], summary.written["notifications"]) == ([], 0, 4)
    assert await User.find_all().sort("_id").to_list() == before
    await import_rows("genealogy", file, "gen-family")
    await import_rows("gateway", file, "gw-tree")
    assert (await Tree.count(), await Person.count()) == (5, 14)


async def test_a_user_signs_in_as_before(file: Path, passwords: Passwords) -> None:
    await import_rows("gateway", file, "gw-users")
    signed = await accounts.sign_in("test@dzinza.com", "TestPassword123!", NOW, passwords)
    assert (signed.user["uuid"], signed.user["_id"], signed.previous) == (OWNER, 2, None)
    full = await accounts.by_uuid("00000000-0000-4000-8000-000000000012")
    assert full["location"] == {
        "city": "Masvingo",
        "country": "Zimbabwe",
        "coordinates": [30.8, -20.1],
    }
    assert full["date_of_birth"] is not None and full["last_sign_in"] is not None
    assert str(full["date_of_birth"]["at"]) == "1984-02-29 00:00:00" and full["date_of_birth"]["text"] is None
    assert str(full["last_sign_in"]["at"]) == "2025-06-01 08:30:00.123000"
    locked = await User.find_one({"email": "locked@dzinza.com"})
    assert locked is not None and locked.locked_until is not None and locked.locked_until.year == 2099
    assert (await accounts.sign_up("new@b.co", "pw", None, None, NOW, passwords)).user["_id"] == 17


async def test_a_token_of_an_old_server_still_verifies(file: Path) -> None:
    await import_rows("auth", file, "auth-guessed")
    assert (await accounts.verify_email("known-token", NOW))["email"] == "known@example.com"


async def test_members_keep_their_ids_lists_and_names(file: Path) -> None:
    await import_rows("gateway", file, "gw-tree")
    tree = await Tree.find_one({})
    assert tree is not None and (tree.owner, tree.description, tree.description_given) == (
        OWNER,
        "Seeded tree",
        True,
    )
    people = await Person.find_all().sort("created_at.at").to_list()
    assert [each.uuid[-1] for each in people] == list("123456")
    assert people == sorted(people, key=lambda each: each.id)
    first = people[0]
    assert (first.name, first.living, first.gender) == ("Sekuru Moyo", False, "MALE")
    assert first.birth is not None and str(first.birth.instant) == "1930-04-12 00:00:00+00:00"
    assert await names(first.children) == "Tendai Chipo" and await names(first.spouses) == "Ambuya"
    assert await names(people[5].parents) == "Tendai Nyasha"
    row = await Relationship.find_one({"kind": Kind.SPOUSE})
    assert row is not None
    again = relating.link(row.from_id, row.to_id, Kind.SPOUSE, {}, OWNER, NOW, strict=False)
    with pytest.raises(Exception, match="related in this way already"):
        await again


async def test_people_keep_their_ids_and_are_tied_by_their_relationships(file: Path) -> None:
    await import_rows("genealogy", file, "gen-family")
    tree = await Tree.get(FAMILY)
    assert tree is not None and [(each.account[-2:], each.role) for each in tree.collaborators] == [
        ("21", "VIEWER"),
        ("22", "EDITOR"),
        ("23", "ADMIN"),
        ("24", "EDITOR"),
    ]
    assert tree.collaborators[3].accepted_at is None and tree.settings is not None
    assert tree.settings.show_living is False
    tendai = await Person.get(ObjectId("685bc8000000000000002001"))
    assert tendai is not None
    assert (tendai.reference, tendai.titles, tendai.name) == (
        "seed-person-1",
        ["Sekuru", "Sabhuku"],
        "Tendai Moyo",
    )
    assert tendai.identifiers[0].kind == "NATIONAL_ID" and tendai.privacy.profile == "TREE_ONLY"
    assert await names(tendai.spouses) == "Rudo" and await names(tendai.children) == "Chipo Farai"
    chipo = await Person.get(ObjectId("685bc8000000000000002003"))
    assert chipo is not None and chipo.mother_id is not None
    # Mother and father are named by the child; each is also a relationship, and is there once.
    assert await names(chipo.parents) == "Rudo Tendai"
    rows = await Relationship.find({"kind": Kind.SPOUSE}).to_list()
    assert [(row.status, row.events[0].kind) for row in rows] == [("MARRIED", "Marriage")]


TREE = {
    "id": "1" * 8 + "-0000-4000-8000-" + "0" * 12,
    "name": "T",
    "user_id": "u-9",
    "created_at": "2025-01-01T00:00:00Z",
}
MEMBER = {
    "id": "2" * 8 + "-0000-4000-8000-" + "0" * 12,
    "tree_id": TREE["id"],
    "user_id": "u-9",
    "gender": "male",
    "created_at": "2025-01-01T00:00:00Z",
}
PERSON = {
    "_id": {"$oid": "6" * 24},
    "familyTreeId": {"$oid": "7" * 24},
    "uniqueId": "same",
    "createdAt": {"$date": "2025-01-01T00:00:00Z"},
}


@pytest.mark.parametrize(
    ("surface", "tables", "reasons"),
    [
        ("gateway", {"family_trees": [{**TREE, "id": "x"}]}, ["id is no UUID"]),
        ("gateway", {"family_trees": [TREE, TREE]}, ["is given twice, first on line 1"]),
        ("gateway", {"family_trees": [{**TREE, "user_id": "u" * 201}]}, ["user_id is longer than 200"]),
        (
            "gateway",
            {"family_members": [MEMBER]},
            ["tree_id is 11111111-0000-4000-8000-000000000000, and family_trees has no such id"],
        ),
        (
            "gateway",
            {"family_trees": [TREE], "family_members": [{**MEMBER, "gender": "x"}]},
            ["gender is 'x'"],
        ),
        (
            "gateway",
            {"family_trees": [TREE], "family_members": [{**MEMBER, "parent_ids": ["x"]}]},
            ["must be a list of UUIDs"],
        ),
        ("gateway", {"family_trees": [{**TREE, "created_at": "0000-01-01"}]}, ["created_at is '0000-01-01'"]),
        ("gateway", {"reviews": [{"id": 1}]}, ["the table is not one of users, family_trees"]),
        (
            "genealogy",
            {"people": [PERSON]},
            ["familyTreeId is 777777777777777777777777, and family_trees has no such id"],
        ),
        ("genealogy", {"people": [{**PERSON, "_id": "x"}]}, ["_id is text, and must be an ObjectId"]),
        (
            "gateway",
            {"users": [{"id": TREE["id"], "email": "a"}, {"id": MEMBER["id"], "email": "a"}]},
            ["email is the same as on line 1"],
        ),
    ],
)
async def test_one_bad_row_keeps_all_out(
    rows: Callable[..., Path], database: Database, surface: str, tables: Any, reasons: list[str]
) -> None:
    summary = await import_rows(surface, rows(**tables))
    assert len(summary.bad) == len(reasons) and summary.written == {}
    for bad, reason in zip(summary.bad, reasons, strict=True):
        assert reason in bad.reason
    assert await User.count() == await Tree.count() == await Person.count() == 0


async def test_an_address_has_one_owner(rows: Callable[..., Path], passwords: Passwords) -> None:
    await User(id=4, email="a@b.co", username="learner").insert()
    summary = await import_rows("gateway", rows(users=[{"id": TREE["id"], "email": "a@b.co"}]))
    assert [bad.reason for bad in summary.bad] == [
        "email belongs to user 4 already; give both accounts one address owner first"
    ]


async def test_whom_nobody_knows_is_counted_and_left_out(rows: Callable[..., Path]) -> None:
    member = {**MEMBER, "parent_ids": ["3" * 8 + "-0000-4000-8000-" + "0" * 12, MEMBER["id"]]}
    summary = await import_rows("gateway", rows(family_trees=[TREE], family_members=[member]))
    assert (summary.bad, summary.foreign) == ([], 1)
    (stored,) = await Person.find_all().to_list()
    assert stored.parents == [stored.id]


async def test_the_rest_of_a_family_may_come_later(rows: Callable[..., Path]) -> None:
    await import_rows("gateway", rows(family_trees=[TREE], family_members=[MEMBER]))
    child = {**MEMBER, "id": "4" * 8 + "-0000-4000-8000-" + "0" * 12, "parent_ids": [MEMBER["id"]]}
    summary = await import_rows("gateway", rows(family_members=[child]))
    assert (summary.bad, summary.foreign) == ([], 0)
    parent = await Person.find_one({"uuid": MEMBER["id"]})
    stored = await Person.find_one({"uuid": child["id"]})
    assert parent is not None and stored is not None and stored.parents == [parent.id]


async def test_what_was_made_twice_is_kept_twice(rows: Callable[..., Path]) -> None:
    tree = {
        "_id": "7" * 24,
        "name": "T",
        "ownerId": "u",
        "privacy": "public",
        "createdAt": "2025-01-01T00:00:00Z",
    }
    other = {**PERSON, "_id": "5" * 24, "uniqueId": "b"}
    sibling = {
        "familyTreeId": "7" * 24,
        "person1Id": "5" * 24,
        "person2Id": "6" * 24,
        "type": "HalfSibling",
        "createdAt": "2025-01-01T00:00:00Z",
    }
    twice = [{**sibling, "_id": digit * 24} for digit in "89"]
    file = rows(familytrees=[tree], people=[PERSON, other], relationships=twice)
    assert (await import_rows("genealogy", file)).bad == []
    assert sorted(len(row.claims) for row in await Relationship.find_all().to_list()) == [0, 1]
    assert (await import_rows("genealogy", file)).bad == []


async def test_the_same_tree_of_two_servers_becomes_one(file: Path, tmp_path: Path) -> None:
    lines = tmp_path / "same.csv"
    lines.write_text(
        "10000000-0000-4000-8000-000000000001,685bc8000000000000001001\n\n"
        "20000000-0000-4000-8000-000000000003, 685bc8000000000000002001\n"
    )
    same = pairs(lines)
    await import_rows("gateway", file, "gw-tree", same=same)
    await import_rows("genealogy", file, "gen-family", same=same)
    assert (await Tree.count(), await Person.count()) == (4, 13)
    tendai = await Person.find_one({"uuid": "20000000-0000-4000-8000-000000000003"})
    assert tendai is not None and tendai.id == ObjectId("685bc8000000000000002001")
    assert (tendai.clan, tendai.notes, tendai.tree_id) == ("Moyo", "Patriarch", FAMILY)
    assert await names(tendai.children) == "None Chipo Farai"
    assert await names(tendai.spouses) == "Nyasha Rudo"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x,y", ":1: a line must be a UUID, a comma and an ObjectId."),
        (f"\n{OWNER}", ":2: a line must be a UUID, a comma and an ObjectId."),
        (f"{OWNER},{FAMILY}\n{OWNER},{ObjectId()}", ":2: one of these ids has another one already."),
        (b"\xff", " cannot be read as text"),
    ],
)
def test_pairs_are_told_exactly(tmp_path: Path, text: str | bytes, message: str) -> None:
    path = tmp_path / "same.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(BadFile) as caught:
        pairs(path)
    assert str(caught.value).startswith(f"{path}{message}")


async def test_what_is_named_by_numbers_is_named_once(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="named by numbers"):
        await import_rows("mandarin", tmp_path / "rows.ndjson", same={OWNER: FAMILY})


async def test_suggestions_and_versions_come_along(rows: Callable[..., Path]) -> None:
    tree = {
        "_id": "7" * 24,
        "name": "T",
        "ownerId": "u",
        "privacy": "public",
        "createdAt": {"$date": 1735689600123},
    }
    other = {**PERSON, "_id": "5" * 24, "uniqueId": "b"}
    when = {"createdAt": {"$date": "2025-01-01T00:00:00Z"}}
    suggestion = {
        "_id": "8" * 24,
        "newPersonId": {"$oid": "6" * 24},
        "existingPersonId": "5" * 24,
        "confidence": 0.8,
        "status": "pending",
        "notifiedUsers": ["u"],
        "previewTree": {"root": {"$oid": "5" * 24}},
        **when,
    }
    version = {
        "_id": "9" * 24,
        "personId": "6" * 24,
        "version": 3,
        "data": {"firstName": "A"},
        "changeType": "update",
        **when,
    }
    file = rows(
        familytrees=[tree],
        people=[PERSON, other],
        mergesuggestions=[suggestion],
        personhistories=[version],
    )
    for _ in range(2):
        assert (await import_rows("genealogy", file)).bad == []
    (stored,) = await MergeSuggestion.find_all().to_list()
    assert (stored.confidence, stored.status, stored.preview) == (0.8, "PENDING", {"root": "5" * 24})
    assert str(stored.tree_id) == "7" * 24
    (before,) = await PersonHistory.find_all().to_list()
    assert (before.version, before.change, before.data) == (3, "UPDATED", {"legacy": {"firstName": "A"}})
    made = await Tree.find_one({})
    assert made is not None and str(made.created_at.instant) == "2025-01-01 00:00:00.123000+00:00"


def version(number: int, id: str, **data: Any) -> dict[str, Any]:
    """A row of personhistories."""
    told = {"version": number, "data": data, "changeType": "update"}
    return {"_id": id * 24, "personId": PERSON["_id"], "createdAt": "2025-01-01T00:00:00Z", **told}


async def test_a_person_goes_back_to_what_another_server_remembered(rows: Callable[..., Path]) -> None:
    before = {
        **PERSON,
        "firstName": "Once",
        "notes": "then",
        "dateOfBirth": {"$date": "1950-03-02T00:00:00Z"},
    }
    past = [
        version(1, "9", **before),
        version(2, "8", firstName="Partly"),
        version(3, "a", **{**before, "gender": "?"}),
    ]
    made = {"createdAt": "2025-01-01T00:00:00Z"}
    tree = {"_id": PERSON["familyTreeId"], "name": "T", "ownerId": OWNER, **made}
    file = rows(familytrees=[tree], people=[{**PERSON, "firstName": "Now"}], personhistories=past)
    for _ in range(2):
        assert (await import_rows("genealogy", file)).bad == []
    id, imported = ObjectId("6" * 24), ObjectId("9" * 24)
    await person_writes.change(id, {"notes": "now"}, OWNER, NOW)
    # The first state here and that of the old server have one number.
    assert await PersonHistory.find({"person_id": id, "version": 1}).count() == 2
    after = await reverts.revert(id, 1, OWNER, NOW, imported)
    assert (after["first_name"], after["name"], after["notes"]) == ("Once", "Once", "then")
    assert after["birth"] is not None and after["birth"]["at"] == datetime(1950, 3, 2)
    back = await reverts.revert(id, 1, OWNER, NOW)
    assert (back["first_name"], back["notes"]) == ("Now", "now")
    for number in (2, 3):
        with pytest.raises(VersionUnreadable, match="does not tell a whole person"):
            await reverts.revert(id, number, OWNER, NOW, ObjectId({2: "8", 3: "a"}[number] * 24))
    with pytest.raises(VersionNotFound):
        await reverts.revert(id, 2, OWNER, NOW, imported)


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("firstName", 5, "firstName is a number, and must be text that can be stored"),
        ("gender", "male?", "gender is 'male?', which is none of the known words"),
        ("dateOfBirth", "soon", "dateOfBirth is 'soon', and it is not an ISO 8601 date and time"),
        ("dateOfBirth", True, "dateOfBirth is true or false, and must be a date and time"),
        ("dateOfBirth", {"$date": 10**18}, "dateOfBirth lies outside the years 1 to 9999"),
        ("traditionalTitles", [1], "traditionalTitles must be a list of texts"),
        ("identifiers", "x", "identifiers must be a list of objects"),
        ("legalParents", [{"parentId": "x"}], "relationshipType is null or missing"),
        ("privacySettings", 1, "privacySettings is a number, and must be an object"),
        ("biologicalMother", "x", "biologicalMother is text, and must be an ObjectId"),
        ("createdAt", None, "createdAt is null or missing, and must be a date and time"),
        ("isLiving", "no", "isLiving is text, and must be true or false"),
    ],
)
async def test_a_value_that_cannot_be_believed_is_told(
    rows: Callable[..., Path], column: str, value: object, reason: str
) -> None:
    summary = await import_rows("genealogy", rows(people=[{**PERSON, column: value}]))
    assert [bad.reason for bad in summary.bad] == [reason]


async def test_a_person_has_one_reference(rows: Callable[..., Path]) -> None:
    tree = {"_id": "7" * 24, "name": "T", "ownerId": "u", "createdAt": "2025-01-01T00:00:00Z"}
    twice = [PERSON, {**PERSON, "_id": "5" * 24}]
    summary = await import_rows("genealogy", rows(familytrees=[tree], people=twice))
    assert [bad.reason for bad in summary.bad] == ["uniqueId is the same as on line 2"]
    assert (await import_rows("genealogy", rows(familytrees=[tree], people=[PERSON]))).bad == []
    summary = await import_rows("genealogy", rows(people=[twice[1]]))
    assert [bad.reason for bad in summary.bad] == [f"uniqueId is that of {'6' * 24} in the database"]
