"""The old server's spaced repetition, to the last digit: every value here was taken from it."""

import math

import pytest

from models.sm2 import answer

Number = int | float

STEPS: list[tuple[Number, tuple[int, Number, Number], tuple[int, float, Number]]] = [
    (5, (0, 2.5, 1), (1, 2.6, 1)),
    (4, (0, 2.5, 1), (1, 2.5, 1)),
    (3, (0, 2.5, 1), (1, 2.36, 1)),
    (2, (0, 2.5, 1), (0, 2.1799999999999997, 1)),
    (1, (0, 2.5, 1), (0, 1.96, 1)),
    (0, (0, 2.5, 1), (0, 1.7000000000000002, 1)),
    (5, (1, 2.6, 1), (2, 2.7, 6)),
    (4, (1, 2.5, 1), (2, 2.5, 6)),
    (3, (1, 2.36, 1), (2, 2.2199999999999998, 6)),
    (5, (2, 2.7, 6), (3, 2.8000000000000003, 16.8)),
    (4, (2, 2.5, 6), (3, 2.5, 15.0)),
    (3, (2, 2.36, 6), (3, 2.2199999999999998, 13.319999999999999)),
    (5, (2, 2.5, 6), (3, 2.6, 15.600000000000001)),
    (3, (2, 2.5, 6), (3, 2.36, 14.16)),
    (5, (3, 2.5, 15), (4, 2.6, 39.0)),
    (4, (3, 2.5, 15.0), (4, 2.5, 37.5)),
    (3, (3, 2.5, 15), (4, 2.36, 35.4)),
    (4, (4, 2.5, 37.5), (5, 2.5, 93.75)),
    (2, (4, 2.5, 37.5), (0, 2.1799999999999997, 1)),
    (1, (4, 2.5, 37.5), (0, 1.96, 1)),
    (0, (6, 1.4, 100), (0, 1.3, 1)),
    (3, (5, 1.3, 10), (6, 1.3, 13.0)),
    (4, (5, 1.3, 10), (6, 1.3, 13.0)),
    (5, (5, 1.3, 10), (6, 1.4000000000000001, 14.000000000000002)),
    (0, (3, 1.7, 15), (0, 1.3, 1)),
    (4, (2, 1.3, 6), (3, 1.3, 7.800000000000001)),
    # Beyond 0 to 5 the formula goes on as it is; its top is at 7, and true is 1.
    (-3, (2, 2.5, 6), (0, 1.3, 1)),
    (-1, (2, 2.5, 6), (0, 1.4, 1)),
    (6, (2, 2.5, 6), (3, 2.66, 15.96)),
    (10, (2, 2.5, 6), (3, 2.5, 15.0)),
    (2.9, (2, 2.5, 6), (0, 2.3438, 1)),
    (2.999, (2, 2.5, 6), (0, 2.35983998, 1)),
    (3.5, (2, 2.5, 6), (3, 2.435, 14.61)),
    (True, (2, 2.5, 6), (0, 1.96, 1)),
    (math.nan, (2, 2.5, 6), (3, 1.3, 7.800000000000001)),
    (math.inf, (2, 2.5, 6), (3, 1.3, 7.800000000000001)),
    (-math.inf, (2, 2.5, 6), (0, 1.3, 1)),
]

STORIES: list[tuple[list[int], list[Number], float]] = [
    ([5, 5, 5, 5, 5], [1, 6, 16.8, 48.720000000000006, 146.16000000000005], 3.0000000000000004),
    ([4, 4, 4, 4, 4], [1, 6, 15.0, 37.5, 93.75], 2.5),
    (
        [3, 3, 3, 3, 3],
        [1, 6, 12.479999999999997, 24.21119999999999, 43.58015999999998],
        1.7999999999999998,
    ),
    ([5, 4, 3, 2, 4, 5, 5], [1, 6, 14.76, 1, 1, 6, 14.04], 2.34),
    ([4, 4, 4, 0, 4, 4, 4], [1, 6, 15.0, 1, 1, 6, 10.200000000000001], 1.7000000000000002),
    ([0, 0, 0, 5, 5, 5], [1, 1, 1, 1, 6, 9.600000000000001], 1.6000000000000003),
]


@pytest.mark.parametrize(("quality", "before", "after"), STEPS)
def test_one_answer(
    quality: Number, before: tuple[int, Number, Number], after: tuple[int, float, Number]
) -> None:
    step = answer(*before, quality)
    assert step == after
    # 1 and 6 days are whole numbers, a product never is.
    assert [type(value) for value in step] == [type(value) for value in after]


@pytest.mark.parametrize(("answers", "intervals", "easiness"), STORIES)
def test_a_run_of_answers(answers: list[int], intervals: list[Number], easiness: float) -> None:
    state: tuple[int, Number, Number] = (0, 2.5, 1)
    seen = []
    for quality in answers:
        state = answer(*state, quality)
        seen.append(state[2])
    assert seen == intervals
    assert state[1] == easiness


def test_a_null_interval_matters_only_where_it_is_multiplied() -> None:
    assert answer(0, 2.5, None, 5) == (1, 2.6, 1)
    assert answer(1, 2.5, None, 5) == (2, 2.6, 6)
    assert answer(7, 2.5, None, 0) == (0, 1.7000000000000002, 1)
    with pytest.raises(TypeError):
        answer(5, 2.5, None, 5)


def test_other_nulls_always_matter() -> None:
    with pytest.raises(TypeError):
        answer(None, 2.5, 1, 0)
    with pytest.raises(TypeError):
        answer(0, None, 1, 0)


def test_a_quality_beyond_doubles_overflows() -> None:
    with pytest.raises(OverflowError):
        answer(0, 2.5, 1, 10**400)
