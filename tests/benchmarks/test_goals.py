"""A goal is judged by the median of what the rounds say, each round against itself."""

import pytest

from benchmarks.cases import CASES
from benchmarks.goals import GOALS, Goal, loads, outcome, outcomes
from benchmarks.results import Run, Workers
from benchmarks.run import loads as every_load
from benchmarks.servers import SERVERS
from tests.benchmarks.runs import measured, run_of


def goal(name: str, against: str) -> Goal:
    """The goal whose name and opponent begin so."""
    found = [each for each in GOALS if each.name.startswith(name) and each.against.startswith(against)]
    assert len(found) == 1
    return found[0]


def test_a_goal_of_throughput_is_the_median_of_the_ratios_of_each_round() -> None:
    ours, theirs = (500.0, 600.0, 900.0), (100.0, 100.0, 300.0)
    run = run_of(
        *(measured("rest-point", "lockstep", value, round=round) for round, value in enumerate(ours)),
        *(measured("rest-point", "express", value, round=round) for round, value in enumerate(theirs)),
    )
    found = outcome(goal("rest-point, throughput", "Express"), run)
    assert (found.measured, found.lowest, found.highest) == (5.0, 3.0, 6.0)
    assert found.met is True


def test_a_round_that_only_one_side_has_does_not_count() -> None:
    run = run_of(
        measured("rest-point", "lockstep", 400.0, round=0),
        measured("rest-point", "lockstep", 900.0, round=1),
        measured("rest-point", "express", 100.0, round=0),
    )
    found = outcome(goal("rest-point, throughput", "Express"), run)
    assert found.measured == 4.0
    assert found.met is False


def test_what_was_not_measured_is_neither_met_nor_missed() -> None:
    assert {each.met for each in outcomes(Run())} == {None}


def test_a_goal_of_cpu_may_compare_two_cases() -> None:
    run = run_of(
        measured("rest-point", "lockstep", 1.0, cpu=60.0), measured("hello", "uvicorn", 1.0, cpu=20.0)
    )
    found = outcome(goal("rest-point, CPU", "bare uvicorn"), run)
    assert found.measured == 3.0
    assert found.met is False


@pytest.mark.parametrize(("ours", "met"), [(900.0, True), (1_000.0, True), (1_001.0, False)])
def test_a_client_that_is_alone_waits_no_longer(ours: float, met: bool) -> None:
    run = run_of(
        measured("rest-point", "lockstep", 1.0, connections=1, p50=ours),
        measured("rest-point", "express", 1.0, connections=1, p50=1_000.0),
    )
    assert outcome(goal("rest-point, p50", "Express"), run).met is met


def test_the_best_of_several_is_the_best_of_each_round() -> None:
    rounds = {
        "lockstep": (400.0, 400.0),
        "apollo": (80.0, 100.0),
        "yoga": (10.0, 10.0),
        "mercurius": (100.0, 50.0),
    }
    run = run_of(
        *(
            measured("graphql-point", peer, value, round=round)
            for peer, values in rounds.items()
            for round, value in enumerate(values)
        )
    )
    assert outcome(goal("graphql-point, throughput at 32", "the best"), run).measured == 4.0


def test_without_all_of_several_nobody_is_the_best() -> None:
    run = run_of(measured("graphql-point", "lockstep", 4.0), measured("graphql-point", "mercurius", 1.0))
    assert outcome(goal("graphql-point, throughput at 32", "the best"), run).met is None


def test_memory_workers_and_starts_are_goals_too() -> None:
    run = run_of(memory={"lockstep": 110, "express": 100})
    run.workers = [Workers(0, 1_000, [1.0], 1_900, [1.0, 1.0])]
    run.ready = [1.6, 1.4, 1.45]
    assert outcome(goal("resident memory", "Express"), run).measured == pytest.approx(1.1)
    assert outcome(goal("two workers", "one"), run).measured == pytest.approx(1.9)
    started = outcome(goal("start to ready", "the clock"), run)
    assert (started.measured, started.met) == (1.45, True)


def test_a_full_run_measures_everything_that_the_goals_speak_of() -> None:
    assert loads() <= set(every_load())


def test_every_server_has_cases_that_there_are() -> None:
    for server in SERVERS.values():
        assert set(server.cases) <= set(CASES), server.name
    assert {case for server in SERVERS.values() for case in server.cases} == set(CASES)
