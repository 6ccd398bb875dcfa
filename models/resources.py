"""Resources: the things that the platform keeps, and what members may do with them."""

import json
import re
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, Required, TypedDict, cast

from beanie import Document, PydanticObjectId
from bson import ObjectId
from pydantic import Field
from pymongo import ASCENDING, DESCENDING, IndexModel, ReturnDocument

from models import raw
from models.errors import Invalid, Unfit
from models.html import cleaned
from models.keys import Key, new_uuid
from models.moments import Moment, StoredMoment
from models.platform_errors import ResourceNotFound, VersionMismatch
from models.raw import stored_form
from models.roles import Member, Permission
from models.text import storable

LONGEST_NAME, LARGEST_DATA, DEEPEST_DATA = 200, 65_536, 32
# The last page that may be asked for, and the longest one: skipping more would only cost.
PAGES, PER_PAGE = 10_000, 100
MILLISECONDS = 10_000
# Which versions a writer has seen; None for any.
Versions = frozenset[int] | None


class Resource(Document):
    """Something that a member keeps; `version` counts its changes."""

    id: PydanticObjectId = Field(default_factory=PydanticObjectId)
    uuid: str = Field(default_factory=new_uuid)
    name: str
    # The name in one case, by which names are found and put in order.
    folded: str
    # HTML that was cleaned.
    description: str | None = None
    # JSON as text: the store holds neither every number nor every key that JSON has.
    data: str | None = None
    owner: str
    version: int = 1
    created_at: Moment
    updated_at: Moment

    class Settings:
        name = "resources"
        indexes = [
            IndexModel("uuid", unique=True),
            IndexModel([("created_at.at", 1), ("created_at.us", 1), ("_id", 1)]),
            IndexModel([("updated_at.at", 1), ("updated_at.us", 1), ("_id", 1)]),
            IndexModel([("folded", 1), ("_id", 1)]),
            IndexModel([("owner", 1), ("created_at.at", 1), ("created_at.us", 1), ("_id", 1)]),
        ]


class StoredResource(TypedDict, total=False):
    """A resource as it is stored."""

    _id: Required[ObjectId]
    uuid: str
    name: str
    folded: str
    description: str | None
    data: str | None
    owner: str
    version: int
    created_at: StoredMoment
    updated_at: StoredMoment


class Contents(NamedTuple):
    """What a member writes of a resource, not yet judged."""

    name: str
    description: str | None = None
    data: object = None


class Sort(StrEnum):
    """What a list is put in order by."""

    CREATED = "created_at.at"
    UPDATED = "updated_at.at"
    NAME = "folded"


class Direction(StrEnum):
    """Which end of an order comes first."""

    ASC = "asc"
    DESC = "desc"


class Wanted(NamedTuple):
    """Which part of which list."""

    page: int = 1
    limit: int = 20
    sort: Sort = Sort.CREATED
    direction: Direction = Direction.DESC
    owner: str | None = None
    # What the name begins with, in any case.
    name: str | None = None


class ResourcePage(NamedTuple):
    """Some resources, and how many there are altogether."""

    items: list[StoredResource]
    total: int


async def create(contents: Contents, by: Member, now: datetime) -> StoredResource:
    """A new resource of a member's; raises PermissionMissing and Unfit."""
    by.needs(Permission.WRITE)
    moment = Moment.of(now)
    resource = Resource(**await fitting(contents), owner=by.account, created_at=moment, updated_at=moment)
    form = stored_form(resource)
    await raw.collection(Resource).insert_one(form)
    return cast(StoredResource, form)


async def get(key: Key | None, by: Member) -> StoredResource:
    """One resource; raises PermissionMissing and ResourceNotFound."""
    by.needs(Permission.READ)
    return await found(key)


async def replace(
    key: Key | None, contents: Contents, versions: Versions, by: Member, now: datetime
) -> StoredResource:
    """The resource with other contents, one version further; of two who have seen one version, one may.

    Raises PermissionMissing, Unfit, ResourceNotFound and VersionMismatch.
    """
    by.needs(Permission.WRITE)
    said = {**await fitting(contents), "updated_at": Moment.of(now).model_dump()}
    changed = await raw.collection(Resource).find_one_and_update(
        {**named(key), **seen(versions)},
        {"$set": said, "$inc": {"version": 1}},
        return_document=ReturnDocument.AFTER,
    )
    if changed is None:
        raise VersionMismatch(version=(await found(key))["version"])
    return cast(StoredResource, changed)


async def delete(key: Key | None, versions: Versions, by: Member) -> None:
    """The end of a resource: for who may delete, and for who wrote it.

    Raises PermissionMissing, ResourceNotFound and VersionMismatch.
    """
    if Permission.DELETE in by.permissions:
        wanted = named(key)
    else:
        by.needs(Permission.WRITE)
        wanted = {**named(key), "owner": by.account}
    if await raw.collection(Resource).find_one_and_delete({**wanted, **seen(versions)}) is None:
        resource = await found(key)
        if resource["owner"] != by.account:
            by.needs(Permission.DELETE)
        raise VersionMismatch(version=resource["version"])


async def page(wanted: Wanted, by: Member) -> ResourcePage:
    """A page of a list; raises PermissionMissing, and Invalid beyond the bounds of pages."""
    by.needs(Permission.READ)
    if not 1 <= wanted.page <= PAGES or not 1 <= wanted.limit <= PER_PAGE:
        raise Invalid(f"page is 1 to {PAGES}, and limit is 1 to {PER_PAGE}.", name="page")
    filter: dict[str, Any] = {}
    if wanted.owner is not None:
        filter["owner"] = storable(wanted.owner, "owner")
    if wanted.name:
        filter["folded"] = {"$regex": f"^{re.escape(storable(wanted.name, 'name').casefold())}"}
    collection = raw.collection(Resource)
    total = await collection.count_documents(filter, maxTimeMS=MILLISECONDS)
    skip = (wanted.page - 1) * wanted.limit
    if skip >= total:
        return ResourcePage([], total)
    cursor = collection.find(filter, sort=ordered(wanted), skip=skip, limit=wanted.limit)
    cursor = cursor.max_time_ms(MILLISECONDS)
    return ResourcePage(cast(list[StoredResource], await cursor.to_list()), total)


def ordered(wanted: Wanted) -> list[tuple[str, int]]:
    """The order of a list, in which an index holds it."""
    way = DESCENDING if wanted.direction is Direction.DESC else ASCENDING
    order = [(wanted.sort.value, way), ("_id", way)]
    if wanted.sort is not Sort.NAME:
        # The microseconds stand beside the milliseconds.
        order.insert(1, (wanted.sort.value.replace(".at", ".us"), way))
    return order


async def found(key: Key | None) -> StoredResource:
    """The resource of a key; raises ResourceNotFound."""
    resource = None if key is None else await raw.collection(Resource).find_one(named(key))
    if resource is None:
        raise ResourceNotFound
    return cast(StoredResource, resource)


def named(key: Key | None) -> dict[str, Any]:
    """A filter for the resource of a key; raises ResourceNotFound for what can be none."""
    if key is None:
        raise ResourceNotFound
    return {"_id": key} if isinstance(key, ObjectId) else {"uuid": key}


def seen(versions: Versions) -> dict[str, Any]:
    """A filter for the versions that a writer has seen."""
    return {} if versions is None else {"version": {"$in": sorted(versions)}}


async def fitting(contents: Contents) -> dict[str, Any]:
    """What is stored of contents; raises Unfit."""
    name = storable(contents.name, "name")
    if not name.strip() or len(name) > LONGEST_NAME:
        raise Unfit("name", f"it is empty or longer than {LONGEST_NAME} characters")
    description = contents.description
    return {
        "name": name,
        "folded": name.casefold(),
        "description": None if description is None else await cleaned(description, "description"),
        "data": None if contents.data is None else text_of(contents.data),
    }


def text_of(data: object) -> str:
    """A JSON object as text; raises Unfit."""
    if not isinstance(data, dict):
        raise Unfit("data", "it is no JSON object")
    if depth_of(data) > DEEPEST_DATA:
        raise Unfit("data", f"it nests deeper than {DEEPEST_DATA}")
    try:
        text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError):
        raise Unfit("data", "it is no JSON") from None
    if len(storable(text, "data").encode()) > LARGEST_DATA:
        raise Unfit("data", f"it is larger than {LARGEST_DATA} bytes")
    return text


def depth_of(value: object) -> int:
    """How deep a value nests."""
    depth, level = 0, [value]
    while level := [
        below
        for each in level
        if isinstance(each, dict | list)
        for below in (each.values() if isinstance(each, dict) else each)
    ]:
        depth += 1
        if depth > DEEPEST_DATA:
            break
    return depth + 1
