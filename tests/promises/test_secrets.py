"""Passwords, tokens and keys stand in no log line and in no error."""

import json
import logging
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import MongoClient

from models.demo import EMAIL, PASSWORD
from schema.tokens import Tokens
from server.embedded import Services
from tests.serving import JWT_SECRET_KEY, SECRET_KEY, Process, process

WRONG = "a-wrong-password-that-nobody-may-read"
REGISTER = """mutation($password: Secret!) {
  register(email: "new@example.com", password: $password, username: "new", invitationCode: "NEVER") {
    expiresIn
  }
}"""
LOGIN = """mutation($email: String!, $password: Secret!) {
  login(email: $email, password: $password) { expiresIn }
}"""


@pytest.fixture
def server(services: Services, tmp_path: Path) -> Iterator[Process]:
    """A server that logs as much as it can."""
    name = f"lockstep_secrets_{secrets.token_hex(4)}"
    environ = {
        "LOCKSTEP_DATA": str(tmp_path / "data"),
        "MONGODB_URI": services.mongodb_uri,
        "MONGODB_DATABASE": name,
        "REDIS_URL": services.redis_url,
        "LOG_LEVEL": "DEBUG",
        "SECRET_KEY": SECRET_KEY,
        "JWT_SECRET_KEY": JWT_SECRET_KEY,
    }
    with process(environ, tmp_path / "log") as running:
        yield running
    with MongoClient[dict[str, Any]](services.mongodb_uri) as client:
        client.drop_database(name)


def test_no_secret_is_logged_or_told(server: Process, tmp_path: Path) -> None:
    told: list[str] = []
    known = [WRONG, PASSWORD, SECRET_KEY, JWT_SECRET_KEY]
    with httpx.Client(base_url=server.address, headers={"Host": "legacy.test"}) as http:
        signed_in = http.post("/api/auth/login", json={"email": EMAIL, "password": PASSWORD})
        known += [signed_in.json()["access_token"], signed_in.cookies["session"]]
        token = Tokens(JWT_SECRET_KEY).issue(1, datetime.now(UTC))
        forged = f"{token}forged"
        known += [token, forged]
        for authorization in (f"Bearer {token}", f"Bearer {forged}", f"Basic {WRONG}", WRONG):
            headers = {"Authorization": authorization}
            told.append(http.get("/api/auth/me", headers=headers).text)
            told.append(http.post("/graphql", json={"query": "{ me { id } }"}, headers=headers).text)
        told.append(http.get(f"/api/auth/me?access_token={token}").text)
        for password in (WRONG, WRONG + "\0", [WRONG], {"password": WRONG}, WRONG * 5):
            body = {"email": EMAIL, "password": password, "username": "x", "invitation_code": "NEVER"}
            told.append(http.post("/api/auth/login", json=body).text)
            told.append(http.post("/api/auth/register", json=body).text)
            query = {"query": REGISTER, "variables": {"password": password}}
            told.append(http.post("/graphql", json=query).text)
        told.append(http.post("/api/auth/login", content=f'{{"password": "{WRONG}"').text)
        told.append(http.post("/graphql", content=f'{{"query": "{WRONG}"').text)
        told.append(http.get("/metrics", headers={"Host": "localhost"}).text)
        told.append(http.get("/health", headers={"Host": "localhost"}).text)
    server.stop()
    log = (tmp_path / "log").read_text()
    assert log.count('"event": "request"') >= len(told)
    for secret in known:
        assert secret not in log
        assert [text for text in told if secret in text] == []


async def test_a_failure_that_holds_a_secret_is_logged_without_it(
    house: str, database: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Even the traceback of a surprise tells neither document nor variables."""
    await database.users.insert_one({"_id": 1, "email": EMAIL, "username": "x", "password_hash": 7})
    body = {"email": EMAIL, "password": WRONG}
    with caplog.at_level(logging.DEBUG):
        async with httpx.AsyncClient(base_url=house) as http:
            rest = await http.post("/api/auth/login", json=body, headers={"Host": "legacy.test"})
            graph = await http.post("/graphql", json={"query": LOGIN, "variables": body})
    assert (rest.status_code, "500 Internal Server Error" in rest.text) == (500, True)
    (error,) = graph.json()["errors"]
    assert error["extensions"] == {"code": "INTERNAL"}
    assert "AttributeError" in caplog.text
    assert WRONG not in caplog.text + rest.text + json.dumps(graph.json())
