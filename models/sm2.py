"""Spaced repetition: when a learner should see a card again."""

from typing import NamedTuple


class Step(NamedTuple):
    """Where a card stands after an answer; `interval` is in days."""

    repetition: int
    easiness: float
    interval: int | float


def answer(
    repetition: int | None,
    easiness: int | float | None,
    interval: int | float | None,
    quality: int | float,
) -> Step:
    """The step after an answer of `quality`, 0 (no idea) to 5 (at once), as the old server computed it.

    SM-2 (P. A. Wozniak, 1990) with three departures that clients have come to see: a failed answer lowers
    the easiness too, the interval grows by the new easiness, and nothing is ever rounded. The order of
    evaluation is part of the contract, since doubles show it. Raises TypeError for a null that takes part
    and OverflowError for a number beyond doubles.
    """
    following = repetition + 1  # type: ignore[operator]  # null raises
    eased = easiness + (0.1 - (5 - quality) * (0.08 + (5 - quality) * 0.02))  # type: ignore[operator]  # null raises
    eased = max(1.3, eased)
    if quality < 3:
        return Step(0, eased, 1)
    if following == 1:
        return Step(following, eased, 1)
    if following == 2:
        return Step(following, eased, 6)
    return Step(following, eased, interval * eased)  # type: ignore[operator]  # null raises
