"""Keeping, changing and deleting files, and handing their contents out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument

from models import blobs, jobs, media_types, raw, stored_files, transactions, usage
from models.errors import Unfit
from models.family_errors import FileMissing
from models.file_errors import FileNotFound, FileTypeRefused, TooManyFiles
from models.keys import Key
from models.moments import Moment
from models.stored_files import Category, FilePrivacy, StoredFile, StoredFileRow
from models.text import storable
from models.uploads import FileLimits, Upload, taking

# How long an address of a file's contents is honoured.
HOUR = timedelta(hours=1)
# What a file has at most of each: tags, people, events.
MOST_WORDS, WORD_LENGTH, TEXT_LENGTH = 100, 200, 1000
PICTURE, BLOBS = "file_picture", "delete_blobs"
ANY: Mapping[str, Any] = {}


@dataclass(frozen=True)
class About:
    """What is said of files when they come in."""

    category: Category = Category.OTHER
    privacy: FilePrivacy = FilePrivacy.PRIVATE
    tree: str | None = None
    description: str | None = None
    tags: Sequence[str] = ()
    people: Sequence[str] = ()
    events: Sequence[str] = ()
    # Whether pictures get smaller ones.
    thumbnails: bool = True


async def keep(
    uploads: Sequence[Upload], about: About, account: str, now: datetime, limits: FileLimits
) -> list[StoredFileRow]:
    """The files, kept all together or not at all.

    Raises FileMissing, TooManyFiles, FileTypeRefused, QuotaExceeded and Unfit.
    """
    if not uploads:
        raise FileMissing("Send at least one file.")
    if len(uploads) > limits.files:
        raise TooManyFiles(limit=limits.files)
    for upload in uploads:
        if upload.media_type not in media_types.KEPT:
            raise FileTypeRefused(name=upload.name, type=upload.media_type)
    files = [document(upload, about, account, now) for upload in uploads]
    forms = [raw.stored_form(file) for file in files]
    await usage.begin(account, now)

    async def work(session: transactions.Session) -> None:
        await usage.take(account, len(files), sum(file.size for file in files), limits.quota, session)
        await raw.collection(StoredFile).insert_many([dict(form) for form in forms], session=session)
        for file in files:
            if file.media_type in media_types.PICTURES:
                asked = {"file": str(file.id), "thumbnails": about.thumbnails}
                await jobs.ask(PICTURE, asked, owner=account, key=str(file.id), session=session, now=now)

    with taking(uploads):
        await transactions.together(StoredFile, work)
    rows: Any = forms
    return rows  # type: ignore[no-any-return]  # documents are dicts to the driver


def document(upload: Upload, about: About, account: str, now: datetime) -> StoredFile:
    """What is known of a file that comes in."""
    moment = Moment.of(now)
    place = blobs.connected().place
    return StoredFile(
        owner=account,
        name=upload.name,
        filename=upload.key.rpartition("/")[2],
        media_type=upload.media_type,
        size=upload.size,
        sha256=upload.sha256,
        key=upload.key,
        bucket=place.bucket,
        url=place.url(upload.key, public=True),
        category=about.category,
        privacy=about.privacy,
        tree=text(about.tree, "tree", WORD_LENGTH),
        description=text(about.description, "description", TEXT_LENGTH),
        tags=words(about.tags, "tags"),
        people=words(about.people, "people"),
        events=words(about.events, "events"),
        uploaded_at=moment,
        accessed_at=moment,
        created_at=moment,
        updated_at=moment,
    )


def words(given: Sequence[str], name: str) -> list[str]:
    """Words as they are kept: without blanks around them, each once; raises Unfit."""
    kept = list(dict.fromkeys(filter(None, (storable(word, name).strip() for word in given))))
    if len(kept) > MOST_WORDS or any(len(word) > WORD_LENGTH for word in kept):
        raise Unfit(name, f"there are more than {MOST_WORDS}, or one is longer than {WORD_LENGTH} characters")
    return kept


def text(given: str | None, name: str, most: int) -> str | None:
    """A text that can be kept, or None where there is none; raises Unfit."""
    if given is None:
        return None
    if len(given) > most:
        raise Unfit(name, f"it is longer than {most} characters")
    return storable(given, name) or None


async def change(key: Key | None, changes: Mapping[str, Any], account: str, now: datetime) -> StoredFileRow:
    """A file of the account after a change of what is said of it; raises FileNotFound and Unfit."""
    new: dict[str, Any] = {"updated_at": Moment.of(now).model_dump()}
    for name, value in changes.items():
        if name == "tags":
            new[name] = words(value or (), name)
        elif name == "privacy":
            new[name] = FilePrivacy(value or FilePrivacy.PRIVATE)
        elif name == "category":
            new[name] = Category(value or Category.OTHER)
        else:
            new[name] = text(value, name, TEXT_LENGTH if name == "description" else WORD_LENGTH)
    return await updated(key, account, {"$set": new, "$inc": {"revision": 1}})


async def link(key: Key | None, event: str, account: str, now: datetime, *, linked: bool) -> StoredFileRow:
    """A file of the account, which belongs to an event now, or does not; raises FileNotFound and Unfit."""
    if not event or len(event) > WORD_LENGTH:
        raise Unfit("event", f"it is empty, or longer than {WORD_LENGTH} characters")
    moved = {"$addToSet" if linked else "$pull": {"events": storable(event, "event")}}
    touched = {"$set": {"updated_at": Moment.of(now).model_dump()}, "$inc": {"revision": 1}}
    change = {**moved, **touched}
    if not linked:
        return await updated(key, account, change)
    room = {"$or": [{"events": event}, {f"events.{MOST_WORDS - 1}": {"$exists": False}}]}
    try:
        return await updated(key, account, change, room)
    except FileNotFound:
        if key is None or not await raw.collection(StoredFile).count_documents(owned(key, account), limit=1):
            raise
        raise Unfit("event", f"the file belongs to {MOST_WORDS} events already") from None


async def updated(
    key: Key | None, account: str, change: Mapping[str, Any], where: Mapping[str, Any] = ANY
) -> StoredFileRow:
    """A file of the account after an update; raises FileNotFound, also where it is not as it must be."""
    found: Any = None
    if key is not None:
        found = await raw.collection(StoredFile).find_one_and_update(
            {**owned(key, account), **where},
            change,
            return_document=ReturnDocument.AFTER,
        )
    if found is None:
        raise FileNotFound
    return found  # type: ignore[no-any-return]  # documents are dicts to the driver


def owned(key: Key, account: str) -> dict[str, Any]:
    """A filter for a file of the account."""
    return {"_id" if isinstance(key, ObjectId) else "uuid": key, "owner": account}


async def delete(key: Key | None, account: str, now: datetime) -> None:
    """Deletes a file of the account; its contents go as soon as a worker comes to it. Raises FileNotFound."""
    if key is None:
        raise FileNotFound
    own = owned(key, account)

    async def work(session: transactions.Session) -> None:
        gone = await raw.collection(StoredFile).find_one_and_delete(own, session=session)
        if gone is None:
            raise FileNotFound
        await usage.give(account, gone["size"], session)
        keys = [gone["key"], *(each["key"] for each in gone["thumbnails"])]
        await jobs.ask(BLOBS, {"keys": keys}, key=str(gone["_id"]), session=session, now=now)

    await transactions.together(StoredFile, work)


@dataclass(frozen=True)
class Handed:
    """Where the contents of a file can be read without further credentials, and until when."""

    url: str
    expires: datetime


async def hand_out(key: Key | None, thumbnail: str | None, account: str, now: datetime) -> Handed:
    """The address of the contents of a file that the account may see, or of its thumbnail of a name.

    Each is counted. Raises FileNotFound and StorageAway.
    """
    file = await stored_files.get(key, account)
    small = next((each for each in file["thumbnails"] if each["name"] == thumbnail), None)
    seconds = int(HOUR.total_seconds())
    if small is not None:
        url = blobs.signed(small["key"], seconds, file["name"], "image/jpeg", now=now)
    else:
        url = blobs.signed(file["key"], seconds, file["name"], file["media_type"], now=now)
    seen = {"$inc": {"downloads": 1}, "$set": {"accessed_at": Moment.of(now).model_dump()}}
    await raw.collection(StoredFile).update_one({"_id": file["_id"]}, seen)
    return Handed(url, now + HOUR)
