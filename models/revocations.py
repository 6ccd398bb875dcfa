"""Credentials that were given back before they expired."""

from datetime import datetime
from hashlib import sha256
from typing import Any

from beanie import Document
from pymongo import IndexModel

from models.lanes import Unique


class Revocation(Document):
    """The digest of a credential; gone once the credential would have expired."""

    id: str  # type: ignore[assignment]  # Beanie's is an ObjectId
    expires: datetime

    class Settings:
        name = "revocations"
        indexes = [IndexModel("expires", expireAfterSeconds=0)]


BY_ID: Unique[dict[str, Any]] = Unique(Revocation)


def digest(credential: str) -> str:
    """What is stored of a credential: nothing that could be used."""
    return sha256(credential.encode("utf-8", "surrogatepass")).hexdigest()


async def revoke(credential: str, expires: datetime) -> None:
    """Makes a credential worthless until it expires; once more does no harm."""
    await Revocation.get_pymongo_collection().update_one(
        {"_id": digest(credential)}, {"$max": {"expires": expires}}, upsert=True
    )


async def is_revoked(credential: str) -> bool:
    """Whether the credential was given back; always asks the store, which alone knows."""
    return await BY_ID.load(digest(credential), ("_id",)) is not None
