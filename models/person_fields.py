"""What may be said of a person, and what it makes of what is stored."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, TypedDict, cast

from bson import ObjectId

from models.errors import Unfit
from models.keys import Key
from models.kinds import Gender, IdentifierKind, LegalParentKind, Verification, Visibility
from models.moments import Moment, StoredMoment
from models.people import Identifier, PersonPrivacy, StoredPerson
from models.text import SURROGATE, storable, well_formed

# What the names make together, as the narrowest archive keeps it.
NAME_LENGTH = 255
PARTS = ("first_name", "middle_name", "last_name")
TEXTS = (
    "name",
    *PARTS,
    "nickname",
    "birth_place",
    "death_place",
    "death_cause",
    "occupation",
    "biography",
    "notes",
    "photo_url",
    "clan",
    "tribe",
)
FLAGS = ("birth_estimated", "death_estimated")


class IdentifierFields(TypedDict, total=False):
    """A number or paper, as somebody gives it."""

    kind: IdentifierKind
    value: str
    verification: Verification | None
    notes: str | None


class LegalParentFields(TypedDict):
    """A parent before the law, as somebody names them."""

    parent_id: Key | None
    kind: LegalParentKind


class PrivacyFields(TypedDict, total=False):
    """Who may see what, as somebody wishes; what is not said stays."""

    profile: Visibility
    birth: Visibility
    death: Visibility


class PersonFields(TypedDict, total=False):
    """What somebody says of a person: a missing key says nothing, None says that there is nothing.

    A plain date is a day and keeps the time of a moment on it; of several genders the first one counts,
    unless the person is another of them already; None among keys stands for an id of no possible form.
    """

    name: str | None
    first_name: str | None
    middle_name: str | None
    last_name: str | None
    nickname: str | None
    gender: Gender | Sequence[Gender]
    birth: Moment | date | None
    birth_estimated: bool
    birth_place: str | None
    death: Moment | date | None
    death_estimated: bool
    death_place: str | None
    death_cause: str | None
    living: bool
    occupation: str | None
    biography: str | None
    notes: str | None
    photo_url: str | None
    clan: str | None
    tribe: str | None
    titles: Sequence[str]
    identifiers: Sequence[IdentifierFields]
    legal_parents: Sequence[LegalParentFields]
    mother_id: Key | None
    father_id: Key | None
    parents: Sequence[Key | None]
    privacy: PrivacyFields
    reference: str | None


def text(value: str | None, name: str, *, narrow: bool) -> str | None:
    """The text itself; raises Unfit for half a surrogate pair, and where it is narrow for a NUL."""
    if value is None:
        return None
    if narrow:
        return storable(value, name)
    if SURROGATE.search(value):
        raise Unfit(name, "it holds half of a surrogate pair")
    return value


def told(value: str | None, name: str, *, narrow: bool) -> str | None:
    """The text itself; where it is narrow a well formed one, and raises Unfit for a NUL.

    The narrow archive answered what it had stored, the other one what it had been told.
    """
    return storable(well_formed(value), name) if narrow and value is not None else value


def said(fields: PersonFields, stored: StoredPerson | None, *, narrow: bool) -> dict[str, Any]:
    """What of the fields is to be stored as it is, without names made of others and without parents."""
    given, known = cast(dict[str, Any], fields), cast(dict[str, Any], stored or {})
    update: dict[str, Any] = {name: told(given[name], name, narrow=narrow) for name in TEXTS if name in given}
    update |= {name: bool(given[name]) for name in FLAGS if name in given}
    if "gender" in fields:
        update["gender"] = gender(fields["gender"], stored)
    for name in ("birth", "death"):
        if name in given:
            update[name] = moment(given[name], known.get(name))
            # A change takes away what was there, also that nothing was.
            update[f"{name}_unknown"] = True if stored is None and given[name] is None else None
    if "titles" in fields:
        update["titles"] = [told(title, "titles", narrow=narrow) for title in fields["titles"]]
    if "identifiers" in fields:
        update["identifiers"] = [identifier(each, narrow=narrow) for each in fields["identifiers"]]
    if "privacy" in fields:
        before = stored["privacy"] if stored else PersonPrivacy().model_dump()
        update["privacy"] = {**before, **fields["privacy"]}
    if stored is not None and "living" in fields:
        update["living"] = fields["living"]
    if "death" in update and "living" not in update:
        update["living"] = update["death"] is None
    return update


def gender(sent: Gender | Sequence[Gender], stored: StoredPerson | None) -> Gender:
    """The gender that was meant: the first, unless the person is another of them already."""
    choices = [sent] if isinstance(sent, Gender) else list(sent)
    if not choices:
        raise Unfit("gender", "it is an empty list")
    now = Gender(stored["gender"]) if stored else None
    return now if now in choices else choices[0]


def moment(sent: Moment | date | None, stored: Any) -> StoredMoment | None:
    """The moment to store: the one that stands there, where only its day was sent and is the same."""
    if sent is None:
        return None
    if not isinstance(sent, date):
        return cast(StoredMoment, sent.model_dump())
    if isinstance(sent, datetime):
        return cast(StoredMoment, Moment.of(sent).model_dump())
    if stored is not None and stored["at"].date() == sent:
        return cast(StoredMoment, stored)
    return cast(StoredMoment, Moment.of(datetime(sent.year, sent.month, sent.day, tzinfo=UTC)).model_dump())


def identifier(given: IdentifierFields, *, narrow: bool) -> dict[str, Any]:
    """A number or paper as it is stored, with an id of its own."""
    return Identifier(
        kind=given["kind"],
        value=told(given["value"], "identifiers", narrow=narrow) or "",
        verification=given.get("verification") or Verification.UNVERIFIED,
        notes=told(given.get("notes"), "identifiers", narrow=narrow),
    ).model_dump(by_alias=True)


def computed_name(names: dict[str, Any]) -> str | None:
    """The name that first, middle and last name make, else the nickname, else None."""
    parts = [part for name in PARTS if (part := names.get(name))]
    return " ".join(parts) or names.get("nickname") or None


def fitting(name: str | None) -> str:
    """The name itself; raises Unfit where there is none, or one too long to keep."""
    if name is None:
        raise Unfit("name", "no first, middle or last name and no nickname is left to make it of")
    if len(name) > NAME_LENGTH:
        raise Unfit("name", f"it is longer than {NAME_LENGTH} characters")
    return name


def new_reference(fields: PersonFields) -> str:
    """The reference that was given, or one that nothing has."""
    given = fields.get("reference")
    return str(ObjectId()) if given is None else (told(given, "reference", narrow=False) or "")
