"""To generated requests this server answers as the old Mandarin server on the real Flask does.

`python -m tests.old_servers.compare --requests 5000` does the same with other requests every time.
"""

import io
import json
from collections.abc import Iterator

import pytest
from rich.console import Console

from server.embedded import Services
from tests.old_servers.compare import compare, show, this_server
from tests.old_servers.drive import Duel
from tests.old_servers.generate import HOST, good_login
from tests.old_servers.steps import Cookie, Issued, Step
from tests.old_servers.values import KNOWN

REQUESTS = 300
SEED = 20261120


@pytest.fixture(scope="module")
def duel(services: Services) -> Iterator[Duel]:
    with this_server(services.mongodb_uri, services.redis_url) as duel:
        yield duel


async def test_generated_requests_are_answered_alike(duel: Duel) -> None:
    report = await compare(duel, REQUESTS, SEED)
    text = io.StringIO()
    show(report, Console(file=text, width=160))
    assert report.requests == REQUESTS
    assert not report.found, text.getvalue()


async def test_whoever_logs_out_and_in_again_at_once_is_signed_in(duel: Duel) -> None:
    login = good_login(*next(iter(KNOWN.items())))
    logout = Step("POST", "/api/auth/logout", (("Host", HOST),), cookie=Cookie(Issued()))
    me = Step("GET", "/api/auth/me", (("Host", HOST),), cookie=Cookie(Issued()))
    outcomes = await duel.play([login, me, logout, login, me])
    assert [(outcome.old.status, outcome.new.status) for outcome in outcomes] == [(200, 200)] * 5
    assert json.loads(outcomes[-1].new.body)["user"]["username"] == "lin"


async def test_both_servers_hold_the_same_after_a_learner_has_learnt(duel: Duel) -> None:
    login = good_login(*next(iter(KNOWN.items())))
    due = Step("GET", "/api/reviews/due", (("Host", HOST),), cookie=Cookie(Issued()))
    headers = (("Host", HOST), ("Content-Type", "application/json"))
    answers = [
        Step(
            "POST",
            "/api/reviews/submit",
            headers,
            json.dumps({"review_id": review, "quality": quality}).encode(),
            cookie=Cookie(Issued()),
        )
        # Reviews 14 and 15 have no interval or a negative one: they stay due, so their new values show.
        for review, quality in ((1, 5), (2, 4), (3, 3), (4, 2.9), (14, 5), (14, 3.5), (15, 4), (15, True))
    ]
    outcomes = await duel.play([login, due, *answers, due])
    assert [outcome.differences for outcome in outcomes] == [[]] * len(outcomes)
    assert len(outcomes) == len(answers) + 3
    before, after = (json.loads(outcomes[index].old.body)["count"] for index in (1, -1))
    assert (before, after) == (12, 7)
