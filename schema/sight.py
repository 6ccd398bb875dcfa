"""What a caller may see of family trees: which of them, and what of their people.

Clients of the old servers were shown everything of a tree that they could open at all.
"""

from asyncio import Future, get_running_loop
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, cast

from models import trees
from models.errors import TokenWithoutUser
from models.joins import Callback, settle
from models.kinds import Need, TreeRole, Visibility
from models.people import StoredPerson
from models.raw import Fields
from models.trees import StoredTree
from schema.context import Context

# Under which a request keeps whom it takes the caller for; the rights in trees stand under their ids.
VIEWER = "viewer"
# What has to be known of a person before anything of them is shown.
NEEDED = ("tree_id", "privacy", "living", "created_by")
BIRTH: Mapping[str, object] = {
    "birth": None,
    "birth_unknown": None,
    "birth_estimated": False,
    "birth_place": None,
}
DEATH: Mapping[str, object] = {
    "death": None,
    "death_unknown": None,
    "death_estimated": False,
    "death_place": None,
    "death_cause": None,
}
PROFILE: Mapping[str, object] = {
    "occupation": None,
    "biography": None,
    "notes": None,
    "photo_url": None,
    "identifiers": [],
}
MANAGERS = (TreeRole.OWNER, TreeRole.ADMIN)


class Rights(NamedTuple):
    """What the caller is to one tree, and whether they may see it."""

    role: TreeRole | None
    sees: bool


async def viewer(context: Context) -> str | None:
    """The caller's account; None for nobody, and for a credential that names no account."""
    if VIEWER not in context.seen:
        account = None
        if context.caller is not None:
            try:
                account = await context.account()
            except TokenWithoutUser:
                account = None
        context.seen[VIEWER] = account
    return cast("str | None", context.seen[VIEWER])


def noted(context: Context, tree: StoredTree) -> Rights:
    """What the caller is to a tree that was read with its rights, remembered for this request."""
    account = context.seen[VIEWER]
    rights = Rights(trees.role_of(tree, account), trees.may(tree, account, Need.VIEW))
    context.seen[tree["_id"]] = rights
    return rights


def wanted(fields: Fields) -> Fields:
    """Fields of people, with those that tell whether they may be shown."""
    return None if fields is None else tuple(dict.fromkeys((*fields, *NEEDED)))


def masked(person: StoredPerson, role: TreeRole | None, account: str | None) -> StoredPerson:
    """The person as somebody with a role in the tree, or without one, may see them."""
    if role in MANAGERS or (account is not None and person.get("created_by") == account):
        return person
    privacy, closed = person["privacy"], closed_to(role)
    # The living are nobody's business who has no part in the tree.
    exposed = role is None and person["living"]
    hidden: dict[str, object] = {}
    if exposed or privacy["birth"] in closed:
        hidden |= BIRTH
    if privacy["death"] in closed:
        hidden |= DEATH
    if exposed or privacy["profile"] in closed:
        hidden |= PROFILE
    return cast(StoredPerson, {**person, **hidden}) if hidden else person


def closed_to(role: TreeRole | None) -> tuple[Visibility, ...]:
    """What is not for somebody with a role that does not manage the tree, or without one."""
    return (Visibility.PRIVATE,) if role else (Visibility.PRIVATE, Visibility.TREE_ONLY)


def open_to(context: Context, tree_id: Any, part: str) -> dict[str, Any]:
    """A filter for the people of a tree whose rights are known, whose birth or profile the caller may see.

    It says of all of them what `masked` says of each.
    """
    if sees_all(context, tree_id):
        return {}
    known: Rights = context.seen[tree_id]
    account = context.seen[VIEWER]
    shown: dict[str, Any] = {f"privacy.{part}": {"$nin": list(closed_to(known.role))}}
    if known.role is None:
        shown["living"] = False
    return shown if account is None else {"$or": [shown, {"created_by": account}]}


def sees_all(context: Context, tree_id: Any) -> bool:
    """Whether nothing of the people of a tree whose rights are known is hidden from the caller."""
    known: Rights = context.seen[tree_id]
    return context.legacy or known.role in MANAGERS


def shown(context: Context, person: StoredPerson | None) -> StoredPerson | None:
    """The person as the caller may see them, in a tree whose rights are known; None where they may not."""
    if person is None:
        return None
    rights: Rights = context.seen[person["tree_id"]]
    if not rights.sees:
        return None
    return person if context.legacy else masked(person, rights.role, context.seen[VIEWER])


async def seen(context: Context, people: Sequence[StoredPerson | None]) -> list[StoredPerson | None]:
    """Each of the people as the caller may see them; None for those they may not see."""
    future: Future[list[StoredPerson | None]] = get_running_loop().create_future()
    ask(context, people, partial(settle, future))
    return await future


def all_shown(context: Context, people: Sequence[StoredPerson]) -> list[StoredPerson]:
    """The people of trees whose rights are known, as the caller may see them."""
    return [each for person in people if (each := shown(context, person)) is not None]


def rights(context: Context, tree: StoredTree) -> Rights:
    """What the caller is to a tree whose rights are known."""
    known: Rights = context.seen[tree["_id"]]
    return known


def ask(context: Context, people: Sequence[StoredPerson | None], callback: Callback) -> None:
    """Calls back with each of the people as the caller may see them; None for the others."""
    unknown = {each["tree_id"] for each in people if each is not None} - context.seen.keys()
    if not unknown:
        callback([shown(context, each) for each in people], None)
        return
    found = partial(_known, context, people, callback)
    context.reads.all(trees.BY_ID, list(unknown), trees.RIGHTS, found)


def _known(
    context: Context,
    people: Sequence[StoredPerson | None],
    callback: Callback,
    found: Any,
    error: BaseException | None,
) -> None:
    if error is not None:
        callback(None, error)
        return
    for tree in found:
        if tree is not None:
            noted(context, tree)
    # Who belongs to a tree that is gone is shown to nobody.
    kept = [each if each is not None and each["tree_id"] in context.seen else None for each in people]
    callback([shown(context, each) for each in kept], None)
