"""The real server in a real browser: its pages work as they are, and ask no other host."""

from urllib.parse import urlsplit

import httpx
from playwright.async_api import expect

from tests.browser.conftest import Visit


async def test_graphiql_shows_the_courses_with_their_content(visit: Visit, served: str) -> None:
    await visit.page.goto(f"{served}/graphql")
    await visit.page.get_by_role("button", name="Execute query").click()
    result = visit.page.locator(".result-window")
    await expect(result).to_contain_text('"title": "HSK 1: First words"')
    await expect(result).to_contain_text('"sequence": 1')
    await expect(result).not_to_contain_text('"errors"')
    assert await visit.violations() == []
    assert visit.complaints == []
    assert visit.hosts == {urlsplit(served).netloc}


async def test_every_operation_is_documented(visit: Visit, served: str) -> None:
    await visit.page.goto(f"{served}/docs")
    blocks = visit.page.locator(".opblock")
    await expect(blocks.first).to_be_visible()
    number = await operations(served)
    assert await blocks.count() == number
    # All at once: a click of the browser looks at the whole page anew each time.
    await blocks.locator(".opblock-summary-control").evaluate_all("all => all.forEach(each => each.click())")
    drawn = visit.page.locator(".opblock.is-open .responses-wrapper")
    await expect(drawn).to_have_count(number, timeout=120_000)
    assert await visit.violations() == []
    assert visit.complaints == []
    assert visit.hosts == {urlsplit(served).netloc}


async def test_every_operation_is_in_the_reference(visit: Visit, served: str) -> None:
    await visit.page.goto(f"{served}/redoc")
    await expect(visit.page.locator(".http-verb")).to_have_count(await operations(served), timeout=60_000)
    assert await visit.violations() == []
    assert visit.complaints == []
    assert visit.hosts == {urlsplit(served).netloc}


async def operations(served: str) -> int:
    """How many operations the contract has."""
    async with httpx.AsyncClient() as http:
        paths = (await http.get(f"{served}/openapi.json")).json()["paths"]
    methods = ("get", "post", "put", "patch", "delete")
    return sum(method in item for item in paths.values() for method in methods)


async def test_every_link_of_the_landing_page_leads_somewhere(visit: Visit, served: str) -> None:
    await visit.page.goto(served)
    links = await visit.page.get_by_role("link").all()
    addresses = [await link.get_attribute("href") or "" for link in links]
    assert len(addresses) == 7
    for address in addresses:
        answer = await visit.page.goto(served + address)
        assert answer is not None and answer.status == 200
    assert visit.hosts == {urlsplit(served).netloc}
