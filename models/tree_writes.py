"""Making, changing and deleting family trees."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple, TypedDict, cast

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from models import people, raw, transactions, trees, users
from models.errors import Unfit
from models.events import Event
from models.family_errors import PersonNotFound, TreeNotFound
from models.gedcom.kept import GedcomRecord
from models.gedcom.reports import GedcomImport
from models.history import PersonHistory
from models.keys import ACCOUNT_LENGTH, UUID, Key
from models.kinds import Need, Privacy
from models.moments import Moment
from models.people import Person
from models.raw import stored_form
from models.relationships import Relationship
from models.sources import Source
from models.suggestions import MergeSuggestion
from models.text import SURROGATE, encodable, judged
from models.trees import StoredTree, Tree, TreeSettings

# As the old server counted: in UTF-16 units.
NAME_LENGTH = 100
FIRST_NAME, FIRST_DESCRIPTION = "My Family Tree", "Default family tree"


class SettingsFields(TypedDict, total=False):
    """How a tree is to be shown; what is not said takes its default."""

    allow_collaboration: bool
    show_living: bool
    default_person_privacy: str
    theme: str


class TreeFields(TypedDict, total=False):
    """What somebody says of a tree; a missing key says nothing."""

    name: str
    description: str | None
    privacy: Privacy
    settings: SettingsFields | None
    root_person: Key | None


class Opened(NamedTuple):
    """Somebody's tree, and whether it was made just now."""

    tree: StoredTree
    created: bool


async def open(account: str, now: datetime) -> Opened:
    """The tree that a user made last, or their first one; of two who ask at once, both get the same.

    Raises Unfit for an account that is no user's: their tree would be nobody's.
    """
    if not UUID.fullmatch(account):
        raise Unfit("account", "it is no UUID")
    found = await trees.newest(account)
    if found is not None:
        return Opened(found, False)
    if await users.BY_UUID.load(account, ("_id",)) is None:
        raise Unfit("account", "no user has this UUID")
    made = new({"name": FIRST_NAME, "description": FIRST_DESCRIPTION}, account, now)
    form = {name: value for name, value in stored_form(made).items() if name not in ("owner", "opening")}
    try:
        tree: Any = await raw.collection(Tree).find_one_and_update(
            {"owner": account, "opening": 1},
            {"$setOnInsert": form},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
    except DuplicateKeyError:
        tree = await trees.newest(account)
        if tree is None:
            raise TreeNotFound from None
    return Opened(cast(StoredTree, tree), tree["_id"] == made.id)


async def create(fields: TreeFields, account: str, now: datetime) -> StoredTree:
    """A new tree of an account; raises Unfit."""
    tree = new(fields, nameable(account), now)
    form = stored_form(tree)
    await raw.collection(Tree).insert_one(encodable(form))
    return cast(StoredTree, form)


def new(fields: TreeFields, account: str, now: datetime) -> Tree:
    """The document of a new tree, which does not show the living to strangers."""
    moment = Moment.of(now)
    shown: Any = {"show_living": False, **(fields.get("settings") or {})}
    return Tree(
        name=fitting_name(fields.get("name")),
        description=fields.get("description"),
        description_given="description" in fields,
        owner=account,
        privacy=fields.get("privacy", Privacy.FAMILY),
        settings=TreeSettings(**shown),
        created_at=moment,
        updated_at=moment,
        active_at=moment,
    )


def nameable(account: str) -> str:
    """The account itself; raises Unfit for a name too long to be one."""
    if len(account) > ACCOUNT_LENGTH or SURROGATE.search(account):
        raise Unfit("account", f"it is no text of at most {ACCOUNT_LENGTH} characters")
    return account


def fitting_name(name: str | None) -> str:
    """The name itself; raises Unfit for an empty one, and for one too long."""
    if not name or len(name.encode("utf-16-le", "surrogatepass")) > 2 * NAME_LENGTH:
        raise Unfit("name", f"it is no text of 1 to {NAME_LENGTH} characters")
    return name


async def change(
    key: Key | None, fields: TreeFields, account: str, now: datetime, *, unfit: Collection[str] = ()
) -> StoredTree:
    """The tree after a change by somebody who may edit it; what changes nothing leaves no trace.

    What cannot be stored is judged when the tree is there, and with it the fields named in `unfit`.
    """
    tree = await trees.get(key, account, Need.EDIT)
    judged(unfit)
    update = changed(fields, tree)
    if "root_person" in fields:
        update["root_person"] = await rooted(fields["root_person"], tree["_id"])
    if not update:
        return tree
    after: Any = await raw.collection(Tree).find_one_and_update(
        {"_id": tree["_id"]},
        {"$set": {**encodable(update), **trees.touched(now)}, "$inc": {"revision": 1}},
        return_document=ReturnDocument.AFTER,
    )
    if after is None:
        raise TreeNotFound
    return cast(StoredTree, {**after, **update})


async def rooted(key: Key | None, tree_id: ObjectId) -> ObjectId | None:
    """The id of somebody in the tree from whom it is shown, None for None; raises PersonNotFound."""
    if key is None:
        return None
    person = await people.find(key, ("tree_id",))
    if person is None or person["tree_id"] != tree_id:
        raise PersonNotFound
    return person["_id"]


def changed(fields: TreeFields, tree: StoredTree) -> dict[str, Any]:
    """What of the fields is not so already; settings are always new."""
    update: dict[str, Any] = {}
    if "name" in fields:
        update["name"] = fitting_name(fields["name"])
    if "description" in fields:
        update |= {"description": fields["description"], "description_given": True}
    if "privacy" in fields:
        update["privacy"] = fields["privacy"]
    before = cast(Mapping[str, Any], tree)
    update = {name: value for name, value in update.items() if before.get(name) != value}
    if "settings" in fields:
        settings = fields["settings"]
        update["settings"] = None if settings is None else TreeSettings(**settings).model_dump(by_alias=True)
    return update


async def delete(key: Key | None, account: str) -> None:
    """Deletes a tree and everybody in it; only its owner may."""
    tree = await trees.get(key, account, Need.OWN, ())

    async def write(session: transactions.Session) -> None:
        await raw.collection(Tree).delete_one({"_id": tree["_id"]}, session=session)
        for kind in CONTENTS:
            await raw.collection(kind).delete_many({"tree_id": tree["_id"]}, session=session)

    await transactions.together(Tree, write)


async def stirred(tree_id: ObjectId, now: datetime, session: transactions.Session | None = None) -> bool:
    """Notes that somebody came to a tree or left it; whether it is there."""
    result = await raw.collection(Tree).update_one(
        {"_id": tree_id}, {"$max": {"active_at": Moment.of(now).model_dump()}}, session=session
    )
    return bool(result.matched_count)


# All that goes with a tree.
CONTENTS = (Person, Relationship, Event, Source, PersonHistory, MergeSuggestion, GedcomRecord, GedcomImport)
