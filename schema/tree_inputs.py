"""What comes in about a tree."""

from typing import cast

import strawberry

from models.errors import Unfit
from models.tree_writes import SettingsFields, TreeFields
from schema import inputs, legacy_settings
from schema.kinds import Privacy
from schema.scalars import JSON

# What a tree always has, so that null cannot mean that there is none.
KEPT = ("name", "privacy")


@strawberry.input(description="How a tree is to be shown; what is left out takes its default.")
class TreeSettingsInput:
    """How a tree is to be shown."""

    allow_collaboration: bool | None = strawberry.UNSET
    show_living: bool | None = strawberry.UNSET
    default_person_privacy: str | None = strawberry.UNSET
    theme: str | None = strawberry.UNSET


@strawberry.input(description="A tree to make.")
class NewTree:
    """A tree to make."""

    name: str
    description: str | None = strawberry.UNSET
    privacy: Privacy | None = strawberry.UNSET
    settings: TreeSettingsInput | None = strawberry.UNSET


@strawberry.input(description="What to change of a tree; what is left out stays.")
class TreeChanges:
    """What to change of a tree."""

    name: str | None = strawberry.UNSET
    description: str | None = strawberry.UNSET
    privacy: Privacy | None = strawberry.UNSET
    settings: TreeSettingsInput | None = strawberry.field(
        default=strawberry.UNSET, description="Replaced as a whole."
    )
    root_person_id: strawberry.ID | None = strawberry.UNSET
    legacy_settings: JSON | None = strawberry.field(
        default=strawberry.UNSET, description="Settings as an old client writes them, in any JSON."
    )


def tree_changes(given: TreeChanges, legacy_unfit: list[str] | None) -> tuple[TreeFields, list[str]]:
    """What is to change of a tree, and the names of what nothing can be made of; raises Unfit."""
    fields, unfit = tree_fields(given), inputs.names(legacy_unfit)
    if given.legacy_settings is not strawberry.UNSET:
        try:
            fields["settings"] = cast(SettingsFields | None, legacy_settings.read(given.legacy_settings))
        except Unfit:
            unfit.append("settings")
    return fields, unfit


def tree_fields(given: NewTree | TreeChanges) -> TreeFields:
    """What was said of a tree; raises Unfit."""
    values = inputs.said(given, root_person_id="root_person")
    values.pop("legacy_settings", None)
    if values.get("settings"):
        values["settings"] = inputs.without_nulls(values["settings"])
    inputs.keyed(values, "root_person")
    return cast(TreeFields, inputs.without_nulls(values, *KEPT))
