"""Questions as queries of the embedded index."""

from collections.abc import Callable, Iterable, Sequence

import tantivy

from models.search.embedded_fields import millis, titled
from models.search.engine import WORDS, Scope, Span, Wanted
from models.search.kinds import Dated
from models.search.levels import Level, of_level
from models.search.scopes import PUBLIC, of_account, of_tree

Query = tantivy.Query
Must, Should = tantivy.Occur.Must, tantivy.Occur.Should

# What a word counts that is there as it was written, begins so, or is one or two letters away. A word that
# is there exactly is near as well, so that these add up.
EXACT, BEGUN, NEAR, FAR = 4.0, 1.5, 2.0, 1.0
# Names tell more than what is told of somebody.
NAMES = 2.0
TOLD = ("text", "birth_place", "death_place")
# Fields of one word, whatever it is.
RAW = ("title", "maker")
EARLIEST, LATEST = -(2**62), 2**62


class Queries:
    """Makes queries for one index."""

    def __init__(self, schema: tantivy.Schema, analyze: Callable[[str], list[str]]) -> None:
        self.schema = schema
        self.analyze = analyze

    def of(self, wanted: Wanted, scope: Scope) -> Query:
        """What fits a question, of what may be seen."""
        musts = [self.visible(scope), *self.filters(wanted, scope), *self.traits(wanted, scope)]
        for number, word in enumerate(words := self.words(wanted.words)):
            last = number == len(words) - 1
            musts.append(self.anywhere(word, scope, wanted.misspelt, begun=last))
        if wanted.words is not None and not words:
            # Signs without any letter fit nothing.
            return Query.empty_query()
        return Query.boolean_query([(Must, each) for each in musts] + self.whole(words, wanted.misspelt))

    def whole(self, words: list[str], misspelt: bool) -> list[tuple[tantivy.Occur, Query]]:
        """What goes by exactly these words, or nearly, counts more than what has others besides."""
        title = titled(" ".join(words))
        return [(Should, self.spelt("title", title, wrong(title) if misspelt else 0))] if title else []

    def begun(self, text: str, scope: Scope) -> Query:
        """What may be seen and has names that a half-written text begins."""
        words = self.words(text)
        if not words:
            return Query.empty_query()
        *whole, last = words
        musts = [self.visible(scope), self.starts("names", last)]
        musts += [self.spelt("names", word, wrong(word), begun=True) for word in whole]
        return Query.boolean_query([(Must, each) for each in musts])

    def words(self, text: str | None) -> list[str]:
        """The words of a text, each once, as many as are looked for."""
        return list(dict.fromkeys(self.analyze(text or "")))[:WORDS]

    def visible(self, scope: Scope) -> Query:
        """What somebody may see; it says nothing about how well something fits."""
        mine = [PUBLIC, *map(of_tree, scope.trees)]
        if scope.account is not None:
            mine.append(of_account(scope.account))
        return free(Query.term_set_query(self.schema, "scope", mine))

    def filters(self, wanted: Wanted, scope: Scope) -> list[Query]:
        """What must hold and says nothing about how well something fits."""
        found = []
        for name, values in (("kind", wanted.kinds), ("privacy", wanted.privacies)):
            if values:
                found.append(Query.term_set_query(self.schema, name, [each.value for each in values]))
        if wanted.trees:
            found.append(Query.term_set_query(self.schema, "tree", list(wanted.trees)))
        found += [self.spanned(span, scope) for span in wanted.spans]
        return [free(each) for each in found]

    def traits(self, wanted: Wanted, scope: Scope) -> list[Query]:
        """What must hold of a person's names, and of what is asked besides one thing at least."""
        letters = wrong if wanted.misspelt else none_wrong
        musts = []
        for name, text in (("first", wanted.first_name), ("last", wanted.last_name)):
            musts += [self.spelt(name, word, letters(word)) for word in self.words(text)]
        places = [("birth_place", wanted.birth_place), ("death_place", wanted.death_place)]
        some = [
            self.told(name, word, scope, letters(word)) for name, text in places for word in self.words(text)
        ]
        some += [self.spanned(span, scope) for span in wanted.besides]
        if some:
            musts.append(any_of(some))
        for word in self.words(wanted.place):
            musts.append(any_of(self.told(name, word, scope, letters(word)) for name in TOLD))
        return musts

    def anywhere(self, word: str, scope: Scope, misspelt: bool, *, begun: bool) -> Query:
        """A word among the names, in what is told, or among the places."""
        letters = wrong(word) if misspelt else 0
        names = Query.boost_query(self.spelt("names", word, letters, begun=begun), NAMES)
        # Within long texts two wrong letters would find too much.
        few = min(1, letters)
        return any_of([names, *(self.told(name, word, scope, few, begun=begun) for name in TOLD)])

    def told(self, name: str, word: str, scope: Scope, letters: int, *, begun: bool = False) -> Query:
        """A word in what is told of something, as far as that reaches."""
        return self.levelled(name, scope, lambda field: self.spelt(field, word, letters, begun=begun))

    def levelled(self, name: str, scope: Scope, query: Callable[[str], Query]) -> Query:
        """A query of a field at every level, each for those only whom it reaches."""
        found = [query(of_level(name, Level.OPEN))]
        if inner := self.among(scope, Level.INNER):
            found.append(both(inner, query(of_level(name, Level.INNER))))
        if full := self.among(scope, Level.FULL):
            found.append(both(full, query(of_level(name, Level.FULL))))
        return any_of(found)

    def among(self, scope: Scope, level: Level) -> Query | None:
        """What somebody has a part in, or manages or has entered; None for nothing."""
        trees = scope.managed if level is Level.FULL else scope.trees
        some = []
        if trees:
            some.append(Query.term_set_query(self.schema, "scope", [of_tree(each) for each in trees]))
        if scope.account is not None:
            some.append(self.term("maker", scope.account))
        return free(any_of(some)) if some else None

    def spelt(self, field: str, word: str, letters: int, *, begun: bool = False) -> Query:
        """A word in a field: as it is, begun so, or with so many letters wrong."""
        some = [self.term(field, word), weighed(self.term(field, word), EXACT)]
        if begun and len(word) > 1:
            some.append(self.starts(field, word))
        if letters >= 1:
            some.append(weighed(self.near(field, word, 1), NEAR))
        if letters >= 2:
            some.append(weighed(self.near(field, word, 2), FAR))
        return any_of(some)

    def term(self, field: str, text: str) -> Query:
        """A word as it is."""
        return Query.term_query(self.schema, field, text, "basic" if field in RAW else "freq")

    def near(self, field: str, word: str, letters: int) -> Query:
        """A word with so many letters wrong, missing, too many or changed about."""
        return Query.fuzzy_term_query(self.schema, field, word, letters, True, False)

    def starts(self, field: str, word: str) -> Query:
        """What begins so."""
        return weighed(Query.fuzzy_term_query(self.schema, field, word, 0, True, True), BEGUN)

    def spanned(self, span: Span, scope: Scope) -> Query:
        """A date within a time."""
        low = EARLIEST if span.since is None else millis(span.since)
        high = LATEST if span.until is None else millis(span.until)

        def between(field: str) -> Query:
            kind = tantivy.FieldType.Integer
            return Query.range_query(self.schema, field, kind, low, high)

        if span.dated in (Dated.CREATED, Dated.UPDATED):
            return between(span.dated.value.lower())
        return self.levelled(span.dated.value.lower(), scope, between)


def wrong(word: str) -> int:
    """How many letters of a word may be wrong."""
    return 0 if len(word) < 3 else 1 if len(word) < 6 else 2


def none_wrong(word: str) -> int:
    """No letter."""
    return 0


def any_of(queries: Iterable[Query]) -> Query:
    """What fits one of the queries, the better the more of them."""
    some: Sequence[Query] = list(queries)
    return some[0] if len(some) == 1 else Query.boolean_query([(Should, each) for each in some])


def both(*queries: Query) -> Query:
    """What fits each of the queries."""
    return Query.boolean_query([(Must, each) for each in queries])


def free(query: Query) -> Query:
    """A query that says nothing about how well something fits."""
    return Query.const_score_query(query, 0.0)


def weighed(query: Query, weight: float) -> Query:
    """A query that counts the same wherever it fits."""
    return Query.const_score_query(query, weight)
