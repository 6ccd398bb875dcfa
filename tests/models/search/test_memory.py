"""An index gives back the memory that its commits took."""

import subprocess
import sys
from pathlib import Path

from models.search import memory

# A process of its own: what tests before have left lying free would be taken again.
MANY_COMMITS = """
import asyncio, re, sys
from pathlib import Path
from models.search.embedded import Embedded
from models.search.engine import Changes, Place
from tests.models.search.test_engines import somebody

def held():
    return int(re.search(r"RssAnon:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

async def main():
    engine, begun = Embedded(Path(sys.argv[1])), held()
    for number in range(100):
        some = [somebody(f"person:{number}-{each}", f"Tendai{each}", f"Moyo{number}") for each in range(100)]
        await engine.apply(Changes(some), Place("store", str(number)))
    print(held() - begun)
    await engine.close()

asyncio.run(main())
"""


def test_after_many_commits_little_lies_free(tmp_path: Path) -> None:
    command = [sys.executable, "-c", MANY_COMMITS, str(tmp_path)]
    kilobytes = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    # Without it, 35 MB and more with each thread.
    assert kilobytes < 20_000


def test_the_c_library_of_the_tests_can() -> None:
    freed = [bytes(1_000) for _ in range(50_000)]
    del freed
    assert memory.give_back()
