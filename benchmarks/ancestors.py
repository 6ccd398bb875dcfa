"""How long ten generations of ancestors take in a tree of 100,000 people: `python -m benchmarks.ancestors`.

Everybody of a generation but the first has a couple of the one before as parents, so that somebody of the
last one has up to 2,046 ancestors. Each request goes over HTTP, and its resolver asks the store once.
"""

import asyncio
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Any

import click
import httpx
from bson import ObjectId
from pymongo import AsyncMongoClient

import models
from benchmarks.processes import serving
from benchmarks.servers import REPOSITORY, Server, lockstep
from models.kinds import Gender, Privacy
from models.moments import Moment
from models.people import Person
from models.raw import stored_form
from models.trees import Tree
from models.users import User
from schema.tokens import Tokens
from server.embedded import Services, services
from server.settings import Settings

PEOPLE, GENERATIONS = 100_000, 10
GOAL = 0.050
ASKED, WARM_UP = 300, 30
BATCH = 5_000
MOMENT = Moment.of(datetime(2026, 5, 1, 8, 30, tzinfo=UTC))
ACCOUNT = "00000000-0000-4000-8000-000000000001"
QUERY = """
query ancestors($id: ID!, $generations: Int!) {
  person(id: $id) { id ancestors(generations: $generations) { generation person { id name birth gender } } }
}
"""
NAMES = ("SECRET_KEY", "JWT_SECRET_KEY", "JWT_SECRET", "JWT_REFRESH_SECRET")
SECRETS = {name: secrets.token_hex(32) for name in NAMES}
SERVER = Server("ancestors", "Lockstep", lockstep(), cases=(), ready="/health/ready")


@dataclass(frozen=True)
class Figures:
    """What was measured: how many ancestors came on average, and seconds for each request."""

    kin: float
    seconds: list[float]

    @property
    def p95(self) -> float:
        """The time within which 19 of 20 requests were answered."""
        return quantiles(self.seconds, n=20)[-1]


def layers(people: int, generations: int) -> list[int]:
    """How many people there are in each generation, from the first to that of those who ask."""
    each, more = divmod(people, generations + 1)
    return [each + (number < more) for number in range(generations + 1)]


def family(tree_id: ObjectId, people: int, generations: int) -> Iterator[dict[str, Any]]:
    """Everybody in the tree, generation by generation: children of couples drawn from the one before."""
    random = Random(7)
    before: list[dict[str, Any]] = []
    number = 0
    for size in layers(people, generations):
        now = []
        for place in range(size):
            number += 1
            person = stored_form(
                Person(
                    tree_id=tree_id,
                    first_name=f"Person {number}",
                    name=f"Person {number}",
                    gender=(Gender.MALE, Gender.FEMALE)[place % 2],
                    birth=MOMENT,
                    created_by=ACCOUNT,
                    created_at=MOMENT,
                    updated_at=MOMENT,
                )
            )
            if before:
                couple = random.randrange(len(before) // 2) * 2
                person["parents"] = [before[couple]["_id"], before[couple + 1]["_id"]]
                person["father_id"], person["mother_id"] = person["parents"]
                for parent in before[couple : couple + 2]:
                    parent["children"].append(person["_id"])
            now.append(person)
        yield from before
        before = now
    yield from before


async def plant(people: int, generations: int) -> list[str]:
    """Writes the tree into the connected, empty database; the ids of its last generation."""
    tree = Tree(
        name="Many",
        owner=ACCOUNT,
        privacy=Privacy.FAMILY,
        created_at=MOMENT,
        updated_at=MOMENT,
        active_at=MOMENT,
    )
    await tree.insert()
    await User(id=1, uuid=ACCOUNT, email="owner@example.test", created_at=MOMENT).insert()
    everybody, ids = family(ObjectId(tree.id), people, generations), []
    while batch := list(islice(everybody, BATCH)):
        await Person.get_pymongo_collection().insert_many(batch, ordered=False)
        ids += [str(person["_id"]) for person in batch]
    return ids[-layers(people, generations)[-1] :]


async def measure(address: str, ids: list[str], generations: int, asked: int) -> Figures:
    """One request after the other, for people drawn from those with these ids."""
    token = Tokens(SECRETS["JWT_SECRET_KEY"]).issue(1, datetime.now(UTC))
    random, seconds, kin = Random(11), [], 0
    async with httpx.AsyncClient(base_url=address, timeout=30) as http:
        for number in range(WARM_UP + asked):
            body = {"query": QUERY, "variables": {"id": random.choice(ids), "generations": generations}}
            begun = time.perf_counter()
            answer = await http.post("/graphql", json=body, headers={"Authorization": f"Bearer {token}"})
            passed = time.perf_counter() - begun
            said = answer.json()
            assert "errors" not in said, said["errors"]
            if number >= WARM_UP:
                seconds.append(passed)
                kin += len(said["data"]["person"]["ancestors"])
    return Figures(kin / asked, seconds)


def environ(beside: Services, data: Path, database: str) -> dict[str, str]:
    """What a server of its own is told."""
    return {
        **SECRETS,
        "MONGODB_URI": beside.mongodb_uri,
        "REDIS_URL": beside.redis_url,
        "MONGODB_DATABASE": database,
        "LOCKSTEP_CONTRACT": str(REPOSITORY / "openapi.yaml"),
        "LOCKSTEP_DATA": str(data),
        "LOCKSTEP_DEMO": "0",
        "LOCKSTEP_GRAPHQL_RATE": "off",
    }


async def run(people: int, generations: int, asked: int) -> Figures:
    """Everything: services, data, server, requests."""
    with tempfile.TemporaryDirectory() as folder:
        data, chosen = Path(folder), Settings.from_env()
        own = Settings(data=data, mongodb_uri=chosen.mongodb_uri, redis_url=chosen.redis_url)
        with services(own, exclusive=True) as beside:
            name = f"ancestors_{secrets.token_hex(4)}"
            client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(beside.mongodb_uri, tz_aware=True)
            try:
                await models.connect(client[name])
                ids = await plant(people, generations)
                with serving([SERVER], environ(beside, data, name)) as running:
                    address = f"http://127.0.0.1:{running[SERVER.name].port}"
                    return await measure(address, ids, generations, asked)
            finally:
                await client.drop_database(name)
                await client.close()


@click.command()
@click.option("--people", default=PEOPLE, show_default=True)
@click.option("--generations", default=GENERATIONS, show_default=True)
@click.option("--asked", default=ASKED, show_default=True)
def main(people: int, generations: int, asked: int) -> None:
    """Measures the ancestors of somebody in a large tree, and says whether the goal is met."""
    figures = asyncio.run(run(people, generations, asked))
    met = figures.p95 < GOAL
    click.echo(
        f"{generations} generations of {people} people, {figures.kin:.0f} ancestors: "
        f"median {median(figures.seconds) * 1000:.1f} ms, p95 {figures.p95 * 1000:.1f} ms "
        f"(goal {GOAL * 1000:.0f} ms: {'met' if met else 'missed'})"
    )
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
