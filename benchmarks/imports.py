"""How long a large import takes, and how much memory: `python -m benchmarks.imports --rows 1000000`.

Imports rows of an old gateway from a file into an embedded MongoDB, in a process of its own whose memory is
watched; then imports them again, backs them up, restores them, and takes the import back.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from server.embedded import services
from server.settings import Settings

MADE = "2025-01-01T00:00:00+00:00"
# People of one tree; nine of them are children of the first.
FAMILY = 10


def uuid(kind: int, number: int) -> str:
    """A UUID that tells what it names."""
    return f"{kind:08}-0000-4000-8000-{number:012}"


def rows(number: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """About so many rows: of 21 rows ten are people, nine what ties them, one a tree and one its owner."""
    trees = number // 21
    for tree in range(trees):
        email = f"owner{tree}@example.com"
        yield "users", {"id": uuid(1, tree), "email": email, "password_hash": None, "created_at": MADE}
    for tree in range(trees):
        row = {"id": uuid(2, tree), "name": f"Family {tree}", "user_id": uuid(1, tree), "created_at": MADE}
        yield "family_trees", row
    for person in range(trees * FAMILY):
        yield "family_members", member(person)
    for person in range(trees * FAMILY):
        if person % FAMILY:
            yield (
                "family_relationships",
                {
                    "id": uuid(4, person),
                    "relationship_type": "PARENT_CHILD",
                    "person1_id": uuid(3, person - person % FAMILY),
                    "person2_id": uuid(3, person),
                    "tree_id": uuid(2, person // FAMILY),
                    "user_id": uuid(1, person // FAMILY),
                    "created_at": MADE,
                },
            )


def member(person: int) -> dict[str, Any]:
    """A person of a tree."""
    first = person - person % FAMILY
    children = [uuid(3, each) for each in range(first + 1, first + FAMILY)]
    return {
        "id": uuid(3, person),
        "tree_id": uuid(2, person // FAMILY),
        "user_id": uuid(1, person // FAMILY),
        "first_name": "Tendai",
        "last_name": f"Moyo {person}",
        "gender": "female" if person % 2 else "male",
        "birth_date": "1930-04-12",
        "place_of_birth": "Gweru",
        "biography": "Head of the family. " * 5,
        "parent_ids": [] if person == first else [uuid(3, first)],
        "child_ids": children if person == first else [],
        "spouse_ids": [],
        "created_at": MADE,
        "updated_at": MADE,
    }


class Watched:
    """A command of lockstep, and the most memory that its process had."""

    def __init__(self, environ: dict[str, str], *arguments: str) -> None:
        begun = time.monotonic()
        command = [sys.executable, "-c", "from server.cli import main; main()", *arguments, "--json"]
        self.process = subprocess.Popen(
            command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.peak = 0
        watching = threading.Thread(target=self.watch)
        watching.start()
        output, _ = self.process.communicate()
        watching.join()
        self.seconds = time.monotonic() - begun
        if self.process.returncode:
            raise click.ClickException(f"{' '.join(arguments)} failed: {output[:500]}")
        self.told: dict[str, Any] = json.loads(output)

    def watch(self) -> None:
        """Looks at the memory until the process ends."""
        status = Path(f"/proc/{self.process.pid}/status")
        while self.process.poll() is None:
            try:
                line = next(each for each in status.read_text().splitlines() if each.startswith("VmHWM"))
                self.peak = int(line.split()[1]) // 1024
            except (OSError, StopIteration):
                pass
            time.sleep(0.1)

    def line(self, name: str) -> str:
        """What is printed of it."""
        return f"{name:<22}{self.seconds:8.1f} s {self.peak:6} MB"


@click.command()
@click.option("--rows", "number", default=1_000_000, show_default=True, help="How many rows.")
@click.option("--import-only", is_flag=True, help="Measure nothing that comes after it.")
def main(number: int, import_only: bool) -> None:
    """Measures an import of so many rows, and what can be done with it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="lockstep-imports-"))
    try:
        path = folder / "rows.ndjson"
        with path.open("w") as file:
            count = sum(
                1
                for table, row in rows(number)
                if file.write(json.dumps({"table": table, "row": row}) + "\n")
            )
        click.echo(f"{count} rows, {path.stat().st_size // 2**20} MB")
        with services(Settings(data=folder / "data", environ=os.environ), exclusive=True) as running:
            places = {"MONGODB_URI": running.mongodb_uri, "REDIS_URL": running.redis_url}
            measure(folder, path, places, import_only)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(folder: Path, path: Path, places: dict[str, str], import_only: bool) -> None:
    """Runs the commands one after the other, and compares what they say."""
    environ = {**os.environ, **places, "MONGODB_DATABASE": "measured", "LOCKSTEP_DEMO": "0"}
    first = Watched(environ, "import", "gateway", str(path))
    click.echo(first.line("import"))
    if import_only:
        return
    again = Watched(environ, "import", "gateway", str(path))
    click.echo(again.line("the same again"))
    saved = Watched(environ, "backup", str(folder / "backup.tar.gz"))
    click.echo(saved.line(f"backup, {saved.told['bytes'] // 2**20} MB"))
    restored = Watched(environ, "restore", str(folder / "backup.tar.gz"), "--into-new", "restored")
    click.echo(restored.line("restore"))
    undone = Watched(environ, "import", "undo", first.told["id"])
    click.echo(undone.line("undo"))
    proven = (
        not first.told["others"]
        and again.told["checksums_after"] == first.told["checksums_after"]
        and restored.told["collections"] == saved.told["collections"]
        and undone.told["removed"] == sum(first.told["changed"].values())
    )
    click.echo(f"Every checksum is {'equal' if proven else 'NOT equal'}.")


if __name__ == "__main__":
    main()
