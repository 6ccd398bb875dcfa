"""Sessions of requests to the old Mandarin server, most of them close to what clients send."""

import json

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.old_servers.sessions import cookies
from tests.old_servers.steps import Step
from tests.old_servers.targets import queries, routes
from tests.old_servers.values import KNOWN, bodies, likely

HOST = "legacy.test"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
BODILESS = ("GET", "HEAD", "OPTIONS", "TRACE")
NEEDS_COOKIE = ("logout", "me", "enroll", "due", "submit")

hosts = likely((14, st.just(HOST)), (1, st.sampled_from((f"{HOST}:80", f"{HOST}:8000", "LEGACY.test"))))
JSON_TYPES = (
    "application/json; charset=utf-8",
    "application/json;charset=utf-16",
    "Application/JSON",
    " application/json ",
    "application/vnd.api+json",
    "application/problem+json; q=1",
)
OTHER_TYPES = (
    *("text/plain", "text/json", "text/x+json", "application/jsonx", "application/json, text/plain", "json"),
    *("application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "application/+json", ";", ""),
    "application/ld+json+x",
)
content_types = likely(
    (12, st.just("application/json")), (2, st.sampled_from(JSON_TYPES)), (1, st.sampled_from(OTHER_TYPES))
)
HEADERS = (
    ("Accept", "*/*"),
    ("Accept", "text/html"),
    ("Accept", "application/json"),
    ("Accept", "image/png;q=0.1"),
    ("Accept-Language", "zh-CN"),
    ("Accept-Encoding", "gzip, br"),
    ("Origin", "http://app.test"),
    ("Origin", "null"),
    ("Access-Control-Request-Method", "POST"),
    ("Access-Control-Request-Headers", "content-type"),
    ("X-Forwarded-For", "203.0.113.9"),
    ("X-Forwarded-Proto", "https"),
    ("X-Forwarded-Host", "other.test"),
    ("X-Forwarded-Prefix", "/other"),
    ("Forwarded", "host=other.test;proto=https"),
    ("X-Original-URL", "/api/auth/me"),
    ("X-HTTP-Method-Override", "GET"),
    ("X-Requested-With", "XMLHttpRequest"),
    ("X-Request-ID", "abc"),
    ("If-None-Match", "*"),
    ("If-Modified-Since", "Fri, 20 Nov 2026 00:00:00 GMT"),
    ("Range", "bytes=0-3"),
    ("Authorization", "Bearer abc"),
    ("Authorization", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."),
    ("Authorization", "Basic bGluOng="),
    ("Authorization", "Bearer"),
    ("User-Agent", ""),
    ("Referer", "http://legacy.test/\xe9"),
    ("Content-Encoding", "gzip"),
    ("Cache-Control", "no-cache"),
)
headers = st.lists(st.sampled_from(HEADERS), max_size=3, unique_by=lambda one: one[0])


@st.composite
def steps(draw: st.DrawFn) -> Step:
    """Any request, most of them close to what a client sends."""
    path, method = draw(routes())
    method = draw(likely((9, st.just(method)), (1, st.sampled_from(METHODS))))
    sent = [("Host", draw(hosts)), *draw(headers)]
    body = None
    if method not in BODILESS or draw(st.integers(0, 9)) == 0:
        body = draw(likely((12, bodies(path)), (1, st.none())))
        if draw(st.integers(0, 19)):
            sent.append(("Content-Type", draw(content_types)))
    often = 9 if path.rpartition("/")[2] in NEEDS_COOKIE else 2
    cookie = draw(cookies) if draw(st.integers(0, 9)) < often else None
    chunked = body is not None and draw(st.integers(0, 19)) == 0
    target = path if "?" in path else path + draw(queries)
    return Step(method, target, tuple(sent), body, chunked, cookie)


def good_login(email: str, password: str) -> Step:
    """A login that succeeds."""
    body = json.dumps({"email": email, "password": password}).encode()
    return Step("POST", "/api/auth/login", (("Host", HOST), ("Content-Type", "application/json")), body)


def session(length: int, number: int) -> list[Step]:
    """The session of that number, always the same one: a login that succeeds, then anything."""
    first = st.sampled_from(list(KNOWN.items())[:4]).map(lambda pair: good_login(*pair))
    rest = st.lists(steps(), min_size=length - 1, max_size=length - 1)
    drawn: list[list[Step]] = []

    @seed(number)
    # One run draws the simplest session and then a random one; a longer run would vary earlier ones.
    @settings(
        max_examples=2,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
    )
    @given(first, rest)
    def draw(first: Step, rest: list[Step]) -> None:
        drawn.append([first, *rest])

    draw()
    return drawn[-1]
