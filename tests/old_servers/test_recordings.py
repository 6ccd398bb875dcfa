"""The stand-in for the old Mandarin server answers every recorded request as the old server did."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from compat_rest.parity import har
from compat_rest.parity.replay import Contract, load_secrets, replay
from tests.old_servers.processes import ROOT, Server, flask

ABOVE = Path(os.environ.get("LOCKSTEP_RECORDINGS") or ROOT.parent / "shared" / "recordings")
FIXTURES = ABOVE / "mandarin" / "fixtures.json"
RECORDINGS = sorted(FIXTURES.parent.glob("*.a.har"))
ABSENT = pytest.mark.skip(f"no recordings in {FIXTURES.parent} (LOCKSTEP_RECORDINGS names another folder)")


class StandIn:
    """The stand-in as a target of a replay."""

    def __init__(self, server: Server) -> None:
        self.server = server

    @asynccontextmanager
    async def started(self, recording: har.Recording) -> AsyncIterator[tuple[str, int]]:
        assert recording.state is not None
        self.server.reset(recording.state)
        yield "127.0.0.1", self.server.port


@pytest.fixture(scope="module")
def stand_in() -> Iterator[StandIn]:
    secrets = load_secrets(FIXTURES)
    assert secrets is not None
    with flask(FIXTURES, secrets.fixture) as server:
        yield StandIn(server)


@pytest.mark.parametrize(
    "path", RECORDINGS or [pytest.param(Path("none.a.har"), marks=ABSENT)], ids=har.story_name
)
async def test_the_stand_in_answers_as_recorded(path: Path, stand_in: StandIn) -> None:
    recording = har.read(path)
    results = await replay(
        [recording], stand_in, lambda _: Contract("mandarin"), secrets=load_secrets(FIXTURES)
    )
    assert [step.found for result in results.recordings for step in result.steps] == [()] * len(
        recording.steps
    )
