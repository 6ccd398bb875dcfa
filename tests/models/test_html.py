"""HTML that people write: what formats text stays, and nothing else does."""

import asyncio

import pytest

from models.errors import Unfit
from models.html import LONGEST, cleaned

DANGEROUS = [
    "<script>x()</script>",
    "<style>*{}</style>",
    "<img src=x onerror=x()>",
    "<svg onload=x()><a xlink:href='javascript:x()'>y</a></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=x()>",
    '<a href="javascript:x()">y</a>',
    '<a href="JaVaScRiPt&colon;x()">y</a>',
    '<a href="data:text/html,<script>x()</script>">y</a>',
    '<p style="background:url(javascript:x())" onclick="x()">y</p>',
    "<iframe src='//elsewhere'></iframe><object></object><embed>",
    "<form action='//elsewhere'><input><button>y</button></form>",
    "<base href='//elsewhere'><meta http-equiv=refresh content=0>",
    "<!--[if IE]><script>x()</script><![endif]-->",
    "<noscript><p title='</noscript><img src=x onerror=x()>'>",
    "<b><script>x()",
]


@pytest.mark.parametrize("text", DANGEROUS)
async def test_nothing_that_runs_or_leads_astray_stays(text: str) -> None:
    clean = (await cleaned(text, "description")).lower()
    for word in (
        "<script",
        "javascript",
        "onerror",
        "onload",
        "onclick",
        "style=",
        "<iframe",
        "<form",
        "<svg",
        "<img",
        "data:",
        "<base",
        "<!--",
    ):
        assert word not in clean.replace("&lt;", "")


@pytest.mark.parametrize(
    "text", ["<p>One <strong>two</strong></p>", "<ul><li>a</li></ul>", "plain words", "ዜና 🌍", "a &amp; b"]
)
async def test_what_formats_text_stays_as_it_is(text: str) -> None:
    assert await cleaned(text, "description") == text


async def test_links_go_out_without_telling_whence() -> None:
    clean = await cleaned('<a href="https://example.test/?a=1&amp;b=2" target=_blank>y</a>', "description")
    assert clean == '<a href="https://example.test/?a=1&amp;b=2" rel="noopener noreferrer nofollow">y</a>'


@pytest.mark.parametrize("text", [*DANGEROUS, "1 < 2 && 3 > 2", "<", "&lt;script&gt;", "<b>open"])
async def test_what_is_clean_stays_the_same(text: str) -> None:
    clean = await cleaned(text, "description")
    assert await cleaned(clean, "description") == clean


@pytest.mark.parametrize("text", ["x" * (LONGEST + 1), "<" * (LONGEST // 2), "nul \0", "half \ud800"])
async def test_what_cannot_be_kept_is_refused(text: str) -> None:
    with pytest.raises(Unfit):
        await cleaned(text, "description")


async def test_others_go_on_while_a_long_text_is_cleaned() -> None:
    # As deep as that takes the parser a hundred milliseconds.
    cleaning, turns = asyncio.create_task(cleaned("<ul><li>" * (LONGEST // 8), "description")), 0
    while not cleaning.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 5
    with pytest.raises(Unfit):
        await cleaning
