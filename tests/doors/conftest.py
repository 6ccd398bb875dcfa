"""The two doors of one server, for stories that are told through each of them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pymongo.asynchronous.database import AsyncDatabase

from tests.doors.story import Stage


@pytest.fixture
async def stage(house: str, database: AsyncDatabase[dict[str, Any]]) -> AsyncIterator[Stage]:
    """The server and its database, in the state that every story begins with."""
    async with httpx.AsyncClient(base_url=house, timeout=30) as http:
        yield Stage(http, database, datetime.now(UTC))
