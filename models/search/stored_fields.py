"""What the index in the database holds of something, and what a question is to it."""

import re
from collections.abc import Iterable
from typing import Any

from models.search.engine import WORDS, Findable, Part, Scope, Span, Wanted, digest
from models.search.kinds import Dated
from models.search.levels import Level, of_level
from models.search.scopes import PUBLIC, of_account, of_tree
from models.search.words import WORD, folded, words_of

TOLD = ("text", "birth_place", "death_place")
# Words of one text; what follows is not found in the database, but by the embedded index.
MOST = 1_000

Row = dict[str, Any]


def row_of(each: Findable) -> Row:
    """Something as the collection holds it."""
    row: Row = {
        "_id": each.id,
        "digest": digest(each),
        "kind": each.kind.value,
        "privacy": each.privacy.value,
        "scopes": list(each.scopes),
        "maker": each.maker,
        "tree": each.tree,
        "title": " ".join(words_of(each.title)),
        "names": tokens(each.names),
        "first": tokens(each.first_names),
        "last": tokens(each.last_names),
        "created": each.created,
        "updated": each.updated,
    }
    parts: list[tuple[str, Part | None]] = [("text", part) for part in each.texts]
    parts += [("birth_place", each.birth_place), ("death_place", each.death_place)]
    for name, part in parts:
        if part is not None:
            field = of_level(name, part.level)
            row[field] = list(dict.fromkeys([*row.get(field, ()), *tokens([part.text])]))
    for name, day in (("birth", each.birth), ("death", each.death)):
        if day is not None:
            row[of_level(name, day.level)] = day.at
    return row


def tokens(texts: Iterable[str]) -> list[str]:
    """The words of texts, each once; no more of a text is read than it takes to have enough."""
    found: dict[str, None] = {}
    seen: set[str] = set()
    # One by one: all words of a book at once would let nobody else have a turn.
    for match in (match for text in texts for match in WORD.finditer(text)):
        word = match[0]
        if word not in seen:
            seen.add(word)
            found[folded(word)] = None
            if len(found) == MOST:
                break
    return list(found)


def filter_of(wanted: Wanted, scope: Scope) -> Row:
    """What fits a question, of what may be seen."""
    musts: list[Row] = [visible(scope)]
    for name, values in (("kind", wanted.kinds), ("privacy", wanted.privacies)):
        if values:
            musts.append({name: {"$in": [each.value for each in values]}})
    if wanted.trees:
        musts.append({"tree": {"$in": list(wanted.trees)}})
    musts += [spanned(span, scope) for span in wanted.spans]
    if wanted.words is not None:
        asked = words_of(wanted.words)[:WORDS]
        musts += [anywhere(word, scope) for word in asked] or [{"_id": None}]
    for name, text in (("first", wanted.first_name), ("last", wanted.last_name)):
        musts += [begins(name, word) for word in words_of(text)[:WORDS]]
    places = (("birth_place", wanted.birth_place), ("death_place", wanted.death_place))
    some = [told(name, word, scope) for name, text in places for word in words_of(text)[:WORDS]]
    some += [spanned(span, scope) for span in wanted.besides]
    if some:
        musts.append({"$or": some})
    for word in words_of(wanted.place)[:WORDS]:
        musts.append({"$or": [told(name, word, scope) for name in TOLD]})
    return {"$and": musts}


def visible(scope: Scope) -> Row:
    """What somebody may see."""
    mine = [PUBLIC, *map(of_tree, scope.trees)]
    if scope.account is not None:
        mine.append(of_account(scope.account))
    return {"scopes": {"$in": mine}}


def anywhere(word: str, scope: Scope) -> Row:
    """A word among the names, in what is told, or among the places."""
    return {"$or": [begins("names", word), *(told(name, word, scope) for name in TOLD)]}


def told(name: str, word: str, scope: Scope) -> Row:
    """A word in what is told of something, as far as that reaches."""
    return levelled(name, scope, lambda field: begins(field, word))


def levelled(name: str, scope: Scope, of: Any) -> Row:
    """A condition on a field at every level, each for those only whom it reaches."""
    some = [of(of_level(name, Level.OPEN))]
    for level, trees in ((Level.INNER, scope.trees), (Level.FULL, scope.managed)):
        among: list[Row] = [{"scopes": {"$in": list(map(of_tree, trees))}}]
        if scope.account is not None:
            among.append({"maker": scope.account})
        some.append({"$and": [{"$or": among}, of(of_level(name, level))]})
    return {"$or": some}


def begins(field: str, word: str) -> Row:
    """A word as it is, or begun so; of words of one letter only the word itself."""
    return {field: {"$regex": f"^{re.escape(word)}"} if len(word) > 1 else word}


def spanned(span: Span, scope: Scope) -> Row:
    """A date within a time."""
    bounds = {"$gte": span.since, "$lte": span.until}
    within: Row = {name: at for name, at in bounds.items() if at is not None} or {"$ne": None}
    if span.dated in (Dated.CREATED, Dated.UPDATED):
        return {span.dated.value.lower(): within}
    return levelled(span.dated.value.lower(), scope, lambda field: {field: within})
