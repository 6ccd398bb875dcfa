"""Coming in and going out through the graph."""

from datetime import timedelta

import jwt
import pytest

from models.invitations import Invitation
from models.passwords import Passwords
from models.users import User
from tests.schema.conftest import NOW, Graph

REGISTER = """
mutation ($email: String!, $password: Secret!, $code: String!) {
  register(email: $email, password: $password, username: "new", invitationCode: $code) {
    user { id email username createdAt }
    tokenType
    expiresIn
    accessToken
  }
}
"""
LOGIN = """
mutation ($email: String!, $password: Secret!) {
  login(email: $email, password: $password) { user { id } accessToken }
}
"""
SECRET = "a secret of at least 32 characters"

pytestmark = pytest.mark.usefixtures("school")


async def test_who_registers_can_come_again(graph: Graph) -> None:
    data = await graph.data(REGISTER, email="new@example.test", password="pw", code="WELCOME")
    session = data["register"]
    token = session.pop("accessToken")
    assert session == {
        "user": {
            "id": "3",
            "email": "new@example.test",
            "username": "new",
            "createdAt": "2026-01-01T09:30:00.123456Z",
        },
        "tokenType": "bearer",
        "expiresIn": 1800,
    }
    claims = jwt.decode(
        token, SECRET, algorithms=["HS256"], options={"verify_exp": False, "verify_iat": False}
    )
    assert claims["sub"] == session["user"]["id"]
    assert claims["exp"] - claims["iat"] == 1800 and claims["iat"] == int(NOW.timestamp())
    me = await graph.data("{ me { email } }", claims["sub"])
    assert me == {"me": {"email": "new@example.test"}}
    again = await graph.data(LOGIN, email="new@example.test", password="pw")
    assert again["login"]["user"]["id"] == session["user"]["id"]
    assert again["login"]["accessToken"] != token


async def test_a_refused_registration_says_why_and_changes_nothing(graph: Graph) -> None:
    taken = await graph.answer(REGISTER, email="ada@example.test", password="pw", code="WELCOME")
    assert taken == {
        "data": None,
        "errors": [
            {
                "message": "This e-mail address is registered already; log in, or use another address.",
                "locations": [{"line": 3, "column": 3}],
                "path": ["register"],
                "extensions": {"code": "EMAIL_TAKEN", "details": {"email": "ada@example.test"}},
            }
        ],
    }
    assert await graph.codes(REGISTER, email="x", password="pw", code="?") == ["INVITATION_INVALID"]
    assert await graph.codes(REGISTER, email="x", password=5, code="WELCOME") == ["UNFIT"]
    assert await User.count() == 2
    assert await Invitation.find({"used": False}).count() == 1


async def test_a_login_fails_without_a_hint(graph: Graph, passwords: Passwords) -> None:
    await User(id=9, email="x", username="x", password_hash=await passwords.hash("right")).insert()
    assert await graph.codes(LOGIN, email="x", password="wrong") == ["BAD_CREDENTIALS"]
    assert await graph.codes(LOGIN, email="nobody", password={"$gt": ""}) == ["BAD_CREDENTIALS"]
    assert await graph.codes(LOGIN, email="x", password={"$gt": ""}) == ["UNFIT"]


@pytest.mark.parametrize(
    ("subject", "email"), [(1, "ada@example.test"), ("1", "ada@example.test"), (" +2\n", "bo@example.test")]
)
async def test_me_is_whom_the_credential_names(graph: Graph, subject: object, email: str) -> None:
    assert await graph.data("{ me { email } }", subject) == {"me": {"email": email}}


@pytest.mark.parametrize(
    "subject", [None, "abc", "", "1.0", "１", "9" * 30, "9" * 5000, 2**63, True, 1.0, [1], {"id": 1}]
)
async def test_a_credential_may_name_nobody_possible(graph: Graph, subject: object) -> None:
    assert await graph.codes("{ me { id } }", subject) == ["TOKEN_WITHOUT_USER"]


async def test_me_may_be_gone_or_not_signed_in(graph: Graph) -> None:
    assert await graph.codes("{ me { id } }", 99) == ["USER_NOT_FOUND"]
    assert await graph.codes("{ me { id } }") == ["NOT_SIGNED_IN"]


async def test_an_imported_date_is_shown_as_an_instant(graph: Graph) -> None:
    assert await graph.data("{ me { createdAt } }", 1) == {"me": {"createdAt": "2026-01-05T08:30:00.500000Z"}}


async def test_logout_needs_a_credential_and_not_a_user(graph: Graph) -> None:
    assert await graph.codes("mutation { logout }") == ["NOT_SIGNED_IN"]
    assert graph.revoked == []
    assert await graph.data("mutation { logout }", None) == {"logout": True}
    assert graph.revoked == [None]


def test_the_context_itself_knows_no_user_without_a_caller(graph: Graph) -> None:
    assert NOW + timedelta(0) == graph.context().now
    with pytest.raises(Exception, match="Sign in first"):
        _ = graph.context().user_id
