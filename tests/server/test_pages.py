"""The pages of the house, as they are sent."""

import gzip
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse

from server.app import links
from server.pages import docs, graphiql, landing, redoc, review
from server.pages.assets import FOLDER, Assets
from server.pages.landing import Link
from server.pages.review import ReviewPage
from server.settings import Settings

ASSETS = Assets()
PAGES = [
    graphiql.page("/graphql", assets=ASSETS),
    docs.page("/openapi.json", assets=ASSETS),
    redoc.page("/openapi.json", assets=ASSETS),
    landing.page(assets=ASSETS),
]


class Addresses(HTMLParser):
    """Collects what a page loads."""

    def __init__(self, page: HTMLResponse) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inline: list[str] = []
        self.feed(bytes(page.body).decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.found += [named[key] or "" for key in ("src", "href") if tag != "a" and key in named]
        self.inline += [name for name in named if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in named):
            self.inline.append(tag)


async def get(path: str, headers: dict[str, str] | None = None, method: str = "GET") -> httpx.Response:
    app = Starlette(routes=[ASSETS.route()])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://house.test") as http:
        return await http.request(method, path, headers={"Accept-Encoding": "identity", **(headers or {})})


@pytest.mark.parametrize("page", PAGES)
async def test_a_page_loads_only_assets_and_nothing_inline(page: HTMLResponse) -> None:
    addresses = Addresses(page)
    assert addresses.found and addresses.inline == []
    for address in addresses.found:
        answer = await get(address)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_runs_under_a_strict_policy(page: HTMLResponse) -> None:
    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy and "http" not in policy and "*" not in policy
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert page.headers["cache-control"] == "no-cache"


def test_what_a_page_is_given_cannot_become_markup() -> None:
    hostile = '"><script>alert(1)</script>'
    pages = [
        graphiql.page(hostile, assets=ASSETS, query=hostile),
        docs.page(hostile, assets=ASSETS),
        redoc.page(hostile, assets=ASSETS),
        landing.page(assets=ASSETS, links=[Link(hostile, hostile, hostile)]),
    ]
    for page in pages:
        assert b"<script>" not in page.body
        assert b"&quot;&gt;&lt;script&gt;" in page.body


def test_the_landing_page_shows_its_links() -> None:
    page = bytes(landing.page(assets=ASSETS, links=[Link("Graph", "/graph", "Ask it.")]).body).decode()
    assert re.findall(r'<a href="(.*?)"><span class="title">(.*?)</span>', page) == [("/graph", "Graph")]
    assert re.findall(r'href="(/[a-z./]+)"', bytes(landing.page(assets=ASSETS).body).decode()) == [
        "/graphql", "/docs", "/redoc", "/openapi.json", "/review/", "/health", "/metrics",
    ]  # fmt: skip


@pytest.mark.parametrize("shown", [True, False])
def test_the_landing_page_shows_no_link_that_leads_nowhere(shown: bool) -> None:
    settings = replace(Settings(), metrics_enabled=shown)
    cards = ReviewPage("/mandarin", (), assets=ASSETS) if shown else None
    addresses = {link.href for link in links(settings, cards)}
    assert ("/review/" in addresses, "/metrics" in addresses) == (shown, shown)


def test_the_worker_of_the_review_page_is_another_where_the_page_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def version() -> str:
        worker = bytes(ReviewPage("/mandarin", (), assets=ASSETS).workers["/mandarin"].body).decode()
        return worker.partition("const VERSION = ")[2].partition(";")[0]

    before = version()
    assert version() == before
    # No file has another name by it.
    monkeypatch.setattr(review, "BODY", review.BODY.replace("Come back later", "Come back soon"))
    assert version() != before


async def test_an_asset_is_sent_once() -> None:
    first = await get("/assets/house/graphiql.js")
    assert first.headers["content-type"] == "text/javascript; charset=utf-8"
    assert first.headers["cache-control"] == "no-cache"
    again = await get("/assets/house/graphiql.js", {"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert (await get("/assets/house/graphiql.js?v=old")).headers["cache-control"] == "no-cache"


async def test_an_asset_is_compressed_for_who_can_read_it() -> None:
    plain = await get("/assets/swagger-ui/swagger-ui-bundle.js")
    packed = await get("/assets/swagger-ui/swagger-ui-bundle.js", {"Accept-Encoding": "br, GZIP;q=0.5"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert packed.headers["etag"] != plain.headers["etag"]
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) < len(plain.content) / 3
    refused = await get("/assets/house/graphiql.js", {"Accept-Encoding": "gzip;q=0"})
    assert "content-encoding" not in refused.headers
    etag = packed.headers["etag"]
    known = {"Accept-Encoding": "gzip", "If-None-Match": etag}
    answer = await get("/assets/swagger-ui/swagger-ui-bundle.js", known)
    assert (answer.status_code, answer.headers.get("content-encoding")) == (304, None)
    assert ASSETS.packed["swagger-ui/swagger-ui-bundle.js"] == gzip.compress(plain.content, mtime=0)


@pytest.mark.parametrize(
    "path", ["nothing.js", "../settings.py", "..%2f..%2fpyproject.toml", "house", "", "refresh", "README.md"]
)
async def test_nothing_else_is_an_asset(path: str) -> None:
    assert (await get(f"/assets/{path}")).status_code == 404


async def test_an_asset_is_only_read() -> None:
    assert (await get("/assets/house/icon.svg", method="POST")).status_code == 405
    head = await get("/assets/house/icon.svg", method="HEAD")
    assert (head.status_code, head.content, head.headers["content-type"]) == (200, b"", "image/svg+xml")


def test_a_missing_asset_is_noticed_before_a_page_is_sent(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="house/icon.svg"):
        landing.page(assets=Assets(tmp_path))


def test_vendored_files_are_those_that_were_fetched() -> None:
    lines = (FOLDER / "SHA256SUMS").read_text().splitlines()
    listed = {name: digest for digest, name in map(str.split, lines)}
    found = {
        path.relative_to(FOLDER).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in ("graphiql", "redoc", "swagger-ui")
        for path in FOLDER.glob(f"{folder}/*.*s")
    }
    assert listed == found


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*/*.*s")), ids=lambda path: path.name)
def test_no_file_names_a_source_map(path: Path) -> None:
    # ReDoc has code that writes such comments, which no page runs; it names no file.
    assert not re.search(r"[/*]# sourceMappingURL=[\w.-]+\.map", path.read_text())


def test_the_reference_shows_no_picture_of_another_host() -> None:
    assert "cdn.redoc.ly" not in (FOLDER / "redoc/redoc.standalone.js").read_text()
