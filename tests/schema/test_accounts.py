"""Accounts through the graph: signing up, in, on and out."""

from datetime import timedelta

import pytest

from models.passwords import Passwords
from models.users import User
from schema.context import Context
from schema.tokens import Issue, Tokens
from tests.schema.conftest import Graph

SIGN_UP = """
mutation ($email: String!, $password: Secret!) {
  said: signUp(email: $email, password: $password, firstName: "Rudo", lastName: "Moyo") {
    user { uuid email firstName lastName language emailVerified }
    previousSignIn
    tokens { access refresh expiresIn }
  }
}
"""
SIGN_IN = """
mutation ($email: String!, $password: Secret!) {
  said: signIn(email: $email, password: $password) {
    user { uuid email } previousSignIn tokens { access refresh expiresIn }
  }
}
"""
REFRESH = (
    "mutation ($token: Secret) { said: refreshTokens(refreshToken: $token) { access refresh expiresIn } }"
)
SIGN_OUT = "mutation ($token: Secret) { said: signOut(refreshToken: $token) }"
EMAIL, PASSWORD = "rudo@example.test", "Right-horse-7"
ISSUES = Tokens(
    Issue("a secret of at least 32 characters", timedelta(hours=24)),
    # Verified by the real clock, which is ahead of these stories.
    Issue("another secret of at least 32 characters", timedelta(days=36_500)),
)


class Letters:
    """A mailer that keeps what it is to send."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    async def verification(self, address: str, token: str) -> None:
        """Keeps the letter."""
        self.sent.append((address, token))


class Server:
    """A client of a server that gives out refresh tokens and sends mail."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.letters = Letters()

    def context(self, subject: object) -> Context:
        """A request of somebody."""
        context = self.graph.context(subject) if subject is not None else self.graph.context()
        context.tokens, context.mail = ISSUES, self.letters
        return context

    async def ask(self, query: str, subject: object = None, **variables: object) -> object:
        """What stands under `said`, or the code of the refusal."""
        answer = await self.graph.schema.execute(query, variables, self.context(subject))
        if answer.errors:
            assert answer.errors[0].extensions is not None
            return answer.errors[0].extensions["code"]
        assert answer.data is not None
        return answer.data["said"]


@pytest.fixture
def server(graph: Graph) -> Server:
    """An empty server."""
    return Server(graph)


async def signed_up(server: Server) -> dict[str, object]:
    """A new account's first sign-in."""
    said = await server.ask(SIGN_UP, email=EMAIL, password=PASSWORD)
    assert isinstance(said, dict)
    return said


async def test_who_signs_up_comes_in_and_again(server: Server) -> None:
    said = await signed_up(server)
    user = said["user"]
    assert isinstance(user, dict)
    uuid = user.pop("uuid")
    assert user == {
        "email": EMAIL,
        "firstName": "Rudo",
        "lastName": "Moyo",
        "language": "en",
        "emailVerified": False,
    }
    assert said["previousSignIn"] is None
    again = await server.ask(SIGN_IN, email=EMAIL, password=PASSWORD)
    assert isinstance(again, dict)
    assert again["user"] == {"uuid": uuid, "email": EMAIL} and again["previousSignIn"] is None
    third = await server.ask(SIGN_IN, email=EMAIL, password=PASSWORD)
    assert isinstance(third, dict) and third["previousSignIn"] == "2026-01-01T09:30:00.123456Z"
    assert third["tokens"]["expiresIn"] == 24 * 60 * 60
    assert await server.ask(SIGN_UP, email=EMAIL, password=PASSWORD) == "EMAIL_TAKEN"
    assert await server.ask(SIGN_UP, email="other@example.test", password=5) == "UNFIT"
    assert await User.count() == 1


async def test_five_wrong_passwords_lock_the_right_one_out(server: Server) -> None:
    await signed_up(server)
    for _ in range(5):
        assert await server.ask(SIGN_IN, email=EMAIL, password="wrong") == "BAD_CREDENTIALS"
    assert await server.ask(SIGN_IN, email=EMAIL, password=PASSWORD) == "ACCOUNT_LOCKED"
    assert await server.ask(SIGN_IN, email="nobody@example.test", password="x") == "BAD_CREDENTIALS"


async def test_a_refresh_token_gets_access_until_it_is_given_back(server: Server) -> None:
    said = await signed_up(server)
    user, tokens = said["user"], said["tokens"]
    assert isinstance(tokens, dict) and isinstance(user, dict)
    fresh = await server.ask(REFRESH, token=tokens["refresh"])
    assert isinstance(fresh, dict) and fresh["refresh"] is None and fresh["access"] != tokens["access"]
    for missing in (None, "", False):
        assert await server.ask(REFRESH, token=missing) == "REFRESH_MISSING"
    for bad in ("x", 5, tokens["access"]):
        assert await server.ask(REFRESH, token=bad) == "REFRESH_INVALID"
    assert await server.ask(SIGN_OUT, user["uuid"], token=tokens["refresh"]) is True
    assert await server.ask(REFRESH, token=tokens["refresh"]) == "REFRESH_INVALID"


async def test_a_server_without_refresh_tokens_gives_out_none(graph: Graph) -> None:
    said = (await graph.data(SIGN_UP, email=EMAIL, password=PASSWORD))["said"]
    assert said["tokens"]["refresh"] is None and said["tokens"]["access"]
    assert await graph.codes(REFRESH, token="x") == ["REFRESH_INVALID"]


async def test_an_address_is_proven_by_the_last_letter_once(server: Server) -> None:
    user = (await signed_up(server))["user"]
    assert isinstance(user, dict)
    prove = "mutation ($token: Secret!) { said: verifyEmail(token: $token) }"
    assert await server.ask("mutation { said: requestVerification }", user["uuid"]) is True
    (first, early), (second, late) = server.letters.sent
    assert (first, second) == (EMAIL, EMAIL)
    assert await server.ask(prove, token=early) == "VERIFICATION_INVALID"
    assert await server.ask(prove, token=late) is True
    assert await server.ask(prove, token=late) == "VERIFICATION_INVALID"
    assert await server.ask(prove, token=5) == "VERIFICATION_INVALID"
    mine = "{ said: myAccount { email emailVerified } }"
    assert await server.ask(mine, user["uuid"]) == {"email": EMAIL, "emailVerified": True}


async def test_my_account_is_gone_switched_off_or_impossible(server: Server, passwords: Passwords) -> None:
    uuid = "00000000-0000-4000-8000-000000000009"
    mine = "{ said: myAccount { id } }"
    assert await server.ask(mine, uuid) == "ACCOUNT_GONE"
    await User(id=9, uuid=uuid, email="x", is_active=False).insert()
    assert await server.ask(mine, uuid) == "ACCOUNT_GONE"
    assert await server.ask(mine, "somebody") == "UNFIT"
    assert await server.ask(mine) == "NOT_SIGNED_IN"
    assert await server.graph.codes(mine, None) == ["TOKEN_WITHOUT_USER"]


async def test_nobody_signs_in_with_a_provider_that_is_not_set_up(server: Server) -> None:
    begin = "mutation { said: beginSignIn(provider: GOOGLE) { location } }"
    finish = 'mutation { said: finishSignIn(provider: FACEBOOK, code: "x") { location } }'
    assert await server.ask(begin) == "PROVIDER_MISSING"
    assert await server.ask(finish) == "PROVIDER_MISSING"
