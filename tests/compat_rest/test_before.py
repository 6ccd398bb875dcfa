"""What a surface does before its routes, and where no route is: limits, origins, mounts and other paths."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest

from compat_rest.contract.before import Limit, is_below
from compat_rest.contract.surfaces import Surface
from compat_rest.contract.tokens import span
from compat_rest.limits import Verdict
from tests.compat_rest.toys import answer, ask, body, contract, engine, operation, problems

TEXT = {"/toy/text": {"get": operation("text", {"200": answer(type="string", **{"x-graph": "/text"})})}}
QUERY = {"text": "{ text }"}
API = {"name": "api", "paths": "/Api", "rate": "{$env.RATE:5}/15 minutes", "cost": 2}


def made(folder: Path, **surface: Any) -> Path:
    """A contract of one operation whose surface says this too."""
    return contract(folder, TEXT, QUERY, surface)


def surface(folder: Path, **said: Any) -> Surface:
    """The surface as it is read."""
    return engine(made(folder, **said)).surfaces["toy"].surface


def test_a_limit_is_read_with_the_environment(tmp_path: Path) -> None:
    read = surface(tmp_path, limits=[API, {"name": "all", "rate": "3/minute", "key": "$request.body#/a"}])
    api, everything = read.limits
    assert (api.name, api.amount, api.window, api.cost, api.key) == ("api", 5, 900, 2, None)
    assert [api.covers(path) for path in ("/api", "/API/x", "/apis", "/")] == [True, True, False, False]
    assert (everything.covers("/"), everything.window, everything.key is None) == (True, 60, False)
    assert read.limit("all") is everything


def test_origins_are_parts_of_a_text(tmp_path: Path) -> None:
    cors = {"origins": "$env.ORIGINS:http://a.test, http://b.test", "headers": ["X-A"], "preflight": 200}
    read = surface(tmp_path, cors=cors, before=["cors"])
    assert read.cors["origins"] == ("http://a.test", " http://b.test")
    assert (read.cors["headers"], read.cors["preflight"]) == (("X-A",), 200)
    assert read.cors["methods"] == ("GET", "HEAD", "PUT", "PATCH", "POST", "DELETE")


def test_tokens_have_secrets_and_lifetimes(tmp_path: Path) -> None:
    refresh = {"secret": "$env.OTHER|$env.KEY", "lifetime": "$env.LONG:7d"}
    read = surface(tmp_path, tokens={"access": {"secret": "$env.KEY", "lifetime": "24h"}, "refresh": refresh})
    assert read.tokens is not None and read.tokens.refresh is not None
    assert read.tokens.access.lifetime == timedelta(hours=24)
    assert read.tokens.refresh.lifetime == timedelta(days=7)
    assert read.tokens.refresh.secret == read.tokens.access.secret == "a-key-of-more-than-thirty-two-bytes"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1s", 1), ("1.5 hours", 5400), ("250", 0.25), ("2 Weeks", 1209600), ("1y", 31557600)],
)
def test_a_time_span_is_read_as_the_old_servers_did(text: str, seconds: float) -> None:
    assert span(text).total_seconds() == seconds


@pytest.mark.parametrize("text", ["", "1 fortnight", "s", "1h 5m"])
def test_another_text_is_no_time_span(text: str) -> None:
    with pytest.raises(ValueError, match="is no time span"):
        span(text)


@pytest.mark.parametrize(
    ("path", "start", "below"),
    [
        ("/api", "/api", True),
        ("/API/x", "/api", True),
        ("/apis", "/api", False),
        ("/api", "/api/", False),
        ("/api/", "/api/", True),
    ],
)
def test_a_path_is_below_another_one(path: str, start: str, below: bool) -> None:
    assert is_below(path, start) is below


OTHERWISE = [
    {"path": "/Api/", "status": 501, "body": {"error": "{$method} {$path} is not there yet"}},
    {"status": 404, "body": {"error": "Nowhere"}},
]


async def test_the_first_fitting_row_answers_for_a_path_without_operation(tmp_path: Path) -> None:
    path = made(tmp_path, otherwise=OTHERWISE)
    there, nowhere = await ask(path, "PUT", "/toy/api/x?y=1"), await ask(path, "GET", "/toy/api")
    assert (there.status, there.json) == (501, {"error": "PUT /toy/api/x?y=1 is not there yet"})
    assert (nowhere.status, nowhere.json) == (404, {"error": "Nowhere"})
    assert (await ask(path, "GET", "/toy/text")).status == 200


KINDS = {"type": "string", "enum": ["fetch", "put"], "x-values": {"fetch": "GET", "put": ["PUT", "POST"]}}
SPELLED = {"status": 404, "body": {"error": "No {$spelled.method#/components/schemas/Kind} here"}}


async def test_a_text_spells_a_value_as_a_schema_does(tmp_path: Path) -> None:
    shared = {"components": {"schemas": {"Kind": KINDS}}}
    path = contract(tmp_path, TEXT, QUERY, {"otherwise": [SPELLED]}, **shared)
    assert (await ask(path, "GET", "/toy/x")).json == {"error": "No fetch here"}
    assert (await ask(path, "POST", "/toy/x")).json == {"error": "No put here"}
    assert (await ask(path, "PATCH", "/toy/x")).json == {"error": "No PATCH here"}


@pytest.mark.parametrize("shared", [{}, {"components": {"schemas": {"Kind": {"type": "string"}}}}])
def test_a_spelling_that_is_nowhere_is_refused(shared: dict[str, Any], tmp_path: Path) -> None:
    path = contract(tmp_path, TEXT, QUERY, {"otherwise": [SPELLED]}, **shared)
    assert problems(path) == ["The pointer '/components/schemas/Kind' of $spelled leads to no `enum`."]


SCHEME = {"components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}}
TOKEN = {"scheme": "token", "secret": "$env.KEY", "algorithms": ["HS256"], "prefix": "Bearer "}


async def test_a_row_may_ask_who_calls_first(tmp_path: Path) -> None:
    errors = {"NOT_SIGNED_IN": {"status": 401, "body": {"error": "Who?"}}, "*": {"status": 500, "body": {}}}
    said = {"otherwise": [{"path": "/api", "identity": True, **OTHERWISE[1]}, OTHERWISE[1]], "errors": errors}
    path = contract(tmp_path, TEXT, QUERY, {**said, "identity": [TOKEN]}, **SCHEME)
    asked = await ask(path, "GET", "/toy/api/x")
    assert (asked.status, asked.json) == (401, {"error": "Who?"})
    assert (await ask(path, "GET", "/toy/x")).status == 404


async def test_who_may_not_call_is_asked_as_the_values_say(tmp_path: Path) -> None:
    more = {"nobody": True, "word": True, "refuse": {"type": ["refresh"]}, "iat": "ignored"}
    path = contract(tmp_path, TEXT, QUERY, {"identity": [{**TOKEN, **more}]}, **SCHEME)
    (scheme,) = engine(path).surfaces["toy"].surface.identity
    assert (scheme.prefix, scheme.nobody, scheme.word, scheme.iat) == ("Bearer ", True, True, "ignored")
    assert scheme.refuse == {"type": ("refresh",)}


def signed(**claims: Any) -> dict[str, str]:
    """A header with a token of these claims."""
    token = jwt.encode({"exp": 4102444800, **claims}, "a-key-of-more-than-thirty-two-bytes", "HS256")
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"sub": "5"}, 200),
        ({"sub": "u-1"}, 200),
        ({"sub": ""}, 401),
        ({"other": 1}, 401),
        ({"sub": "9" * 30}, 401),
    ],
)
async def test_an_account_may_be_asked_for(claims: dict[str, Any], status: int, tmp_path: Path) -> None:
    errors = {"NOT_SIGNED_IN": {"status": 401, "body": {"error": "Who?"}}, "*": {"status": 500, "body": {}}}
    said = {"identity": [{**TOKEN, "nobody": True}], "stages": ["identity", "account"], "errors": errors}
    paths = {"/toy/text": {"get": {**TEXT["/toy/text"]["get"], "security": [{"token": []}]}}}
    path = contract(tmp_path, paths, QUERY, said, **SCHEME)
    assert (await ask(path, "GET", "/toy/text", headers=signed(**claims))).status == status


MAIL = {"name": "mail", "rate": "2/minute", "key": "$request.body#/mail"}
FEW = {"*": {"status": 500, "body": {}}, "RATE_LIMITED": {"status": 429, "body": {"error": "{$error.limit}"}}}


async def test_a_limit_may_count_what_a_stage_has_read(tmp_path: Path) -> None:
    counted: list[tuple[str, str, str]] = []

    async def count(surface: str, limit: Limit, key: str) -> Verdict:
        counted.append((surface, limit.name, key))
        return Verdict(0, 30, allowed=len(counted) < 2)

    sent = body(mail={"type": "string", "x-sanitize": ["lower", "typed"]})
    get = TEXT["/toy/text"]["get"]
    responses = {**get["responses"], "429": get["responses"]["400"]}
    post = {**get, **sent, "responses": responses, "x-stages": ["validate", "limit:mail"]}
    path = contract(tmp_path, {"/toy/text": {"post": post}}, QUERY, {"limits": [MAIL], "errors": FEW})
    first = await ask(path, "POST", "/toy/text", {"mail": "A"}, count=count)
    second = await ask(path, "POST", "/toy/text", {"mail": "a"}, count=count)
    assert (first.status, second.status, second.json) == (200, 429, {"error": "2"})
    assert counted == [("toy", "mail", "a"), ("toy", "mail", "a")]


TOKENS = {"access": {"secret": "a", "lifetime": "1d"}}


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"before": ["wash"]}, "There is no stage 'wash'."),
        ({"before": ["body", "body"]}, "A stage stands twice."),
        ({"before": ["limit:api"]}, "There is no stage 'limit:api'."),
        ({"before": ["cors"]}, "`cors` and `before` disagree."),
        ({"cors": {"origins": "*"}}, "`cors` and `before` disagree."),
        ({"cors": {"origin": "*"}, "before": ["cors"]}, "A cors has no 'origin'."),
        ({"limits": [{**API, "rate": "often"}]}, "'often' is no rate."),
        ({"limits": [{**API, "headers": "draft-9"}]}, "There are no headers 'draft-9'."),
        ({"limits": [{**API, "path": "/"}]}, "A limit has no 'path'."),
        ({"limits": [{"rate": "1/minute"}]}, "A limit has no name."),
        ({"limits": [API, API]}, "There are two limits 'api'."),
        ({"limits": [{**API, "key": "$nobody"}]}, "The expression '$nobody' means nothing"),
        ({"limits": [{**API, "rate": "{$env.NONE}/minute"}]}, "The environment variable NONE is not set"),
        (
            {"limits": [API], "before": ["limit:api"], "errors": {}},
            "No answer is said for RATE_LIMITED:api.",
        ),
        ({"before": ["body"], "errors": {}}, "No answer is said for UNREADABLE_BODY."),
        (
            {"errors": {"*": {"status": 500, "body": {}}, "RATE_LIMITED:api": {"status": 429, "body": {}}}},
            "There is no limit for RATE_LIMITED:api.",
        ),
        ({"mounts": [{"path": "/a", "surface": "none"}]}, "There is no surface 'none' to mount."),
        ({"mounts": [{"path": "/a", "surface": "toy"}]}, "The mounted surface 'toy' leads back here."),
        ({"mounts": [{"at": "/a", "surface": "toy"}]}, "A mount has no 'at'."),
        ({"otherwise": [OTHERWISE[0]]}, "The answers for unknown paths are not complete."),
        ({"otherwise": [OTHERWISE[1], OTHERWISE[0]]}, "The answers for unknown paths are not complete."),
        ({"otherwise": [{"paths": "/", **OTHERWISE[1]}]}, "The answer for unknown paths cannot be read."),
        ({"otherwise": [{"status": 404, "body": "$nothing"}]}, "The expression '$nothing' means nothing"),
        ({"invalid": {"status": 4, "body": {}}}, "The answer to INVALID cannot be read."),
        ({"tokens": {}}, "The surface's tokens have no `access`."),
        ({"tokens": {**TOKENS, "other": {}}}, "A surface's tokens has no 'other'."),
        ({"tokens": {"access": {"secret": "a", "lifetime": "soon"}}}, "The lifetime cannot be read"),
        ({"tokens": {"access": {"secret": "a", "life": "1d"}}}, "A token has no 'life'."),
        ({"stages": ["account", "identity"]}, "The account of nobody is asked for."),
        ({"stages": ["account"]}, "The account of nobody is asked for."),
        ({"stages": ["validate", "limit:api"]}, "There is no stage 'limit:api'."),
        ({"dialect": "flask", "before": ["body"]}, "The dialect does nothing before its routes"),
    ],
)
def test_a_surface_that_contradicts_itself_is_refused(
    said: dict[str, Any], problem: str, tmp_path: Path
) -> None:
    found = problems(made(tmp_path, **said))
    assert any(each.startswith(problem) for each in found), found


def test_an_identity_says_how_it_reads_the_time_of_issue(tmp_path: Path) -> None:
    path = contract(tmp_path, TEXT, QUERY, {"identity": [{**TOKEN, "iat": "sometimes"}]}, **SCHEME)
    assert problems(path) == ["iat cannot be 'sometimes'."]


async def test_a_text_is_sent_as_it_is_where_its_type_is_one(tmp_path: Path) -> None:
    row = {"status": 429, "type": "text/html; charset=utf-8", "body": "Too many of {$method}."}
    answer = await ask(contract(tmp_path, TEXT, QUERY, {"otherwise": [row]}), "GET", "/toy/x")
    assert (answer.status, answer.body) == (429, b"Too many of GET.")
    named = {**row, "type": "application/problem+json", "body": {"title": "Too many"}}
    answer = await ask(contract(tmp_path, TEXT, QUERY, {"otherwise": [named]}), "GET", "/toy/x")
    assert answer.json == {"title": "Too many"}
