"""HTML that people write: what formats text stays, and whatever could run or lead astray goes."""

import asyncio

import nh3

from models.errors import Unfit
from models.text import storable

# A page or ten, written as HTML.
LONGEST = 20_000
# What can be cleaned in a millisecond; lists in lists take the parser the square of their length.
AT_ONCE = 2_000
TAGS = frozenset(
    "a abbr b blockquote br code dd del dl dt em h1 h2 h3 h4 hr i ins kbd li ol p pre s small strong sub sup"
    " table tbody td th thead tr u ul".split()
)
ATTRIBUTES = {"a": {"href", "title"}, "abbr": {"title"}, "td": {"colspan"}, "th": {"colspan"}}
SCHEMES = frozenset({"http", "https", "mailto"})
_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    clean_content_tags={"script", "style"},
    attributes=ATTRIBUTES,
    strip_comments=True,
    link_rel="noopener noreferrer nofollow",
    url_schemes=set(SCHEMES),
)


async def cleaned(text: str, name: str) -> str:
    """The text with only harmless markup in it, the same when cleaned again; raises Unfit."""
    if len(storable(text, name)) > LONGEST:
        raise Unfit(name, f"it is longer than {LONGEST} characters")
    if len(text) <= AT_ONCE:
        clean = _CLEANER.clean(text)
    else:
        # Nobody else waits for it.
        clean = await asyncio.to_thread(_CLEANER.clean, text)
    # What is kept can be sent again as it is.
    if len(clean) > LONGEST:
        raise Unfit(name, f"it is longer than {LONGEST} characters as HTML")
    return storable(clean, name)
