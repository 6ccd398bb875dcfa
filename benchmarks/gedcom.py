"""A GEDCOM import, measured: how long, how much memory, and what who reads meanwhile waits for it.

    python -m benchmarks.gedcom [--people NUMBER] [--seconds SECONDS]

Starts `lockstep serve` and `lockstep worker` with a data folder of their own. A generated file is uploaded
through the old route and taken in by the worker, while one reader asks for one person again and again. Then
the tree is written, taken into another one and written again.
"""

import argparse
import asyncio
import json
import os
import random
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jwt

from benchmarks.uploads import SECRET, Memory, resident, started

ACCOUNT = "00000000-0000-4000-8000-00000000be9c"
FIRST = ("Tendai", "Zoë", "Rudo", "Łukasz", "Анна", "明", "Chipo", "José", "Þóra", "Ngozi")
LAST = ("Moyo", "Ndlovu", "Müller", "Šimić", "O'Brien", "王", "Dube")
PLACES = ("Harare, Zimbabwe", "Bulawayo", "Zürich, Schweiz", "Kraków", "Αθήνα")
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
SOURCES = 50
REPORT = """query ($id: ID!) {
  said: gedcomImport(id: $id) { state people families relationships problemCount }
}"""
PERSON = "query ($id: ID!) { person(id: $id) { name birth birthPlace } }"


def generated(number: int, seed: int = 1) -> str:
    """A file of so many people, in couples with their children."""
    chance = random.Random(seed)  # nosec B311  # a file, not a secret
    couples, homes = families(number, chance)
    lines = ["0 HEAD", "1 SOUR BENCH", "1 GEDC", "2 VERS 5.5.1", "2 FORM LINEAGE-LINKED", "1 CHAR UTF-8"]
    for at in range(number):
        lines += person(at, number, homes.get(at), chance)
    for at, children in enumerate(couples):
        lines += [f"0 @F{at}@ FAM", f"1 HUSB @I{2 * at}@", f"1 WIFE @I{2 * at + 1}@"]
        lines += ["1 MARR", f"2 DATE {1620 + at * 800 // number}", "2 PLAC Harare"]
        lines += [f"1 CHIL @I{child}@" for child in children]
    for at in range(SOURCES):
        lines += [f"0 @S{at}@ SOUR", f"1 TITL Register {at}", "1 AUTH Somebody"]
    return "\n".join([*lines, "0 TRLR", ""])


def families(number: int, chance: random.Random) -> tuple[list[list[int]], dict[int, int]]:
    """The children of each couple, who are born later, and the family of each child."""
    couples: list[list[int]] = []
    homes: dict[int, int] = {}
    following = 40
    for at in range(number // 2):
        children = []
        for _ in range(chance.choice((1, 2, 2, 3, 3, 4))):
            if 2 * at + 1 < following < number:
                children.append(following)
                homes[following] = at
                following += 1
        couples.append(children)
    return couples, homes


def person(at: int, number: int, home: int | None, chance: random.Random) -> Iterator[str]:
    """The lines of somebody."""
    year = 1600 + at * 400 // number
    yield f"0 @I{at}@ INDI"
    yield f"1 NAME {chance.choice(FIRST)} {chance.choice(FIRST)} /{chance.choice(LAST)}/"
    yield f"1 SEX {'FM'[at % 2 == 0]}"
    yield "1 BIRT"
    yield f"2 DATE {chance.randint(1, 28)} {chance.choice(MONTHS)} {year}"
    yield f"2 PLAC {chance.choice(PLACES)}"
    if chance.random() < 0.5:
        yield f"2 SOUR @S{chance.randrange(SOURCES)}@"
        yield f"3 PAGE {chance.randint(1, 400)}"
    if year < 1930:
        yield from ("1 DEAT", f"2 DATE ABT {year + chance.randint(20, 80)}")
    if chance.random() < 0.3:
        yield from ("1 BAPM", f"2 DATE {year}")
    if chance.random() < 0.4:
        yield from ("1 NOTE A note that goes on for a while", "2 CONT and has a second line, too.")
    if home is not None:
        yield f"1 FAMC @F{home}@"
    if at // 2 < number // 2:
        yield f"1 FAMS @F{at // 2}@"
    yield from ("1 CHAN", "2 DATE 1 APR 2020")


class Reader:
    """Asks for one person again and again, one request at a time."""

    def __init__(self, client: httpx.AsyncClient, person: str) -> None:
        self.client = client
        self.body = {"query": PERSON, "variables": {"id": person}}
        self.took: list[float] = []

    async def read(self) -> None:
        """Reads until it is cancelled."""
        while True:
            begin = time.perf_counter()
            answer = await self.client.post("/graphql", json=self.body)
            self.took.append(time.perf_counter() - begin)
            assert answer.json()["data"]["person"], answer.text

    def figures(self) -> dict[str, float]:
        """Milliseconds that requests took, of those since the last time, and how many they were."""
        took, self.took = sorted(self.took), []
        marks = {f"p{mark}": 1e3 * took[min(len(took) - 1, len(took) * mark // 100)] for mark in (50, 95, 99)}
        return {"requests": len(took), **marks, "most": 1e3 * took[-1]}


async def run(address: str, content: bytes, memory: Memory, seconds: float) -> dict[str, Any]:
    """The figures of one import and what follows it."""
    token = jwt.encode({"id": ACCOUNT, "exp": 4102444800}, SECRET, "HS256")
    headers = {"Authorization": f"Bearer {token}"}
    said: dict[str, Any] = {"bytes": len(content)}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=600) as client:
        tree, other = [await made(client) for _ in range(2)]
        someone = await asked(
            client,
            'mutation ($tree: ID!) { said: addPerson(treeId: $tree, input: {firstName: "Ada"}) { id } }',
            tree=await made(client),
        )
        said["memory_before"] = {name: resident(pid) for name, pid in memory.pids.items()}
        reader = Reader(client, someone["id"])
        reading = asyncio.create_task(reader.read())
        await asyncio.sleep(seconds)
        said["reads_before"] = reader.figures()
        watching = asyncio.create_task(memory.watch())
        said["import"] = await imported(client, tree, content)
        said["reads_during"] = reader.figures()
        reading.cancel()
        begin = time.perf_counter()
        first = await exported(client, tree)
        said["export_seconds"] = time.perf_counter() - begin
        said["again"] = await imported(client, other, first)
        said["equal"] = await exported(client, other) == first
        watching.cancel()
    said["memory_most"] = memory.most
    return said


async def asked(client: httpx.AsyncClient, query: str, **variables: Any) -> Any:
    """What the graph says."""
    answer = await client.post("/graphql", json={"query": query, "variables": variables})
    said = answer.json()
    assert "errors" not in said, said
    return said["data"]["said"]


async def made(client: httpx.AsyncClient) -> str:
    """A new tree."""
    made = await asked(client, 'mutation { said: createTree(input: {name: "Bench"}) { id } }')
    return str(made["id"])


async def exported(client: httpx.AsyncClient, tree: str) -> bytes:
    """A tree as a file, by the old route."""
    answer = await client.get(f"/genealogy/api/family-trees/{tree}/export/gedcom")
    assert answer.status_code == 200, answer.text
    return answer.content


async def imported(client: httpx.AsyncClient, tree: str, content: bytes) -> dict[str, Any]:
    """How long until a file is in a tree; it is sent until the store of files has begun."""
    begin = time.perf_counter()
    path = f"/genealogy/api/family-trees/{tree}/import/gedcom"
    while (answer := await client.post(path, files={"gedcomFile": ("a.ged", content)})).status_code >= 500:
        await asyncio.sleep(0.5)
        begin = time.perf_counter()
    answered = time.perf_counter() - begin
    if answer.status_code != 202:
        return {"answered_seconds": answered, **answer.json()}
    report = {"state": "WAITING"}
    while report["state"] in ("WAITING", "RUNNING"):
        assert time.perf_counter() - begin < 900, "the job does not end"
        await asyncio.sleep(0.1)
        report = await asked(client, REPORT, id=answer.json()["importId"])
    return {"answered_seconds": answered, "all_seconds": time.perf_counter() - begin, **report}


def main() -> None:
    """Prints the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=10)
    given = parser.parse_args()
    content = generated(given.people).encode()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        environ = {
            "LOCKSTEP_DATA": str(folder / "data"),
            "PORT": str(port),
            "JWT_SECRET": SECRET,
            "JWT_SECRET_KEY": SECRET,
            "LOCKSTEP_DEMO": "0",
            "GENEALOGY_RATE_LIMIT": "100000",
            "LOCKSTEP_GRAPHQL_RATE": "off",
            "PATH": os.environ["PATH"],
        }
        with started(["serve", "--no-worker"], environ, folder / "serve.log") as server:
            address = f"http://127.0.0.1:{port}"
            wait(address, folder / "serve.log")
            with started(["worker", "--port", "0"], environ, folder / "worker.log") as worker:
                memory = Memory({"server": server, "worker": worker})
                said = asyncio.run(run(address, content, memory, given.seconds))
    print(json.dumps({"people": given.people, **said}, indent=2))


def wait(address: str, log: Path) -> None:
    """Returns once a server answers."""
    for _ in range(300):
        try:
            if httpx.get(f"{address}/health", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise SystemExit(log.read_text()[-2000:])


if __name__ == "__main__":
    main()
