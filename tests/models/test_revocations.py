"""A credential that was given back stays worthless until it would have expired anyway."""

from datetime import datetime, timedelta

import pytest

from models import revocations
from models.revocations import Revocation

pytestmark = pytest.mark.usefixtures("database")


async def test_a_revoked_credential_stays_revoked(now: datetime) -> None:
    await revocations.revoke("cookie.one", now)
    await revocations.revoke("cookie.one", now)
    assert await revocations.is_revoked("cookie.one") is True
    assert await revocations.is_revoked("cookie.two") is False
    assert await Revocation.count() == 1


async def test_the_later_end_counts_and_the_credential_itself_is_not_stored(now: datetime) -> None:
    for days in (1, 31, 2):
        await revocations.revoke("\ud800 secret", now + timedelta(days=days))
    (stored,) = await Revocation.find_all().to_list()
    assert len(stored.id) == 64
    assert stored.expires.replace(microsecond=0) == (now + timedelta(days=31)).replace(microsecond=0)


async def test_the_store_forgets_what_has_expired() -> None:
    indexes = await Revocation.get_pymongo_collection().index_information()
    assert indexes["expires_1"]["expireAfterSeconds"] == 0
