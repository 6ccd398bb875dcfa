"""What comes in about files."""

from typing import Any

import strawberry

from models.file_pages import Wanted
from models.file_writes import About
from models.uploads import Upload
from schema import inputs
from schema.file_kinds import Category, FilePrivacy


@strawberry.input(description="What is said of files when they come in.")
class FileAbout:
    """What is said of files when they come in."""

    category: Category | None = strawberry.field(
        default=None, description="By its kind where nothing is said."
    )
    privacy: FilePrivacy = FilePrivacy.PRIVATE
    tree_id: str | None = None
    description: str | None = None
    tags: list[str] | None = None
    people: list[str] | None = None
    events: list[str] | None = None
    legacy_tags: str | None = strawberry.field(default=None, description="The tags in one text, with commas.")
    legacy_people: str | None = None
    legacy_events: str | None = None
    thumbnails: bool = strawberry.field(default=True, description="Whether pictures get smaller ones.")


@strawberry.input(description="What to change of a file; what is left out stays.")
class FileChanges:
    """What to change of a file."""

    category: Category | None = strawberry.UNSET
    description: str | None = strawberry.UNSET
    tags: list[str] | None = strawberry.UNSET
    privacy: FilePrivacy | None = strawberry.UNSET
    tree_id: str | None = strawberry.UNSET


@strawberry.input(description="Which files are wanted; what is left out does not matter.")
class FileFilter:
    """Which files are wanted."""

    tree_id: str | None = None
    category: Category | None = None
    privacy: FilePrivacy | None = None
    tags: list[str] | None = strawberry.field(default=None, description="Files with any of them.")
    legacy_tags: str | None = strawberry.field(default=None, description="The tags in one text, with commas.")
    event_id: str | None = None
    search: str | None = strawberry.field(default=None, description="A text in the name or the description.")
    pattern: bool = strawberry.field(default=False, description="Whether `search` is a regular expression.")


def about_of(given: FileAbout | None, upload: Upload | None = None) -> About:
    """What was said of files; without a word on the category, that of the one file counts."""
    said = given or FileAbout()
    return About(
        category=said.category or of_kind(upload),
        privacy=said.privacy,
        tree=said.tree_id,
        description=said.description,
        tags=listed(said.tags, said.legacy_tags),
        people=listed(said.people, said.legacy_people),
        events=listed(said.events, said.legacy_events),
        thumbnails=said.thumbnails,
    )


def of_kind(upload: Upload | None) -> Category:
    """The category of a file by what it is."""
    if upload is None:
        return Category.OTHER
    kind = upload.media_type.partition("/")[0]
    found = {"image": Category.PHOTO, "audio": Category.AUDIO, "video": Category.VIDEO}
    return found.get(kind, Category.DOCUMENT)


def listed(words: list[str] | None, text: str | None) -> list[str]:
    """Words of a list, and those of a text with commas."""
    return [*(words or ()), *(text or "").split(",")]


def changes_of(given: FileChanges) -> dict[str, Any]:
    """What is to change of a file, by the names of the document."""
    return inputs.said(given, tree_id="tree")


def wanted_of(given: FileFilter | None) -> Wanted:
    """Which files are wanted."""
    said = given or FileFilter()
    return Wanted(
        tree=said.tree_id,
        category=said.category,
        privacy=said.privacy,
        tags=[tag for tag in listed(said.tags, said.legacy_tags) if tag],
        event=said.event_id,
        search=said.search,
        pattern=said.pattern,
    )
