"""Search: what can be found by words, and what clients hand in to be found."""

import asyncio
from typing import Any

import strawberry

from models.search import entries, finding
from models.search.engine import Wanted
from models.search.errors import EntryNotFound, SearchAway
from models.search.kinds import Asking, Dated, EntryKind
from schema import search_shown
from schema.context import Context, Info
from schema.directives import raises
from schema.kinds import Privacy
from schema.permissions import SignedIn
from schema.search_inputs import (
    QUESTION,
    Direction,
    NewSearchEntry,
    SearchEntryChanges,
    SearchPlace,
    SearchSort,
    SearchSpan,
    day_of,
    entry_fields,
    question,
    reach,
    span_of,
)
from schema.search_types import SearchPage
from schema.trees import CALLER, caller

ASKED = raises(*CALLER, SearchAway)


async def answered(
    context: Context, wanted: Wanted, page: int, asking: Asking, suggestions: list[str]
) -> dict[str, Any]:
    """A page of what was found, as the source of the graph."""
    account = await caller(context)
    answer = await finding.find(wanted, account, context.now, asking)
    return {
        "total": answer.total,
        "page": page,
        "size": wanted.limit,
        "words": wanted.words,
        "misspelt": wanted.misspelt,
        # Beside the loop: a page of long texts is some work.
        "hits": await asyncio.to_thread(search_shown.hits, answer, wanted, account),
        "facets": search_shown.facets(answer.facets),
        "suggestions": suggestions,
    }


@strawberry.type
class SearchQueries:
    """What can be found."""

    @strawberry.field(
        graphql_type=SearchPage,
        description=(
            "What holds each of the words, which may be misspelt, of what the caller may see: their own "
            "entries, public ones, and what belongs to trees in which they have a part or that are public."
        ),
        permission_classes=[SignedIn],
        directives=[ASKED],
    )
    async def search(
        self,
        info: Info,
        words: str | None = None,
        kinds: list[EntryKind] | None = None,
        privacies: list[Privacy] | None = None,
        tree: str | None = None,
        span: SearchSpan | None = None,
        place: SearchPlace | None = None,
        sort: SearchSort | None = None,
        page: int = 1,
        first: int = 20,
    ) -> dict[str, Any]:
        """A page of what was found."""
        context, sort = info.context, sort or SearchSort()
        words = question(words, "words", QUESTION)
        wanted = Wanted(
            words=words,
            kinds=tuple(kinds or ()),
            privacies=tuple(privacies or ()),
            trees=(named,) if (named := question(tree, "tree")) else (),
            spans=(span_of(span),) if span else (),
            place=question(place.name, "place") if place else None,
            order=sort.by,
            descending=sort.direction is Direction.DESC,
            skip=reach(page, first, context.page_limit),
            limit=first,
            facets=True,
        )
        account = await caller(context)
        offered = await finding.begin(words, account) if words else []
        return await answered(context, wanted, page, Asking.GENERAL, offered)

    @strawberry.field(
        graphql_type=SearchPage,
        description=(
            "People by their names, which must all fit; of the dates and places that are given, one must. "
            "Dates are days, months or years in ISO 8601."
        ),
        permission_classes=[SignedIn],
        directives=[ASKED],
    )
    async def search_people(
        self,
        info: Info,
        first_name: str | None = None,
        last_name: str | None = None,
        birth: str | None = None,
        birth_place: str | None = None,
        death: str | None = None,
        death_place: str | None = None,
        misspelt: bool = True,
        tree: str | None = None,
        page: int = 1,
        first: int = 20,
    ) -> dict[str, Any]:
        """A page of the people who were found."""
        context = info.context
        wanted = Wanted(
            first_name=question(first_name, "firstName"),
            last_name=question(last_name, "lastName"),
            birth_place=question(birth_place, "birthPlace"),
            death_place=question(death_place, "deathPlace"),
            besides=(
                *day_of(question(birth, "birth"), Dated.BIRTH, "birth"),
                *day_of(question(death, "death"), Dated.DEATH, "death"),
            ),
            kinds=(EntryKind.PERSON,),
            trees=(named,) if (named := question(tree, "tree")) else (),
            misspelt=misspelt,
            skip=reach(page, first, context.page_limit),
            limit=first,
        )
        return await answered(context, wanted, page, Asking.PERSON, [])

    @strawberry.field(
        description="Titles of what the caller may see, completing a half-written text; five at most.",
        permission_classes=[SignedIn],
        directives=[ASKED],
    )
    async def search_suggestions(self, info: Info, text: str) -> list[str]:
        """Titles."""
        return await finding.begin(question(text, "text") or "", await caller(info.context))


@strawberry.type
class SearchMutations:
    """What clients hand in to be found."""

    @strawberry.mutation(
        description="Hands something in, in place of what the caller called so before. Always true.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER)],
    )
    async def put_search_entry(self, info: Info, input: NewSearchEntry) -> bool:
        """A new entry."""
        context, account = info.context, await caller(info.context)
        await entries.put(str(input.name), entry_fields(input), account, context.now)
        return True

    @strawberry.mutation(
        description="Changes what the caller handed in. Always true.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, EntryNotFound)],
    )
    async def change_search_entry(self, info: Info, name: strawberry.ID, input: SearchEntryChanges) -> bool:
        """The entry after the change."""
        context, account = info.context, await caller(info.context)
        await entries.change(str(name), entry_fields(input), account, context.now)
        return True

    @strawberry.mutation(
        description="Takes back what the caller handed in. Always true.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, EntryNotFound)],
    )
    async def remove_search_entry(self, info: Info, name: strawberry.ID) -> bool:
        """The end of an entry."""
        account = await caller(info.context)
        await entries.remove(str(name), account)
        return True
