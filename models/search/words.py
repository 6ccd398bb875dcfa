"""Words of a question in a text: which of them are there, also misspelt, shown in their surroundings."""

import html
import re
import unicodedata
from collections.abc import Sequence

from models.search.engine import LETTERS, WORDS

WORD = re.compile(r"\w+")
# Letters of a text that are shown around what was found, and how many such pieces.
AROUND, PIECES = 60, 3
# Of a longer text only the beginning is looked through.
LONGEST = 5_000
# Of the words of one answer so many are compared letter by letter; beyond that misspelt ones are not marked.
COMPARED = 5_000
# Letters that are no others with an accent, but are written so.
SPELT = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ı": "i"})


def folded(text: str) -> str:
    """A text in small letters without accents."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in plain if not unicodedata.combining(each)).translate(SPELT)


def words_of(text: str | None) -> list[str]:
    """The words of a question."""
    return [folded(each) for each in WORD.findall(text or "")]


class Asked:
    """The words of a question, looked for in the texts of one answer: what was compared once is known."""

    def __init__(self, words: Sequence[str], *, misspelt: bool = True) -> None:
        self.words = list(dict.fromkeys(words))[:WORDS]
        self._begun = tuple(each for each in self.words if len(each) > 1)
        self._near = [(each, allowed(each), signs(each)) for each in self.words if misspelt and allowed(each)]
        self._known: dict[str, bool] = {}
        # How many words may still be compared letter by letter.
        self._left = COMPARED

    def fits(self, word: str) -> bool:
        """Whether a word of a text is one that was asked for, begins so, or is nearly one."""
        found = self._known.get(word)
        if found is None:
            plain = folded(word)
            found = plain in self.words or plain.startswith(self._begun) or self._is_near(plain)
            self._known[word] = found
        return found

    def _is_near(self, plain: str) -> bool:
        mine = signs(plain)
        for each, most, theirs in self._near:
            # A wrong letter is one too many in one word and one too few in the other.
            if (mine ^ theirs).bit_count() > 2 * most or abs(len(each) - len(plain)) > most:
                continue
            self._left -= 1
            if self._left < 0:
                return False
            if near(plain, each, most):
                return True
        return False


def signs(word: str) -> int:
    """Which letters are in a word, roughly."""
    found = 0
    for letter in word:
        found |= 1 << (ord(letter) & 63)
    return found


def allowed(word: str) -> int:
    """How many letters of a word may be wrong."""
    return 0 if len(word) < 3 else 1 if len(word) < 6 else 2


def near(one: str, other: str, most: int) -> bool:
    """Whether at most so many letters are wrong, missing, too many, or changed about with the next."""
    if abs(len(one) - len(other)) > most or most == 0 or len(one) > LETTERS:
        return one == other
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, against in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return False
    return row[-1] <= most


def marked(text: str | None, asked: Asked) -> list[str]:
    """Pieces of a text around the words that were asked for, which stand in `<em>`; all else is escaped."""
    if not text or not asked.words:
        return []
    text = text[:LONGEST]
    found = [match.span() for match in WORD.finditer(text) if asked.fits(match[0])]
    return [piece(text, spans) for spans in gathered(found)[:PIECES]]


def gathered(found: Sequence[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Places that are near each other, together."""
    groups: list[list[tuple[int, int]]] = []
    for span in found:
        if groups and span[0] - groups[-1][-1][1] <= AROUND:
            groups[-1].append(span)
        else:
            groups.append([span])
    return groups


def piece(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The surroundings of some places."""
    begin, end = max(0, spans[0][0] - AROUND), min(len(text), spans[-1][1] + AROUND)
    shown, at = [], begin
    for start, stop in spans:
        shown += [html.escape(text[at:start]), "<em>", html.escape(text[start:stop]), "</em>"]
        at = stop
    return "".join([*shown, html.escape(text[at:end])])
