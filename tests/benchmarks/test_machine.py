"""CPU and memory are read from the kernel, of a server and all that it has started."""

import os
import subprocess
import sys
import time

import pytest

from benchmarks import machine

STAT = "42 (a (strange) name) S 7 42 42 0 -1 4194304 9 0 0 0 250 150 1 1 20 0 3 0 100 1 1 1"


def test_times_and_parent_are_found_whatever_the_program_is_called() -> None:
    assert machine.cpu_seconds(STAT) == pytest.approx(400 * machine.TICK)
    assert machine.parent_of(STAT) == 7


def test_a_tree_is_a_process_and_its_children() -> None:
    program = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE) as parent:
        try:
            deadline = time.monotonic() + 10
            # A child is small until it has become the program that it is to run.
            while machine.resident(machine.tree(parent.pid)[1:]) <= 1_000 and time.monotonic() < deadline:
                time.sleep(0.01)
            found = machine.tree(parent.pid)
            assert found[0] == parent.pid
            assert len(found) == 2
            assert machine.resident(found) > machine.resident(found[1:]) > 1_000
            assert set(machine.cpu_of(found)) == set(found)
        finally:
            parent.communicate(b"\n")
    assert machine.cpu_of([parent.pid]) == {}
    assert machine.resident([parent.pid]) == 0


def test_time_that_is_spent_is_counted() -> None:
    before, busy = machine.cpu_of([os.getpid()]), machine.busy_seconds()
    end = time.process_time() + 0.1
    while time.process_time() < end:
        pass
    assert machine.cpu_of([os.getpid()])[os.getpid()] - before[os.getpid()] >= 0.05
    assert machine.busy_seconds() > busy


def test_what_is_not_ours_is_foreign() -> None:
    assert machine.foreign_share(3.0, {"server": 1.0, "own": 0.5}, 5.0, 2) == pytest.approx(0.15)
    assert machine.foreign_share(1.0, {"server": 1.01}, 5.0, 2) == 0.0
