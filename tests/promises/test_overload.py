"""The promise: who comes when too many wait for the store is told at once, in each door's words."""

import logging
import time
from typing import Any

import httpx
import jwt
import pytest

from models import batches
from models.courses import Course
from tests.serving import JWT_SECRET_KEY

COURSE = {"query": "{ course(id: 1) { title } }"}
LEGACY = {"Host": "legacy.test"}


async def test_an_overloaded_store_is_told_in_each_door_s_words(
    house: str, database: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await Course(id=1, title="First words", published=True).insert()
    claims = {"sub": "1", "exp": int(time.time()) + 60}
    signed_in = {"Authorization": f"Bearer {jwt.encode(claims, JWT_SECRET_KEY, algorithm='HS256')}"}
    async with httpx.AsyncClient(base_url=house) as http:
        with monkeypatch.context() as patched, caplog.at_level(logging.ERROR):
            patched.setattr(batches, "QUEUE", 0)
            for path, headers in [
                ("/api/courses/", LEGACY),
                ("/api/courses/1", LEGACY),
                ("/api/auth/me", {**LEGACY, **signed_in}),
            ]:
                refused = await http.get(path, headers=headers)
                assert (refused.status_code, refused.headers["content-type"]) == (
                    503,
                    "text/html; charset=utf-8",
                )
            field = await http.post("/graphql", json=COURSE)
            assert field.status_code == 200
            assert [error["extensions"] for error in field.json()["errors"]] == [{"code": "OVERLOADED"}]
            caller = await http.post("/graphql", json=COURSE, headers=signed_in)
            assert caller.status_code == 503
            assert [error["extensions"] for error in caller.json()["errors"]] == [{"code": "OVERLOADED"}]
        assert caplog.records == []
        answered = await http.post("/graphql", json=COURSE)
        assert answered.json() == {"data": {"course": {"title": "First words"}}}
