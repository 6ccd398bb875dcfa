"""Log lines go out together once a turn of the loop, in their order, and none is lost."""

import asyncio
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from server.lines import PIECE, Lines, pieces


class File:
    """A stream that keeps every write apart, as a pipe would see it."""

    def __init__(self) -> None:
        self.writes: list[str] = []

    def fileno(self) -> int:
        return 1

    def write(self, text: str) -> int:
        self.writes.append(text)
        return len(text)

    def flush(self) -> None:
        pass


@pytest.fixture
def file() -> File:
    return File()


@pytest.fixture
def lines(file: File) -> Lines:
    return Lines(file)  # type: ignore[arg-type]  # as much of a file as is used


def record(text: str, level: int = logging.INFO) -> logging.LogRecord:
    return logging.LogRecord("test", level, __file__, 1, text, None, None)


async def test_lines_of_one_turn_are_one_write(lines: Lines, file: File) -> None:
    for number in range(3):
        lines.add(f"{number}\n", urgent=False)
    assert file.writes == []
    await asyncio.sleep(0)
    assert file.writes == ["0\n1\n2\n"]
    lines.add("3\n", urgent=False)
    await asyncio.sleep(0)
    assert file.writes == ["0\n1\n2\n", "3\n"]


async def test_what_is_urgent_goes_out_at_once_after_what_waits(lines: Lines, file: File) -> None:
    lines.add("a request\n", urgent=False)
    lines.handle(record("an event"))
    assert file.writes == ["a request\nan event\n"]
    lines.add("another\n", urgent=False)
    lines.add("a failure\n", urgent=True)
    await asyncio.sleep(0)
    assert file.writes[1:] == ["another\na failure\n"]


def test_outside_of_a_loop_nothing_waits(lines: Lines, file: File) -> None:
    lines.add("1\n", urgent=False)
    assert file.writes == ["1\n"]


def test_what_a_loop_left_behind_goes_out_with_the_next_line(lines: Lines, file: File) -> None:
    async def leave() -> None:
        lines.add("left\n", urgent=False)
        asyncio.get_running_loop().stop()

    loop = asyncio.new_event_loop()
    task = loop.create_task(leave())
    loop.run_forever()
    loop.close()
    assert task.done()
    lines.add("next\n", urgent=False)
    assert "".join(file.writes) == "left\nnext\n"


def test_a_stream_that_is_no_file_takes_each_line(tmp_path: Path) -> None:
    class Memory(File):
        def fileno(self) -> int:
            raise OSError

    memory = Memory()
    lines = Lines(memory)  # type: ignore[arg-type]  # as much of a file as is used

    async def write() -> None:
        lines.add("1\n", urgent=False)
        lines.add("2\n", urgent=False)
        assert memory.writes == ["1\n", "2\n"]

    asyncio.run(write())


def test_pieces_hold_whole_lines_and_fit_a_pipe() -> None:
    many = [f"{number:04}" + "x" * 900 + "\n" for number in range(20)]
    long = "y" * (2 * PIECE) + "\n"
    put = pieces([*many, long, *many])
    assert "".join(put) == "".join([*many, long, *many])
    assert all(len(piece) <= PIECE or piece == long for piece in put)
    assert all(piece.endswith("\n") for piece in put) and len(put) == 11
    assert pieces([]) == []


async def test_threads_do_not_lose_lines(lines: Lines, file: File) -> None:
    def speak(name: int) -> None:
        for number in range(200):
            lines.handle(record(f"{name}/{number}"))

    threads = [threading.Thread(target=speak, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for number in range(400):
        lines.add(f"loop/{number}\n", urgent=False)
        await asyncio.sleep(0)
    for thread in threads:
        await asyncio.to_thread(thread.join)
    lines.flush()
    said = "".join(file.writes).splitlines()
    assert len(said) == len(set(said)) == 4 * 200 + 400
    for name in ("loop", 0, 1, 2, 3):
        own = [int(line.partition("/")[2]) for line in said if line.startswith(f"{name}/")]
        assert own == sorted(own)


def test_a_stream_that_is_gone_is_no_failure(lines: Lines, file: File) -> None:
    def broken(text: str) -> int:
        raise BrokenPipeError

    file.write = broken  # type: ignore[method-assign]  # nobody reads any more
    lines.handle(record("lost"))
    lines.add("lost\n", urgent=False)


def test_a_record_that_cannot_be_formatted_is_reported(
    lines: Lines, file: File, capsys: pytest.CaptureFixture[str]
) -> None:
    lines.handle(logging.LogRecord("test", logging.INFO, __file__, 1, "%d", ("text",), None))
    assert file.writes == []
    assert "Logging error" in capsys.readouterr().err


@pytest.mark.parametrize("ending", ["", "sys.exit(3)", "raise SystemExit"])
def test_nothing_is_lost_when_a_process_ends(ending: str, tmp_path: Path) -> None:
    program = f"""
import asyncio, sys
from server.logs import configure
import logging
configure("INFO")
async def main():
    logging.root.handlers[0].add("the last request\\n", urgent=False)
    {ending}
asyncio.run(main())
"""
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=os.environ, timeout=60
    )
    assert said.stdout == "the last request\n"
