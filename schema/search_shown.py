"""From what an index found to what the caller may see of it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from models.people import StoredPerson
from models.search.engine import Facets, Wanted
from models.search.entries import TITLE
from models.search.finding import Answer, Shown
from models.search.words import Asked, marked, words_of
from schema import sight
from schema.search_types import moment

# What is told of a person besides the names, by the names that clients of the old server gave it.
FACTS = {
    "firstName": "first_name",
    "middleName": "middle_name",
    "lastName": "last_name",
    "nickName": "nickname",
    "gender": "gender",
    "birthPlace": "birth_place",
    "deathPlace": "death_place",
    "occupation": "occupation",
    "clan": "clan",
    "tribe": "tribe",
}
TOLD = ("biography", "notes")
# Letters of each fact.
FACT = 1_000
MARKED = {
    "first_name": "firstName",
    "last_name": "lastName",
    "birth_place": "birthPlace",
    "death_place": "deathPlace",
}


def hits(answer: Answer, wanted: Wanted, account: str | None) -> list[dict[str, Any]]:
    """What was found, as the sources of the graph."""
    said = (wanted.words, wanted.first_name, wanted.last_name, wanted.birth_place, wanted.death_place)
    words = [word for text in (*said, wanted.place) for word in words_of(text)]
    asked = Asked(words, misspelt=wanted.misspelt)
    return [hit(each, asked, account, answer.letters) for each in answer.shown]


def hit(each: Shown, asked: Asked, account: str | None, letters: int) -> dict[str, Any]:
    """One of them."""
    findable, document = each.findable, each.document
    content, metadata = told(each, account)
    shown: dict[str, Any] = {
        "_id": findable.id,
        "name": str(document["name"] if each.prefix == "entry" else document["_id"]),
        "kind": findable.kind,
        "score": round(each.hit.score, 4),
        "title": findable.title[:TITLE],
        "content": content[:letters],
        "metadata": metadata,
        "privacy": findable.privacy,
        "owner": document.get("owner") or document.get("created_by"),
        "tree_id": findable.tree,
        "created_at": document["created_at"],
        "updated_at": document["updated_at"],
        "person_id": document["_id"] if each.prefix == "person" else None,
    }
    return {**shown, "highlights": highlights(shown, asked)}


def told(each: Shown, account: str | None) -> tuple[str, Mapping[str, Any]]:
    """The text and the facts of something, as far as the caller may see them."""
    document: Any = each.document
    if each.prefix == "person":
        person: Any = sight.masked(document, each.role, account)
        return content_of(person), facts_of(person)
    if each.prefix == "entry":
        return document["content"], document["metadata"]
    plain = {
        name: document[name][:FACT]
        for name in ("kind", "place", "author", "citation", "category", "media_type")
        if isinstance(document.get(name), str)
    }
    if each.prefix == "file":
        plain |= {"size": document["size"], "tags": document["tags"]}
    return document.get("description") or document.get("citation") or "", plain


def content_of(person: StoredPerson) -> str:
    """What is told of somebody."""
    return "\n".join(text for name in TOLD if (text := person.get(name)) and isinstance(text, str))


def facts_of(person: StoredPerson) -> dict[str, Any]:
    """What is known of somebody, without what is not."""
    known: Mapping[str, Any] = person
    facts = {legacy: known[name][:FACT] for legacy, name in FACTS.items() if known.get(name) is not None}
    dates = {
        f"{name}Date": known[name]["at"].date().isoformat() for name in ("birth", "death") if known.get(name)
    }
    return {**facts, **dates}


def highlights(shown: Mapping[str, Any], asked: Asked) -> dict[str, Any] | None:
    """Where the words stand in what is shown; None where they do not."""
    if not asked.words:
        return None
    texts = {"title": shown["title"], "content": shown["content"]}
    facts = shown["metadata"]
    texts |= {name: facts[key] for name, key in MARKED.items() if isinstance(facts.get(key), str)}
    found = {name: marked(text, asked) or None for name, text in texts.items()}
    return found if any(found.values()) else None


def facets(counted: Facets) -> dict[str, Any]:
    """What was found, counted, as the source of the graph; the most come first."""
    return {
        "kinds": [{"kind": kind, "count": number} for kind, number in most_first(counted.kinds)],
        "privacies": [{"privacy": each, "count": number} for each, number in most_first(counted.privacies)],
        "years": [time_count(datetime(year, 1, 1), number) for year, number in counted.years.items()],
    }


def most_first(counted: Mapping[str, int]) -> list[tuple[str, int]]:
    """The counts, the highest first."""
    return sorted(counted.items(), key=lambda each: (-each[1], each[0]))


def time_count(start: datetime, number: int) -> dict[str, Any]:
    """How much there was from an instant on."""
    millis = int(start.replace(tzinfo=UTC).timestamp() * 1000)
    return {"start": moment(start), "millis": millis, "count": number}
