"""What an index is, whatever holds it: fed with changes up to a place, asked on somebody's behalf."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple, Protocol

from models.kinds import Privacy
from models.search.kinds import Dated, EntryKind, Order
from models.search.levels import Level

# Beyond so many nobody pages; each page costs as much as all before it.
REACH = 10_000
# Words of one question; a word longer than this is nobody's name.
WORDS, LETTERS = 16, 64


class Part(NamedTuple):
    """A text of something that can be found, and who may find it by that."""

    text: str
    level: Level


class Day(NamedTuple):
    """An instant that something can be found by, and who may find it so."""

    at: datetime
    level: Level


@dataclass(frozen=True, slots=True)
class Findable:
    """Something as an index holds it. Of `names` everybody knows who may see it at all."""

    id: str
    kind: EntryKind
    # Who may see it: see `scopes`.
    scopes: tuple[str, ...]
    # Whose it is, or who entered it: to them it shows everything.
    maker: str | None
    tree: str | None
    privacy: Privacy
    title: str
    names: tuple[str, ...]
    first_names: tuple[str, ...] = ()
    last_names: tuple[str, ...] = ()
    texts: tuple[Part, ...] = ()
    birth_place: Part | None = None
    death_place: Part | None = None
    birth: Day | None = None
    death: Day | None = None
    created: datetime = datetime(1970, 1, 1)
    updated: datetime = datetime(1970, 1, 1)

    @property
    def letters(self) -> int:
        """How long its texts are together."""
        return sum(len(each.text) for each in self.texts)


@dataclass(frozen=True, slots=True)
class Place:
    """How far an index is: in the changes of which store, and behind which of them."""

    store: str
    token: str


@dataclass(frozen=True, slots=True)
class Scope:
    """On whose behalf is asked, with the trees where they have a part, and those that they manage."""

    account: str | None
    trees: tuple[str, ...] = ()
    managed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A time that a date must lie in; both ends are part of it."""

    dated: Dated
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question. Each word of `words` must be somewhere, each of a name or a place in its own field."""

    words: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    birth_place: str | None = None
    death_place: str | None = None
    place: str | None = None
    kinds: tuple[EntryKind, ...] = ()
    privacies: tuple[Privacy, ...] = ()
    # The names of one tree.
    trees: tuple[str, ...] = ()
    # Each of these must hold.
    spans: tuple[Span, ...] = ()
    # Of these and the places of birth and death one must hold, if any is asked for.
    besides: tuple[Span, ...] = ()
    # Whether words may be spelt otherwise than they are asked for.
    misspelt: bool = True
    order: Order = Order.RELEVANCE
    descending: bool = True
    skip: int = 0
    limit: int = 20
    facets: bool = False


class Hit(NamedTuple):
    """Something that was found, and how well it fits."""

    id: str
    score: float


class Facets(NamedTuple):
    """How many there are of each: kinds, privacies, and the years in which they were made."""

    kinds: Mapping[str, int]
    privacies: Mapping[str, int]
    years: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Found:
    """An answer: one page of it, and how much there is altogether."""

    total: int
    hits: Sequence[Hit]
    facets: Facets = field(default_factory=lambda: Facets({}, {}, {}))


@dataclass(frozen=True, slots=True)
class Changes:
    """What has become of some things: what they are now, and what is gone."""

    there: Sequence[Findable]
    gone: Sequence[str] = ()


def digest(each: Findable) -> str:
    """What tells two states of something apart."""
    return sha256(repr(each).encode("utf-8", "backslashreplace")).hexdigest()[:16]


class Engine(Protocol):
    """An index. One process at a time feeds it; any number ask."""

    async def place(self) -> Place | None:
        """How far it is; None for an index that has nothing yet."""

    async def apply(self, changes: Changes, place: Place) -> None:
        """Takes changes in; they and the place are there together, or neither is."""

    async def rebuild(self, everything: AsyncIterator[Sequence[Findable]], place: Place) -> None:
        """Holds this and nothing else. Until that is done, what was there before is still found."""

    async def search(self, wanted: Wanted, scope: Scope) -> Found:
        """What fits, of what may be seen; raises SearchAway where there is no index yet."""

    async def begin(self, text: str, scope: Scope, limit: int) -> Sequence[Hit]:
        """What may be seen and has names that a half-written text begins; raises SearchAway."""

    async def held(self) -> Mapping[str, str]:
        """The digest of everything in it, by id, so that it can be compared with the store."""

    async def close(self) -> None:
        """Gives back what it holds."""
