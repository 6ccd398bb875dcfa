"""The demo data comes once, into an empty database, and makes a believable start."""

import asyncio
from datetime import datetime

import pytest
from bson import ObjectId

from models import (
    accounts,
    courses,
    demo,
    events,
    kin,
    people,
    relationships,
    reviews,
    tree_writes,
    trees,
    users,
    warnings,
)
from models.characters import Character
from models.counters import next_id
from models.courses import Course, CourseContent
from models.invitations import Invitation
from models.kinds import TreeRole
from models.passwords import Passwords
from models.reviews import Review
from models.users import User

pytestmark = pytest.mark.usefixtures("database")


async def test_a_new_server_has_something_to_show(passwords: Passwords, now: datetime) -> None:
    assert await demo.load_once(now, passwords) is True
    learner = await users.login("learner@example.com", "learn-mandarin", passwords)
    assert learner["_id"] == 1
    assert [course["title"] for course in await courses.published(None, 10)] == [
        "HSK 1: First words",
        "HSK 2: Around town",
        "HSK 3: Telling stories",
        "Radicals: how characters are built",
    ]
    assert [len(await courses.LESSONS.load(id)) for id in (1, 2, 3, 4)] == [6, 5, 6, 5]
    assert await CourseContent.count() == 22
    assert await Character.count() == 32
    character = await Character.get(20)
    assert character is not None
    assert (character.hanzi, character.pinyin, character.meaning) == ("手", "shǒu", "hand")
    assert await reviews.count_due(1, now) == 6
    assert await Review.count() == 8
    codes = [invitation.code for invitation in await Invitation.find({"used": False}).to_list()]
    assert codes == ["WELCOME-1", "WELCOME-2", "WELCOME-3", "WELCOME-4", "WELCOME-5"]
    registered = await users.register("new@example.com", "pw", "new", "WELCOME-1", now, passwords)
    assert registered["_id"] == 3


async def test_a_family_of_five_generations_has_a_tree(passwords: Passwords, now: datetime) -> None:
    await demo.load_once(now, passwords)
    signed = await accounts.sign_in("family@example.com", "read-the-tree", now, passwords)
    tree, created = await tree_writes.open(signed.user["uuid"], now)
    assert (tree["name"], created) == ("Moyo Family", False)
    assert tree["settings"] is not None and isinstance(tree["settings"]["_id"], ObjectId)
    assert [isinstance(each["_id"], ObjectId) for each in tree["collaborators"]] == [True]
    everybody = await people.OF_TREE.load(tree["_id"])
    assert len(everybody) == 60 == len({each["name"] for each in everybody})
    assert tree["root_person"] in {each["_id"] for each in everybody}
    youngest = next(each for each in everybody if each["_id"] == tree["root_person"])
    found = await kin.ancestors(youngest, 10)
    assert {each.generation for each in found} == {1, 2, 3, 4} and len(found) == 10
    for each in everybody:
        assert [warning.message for warning in await warnings.of_person(each, now)] == []
    rows = await relationships.OF_TREE.load(tree["_id"])
    assert [row["kind"] for row in rows].count("SPOUSE") == 17
    assert len(await events.OF_TREE.load((tree["_id"], None, 100))) == 77
    learner = await users.login("learner@example.com", "learn-mandarin", passwords)
    assert trees.role_of(tree, learner["uuid"]) is TreeRole.VIEWER


async def test_it_is_loaded_once(passwords: Passwords, now: datetime) -> None:
    assert await demo.load_once(now, passwords) is True
    await Course.delete_all()
    await User.delete_all()
    assert await demo.load_once(now, passwords) is False
    assert await Course.count() == 0


async def test_it_never_mixes_with_other_data(passwords: Passwords, now: datetime) -> None:
    await Course(id=1, title="Real").insert()
    assert await demo.load_once(now, passwords) is False
    assert await User.count() == 0
    assert await next_id(User) == 1
    await User(id=1, email="a", username="a").insert()
    assert await demo.load_once(now, passwords) is False


async def test_of_two_servers_that_start_at_once_one_loads_it(passwords: Passwords, now: datetime) -> None:
    loaded = await asyncio.gather(*(demo.load_once(now, passwords) for _ in range(3)))
    assert sorted(loaded) == [False, False, True]
    assert await Review.count() == 8


async def test_it_knows_whether_somebody_came(passwords: Passwords, now: datetime) -> None:
    assert await demo.untouched() is None
    await demo.load_once(now, passwords)
    assert await demo.untouched() is True
    await users.register("new@example.com", "pw", "new", "WELCOME-1", now, passwords)
    assert await demo.untouched() is False
    await demo.give_way()
    assert await demo.untouched() is None
