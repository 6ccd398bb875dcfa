"""Who comes before and after whom, and how two people hang together."""

from typing import Any

import pytest
from beanie import PydanticObjectId

from models import kin
from models.kin import Tie
from models.moments import Moment
from models.people import BY_ID, Person, StoredPerson

TREE = PydanticObjectId()
MAY = Moment.from_text("2026-05-01T08:00:00")
pytestmark = pytest.mark.usefixtures("database")


class Family:
    """People by their names, written when all are told."""

    def __init__(self) -> None:
        self.people: dict[str, Person] = {}

    def add(self, name: str, *parents: str, spouse: str | None = None, tree: PydanticObjectId = TREE) -> None:
        """Somebody with parents and perhaps a spouse, who are there already."""
        person = Person(tree_id=tree, name=name, created_at=MAY, updated_at=MAY)
        self.people[name] = person
        for parent in parents:
            self.tie(parent, name)
        if spouse:
            person.spouses.append(self.people[spouse].id)
            self.people[spouse].spouses.append(person.id)

    def tie(self, parent: str, child: str) -> None:
        """Makes one a parent of the other."""
        self.people[parent].children.append(self.people[child].id)
        self.people[child].parents.append(self.people[parent].id)

    async def write(self) -> None:
        """Everybody into the store."""
        for person in self.people.values():
            await person.insert()

    async def read(self, name: str) -> StoredPerson:
        """Somebody as they are stored."""
        person = await BY_ID.load(self.people[name].id)
        assert person is not None
        return person

    async def way(self, one: str, other: str, most: int = 12) -> list[tuple[list[str], list[Tie]]]:
        """The ways between two, by names."""
        names: dict[Any, str] = {person.id: name for name, person in self.people.items()}
        found = await kin.kinship(await self.read(one), await self.read(other), most)
        return [([names[id] for id in way.people], way.ties) for way in found]


@pytest.fixture
async def family() -> Family:
    """Two grandparents, their two children, a cousin of each side, and somebody who knows nobody."""
    told = Family()
    told.add("sekuru")
    told.add("ambuya", spouse="sekuru")
    told.add("tendai", "sekuru", "ambuya")
    told.add("rudo", "sekuru", "ambuya")
    told.add("farai", spouse="rudo")
    told.add("chipo", "tendai")
    told.add("anesu", "rudo", "farai")
    told.add("lonely")
    await told.write()
    return told


async def test_lineage_is_read_by_generations_with_the_fields_that_are_wanted(family: Family) -> None:
    found = await kin.ancestors(await family.read("anesu"), 5, ("name",))
    assert [(each.person["name"], each.generation) for each in found] == [
        ("rudo", 1),
        ("farai", 1),
        ("sekuru", 2),
        ("ambuya", 2),
    ]
    assert set(found[0].person) == {"_id", "name"}
    found = await kin.ancestors(await family.read("anesu"), 1)
    assert [each.person["name"] for each in found] == ["rudo", "farai"]
    assert found[0].person["tree_id"] == TREE
    found = await kin.descendants(await family.read("sekuru"), 2, ("name",))
    assert sorted((each.generation, each.person["name"]) for each in found) == [
        (1, "rudo"),
        (1, "tendai"),
        (2, "anesu"),
        (2, "chipo"),
    ]


async def test_a_circle_ends_and_nobody_is_their_own_ancestor() -> None:
    told = Family()
    told.add("a")
    told.add("b", "a")
    told.tie("b", "a")
    told.tie("a", "a")
    await told.write()
    found = await kin.ancestors(await told.read("a"), 50)
    assert [(each.person["name"], each.generation) for each in found] == [("b", 1)]


async def test_lineage_stays_in_the_tree() -> None:
    told = Family()
    told.add("foreign", tree=PydanticObjectId())
    told.add("child", "foreign")
    await told.write()
    assert await kin.ancestors(await told.read("child"), 5) == []


async def test_cousins_hang_together_by_each_grandparent(family: Family) -> None:
    ties = [Tie.PARENT, Tie.PARENT, Tie.CHILD, Tie.CHILD]
    assert sorted(await family.way("chipo", "anesu")) == [
        (["chipo", "tendai", "ambuya", "rudo", "anesu"], ties),
        (["chipo", "tendai", "sekuru", "rudo", "anesu"], ties),
    ]
    assert await family.way("chipo", "anesu", most=3) == []


async def test_the_nearest_way_counts(family: Family) -> None:
    assert await family.way("sekuru", "ambuya") == [(["sekuru", "ambuya"], [Tie.SPOUSE])]
    assert await family.way("anesu", "rudo") == [(["anesu", "rudo"], [Tie.PARENT])]
    assert sorted(await family.way("farai", "tendai")) == [
        (["farai", "rudo", parent, "tendai"], [Tie.SPOUSE, Tie.PARENT, Tie.CHILD])
        for parent in ("ambuya", "sekuru")
    ]
    assert await family.way("anesu", "anesu") == [(["anesu"], [])]
    assert await family.way("anesu", "lonely") == []


async def test_who_is_too_far_is_left_out(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    nearest: Any = {"$slice": [kin.NEAREST["$slice"][0], 2]}
    monkeypatch.setattr(kin, "MOST", 2)
    monkeypatch.setattr(kin, "NEAREST", nearest)
    for fields in (None, ("name",)):
        found = await kin.ancestors(await family.read("anesu"), 5, fields)
        assert [each.person["name"] for each in found] == ["rudo", "farai"]
