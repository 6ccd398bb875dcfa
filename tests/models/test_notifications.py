"""Notifications: an account reads its own, newest first, and nobody else's."""

from datetime import timedelta

import pytest
from bson import ObjectId

from models import notifications
from models.family_errors import NotificationNotFound
from models.moments import Moment
from models.notifications import Notification
from tests.models.family import ADA, BO, NOW

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def told() -> list[Notification]:
    """Three for Ada, of which the second is the newest, and one for Bo."""
    made = [
        Notification(account=account, message=message, created_at=Moment.of(NOW + timedelta(hours=hours)))
        for account, message, hours in ((ADA, "a", 0), (ADA, "b", 9), (ADA, "c", 1), (BO, "d", 0))
    ]
    await Notification.insert_many(made)
    return made


async def test_the_newest_comes_first(told: list[Notification]) -> None:
    assert [each["message"] for each in await notifications.of(ADA)] == ["b", "c", "a"]
    assert await notifications.count(ADA) == 3 and await notifications.of("nobody") == []
    page = await notifications.OF_ACCOUNT.load((ADA, None, 2))
    assert [each["message"] for each in page] == ["a", "b"]


async def test_only_ones_own_are_read(told: list[Notification]) -> None:
    for key in (told[0].id, told[1].uuid):
        found = await notifications.read(key, ADA)
        assert found is not None and found["read"] is True
    for foreign in (told[3].id, ObjectId(), None):
        assert await notifications.read(foreign, ADA, quiet=True) is None
        with pytest.raises(NotificationNotFound):
            await notifications.read(foreign, ADA)
    assert [each.read for each in await Notification.find_all().sort("_id").to_list()] == [
        True,
        True,
        False,
        False,
    ]
