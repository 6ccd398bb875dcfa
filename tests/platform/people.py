"""Who calls the platform in tests, and what they say."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from werkzeug.security import generate_password_hash

from models.moments import Moment
from models.raw import stored_form
from models.roles import Role, give
from models.users import User
from schema.tokens import Tokens
from tests.serving import JWT_SECRET_KEY

HOST = "platform.test"
PASSWORD = "Right-horse-7"
CAST = tuple(Role)
UUIDS = {role: f"20000000-0000-4000-8000-00000000000{number}" for number, role in enumerate(CAST, 1)}
MAY = Moment.from_text("2026-05-01T08:00:00.250000")


# Few rounds, since every test plants it.
HASHED = generate_password_hash(PASSWORD, "pbkdf2:sha256:1000")


async def plant() -> None:
    """One user of each role, who have one password."""
    rows = [
        stored_form(
            User(
                id=number,
                uuid=UUIDS[role],
                email=f"{role.value}@example.test",
                first_name=role.value.title(),
                created_at=MAY,
                password_hash=HASHED,
                email_verified=True,
            )
        )
        for number, role in enumerate(CAST, 1)
    ]
    await User.get_pymongo_collection().insert_many(rows)
    for role in CAST[1:]:
        await give(UUIDS[role], role, "tests", datetime.now(UTC))


def bearer(role: Role) -> dict[str, str]:
    """The token of somebody of a role."""
    number = CAST.index(role) + 1
    user: Any = {"_id": number, "uuid": UUIDS[role], "email": f"{role.value}@example.test"}
    return {"Authorization": f"Bearer {Tokens(JWT_SECRET_KEY).access(user, datetime.now(UTC))}"}


@dataclass
class Client:
    """A client of the platform, who says who they are with each request."""

    http: httpx.AsyncClient
    headers: dict[str, str] = field(default_factory=dict)

    def like(self, headers: dict[str, str]) -> "Client":
        """The same client as somebody else."""
        return Client(self.http, headers)

    async def ask(self, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        """An answer; header names are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.http.cookies.clear()
        return await self.http.request(
            method, path, json=body, headers={"Host": HOST, **self.headers, **named}
        )

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.ask("GET", path, **headers)

    async def made(self, **contents: Any) -> dict[str, Any]:
        """A new resource."""
        answer = await self.ask("POST", "/api/resource", {"name": "A first one", **contents})
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()["data"]
        return made

    async def graph(self, query: str, **variables: Any) -> Any:
        """What the graph answers under `said`, or the code of the refusal."""
        answer = await self.http.post(
            "/graphql", json={"query": query, "variables": variables}, headers=self.headers
        )
        assert answer.status_code in (200, 503), answer.text
        said = answer.json()
        return said["errors"][0]["extensions"]["code"] if said.get("errors") else said["data"]["said"]


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """The status and the name of a refusal, whose shape is the one there is."""
    body = answer.json()
    assert {"error", "message", "status_code", "timestamp"} <= body.keys() <= {*body.keys(), "retry_after"}
    assert body["status_code"] == answer.status_code
    assert datetime.fromisoformat(body["timestamp"]).tzinfo is None
    return answer.status_code, body["error"]
