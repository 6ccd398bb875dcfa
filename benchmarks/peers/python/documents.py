"""What the Python peers share: tokens, refusals, and how a document is shown."""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import jwt

Document = dict[str, Any]

PUBLIC = {"password_hash": 0}
ONLY_ID = {"_id": 1}


class Refused(Exception):
    """An error that a client is told about."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def unauthorized() -> Refused:
    """Nobody is signed in."""
    return Refused(401, "NOT_SIGNED_IN", "Unauthorized")


def course_not_found() -> Refused:
    """There is no such course."""
    return Refused(404, "COURSE_NOT_FOUND", "Course not found")


def user_not_found() -> Refused:
    """There is no such user."""
    return Refused(404, "USER_NOT_FOUND", "User not found")


def already_enrolled() -> Refused:
    """The caller takes the course already."""
    return Refused(400, "ALREADY_ENROLLED", "Already enrolled")


def setting(name: str) -> str:
    """A variable that the harness has set."""
    return os.environ[name]


def token_of(authorization: str | None) -> str:
    """The bearer token of a header; raises Refused."""
    if authorization is None or not authorization.startswith("Bearer "):
        raise unauthorized()
    return authorization[7:]


def user_id_of(token: str) -> int:
    """The user whom a rightly signed token names; raises Refused."""
    try:
        claims = jwt.decode(token, setting("JWT_SECRET_KEY"), algorithms=["HS256"])
    except jwt.PyJWTError as error:
        raise unauthorized() from error
    return int(claims["sub"])


def revocation_id(token: str) -> str:
    """The id of the document that Lockstep's logout writes for a token."""
    signed = sha256(token.rpartition(".")[0].encode()).hexdigest()
    return sha256(f"jwt:{signed}".encode()).hexdigest()


def cursor_of(key: int) -> str:
    """The text that stands for a place in a list."""
    return urlsafe_b64encode(str(key).encode()).decode().rstrip("=")


def key_of(cursor: str | None) -> int | None:
    """The place that a cursor stands for."""
    return None if cursor is None else int(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))


def page_after(after: int | None) -> Document:
    """Published courses from a place on."""
    return {"published": True} if after is None else {"published": True, "_id": {"$gt": after}}


def moment_now() -> Document:
    """This instant as the documents keep it."""
    now = datetime.now(UTC)
    us = now.microsecond % 1000
    return {"at": now.replace(microsecond=now.microsecond - us), "us": us, "text": None}


def instant(moment: Document) -> str:
    """An instant in UTC with its microseconds."""
    whole: datetime = moment["at"] + timedelta(microseconds=moment["us"])
    return whole.isoformat(timespec="microseconds")


def legacy(moment: Document | None) -> str | None:
    """The imported text of an instant where there is one."""
    if moment is None:
        return None
    text: str | None = moment["text"]
    return instant(moment) if text is None else text


def show_course(course: Document) -> Document:
    """A course as clients know it."""
    return {
        "created_at": legacy(course["created_at"]),
        "description": course["description"],
        "id": course["_id"],
        "published": course["published"],
        "title": course["title"],
    }


def show_user(user: Document) -> Document:
    """A user as clients know it."""
    return {
        "created_at": legacy(user["created_at"]),
        "email": user["email"],
        "id": user["_id"],
        "username": user["username"],
    }


def show_enrollment(enrollment: Document) -> Document:
    """An enrollment as clients know it."""
    return {
        "course_id": enrollment["course_id"],
        "enrolled_at": legacy(enrollment["enrolled_at"]),
        "id": enrollment["_id"],
        "progress": enrollment["progress"],
        "user_id": enrollment["user_id"],
    }
