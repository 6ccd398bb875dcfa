"""What can be found: which documents, and what of them an index holds."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from beanie import Document
from bson import ObjectId

from models.errors import Unfit
from models.events import Event
from models.kinds import Privacy
from models.people import Person
from models.search.dates import bounds
from models.search.engine import Day, Findable, Part
from models.search.entries import SearchEntry
from models.search.kinds import EntryKind
from models.search.levels import Level, level
from models.search.scopes import PUBLIC, of_account, of_tree
from models.sources import Source
from models.stored_files import FileStatus, StoredFile

logger = logging.getLogger(__name__)

# What of the metadata of an entry is looked into by name, as clients of the old server wrote it.
FIRST, LAST, BIRTH, DEATH = "firstName", "lastName", "birth", "death"
HIDDEN = (FileStatus.DELETED, FileStatus.UPLOADING)
# Of other metadata so many texts are found; each costs room in the index.
TEXTS = 100


@dataclass(frozen=True)
class Findables:
    """Documents of one kind that can be found: what an index holds of one, given the privacy of its tree.

    `tree_id` is where a document names its tree; one whose tree is gone cannot be found. `long` are its
    texts that may be as long as a request.
    """

    kind: type[Document]
    prefix: str
    of: Callable[[Mapping[str, Any], Privacy | None], Findable]
    needs_tree: bool = True
    long: tuple[str, ...] = ()

    @property
    def collection(self) -> str:
        """The name of the collection."""
        return self.kind.get_collection_name()

    def id_of(self, id: ObjectId) -> str:
        """What an index calls a document."""
        return f"{self.prefix}:{id}"

    def findable(self, document: Mapping[str, Any], privacy: Privacy | None) -> Findable | None:
        """What an index holds of a document; None for one that was stored without something it needs."""
        try:
            return self.of(document, privacy)
        except (AttributeError, LookupError, TypeError, ValueError):
            logger.warning(
                "%s cannot be found: it lacks something.", self.id_of(document["_id"]), exc_info=True
            )
            return None


def person(document: Mapping[str, Any], privacy: Privacy | None) -> Findable:
    """Somebody of a family tree: by names of every kind, and by what may be known of them."""
    shown, living = document["privacy"], document["living"]
    profile = level(shown["profile"], exposed=living)
    birth, death = level(shown["birth"], exposed=living), level(shown["death"], exposed=False)
    names = [document[name] for name in ("name", "first_name", "middle_name", "last_name", "nickname")]
    others = [document["clan"], document["tribe"], *document["titles"]]
    facts = [document[name] for name in ("occupation", "biography", "notes")]
    numbers = [each["value"] for each in document["identifiers"]]
    return Findable(
        id=f"person:{document['_id']}",
        kind=EntryKind.PERSON,
        scopes=(of_tree(document["tree_id"]), *((PUBLIC,) if privacy is Privacy.PUBLIC else ())),
        maker=document["created_by"],
        tree=str(document["tree_id"]),
        privacy=privacy or Privacy.PRIVATE,
        title=document["name"] or " ".join(filter(None, names[1:4])) or document["nickname"] or "",
        names=texts(names),
        first_names=texts([document["first_name"], document["middle_name"], document["nickname"]]),
        last_names=texts([document["last_name"]]),
        texts=(
            *(Part(text, Level.OPEN) for text in texts(others)),
            *(Part(text, profile) for text in texts([*facts, *numbers])),
            *(Part(text, death) for text in texts([document["death_cause"]])),
        ),
        birth_place=part(document["birth_place"], birth),
        death_place=part(document["death_place"], death),
        birth=day(document["birth"], birth),
        death=day(document["death"], death),
        created=instant(document["created_at"]),
        updated=instant(document["updated_at"]),
    )


def event(document: Mapping[str, Any], privacy: Privacy | None) -> Findable:
    """Something that happened, for those who have a part in the tree."""
    place, told = document["place"], document["description"]
    return record(
        document,
        f"event:{document['_id']}",
        EntryKind.RECORD,
        privacy,
        ", ".join(filter(None, [document["kind"], place])),
        [told],
    )


def source(document: Mapping[str, Any], privacy: Privacy | None) -> Findable:
    """Where something is written, for those who have a part in the tree."""
    told = [document[name] for name in ("author", "citation", "url")]
    id = f"source:{document['_id']}"
    return record(document, id, EntryKind.DOCUMENT, privacy, document["title"], told)


def record(
    document: Mapping[str, Any],
    id: str,
    kind: EntryKind,
    privacy: Privacy | None,
    title: str,
    told: list[Any],
) -> Findable:
    """What belongs to a tree and tells of its people: for those who have a part in it."""
    return Findable(
        id=id,
        kind=kind,
        scopes=(of_tree(document["tree_id"]),),
        maker=document["created_by"],
        tree=str(document["tree_id"]),
        privacy=privacy or Privacy.PRIVATE,
        title=title,
        names=texts([title]),
        texts=tuple(Part(text, Level.INNER) for text in texts(told)),
        created=instant(document["created_at"]),
        updated=instant(document["updated_at"]),
    )


def entry(document: Mapping[str, Any], privacy: Privacy | None) -> Findable:
    """What a client handed in: for everybody, for its owner, or for the family that it names too."""
    said, tree_id = document["metadata"], document["tree_id"]
    own = Privacy(document["privacy"])
    scopes = [of_account(document["owner"])]
    if own is Privacy.PUBLIC:
        scopes.append(PUBLIC)
    if own is Privacy.FAMILY and tree_id is not None:
        scopes.append(of_tree(tree_id))
    places = [said.get(f"{name}Place") for name in (BIRTH, DEATH)]
    dates = [dated(said.get(f"{name}Date")) for name in (BIRTH, DEATH)]
    return Findable(
        id=f"entry:{document['_id']}",
        kind=EntryKind(document["kind"]),
        scopes=tuple(scopes),
        maker=document["owner"],
        tree=document["family_tree"],
        privacy=own,
        title=document["title"],
        names=texts([document["title"], said.get(FIRST), said.get(LAST)]),
        first_names=texts([said.get(FIRST)]),
        last_names=texts([said.get(LAST)]),
        texts=tuple(Part(text, Level.OPEN) for text in texts([document["content"], *within(said)])),
        birth_place=part(places[0], Level.OPEN),
        death_place=part(places[1], Level.OPEN),
        birth=dates[0],
        death=dates[1],
        created=instant(document["created_at"]),
        updated=instant(document["updated_at"]),
    )


def file(document: Mapping[str, Any], privacy: Privacy | None) -> Findable:
    """A file, for its owner or for everybody; nobody finds one that was deleted, or has not come in yet."""
    own = Privacy(document["privacy"])
    scopes = (of_account(document["owner"]), *((PUBLIC,) if own is Privacy.PUBLIC else ()))
    told = texts([document["description"], document["category"], *document["tags"]])
    return Findable(
        id=f"file:{document['_id']}",
        kind=EntryKind.DOCUMENT,
        scopes=() if document["status"] in HIDDEN else scopes,
        maker=document["owner"],
        tree=document["tree"],
        privacy=own,
        title=document["name"],
        names=texts([document["name"]]),
        texts=tuple(Part(text, Level.OPEN) for text in told),
        created=instant(document["created_at"]),
        updated=instant(document["updated_at"]),
    )


SOURCES: tuple[Findables, ...] = (
    Findables(SearchEntry, "entry", entry, needs_tree=False, long=("content",)),
    Findables(Person, "person", person, long=("biography", "notes")),
    Findables(Event, "event", event, long=("description",)),
    Findables(Source, "source", source, long=("citation",)),
    Findables(StoredFile, "file", file, needs_tree=False),
)
BY_PREFIX = {each.prefix: each for each in SOURCES}


def privacy_of(tree: Mapping[str, Any]) -> Privacy:
    """The privacy of a tree as it is stored; one that says nothing of it is nobody else's."""
    try:
        return Privacy(tree["privacy"])
    except (LookupError, ValueError):
        return Privacy.PRIVATE


def texts(values: list[Any]) -> tuple[str, ...]:
    """The values that are texts with something in them, each once."""
    return tuple(dict.fromkeys(value for value in values if isinstance(value, str) and value.strip()))


def within(metadata: Mapping[str, Any]) -> list[str]:
    """The texts of metadata, however deep, but for those that have places of their own."""
    named = {FIRST, LAST, f"{BIRTH}Place", f"{DEATH}Place", f"{BIRTH}Date", f"{DEATH}Date"}
    found: list[str] = []
    ahead: list[Any] = [value for name, value in metadata.items() if name not in named]
    while ahead and len(found) < TEXTS:
        each = ahead.pop(0)
        if isinstance(each, str):
            found.append(each)
        elif isinstance(each, dict):
            ahead += each.values()
        elif isinstance(each, list):
            ahead += each
    return found


def part(text: Any, level: Level) -> Part | None:
    """A text as a part; None for what is none."""
    return Part(text, level) if isinstance(text, str) and text.strip() else None


def day(moment: Mapping[str, Any] | None, level: Level) -> Day | None:
    """A moment as it is stored; None for none."""
    return None if moment is None else Day(instant(moment), level)


def instant(moment: Mapping[str, Any]) -> datetime:
    """The instant of a stored moment, in UTC."""
    at: datetime = moment["at"]
    return at.replace(tzinfo=UTC)


def dated(text: Any) -> Day | None:
    """The first instant of a date that a client wrote; None where it says none."""
    if not isinstance(text, str):
        return None
    try:
        return Day(bounds(text, "date")[0], Level.OPEN)
    except Unfit:
        return None
