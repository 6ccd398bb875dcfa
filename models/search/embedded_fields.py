"""What the embedded index holds of something, field by field."""

from datetime import UTC, datetime, timedelta
from typing import Any

import tantivy

from models.search.engine import LETTERS, Findable, Place, digest
from models.search.levels import Level, of_level
from models.search.words import words_of

# Raised when a field changes its meaning; the index is then made anew.
VERSION = 1
FOLDED = "folded"
WORDS = ("names", "first", "last")
LEVELLED_WORDS = ("text", "birth_place", "death_place")
LEVELLED_NUMBERS = ("birth", "death")
# The one document that says how far the index is; it has no scope, so that nobody finds it.
PLACE = "place"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def schema() -> tantivy.Schema:
    """The fields."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    for name in ("scope", "maker", "tree"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("kind", "privacy", "title"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in WORDS:
        builder.add_text_field(name, tokenizer_name=FOLDED, index_option="freq")
    for level in Level:
        for name in LEVELLED_WORDS:
            builder.add_text_field(of_level(name, level), tokenizer_name=FOLDED, index_option="freq")
        for name in LEVELLED_NUMBERS:
            builder.add_integer_field(of_level(name, level), indexed=True)
    for name in ("created", "updated", "year"):
        builder.add_integer_field(name, indexed=True, fast=True)
    builder.add_text_field("digest", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("store", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("token", stored=True, tokenizer_name="raw", index_option="basic")
    return builder.build()


def analyzer() -> tantivy.TextAnalyzer:
    """What makes words of a text: small letters without accents."""
    filters = (
        tantivy.Filter.remove_long(LETTERS),
        tantivy.Filter.lowercase(),
        tantivy.Filter.ascii_fold(),
    )
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    for each in filters:
        builder = builder.filter(each)
    return builder.build()


def document_of(each: Findable, schema: tantivy.Schema) -> tantivy.Document:
    """Something as the index holds it."""
    values: dict[str, Any] = {
        "id": each.id,
        "digest": digest(each),
        "scope": list(each.scopes),
        "kind": each.kind.value,
        "privacy": each.privacy.value,
        "title": titled(each.title),
        "names": list(each.names),
        "created": millis(each.created),
        "updated": millis(each.updated),
        "year": each.created.year,
    }
    for name, text in (("maker", each.maker), ("tree", each.tree)):
        if text is not None:
            values[name] = text
    for name, words in (("first", each.first_names), ("last", each.last_names)):
        if words:
            values[name] = list(words)
    for part in each.texts:
        values.setdefault(of_level("text", part.level), []).append(part.text)
    for name, place in (("birth_place", each.birth_place), ("death_place", each.death_place)):
        if place is not None:
            values[of_level(name, place.level)] = place.text
    for name, day in (("birth", each.birth), ("death", each.death)):
        if day is not None:
            values[of_level(name, day.level)] = millis(day.at)
    return tantivy.Document.from_dict(values, schema)


def titled(text: str) -> str:
    """A title as it is compared and sorted."""
    return " ".join(words_of(text))[:LETTERS]


def document_of_place(place: Place, schema: tantivy.Schema) -> tantivy.Document:
    """How far the index is, as a document of it: so it is written with the changes, or not at all."""
    values = {"id": PLACE, "store": place.store, "token": place.token}
    return tantivy.Document.from_dict(values, schema)


def millis(at: datetime) -> int:
    """Milliseconds since 1970, also before it: the index's own dates begin with 1677."""
    whole = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return (whole - EPOCH) // timedelta(milliseconds=1)
