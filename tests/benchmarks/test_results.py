"""A result is kept as it was found, and its figures are what their names say."""

from pathlib import Path

import pytest

from benchmarks.results import Run, Workers, spread
from tests.benchmarks.runs import measured, run_of


def test_a_run_is_read_back_as_it_was_kept(tmp_path: Path) -> None:
    run = run_of(measured("rest-point", "lockstep", 500.0), memory={"lockstep": 70_000})
    run.ready = [1.2, 1.3]
    run.workers = [Workers(0, 1_000, [1.0], 2_000, [1.0, 0.9])]
    run.write(tmp_path / "results" / "run.json")
    assert Run.read(tmp_path / "results" / "run.json") == run


@pytest.mark.parametrize("text", ["[]", "{}", '{"format": "curves-1"}'])
def test_another_file_is_no_result(tmp_path: Path, text: str) -> None:
    (tmp_path / "other.json").write_text(text)
    with pytest.raises(ValueError, match="is no result of this version"):
        Run.read(tmp_path / "other.json")


def test_throughput_is_requests_over_seconds() -> None:
    assert measured("rest-point", "lockstep", 123.0).throughput == 123.0


def test_spread_is_the_range_as_a_part_of_the_median() -> None:
    assert spread([90.0, 100.0, 130.0]) == 0.4
    assert spread([100.0]) == 0.0
    assert spread([]) == 0.0


@pytest.mark.parametrize(
    ("two_requests", "two_cpu", "scaling"),
    [
        (2_000, [1.0, 1.0], 2.0),  # as many requests for each second of each worker
        (1_000, [0.5, 0.5], 2.0),  # the same while the database had most of the machine
        (2_000, [1.25, 1.25], 1.6),  # each request costs a quarter more
        (2_000, [1.6, 0.4], 1.25),  # one worker does most of the work
    ],
)
def test_two_workers_take_what_the_busier_of_them_can(
    two_requests: int, two_cpu: list[float], scaling: float
) -> None:
    assert Workers(0, 1_000, [1.0], two_requests, two_cpu).scaling == pytest.approx(scaling)


def test_measurements_are_found_by_load_in_the_order_of_rounds() -> None:
    late = measured("rest-point", "lockstep", 2.0, round=1)
    early = measured("rest-point", "lockstep", 1.0, round=0)
    alone = measured("rest-point", "express", 3.0, connections=1)
    run = run_of(late, alone, early)
    assert run.of("rest-point", "lockstep", 32) == [early, late]
    assert run.peers("rest-point") == ["express", "lockstep"]
    assert run.connections("rest-point") == [1, 32]
