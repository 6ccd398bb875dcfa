"""A server filled from the old PostgreSQL answers recorded traffic like one filled from its start states.

`LOCKSTEP_EVERY_RECORDING=1` replays all recordings of the gateway; otherwise one of each start state that
has families. That every start state comes out as the same documents is the promise of `test_import_sources`.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from compat_rest.parity.har import read
from compat_rest.parity.replay import load_environ
from models.imports import import_rows
from server.commands.replay import prepare, run
from server.embedded import Services
from server.scratch import Scratch
from server.settings import GENERATED, Settings
from tests.moves.conftest import Load

# Of this one the tables are gone; there is nothing to import.
WITHOUT = "gw-notables"
FAMILIES = ("gw-tree", "gw-two-trees")
EVERY = bool(os.environ.get("LOCKSTEP_EVERY_RECORDING"))


@dataclass(frozen=True, kw_only=True)
class Moved(Scratch):
    """Servers whose start states come out of a PostgreSQL."""

    loaded: Load

    async def load(self, surface: str, state: str | None) -> None:
        """The rows of a state out of a database of its own; other services keep their files."""
        if surface != "gateway":
            return await super().load(surface, state)
        summary = await import_rows(surface, await self.loaded(str(state)))
        assert (summary.bad, summary.others) == ([], [])


async def test_the_recordings_are_equal_or_explained(
    loaded: Load, recordings: Path, services: Services, database: object, tmp_path: Path
) -> None:
    file = recordings / "fixtures.json"
    found = [read(path) for path in sorted((recordings / "dzinza-gateway").glob("*.a.har"))]
    usable = [each for each in found if each.state != WITHOUT]
    last = {each.state: each for each in usable}
    chosen = usable if EVERY else [last[state] for state in FAMILIES]
    secrets = {name: "a secret of at least thirty-two bytes" for name in GENERATED}
    settings = Settings(
        mongodb_uri=services.mongodb_uri,
        redis_url=services.redis_url,
        data=tmp_path,
        search="off",
        environ={**secrets, **load_environ(file)},
    )
    plan = prepare([each.path for each in chosen], file, None, None, 30.0, settings)
    results = await run(plan, Moved(settings, file, plan.surfaces, loaded=loaded))
    assert (results.different, len(results.recordings)) == (0, len(chosen))
    assert results.steps >= 32
