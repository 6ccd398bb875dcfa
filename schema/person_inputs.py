"""What comes in about a person."""

from typing import cast

import strawberry

from models.keys import key
from models.moments import Moment
from models.person_fields import PersonFields
from schema import inputs
from schema.kinds import Gender, IdentifierKind, LegalParentKind, Verification, Visibility
from schema.scalars import Day

# What a person always has, so that null cannot mean that there is none.
KEPT = (
    "reference",
    "gender",
    "birth_estimated",
    "death_estimated",
    "living",
    "titles",
    "identifiers",
    "legal_parents",
    "parents",
    "privacy",
)


@strawberry.input(description="A number or paper that names a person.")
class IdentifierInput:
    """A number or paper that names a person."""

    kind: IdentifierKind
    value: str
    verification: Verification | None = Verification.UNVERIFIED
    notes: str | None = None


@strawberry.input(description="Somebody who is a parent before the law.")
class LegalParentInput:
    """Somebody who is a parent before the law."""

    parent_id: strawberry.ID
    kind: LegalParentKind


@strawberry.input(description="Who may see what of a person; what is left out stays.")
class PersonPrivacyInput:
    """Who may see what of a person."""

    profile: Visibility | None = strawberry.UNSET
    birth: Visibility | None = strawberry.UNSET
    death: Visibility | None = strawberry.UNSET


@strawberry.input
class Said:
    """What can be said of a person at any time."""

    name: str | None = strawberry.UNSET
    first_name: str | None = strawberry.UNSET
    middle_name: str | None = strawberry.UNSET
    last_name: str | None = strawberry.UNSET
    nickname: str | None = strawberry.UNSET
    gender: list[Gender] | None = strawberry.field(
        default=strawberry.UNSET,
        description="One, or several: then the first, unless the person is another of them already.",
    )
    birth: Moment | None = strawberry.UNSET
    birth_day: Day | None = strawberry.field(
        default=strawberry.UNSET, description="Instead of `birth`; keeps the time of a birth on this day."
    )
    birth_estimated: bool | None = strawberry.UNSET
    birth_place: str | None = strawberry.UNSET
    death: Moment | None = strawberry.UNSET
    death_day: Day | None = strawberry.field(
        default=strawberry.UNSET, description="Instead of `death`; keeps the time of a death on this day."
    )
    death_estimated: bool | None = strawberry.UNSET
    death_place: str | None = strawberry.UNSET
    death_cause: str | None = strawberry.UNSET
    occupation: str | None = strawberry.UNSET
    biography: str | None = strawberry.UNSET
    notes: str | None = strawberry.UNSET
    photo_url: str | None = strawberry.UNSET
    clan: str | None = strawberry.UNSET
    tribe: str | None = strawberry.UNSET
    titles: list[str] | None = strawberry.UNSET
    identifiers: list[IdentifierInput] | None = strawberry.UNSET
    legal_parents: list[LegalParentInput] | None = strawberry.UNSET
    mother_id: strawberry.ID | None = strawberry.UNSET
    father_id: strawberry.ID | None = strawberry.UNSET
    privacy: PersonPrivacyInput | None = strawberry.UNSET


@strawberry.input(description="A person to enter into a tree.")
class NewPerson(Said):
    """A person to enter into a tree."""

    reference: str | None = strawberry.field(
        default=strawberry.UNSET, description="One that nobody else has; made up where none is given."
    )
    parent_ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description="Parents of any kind, who get a child by this."
    )


@strawberry.input(description="What to change of a person: what is left out stays, null is nothing any more.")
class PersonChanges(Said):
    """What to change of a person."""

    living: bool | None = strawberry.UNSET


@strawberry.input(description="Parents whom an old client names: they must be there, and are not entered.")
class LegacyParents:
    """Parents whom an old client names."""

    mother_id: strawberry.ID | None = strawberry.UNSET
    father_id: strawberry.ID | None = strawberry.UNSET


def person_fields(given: NewPerson | PersonChanges) -> PersonFields:
    """What was said of a person; raises Invalid and Unfit."""
    values = inputs.said(given, parent_ids="parents")
    inputs.either(values, "birth", "birth_day")
    inputs.either(values, "death", "death_day")
    values = inputs.without_nulls(values, *KEPT)
    inputs.keyed(values, "mother_id", "father_id")
    # Whether there is such a person is judged with the tree; what is no id is nobody.
    if "parents" in values:
        values["parents"] = [key(each) for each in values["parents"]]
    for each in values.get("legal_parents", ()):
        inputs.keyed(each, "parent_id")
    if "privacy" in values:
        values["privacy"] = inputs.without_nulls(values["privacy"])
    return cast(PersonFields, values)
