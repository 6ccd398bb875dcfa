"""`lockstep roles`: the first administrator is made by who runs the server."""

from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner
from pymongo import MongoClient

from server.cli import main
from server.embedded import Services

NAME = "lockstep_roles_command"
ADA = "20000000-0000-4000-8000-000000000001"


@pytest.fixture
def environ(services: Services) -> Iterator[dict[str, str]]:
    """The settings of a database with one user."""
    with MongoClient[dict[str, Any]](services.mongodb_uri) as client:
        client[NAME].users.insert_one({"_id": 1, "uuid": ADA, "email": "ada@example.test"})
        yield {"MONGODB_URI": services.mongodb_uri, "REDIS_URL": services.redis_url, "MONGODB_DATABASE": NAME}
        client.drop_database(NAME)


def said(environ: dict[str, str], *arguments: str) -> tuple[int, str]:
    """How the command ended, and what it said."""
    result = CliRunner().invoke(main, ["roles", *arguments], env=environ)
    return result.exit_code, result.output


def test_roles_are_given_by_address_or_by_name_and_listed(environ: dict[str, str]) -> None:
    assert said(environ, "list") == (0, "")
    assert said(environ, "give", "ada@example.test", "admin") == (0, f"{ADA} is admin now.\n")
    assert said(environ, "give", "auth0|eve@example.test", "editor")[0] == 0
    assert said(environ, "list") == (0, f"admin    {ADA}\neditor   auth0|eve@example.test\n")
    assert said(environ, "give", ADA, "user") == (0, f"{ADA} is user now.\n")


def test_nobody_and_unknown_roles_are_refused(environ: dict[str, str]) -> None:
    code, text = said(environ, "give", "nobody@example.test", "admin")
    assert code == 1 and "Nobody has registered with nobody@example.test." in text
    assert said(environ, "give", ADA, "king")[0] == 2
    assert said(environ, "give", "", "admin")[0] == 1
    assert said(environ, "list") == (0, "")
