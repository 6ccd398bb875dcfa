"""The report says medians, ratios and verdicts, and when a machine was too noisy to be believed."""

from benchmarks.report import case_table, figure, goals, markdown, noise, times
from tests.benchmarks.runs import measured, run_of


def test_a_table_has_the_fastest_first_and_ours_over_theirs() -> None:
    run = run_of(
        *(
            measured("rest-point", "lockstep", value, cpu=50.0, round=round)
            for round, value in enumerate((400.0, 500.0, 520.0))
        ),
        *(measured("rest-point", "express", 100.0, cpu=200.0, round=round) for round in range(3)),
    )
    head, _, *rows = case_table(run, "rest-point", 32)
    assert head == "|  | requests/s | ours/theirs | p50 ms | p99 ms | CPU us | ours/theirs | MongoDB us |"
    assert rows == [
        "| **Lockstep** | 500 |  | 1.00 | 5.00 | 50.0 |  | 20.0 |",
        "| Express 4 | 100 | 5.00x | 1.00 | 5.00 | 200 | 0.25x | 20.0 |",
    ]


def test_a_case_without_us_has_no_ratios() -> None:
    rows = case_table(run_of(measured("hello", "express", 100.0)), "hello", 32)[2:]
    assert rows == ["| Express 4 | 100 |  | 1.00 | 5.00 | 100 |  | 20.0 |"]


def test_the_goals_say_what_was_wanted_and_what_was_found() -> None:
    run = run_of(
        measured("rest-point", "lockstep", 520.0, round=0),
        measured("rest-point", "lockstep", 480.0, round=1),
        measured("rest-point", "express", 100.0, round=0),
        measured("rest-point", "express", 100.0, round=1),
    )
    lines = goals(run)
    assert (
        "| rest-point, throughput at 32 connections | Express | at least 5x | 5.00x | 4.80 to 5.20 | met |"
        in lines
    )
    assert sum("not measured" in line for line in lines) == len(lines) - 3


def test_a_quiet_run_has_nothing_against_it() -> None:
    run = run_of(*(measured("rest-point", "lockstep", 100.0 + round, round=round) for round in range(3)))
    assert noise(run) == []
    assert "too noisy" not in markdown(run)


def test_rounds_that_lie_apart_are_noise() -> None:
    run = run_of(
        measured("rest-point", "lockstep", 100.0), measured("rest-point", "lockstep", 130.0, round=1)
    )
    assert noise(run) == ["1 of 1 figures vary by more than 20% between rounds."]
    assert "too noisy" in markdown(run)


def test_a_machine_that_others_use_is_noise() -> None:
    run = run_of(measured("rest-point", "lockstep", 100.0, foreign=0.3))
    run.machine["load"] = [1.5, 1.0, 1.0]
    assert noise(run) == [
        "In 1 of 1 measurements other programs had more than 10% of the machine.",
        "The load average was 1.50 on 2 cores before the start.",
    ]


def test_failed_requests_are_told() -> None:
    run = run_of(measured("rest-point", "express", 100.0, errors=7))
    assert noise(run) == [
        "1 measurements had failed requests, most of them rest-point on express at 32 connections: 7."
    ]


def test_memory_is_told_in_mebibytes() -> None:
    run = run_of(memory={"express": 2_048 * 1024, "lockstep": 70 * 1024})
    assert markdown(run).splitlines()[-2:] == ["| Lockstep | 70.0 |", "| Express 4 | 2,048 |"]


def test_figures_have_the_digits_that_mean_something() -> None:
    assert [figure(value) for value in (12_345.6, 999.4, 12.34, 1.234, 0.0)] == [
        "12,346",
        "999",
        "12.3",
        "1.23",
        "0.00",
    ]
    assert times(3.0, 2.0) == "1.50x"
    assert times(3.0, 0.0) == ""
