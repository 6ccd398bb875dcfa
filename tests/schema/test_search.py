"""Search through the graph: what is found, by whom, and how it is shown."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from models import raw, trees
from models.events import Event
from models.kinds import Privacy, Role, Visibility
from models.moments import Moment
from models.people import Person, PersonPrivacy
from models.raw import stored_form
from models.search import finding
from models.search.feeder import Feeder
from models.trees import Collaborator, Tree
from schema import sight
from tests.models.search.searching import NOW, add_person, add_tree, equal, fed
from tests.schema.conftest import Graph

HITS = """total hits {
  name kind title content metadata privacy owner score person { id }
  highlights { title content birthPlace }
}"""
SEARCH = f"query($words: String) {{ search(words: $words) {{ {HITS} suggestions }} }}"
PUT = "mutation($input: NewSearchEntry!) { putSearchEntry(input: $input) }"


@pytest.fixture
async def feeder(database: AsyncDatabase[dict[str, Any]], tmp_path: Path) -> AsyncIterator[Feeder]:
    """An index that follows the database."""
    async with fed(database, tmp_path) as running:
        yield running


async def found(graph: Graph, words: str, subject: str) -> list[str]:
    """The titles of what somebody finds."""
    page = (await graph.data(SEARCH, subject, words=words))["search"]
    assert page["total"] >= len(page["hits"])
    return [hit["title"] for hit in page["hits"]]


async def put(
    graph: Graph, subject: str, name: str, title: str, privacy: str = "PRIVATE", **more: Any
) -> None:
    fields = {
        "name": name,
        "kind": "RECORD",
        "title": title,
        "content": "",
        "metadata": {},
        "privacy": privacy,
    }
    await graph.data(PUT, subject, input={**fields, **more})


async def test_a_misspelt_name_is_found_and_marked(graph: Graph, feeder: Feeder) -> None:
    tree = await add_tree("ann")
    await add_person(tree, "Tendai", "Moyo", biography="Taught <b>mathematics</b>.", birth_place="Harare")
    await equal(feeder.engine)
    page = (await graph.data(SEARCH, "ann", words="tendia mathematiks"))["search"]
    (hit,) = page["hits"]
    assert hit["title"] == "Tendai Moyo"
    assert hit["kind"] == "PERSON"
    assert hit["content"] == "Taught <b>mathematics</b>."
    assert hit["metadata"] == {
        "firstName": "Tendai",
        "lastName": "Moyo",
        "gender": "UNKNOWN",
        "birthPlace": "Harare",
    }
    assert hit["highlights"] == {
        "title": ["<em>Tendai</em> Moyo"],
        "content": ["Taught &lt;b&gt;<em>mathematics</em>&lt;/b&gt;."],
        "birthPlace": None,
    }


async def test_everybody_finds_their_own_what_is_public_and_what_is_in_their_trees(
    graph: Graph, feeder: Feeder
) -> None:
    accepted = Collaborator(
        account="bob", role=Role.VIEWER, added_at=Moment.of(NOW), accepted_at=Moment.of(NOW)
    )
    invited = Collaborator(account="cat", role=Role.VIEWER, added_at=Moment.of(NOW))
    tree = await add_tree("ann", collaborators=[accepted, invited])
    await add_person(tree, "Tendai", "Moyo")
    await put(graph, "ann", "d1", "Moyo of ann, hers")
    await put(graph, "ann", "d2", "Moyo of ann, for all", "PUBLIC")
    await put(graph, "ann", "d3", "Moyo of ann, for the family", "FAMILY", familyTree=str(tree.id))
    await put(graph, "cat", "d1", "Moyo of cat, not in her tree", "FAMILY", familyTree=str(tree.id))
    await equal(feeder.engine)
    everything = {"Tendai Moyo", "Moyo of ann, for all", "Moyo of ann, for the family"}
    assert set(await found(graph, "moyo", "ann")) == {*everything, "Moyo of ann, hers"}
    assert set(await found(graph, "moyo", "bob")) == everything
    assert set(await found(graph, "moyo", "cat")) == {"Moyo of ann, for all", "Moyo of cat, not in her tree"}
    assert set(await found(graph, "moyo", "dan")) == {"Moyo of ann, for all"}
    assert await graph.codes(SEARCH, words="moyo") == ["NOT_SIGNED_IN"]


async def test_nobody_finds_a_person_by_what_they_may_not_see(graph: Graph, feeder: Feeder) -> None:
    """What the index lets find somebody is exactly what the graph shows of them."""
    accounts = {"ann": None, "bob": Role.VIEWER, "eve": Role.ADMIN, "dan": None, "max": Role.EDITOR}
    moment = Moment.of(NOW)
    tree = await add_tree(
        "ann",
        Privacy.PUBLIC,
        collaborators=[
            Collaborator(account=account, role=role, added_at=moment, accepted_at=moment)
            for account, role in accounts.items()
            if role is not None
        ],
    )
    people = []
    for number, visibility in enumerate(Visibility):
        for living in (False, True):
            privacy = PersonPrivacy(profile=visibility, birth=visibility, death=visibility)
            name = f"P{number}{living}"
            facts = {"biography": "profileword", "birth_place": "birthword", "death_place": "deathword"}
            people.append(
                await add_person(
                    tree, name, "Moyo", living=living, privacy=privacy, created_by="max", **facts
                )
            )
    await equal(feeder.engine)
    for account in accounts:
        role = None if account == "dan" else (await roles(tree, account))
        for field, word in (
            ("biography", "profileword"),
            ("birth_place", "birthword"),
            ("death_place", "deathword"),
        ):
            shown = set()
            for id in people:
                person: Any = await raw.collection(Person).find_one({"_id": id})
                if sight.masked(person, role, account)[field] is not None:  # type: ignore[literal-required]
                    shown.add(person["name"])
            assert set(await found(graph, word, account)) == shown, (account, word)


async def roles(tree: Tree, account: str) -> Any:
    """What somebody is to a tree."""
    return trees.role_of(await trees.get(tree.id, account), account)


async def test_only_its_owner_changes_and_removes_an_entry(graph: Graph, feeder: Feeder) -> None:
    await put(graph, "ann", "d1", "The register", "PUBLIC", metadata={"a": {"b": 1}})
    change = (
        "mutation($name: ID!, $input: SearchEntryChanges!) { changeSearchEntry(name: $name, input: $input) }"
    )
    remove = "mutation($name: ID!) { removeSearchEntry(name: $name) }"
    refused = ["SEARCH_ENTRY_NOT_FOUND"]
    assert await graph.codes(change, "bob", name="d1", input={"title": "Bob's"}) == refused
    assert await graph.codes(remove, "bob", name="d1") == refused
    # What bob calls so too is another entry.
    await put(graph, "bob", "d1", "Bob's own register", "PUBLIC")
    await graph.data(remove, "bob", name="d1")
    await graph.data(
        change, "ann", name="d1", input={"metadata": {"a": {"c": 2}}, "title": "The register of 1950"}
    )
    await equal(feeder.engine)
    page = (await graph.data(SEARCH, "bob", words="register"))["search"]
    assert [(hit["title"], hit["owner"], hit["metadata"]) for hit in page["hits"]] == [
        ("The register of 1950", "ann", {"a": {"b": 1, "c": 2}})
    ]
    await graph.data(remove, "ann", name="d1")
    assert await graph.codes(remove, "ann", name="d1") == refused
    # Gone at once, also before the index has heard of it.
    assert (await graph.data(SEARCH, "bob", words="register"))["search"]["hits"] == []


async def test_people_are_found_by_names_and_one_of_the_other_facts(graph: Graph, feeder: Feeder) -> None:
    tree = await add_tree("ann")
    born = Moment.of(NOW.replace(year=1650, month=3, day=2))
    await add_person(tree, "Tendai", "Moyo", birth=born, birth_place="Harare")
    await add_person(tree, "Tendai", "Ncube", birth_place="Gweru")
    await equal(feeder.engine)
    query = """query($first: String, $last: String, $birth: String, $place: String, $misspelt: Boolean!) {
      searchPeople(
        firstName: $first, lastName: $last, birth: $birth, birthPlace: $place, misspelt: $misspelt
      ) {
        hits { title person { firstName } }
      }
    }"""

    async def asked(**variables: Any) -> list[str]:
        page = await graph.data(query, "ann", **{"misspelt": True, **variables})
        return sorted(hit["title"] for hit in page["searchPeople"]["hits"])

    both = ["Tendai Moyo", "Tendai Ncube"]
    assert await asked() == both
    assert await asked(first="tendai") == both
    assert await asked(first="tendia") == both
    assert await asked(first="tendia", misspelt=False) == []
    assert await asked(first="tendai", last="nkube") == ["Tendai Ncube"]
    for birth in ("1650", "1650-03", "1650-03-02"):
        assert await asked(first="tendai", birth=birth) == ["Tendai Moyo"], birth
    assert await asked(first="tendai", birth="1651") == []
    assert await asked(first="tendai", birth="1651", place="gweru") == ["Tendai Ncube"]
    assert await graph.codes(query, "ann", misspelt=True, birth="1650-02-30") == ["UNFIT"]


async def test_filters_order_pages_and_counts(graph: Graph, feeder: Feeder) -> None:
    for number in range(5):
        kind, privacy = ("DOCUMENT" if number % 2 else "RECORD"), ("PUBLIC" if number else "PRIVATE")
        await put(graph, "ann", f"d{number}", f"Moyo {number}", privacy, kind=kind)
    await equal(feeder.engine)
    query = """query(
      $kinds: [SearchKind!], $privacies: [Privacy!], $span: SearchSpan, $sort: SearchSort, $page: Int!
    ) {
      search(
        words: "moyo", kinds: $kinds, privacies: $privacies, span: $span, sort: $sort, page: $page, first: 2
      ) {
        total page size hits { title }
        facets { kinds { kind count } privacies { privacy count } years { millis count } }
      }
    }"""
    up = {"by": "TITLE", "direction": "ASC"}
    page = (await graph.data(query, "ann", sort=up, page=2))["search"]
    assert (page["total"], page["page"], page["size"]) == (5, 2, 2)
    assert [hit["title"] for hit in page["hits"]] == ["Moyo 2", "Moyo 3"]
    assert page["facets"] == {
        "kinds": [{"kind": "RECORD", "count": 3}, {"kind": "DOCUMENT", "count": 2}],
        "privacies": [{"privacy": "PUBLIC", "count": 4}, {"privacy": "PRIVATE", "count": 1}],
        "years": [{"millis": 1767225600000, "count": 5}],
    }
    page = (await graph.data(query, "ann", kinds=["DOCUMENT"], privacies=["PUBLIC"], sort=up, page=1))[
        "search"
    ]
    assert [hit["title"] for hit in page["hits"]] == ["Moyo 1", "Moyo 3"]
    for span, total in (
        ({"since": "2026"}, 5),
        ({"until": "2025"}, 0),
        ({"since": "2026-01-01", "until": "2026-01-01"}, 5),
    ):
        page = (await graph.data(query, "ann", span={"dated": "CREATED", **span}, page=1))["search"]
        assert page["total"] == total, span


async def test_long_texts_share_the_room_of_a_page(graph: Graph, feeder: Feeder) -> None:
    tree, long = await add_tree("ann"), "word " * 20_000
    await add_person(tree, "Tendai", "Moyo", biography=long)
    await put(graph, "ann", "d1", "Moyo's letters", content=long + "end")
    await put(graph, "ann", "d2", "A letter to Moyo", content="Dear")
    await equal(feeder.engine)
    asked = 'query($first: Int!) { search(words: "moyo", first: $first) { hits { title content } } }'

    async def told(first: int) -> dict[str, str]:
        hits = (await graph.data(asked, "ann", first=first))["search"]["hits"]
        return {hit["title"]: hit["content"] for hit in hits}

    assert await told(20) == {"Tendai Moyo": long, "Moyo's letters": f"{long}end", "A letter to Moyo": "Dear"}
    begun = long[: finding.ROOM // 100]
    assert await told(100) == {"Tendai Moyo": begun, "Moyo's letters": begun, "A letter to Moyo": "Dear"}
    assert len(begun) == 40_000


async def test_titles_and_facts_are_no_longer_than_somebody_reads(graph: Graph, feeder: Feeder) -> None:
    tree = await add_tree("ann")
    await add_person(tree, "Tendai", "Moyo", occupation="miner " * 20_000)
    when = Moment.of(NOW)
    event = Event(tree_id=tree.id, kind="Moved", place="Market, " * 10_000, created_at=when, updated_at=when)
    await raw.collection(Event).insert_one(stored_form(event))
    await equal(feeder.engine)
    (person,) = (await graph.data(SEARCH, "ann", words="tendai"))["search"]["hits"]
    assert person["metadata"]["occupation"] == ("miner " * 20_000)[:1_000]
    page = (await graph.data(SEARCH, "ann", words="market"))["search"]
    assert [len(hit["title"]) for hit in page["hits"]] == [500]
    assert [len(title) for title in page["suggestions"]] == [500]


async def test_half_written_words_are_completed(graph: Graph, feeder: Feeder) -> None:
    for name in ("Tendai Moyo", "Tendekai Moyo", "Rudo Tendai", "Chipo Moyo"):
        await put(graph, "ann", name, name)
    await equal(feeder.engine)
    query = "query($text: String!) { searchSuggestions(text: $text) }"
    assert set((await graph.data(query, "ann", text="ten"))["searchSuggestions"]) == {
        "Tendai Moyo",
        "Tendekai Moyo",
        "Rudo Tendai",
    }
    assert (await graph.data(query, "ann", text="chipo m"))["searchSuggestions"] == ["Chipo Moyo"]
    assert (await graph.data(query, "bob", text="ten"))["searchSuggestions"] == []


async def test_without_an_index_it_is_said(graph: Graph, database: AsyncDatabase[dict[str, Any]]) -> None:
    assert await graph.codes(SEARCH, "ann", words="moyo") == ["SEARCH_AWAY"]
