"""The plan and the reference executor answer generated documents over generated schemas alike.

`python -m tests.differential --cases 100000 --jobs 2` is the same for longer.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from secrets import randbelow

import pytest

from tests.differential.executors import quiet_machine
from tests.differential.plans import compiled
from tests.differential.tally import Tally, run_world, worlds

# On a loop of their own: what is left on it after an answer is ended.
pytestmark = pytest.mark.asyncio(loop_scope="module")

Figure = Callable[[str, object], None]

CASES, FRESH = 2_100, 600


async def compare(seed: int, cases: int) -> Tally:
    tally = Tally()
    with quiet_machine():
        for number in range(worlds(cases)):
            await run_world(seed + number, compiled, tally)
    return tally


async def test_the_plan_answers_as_the_reference_does(record_property: Figure) -> None:
    tally = await compare(1, CASES)
    record_property("figure", f"plan against reference: {tally}")
    assert not tally.differences, tally.told
    assert tally.compared >= 2_000
    # Documents without asynchronous fields have one right order of everything.
    assert tally.calm * 2 >= 1_900


async def test_the_plan_answers_as_the_reference_does_with_a_new_seed(record_property: Figure) -> None:
    seed = randbelow(10**9)
    tally = await compare(seed, FRESH)
    record_property("figure", f"plan against reference, seed {seed}: {tally}")
    assert not tally.differences, f"seed {seed}\n{tally.told}"


async def test_several_processes_share_the_cases() -> None:
    command = ("-m", "tests.differential", "--cases", "60", "--seed", "1", "--jobs", "2", "--json")
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        # A process that cannot load its work dies, is begun again, and dies, for ever.
        told, complaints = await asyncio.wait_for(process.communicate(), 60)
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode == 0, complaints.decode()
    assert json.loads(told)["compared"] >= 40
