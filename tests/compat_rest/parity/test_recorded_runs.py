"""Two runs of the old server agree, and one changed byte in the second run is found.

Every recording is replayed against a server that repeats the second run of it byte for byte.
"""

from pathlib import Path

import pytest

from compat_rest.parity.har import Recording, read
from compat_rest.parity.messages import Answer
from tests.compat_rest.parity.stories import parroted, with_body

# Prometheus texts differ in more than numbers: a process that is a second older has other lines.
METRICS = {
    ("01-operations-cors", 2),
    ("37-rate-limit-default", 10),
    ("39-health-metrics-docs", 7),
    ("01-operations", 2),
}


def stories(folder: Path, pattern: str) -> list[Recording]:
    return [read(path) for path in sorted(folder.glob(pattern))]


async def test_two_runs_of_every_recording_agree(recordings: Path) -> None:
    different = set()
    steps = 0
    for recording in stories(recordings, "*/*.a.har"):
        results = await parroted(recording, timeout=5)
        judged = results.recordings[0].steps
        steps += len(judged)
        different |= {(recording.name, one.step.index) for one in judged if one.found}
    assert different <= METRICS
    assert steps > 1000


async def test_a_changed_letter_of_any_body_is_found(recordings: Path) -> None:
    recording = read(recordings / "mandarin" / "01-learner-journey.a.har")
    for index, step in enumerate(recording.steps):
        body = step.answer.body
        if not body:
            continue
        at = body.rindex(b"e")

        def alter(index_now: int, given: Answer, index: int = index, at: int = at) -> Answer:
            return (
                with_body(given, given.body[:at] + b"E" + given.body[at + 1 :])
                if index_now == index
                else given
            )

        results = await parroted(recording, alter)
        found = [one for one in results.recordings[0].steps if one.found]
        assert [one.step.index for one in found] == [index]


@pytest.mark.parametrize(
    ("story", "step", "change", "pointer", "note"),
    [
        pytest.param(
            "26-sm2-fives",
            2,
            (b"2026-11-21T", b"2026-11-22T"),
            "/body/next_review",
            "a clock or id",
            id="a day late",
        ),
        pytest.param(
            "26-sm2-fives",
            2,
            (b'"}\n', b'Z"}\n'),
            "/body/next_review",
            "a clock or id",
            id="a clock with a zone",
        ),
        pytest.param(
            "27-sm2-fours",
            4,
            (b"15.0", b"15"),
            "/body/interval_days",
            "fraction became whole number",
            id="15 for 15.0",
        ),
        pytest.param(
            "01-learner-journey", 2, (b"\\u4f60", "你".encode()), "/body/course/content/0/body", "escaped"
        ),
        pytest.param("01-learner-journey", 5, (b'"id":11', b'"id":12'), "/body/user/id", "another value"),
        pytest.param("01-learner-journey", 5, (b'","', b'", "'), "/body", "other bytes"),
        pytest.param("01-learner-journey", 3, (b"\n", b""), "/body", "other bytes"),
    ],
)
async def test_a_change_is_found_where_it_is(
    recordings: Path, story: str, step: int, change: tuple[bytes, bytes], pointer: str, note: str
) -> None:
    recording = read(recordings / "mandarin" / f"{story}.a.har")

    def alter(index: int, given: Answer) -> Answer:
        if index != step:
            return given
        assert change[0] in given.body
        return with_body(given, given.body.replace(change[0], change[1], 1))

    results = await parroted(recording, alter)
    found = [(one.step.index, place.pointer) for one in results.recordings[0].steps for place in one.found]
    assert found == [(step, pointer)]
    assert note in results.recordings[0].steps[step].found[0].note


async def test_without_the_second_run_only_session_cookies_move(recordings: Path, tmp_path: Path) -> None:
    source = recordings / "mandarin" / "01-learner-journey.a.har"
    alone = tmp_path / "01-learner-journey.a.har"
    alone.write_bytes(source.read_bytes())
    second = read(recordings / "mandarin" / "01-learner-journey.b.har")
    results = await parroted(read(alone), second=second)
    assert not results.recordings[0].paired
    places = [place.pointer for one in results.recordings[0].steps for place in one.found]
    # The clocks of what was made in the story; register and login set other cookies without a finding.
    assert places == [
        "/body/user/created_at",
        "/body/enrollment/enrolled_at",
        "/body/user/created_at",
    ]
