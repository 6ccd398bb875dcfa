"""A question has a status and a text for an answer, also where it is refused."""

import pytest

from models.asking import ask


async def test_what_is_answered_and_what_is_refused(house: str) -> None:
    assert (await ask("GET", f"{house}/health/live")) == (200, '{"status":"ok"}')
    status, said = await ask("GET", f"{house}/no/such/page")
    assert (status, said) == (404, "Not Found")
    with pytest.raises(OSError):
        await ask("GET", "http://127.0.0.1:9/")
