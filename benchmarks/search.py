"""`python -m benchmarks.search`: how well and fast misspelt names are found, beside MongoDB's own text index.

    python -m benchmarks.search [--people 20000] [--asked 500] [--json FILE]

It makes people with names of several languages in a scratch database, misspells some of them as people do (a
letter too many, too few, another one, two changed about, or written as it sounds), and asks both for each.
Recall@10 is how often the person is among the first ten.
"""

import argparse
import asyncio
import json
import random
import re
import secrets
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bson import ObjectId
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

import models
from models import raw
from models.moments import Moment
from models.people import Person
from models.raw import stored_form
from models.search.embedded import Embedded
from models.search.engine import Scope, Wanted
from models.search.feeder import Feeder
from models.trees import Tree
from server.embedded import services
from server.settings import Settings

FIRST = """
Tendai Chipo Rudo Tapiwa Farai Nyasha Kudzai Tatenda Simba Rumbidzai Munashe Anesu Thandiwe Sibusiso
Nokuthula Themba Blessing Precious Gift Ruvimbo Panashe Tinashe Johannes Katharina Friedrich Wilhelmina
Margarethe Heinrich Elisabeth Christoph Dorothea Gottfried Przemysław Katarzyna Wojciech Agnieszka
Stanisław Małgorzata Zbigniew Bartholomew Penelope Alexander Charlotte Theodore Gwendolyn Montgomery
Evangeline Sebastião Conceição Guilherme Joaquim Mercedes Guadalupe Francisco Concepción Étienne
Geneviève Mathilde François Jean-Baptiste Marguerite Mohammed Abdulrahman Fatima Aisha Khadija Yusuf
Ibrahim Oluwaseun Chukwuemeka Adaeze Ngozi Olumide Ifeoma Kwame Akosua Kofi Abena Nguyen Thi Xiaoming
Yulan Haruto Sakura Dmitri Anastasia Ekaterina Vladimir Svetlana Björn Ingeborg Sigríður Håkon Åse
""".split()
LAST = """
Moyo Ncube Dube Sibanda Ndlovu Chikafu Mutasa Chiweshe Mapfumo Marechera Gumbo Zvobgo Mugabe Tsvangirai
Nkomo Chidzero Mandaza Vambe Samkange Mutswairo Schmidt Hoffmann Schwarzenegger Grünewald Zimmermann
Schröder Köhler Oberhauser Brandstätter Kowalczyk Wiśniewski Szczepański Dąbrowski Zieliński Krzyżanowski
Featherstonehaugh Cholmondeley Wriothesley Beauchamp Montague Fitzwilliam Abernathy Goldsmith Thatcher
Wainwright Ferreira Gonçalves Rodrigues Albuquerque Vasconcelos Hernández Gutiérrez Rodríguez Fernández
Zapatero Delacroix Lefèvre Beaumont Rousseau Archambault Al-Rashid Haddad Khoury Mansour Adeyemi Okonkwo
Nwosu Achebe Soyinka Mensah Asante Boateng Tran Pham Watanabe Yamamoto Takahashi Petrov Romanova
Kuznetsov Volkov Østergård Guðmundsdóttir Lindqvist Söderström
""".split()
SOUNDS = (
    ("ph", "f"),
    ("ck", "k"),
    ("z", "s"),
    ("c", "k"),
    ("y", "i"),
    ("w", "v"),
    ("ou", "u"),
    ("ei", "ie"),
    ("th", "t"),
)
LETTERS = "abcdefghijklmnopqrstuvwxyz"
AT_ONCE = 1_000


@dataclass
class Result:
    """How one way of searching did."""

    name: str
    recall: float
    first: float
    p50: float
    p95: float
    size: int


def misspelt(name: str, dice: random.Random) -> str:
    """A name as somebody writes it who has only heard it, or is in a hurry."""
    if dice.random() < 0.25:
        fitting = [(a, b) for a, b in SOUNDS if a in name.lower()]
        if fitting:
            return re.sub(*dice.choice(fitting), name.lower(), count=1)
    place = dice.randrange(1, max(2, len(name) - 1))
    letter = dice.choice(LETTERS)
    before, after = name[:place], name[place:]
    return dice.choice(
        [
            before + after[1:],
            before + letter + after,
            before + letter + after[1:],
            before + after[1:2] + after[:1] + after[2:],
            before + before[-1:] + after,
        ]
    )


def questions(people: Sequence[Person], number: int, dice: random.Random) -> list[tuple[str, str]]:
    """Misspelt names, each with the name that was meant: one of its words is wrong, or of a third both."""
    asked = []
    for person in dice.sample(list(people), number):
        first, last = person.first_name or "", person.last_name or ""
        which = dice.randrange(3)
        wrong = (misspelt(first, dice) if which != 0 else first, misspelt(last, dice) if which != 1 else last)
        asked.append((" ".join(wrong), person.name or ""))
    return asked


async def measured(
    name: str, asked: list[tuple[str, str]], ask: Callable[[str], Awaitable[list[str]]], size: int
) -> Result:
    """How one way of searching does with all questions."""
    found, first, times = 0, 0, []
    for words, meant in asked:
        begun = time.perf_counter()
        names = await ask(words)
        times.append(1000 * (time.perf_counter() - begun))
        found += meant in names[:10]
        first += meant in names[:1]
    p50, p95 = statistics.median(times), statistics.quantiles(times, n=20)[18]
    return Result(name, found / len(asked), first / len(asked), round(p50, 2), round(p95, 2), size)


async def made(number: int, dice: random.Random) -> tuple[Tree, list[Person]]:
    """People, in one tree."""
    moment = Moment.of(datetime.now(UTC))
    tree = Tree(name="All", owner="ann", created_at=moment, updated_at=moment, active_at=moment)
    await Tree.get_pymongo_collection().insert_one(stored_form(tree))
    people = []
    for _ in range(number):
        first, middle, last = dice.choice(FIRST), dice.choice("ABCDEFGHJKLMNPRSTW"), dice.choice(LAST)
        # Two families that came together: so there are more names than the lists have.
        last = f"{last}-{dice.choice(LAST)}" if dice.random() < 0.6 else last
        name = f"{first} {last}"
        person = Person(
            tree_id=tree.id,
            name=name,
            first_name=first,
            middle_name=middle,
            last_name=last,
            birth_place=dice.choice(["Harare", "Gweru", "Bulawayo", "Mutare", "Masvingo"]),
            occupation=dice.choice(["teacher", "farmer", "nurse", "miner"]),
            biography=" ".join(dice.choices(FIRST + LAST, k=12)),
            living=False,
            created_at=moment,
            updated_at=moment,
        )
        people.append(person)
    collection = raw.collection(Person)
    for begin in range(0, number, AT_ONCE):
        await collection.insert_many([stored_form(each) for each in people[begin : begin + AT_ONCE]])
    return tree, people


async def embedded(
    database: AsyncDatabase[dict[str, Any]], tree: Tree, asked: list[tuple[str, str]], folder: Path
) -> tuple[Result, float]:
    """The index of this project, and how many seconds it took to make."""
    engine = Embedded(folder)
    feeder = Feeder(database, engine)
    begun = time.perf_counter()
    running = asyncio.create_task(feeder.run())
    await feeder.ready.wait()
    seconds = time.perf_counter() - begun
    scope, people = Scope("ann", (str(tree.id),), (str(tree.id),)), raw.collection(Person)

    async def ask(words: str) -> list[str]:
        found = await engine.search(Wanted(words=words, limit=10), scope)
        ids = [each.id.partition(":")[2] for each in found.hits]
        names = {
            str(each["_id"]): each["name"]
            async for each in people.find({"_id": {"$in": [*map(ObjectId, ids)]}})
        }
        return [names[id] for id in ids]

    result = await measured("embedded index", asked, ask, await engine.size())
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await engine.close()
    return result, seconds


async def text_index(
    database: AsyncDatabase[dict[str, Any]], tree: Tree, asked: list[tuple[str, str]]
) -> tuple[Result, float]:
    """MongoDB's own, over the same fields, with more weight on names."""
    people = raw.collection(Person)
    names = ["name", "nickname", "birth_place", "death_place", "occupation", "biography"]
    begun = time.perf_counter()
    await people.create_index(
        [(name, "text") for name in names], name="text", default_language="none", weights={"name": 10}
    )
    seconds = time.perf_counter() - begun
    score = {"$meta": "textScore"}

    async def ask(words: str) -> list[str]:
        wanted = {"tree_id": tree.id, "$text": {"$search": words.replace("-", " ")}}
        found = people.find(wanted, {"name": 1, "score": score}, sort=[("score", score)], limit=10)
        return [each["name"] for each in await found.to_list()]

    told = await database.command({"collStats": Person.get_collection_name()})
    return await measured("MongoDB $text", asked, ask, told["indexSizes"]["text"]), seconds


async def run(people: int, number: int, uri: str) -> dict[str, Any]:
    """Both, side by side."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(uri, tz_aware=True)
    database, dice = client[f"lockstep_search_{secrets.token_hex(4)}"], random.Random(7)
    try:
        await models.connect(database)
        tree, everybody = await made(people, dice)
        wrong = questions(everybody, number, dice)
        right = [(meant, meant) for _, meant in wrong]
        with tempfile.TemporaryDirectory(prefix="lockstep-search-") as folder:
            ours, built = await embedded(database, tree, wrong, Path(folder))
            ours_right, _ = await embedded(database, tree, right, Path(folder))
        theirs, built_text = await text_index(database, tree, wrong)
        theirs_right, _ = await text_index(database, tree, right)
        return {
            "people": people,
            "asked": number,
            "misspelt": [vars(ours), vars(theirs)],
            "as written": [vars(ours_right), vars(theirs_right)],
            "seconds to build": {"embedded": round(built, 2), "MongoDB $text": round(built_text, 2)},
        }
    finally:
        await client.drop_database(database.name)
        await client.close()


def main() -> None:
    """Prints what was measured, as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--asked", type=int, default=500)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lockstep-search-data-") as folder:
        with services(Settings.from_env({"LOCKSTEP_DATA": folder}), exclusive=True) as running:
            said = asyncio.run(run(given.people, given.asked, running.mongodb_uri))
    text = json.dumps(said, indent=2)
    print(text)
    if given.json:
        given.json.write_text(text + "\n")


if __name__ == "__main__":
    main()
