"""Users of old servers who are named by a UUID."""

from datetime import UTC, datetime
from typing import Any

from models.accounts import digest
from models.imports.values import instant_or_none, plain, text_or_none, truth, uuid, whole
from models.moments import Moment
from models.rows import Row
from models.users import User, Verification

# When a token expires of which that is not told.
FAR = datetime(2099, 1, 1, tzinfo=UTC)
# What signing in has no use for, or must not bring along.
DROPPED = (
    "password",
    "token",
    "password_reset_token",
    "password_reset_expires",
    "two_factor_secret",
    "backup_codes",
    "privacy_settings",
    "notification_preferences",
    "subscription_status",
    "subscription_expires",
    "billing_info",
    "updated_at",
)


def user(row: Row) -> User:
    """A user of the gateway or of the service beside it; the id is given when they are written."""
    for column in DROPPED:
        row.take(column)
    deleted = row.take("deleted_at") is not None
    hashed = row.text_or_none("password_hash") or row.text_or_none("passwordHash")
    return User(
        id=0,
        uuid=uuid(row, "id"),
        email=row.text("email"),
        username=row.text_or_none("username"),
        password_hash=hashed,
        created_at=instant_or_none(row, "created_at"),
        first_name=text_or_none(row, "first_name"),
        last_name=text_or_none(row, "last_name"),
        phone=text_or_none(row, "phone"),
        date_of_birth=instant_or_none(row, "date_of_birth"),
        gender=text_or_none(row, "gender"),
        profile_picture_url=text_or_none(row, "profile_picture_url"),
        bio=text_or_none(row, "bio"),
        location=plain(row.take("location")),
        language=text_or_none(row, "language") if row.has("language") else "en",
        timezone=text_or_none(row, "timezone") if row.has("timezone") else "UTC",
        email_verified=truth(row, "email_verified", False),
        two_factor_enabled=truth(row, "two_factor_enabled", False),
        subscription_tier=text_or_none(row, "subscription_tier") or "free",
        is_admin=truth(row, "is_admin", False),
        is_active=truth(row, "is_active", True) and not deleted,
        failed_sign_ins=whole(row, "failed_login_attempts"),
        locked_until=when(instant_or_none(row, "locked_until")),
        last_sign_in=instant_or_none(row, "last_login"),
        verification=verification(row),
    )


def verification(row: Row) -> Verification | None:
    """The token that verifies an address, which from now on only its digest tells."""
    token = row.text_or_none("email_verification_token") or row.text_or_none("emailVerificationToken")
    expires = instant_or_none(row, "email_verification_expires")
    if token is None:
        return None
    return Verification(digest=digest(token), expires=when(expires) or FAR)


def when(moment: Moment | None) -> Any:
    """The aware datetime of a moment, or None."""
    return moment and moment.instant
