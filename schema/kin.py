"""Relations between people: from the ids in one document to the people that the caller may see."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from bson import ObjectId

from models import people, trees
from models.joins import Callback
from models.lanes import Lane
from models.raw import Fields
from schema import sight
from schema.context import Context, Info
from schema.projection import keys
from schema.relations import Asked

# Under which a request keeps the UUIDs of the people it has read, by their ids.
UUIDS = "uuids"
UNKNOWN = ""


class People(Asked):
    """From one id, or from a list of them, to people; those of a list come once each."""

    def __init__(self, key: str) -> None:
        super().__init__(key, people.BY_ID)

    def fields(self, info: Info) -> Fields:
        """What the operation shows of people, and what tells whether it may."""
        return sight.wanted(keys(info))

    def ask(self, context: Context, values: list[Any], fields: Fields, callback: Callback) -> None:
        """Calls back once with who stands behind each key, as far as the caller may see them."""
        context.reads.all(self.lane, flat(values), fields, partial(_found, context, values, callback))


def _found(
    context: Context, values: list[Any], callback: Callback, found: Any, error: BaseException | None
) -> None:
    if error is not None:
        callback(None, error)
        return
    sight.ask(context, found, partial(_seen, values, callback))


def _seen(values: list[Any], callback: Callback, found: Any, error: BaseException | None) -> None:
    if error is not None:
        callback(None, error)
        return
    by_id = {each["_id"]: each for each in found if each is not None}
    callback([dealt(value, by_id) for value in values], None)


def dealt(value: Any, by_id: dict[Any, Any]) -> Any:
    """What stands behind one id, or behind each of a list of them, without what is gone or there already."""
    if isinstance(value, list):
        return [by_id[id] for id in dict.fromkeys(value) if id in by_id]
    return by_id.get(value)


def flat(values: Iterable[Any]) -> list[Any]:
    """All ids of keys of which each is one, a list of them, or null."""
    ids: list[Any] = []
    for value in values:
        if isinstance(value, list):
            ids += value
        elif value is not None:
            ids.append(value)
    return ids


async def people_of(context: Context, ids: list[Any], fields: Fields) -> list[Any]:
    """The people with these ids, as far as the caller may see them."""
    found: list[Any] = await PEOPLE.future(context, ids, sight.wanted(fields))
    return found


class Uuids(Asked):
    """From one id of a person, or from a list of them, to UUIDs, each as often as its id stands there."""

    def __init__(self, key: str) -> None:
        super().__init__(key, people.BY_ID)

    def fields(self, info: Info) -> Fields:
        """The UUID alone."""
        return ("uuid",)

    def ask(self, context: Context, values: list[Any], fields: Fields, callback: Callback) -> None:
        """Calls back once with the UUIDs behind each key; they never change, so one read is enough."""
        known = context.seen.setdefault(UUIDS, {})
        # Mostly the whole tree has been read; looking an id up takes longer than anything else here.
        named = [_names(known, value) for value in values]
        if UNKNOWN not in named:
            callback(named, None)
            return
        unknown = [id for id in dict.fromkeys(flat(values)) if id not in known]
        context.reads.all(self.lane, unknown, fields, partial(_named, known, unknown, values, callback))


def _named(
    known: dict[Any, str | None],
    unknown: list[Any],
    values: list[Any],
    callback: Callback,
    found: Any,
    error: BaseException | None,
) -> None:
    if error is not None:
        callback(None, error)
        return
    known.update((id, each and each["uuid"]) for id, each in zip(unknown, found, strict=True))
    callback([_names(known, value) for value in values], None)


def _names(known: dict[Any, str | None], value: Any) -> Any:
    """The UUIDs behind a key, without those of people who are gone; UNKNOWN while one was not looked for."""
    if not isinstance(value, list):
        return None if value is None else known.get(value, UNKNOWN)
    if not value:
        return []
    names = [known.get(id, UNKNOWN) for id in value]
    if UNKNOWN in names:
        return UNKNOWN
    return [name for name in names if name is not None] if None in names else names


class Member(Asked):
    """From a key to one member of the document behind it."""

    def __init__(self, key: str, lane: Lane[Any], member: str) -> None:
        super().__init__(key, lane)
        self.member = member

    def fields(self, info: Info) -> Fields:
        """The member alone."""
        return (self.member,)

    def ask(self, context: Context, values: list[Any], fields: Fields, callback: Callback) -> None:
        """Calls back once with the members; null where there is no document."""
        member = self.member

        def arrived(found: Any, error: BaseException | None) -> None:
            callback(found and [each and each[member] for each in found], error)

        context.reads.all(self.lane, values, fields, arrived)


class Trees(Asked):
    """From the id of a tree to the tree, as far as the caller may see it."""

    def __init__(self, key: str) -> None:
        super().__init__(key, trees.BY_ID)

    def fields(self, info: Info) -> Fields:
        """What the operation shows of trees, and what tells whether it may."""
        wanted = keys(info)
        return None if wanted is None else tuple(dict.fromkeys((*wanted, *trees.RIGHTS)))

    def ask(self, context: Context, values: list[Any], fields: Fields, callback: Callback) -> None:
        """Calls back once with the trees; null for those that the caller may not see."""

        def arrived(found: Any, error: BaseException | None) -> None:
            callback(found and [each and visible(context, each) for each in found], error)

        context.reads.all(self.lane, values, fields, arrived)


def visible(context: Context, tree: trees.StoredTree) -> trees.StoredTree | None:
    """The tree, if the caller may see it, with their rights noted."""
    return tree if sight.noted(context, tree).sees else None


class Count(Asked):
    """From a key to the number of documents that have it."""

    def fields(self, info: Info) -> Fields:
        """Nothing of them."""
        return ()

    def ask(self, context: Context, values: list[Any], fields: Fields, callback: Callback) -> None:
        """Calls back once with the numbers."""

        def arrived(found: Any, error: BaseException | None) -> None:
            callback(found and [each or 0 for each in found], error)

        context.reads.all(self.lane, values, fields, arrived)


def own_id(id: ObjectId | str) -> ObjectId:
    """The id of a document as it is stored, whether that or its text was handed on."""
    return id if isinstance(id, ObjectId) else ObjectId(id)


class Mentions(Asked):
    """From a person to the documents that mention them."""

    def ask(self, context: Context, values: list[Any], fields: Fields, callback: Callback) -> None:
        """Calls back once with the documents of each person."""
        context.reads.all(self.lane, [own_id(each) for each in values], fields, callback)


class Listed(Asked):
    """From a list of ids to the documents behind them, without those that are gone."""

    def ask(self, context: Context, values: list[Any], fields: Fields, callback: Callback) -> None:
        """Calls back once with the documents of each list."""

        def arrived(found: Any, error: BaseException | None) -> None:
            by_id = {each["_id"]: each for each in found or () if each is not None}
            callback([dealt(value, by_id) for value in values], error)

        context.reads.all(self.lane, flat(values), fields, arrived)


PEOPLE = People("_id")
TREE_UUID = Member("tree_id", trees.BY_ID, "uuid")
