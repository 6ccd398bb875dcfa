"""GraphiQL in a real browser: it runs queries under its strict policy and asks no other host."""

import json
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

import pytest

from tests.browser.conftest import Visit, serving
from tests.browser.house import house


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(house()) as url:
        yield url


async def run(visit: Visit) -> None:
    await visit.page.get_by_role("button", name="Execute query").click()


async def result(visit: Visit, text: str) -> str:
    answer = visit.page.locator(".result-window")
    await answer.get_by_text(text).first.wait_for(timeout=10_000)
    return await answer.inner_text()


async def test_the_default_query_shows_courses_with_content(visit: Visit, address: str) -> None:
    await visit.page.goto(f"{address}/graphiql")
    await run(visit)
    assert '"title": "Tones"' in await result(visit, "Tones")
    assert await visit.violations() == []
    assert visit.complaints == []
    assert visit.hosts == {urlsplit(address).netloc}


async def test_the_address_fills_the_editors(visit: Visit, address: str) -> None:
    query = quote("query Q($yes: Boolean!) { __typename @include(if: $yes) }")
    await visit.page.goto(f"{address}/graphiql?query={query}&variables={quote(json.dumps({'yes': True}))}")
    await run(visit)
    assert '"__typename": "Query"' in await result(visit, "__typename")


async def test_the_header_editor_signs_a_person_in(visit: Visit, address: str) -> None:
    await visit.page.goto(f"{address}/graphiql?query={quote('{ authorization }')}")
    await visit.page.get_by_role("button", name="Headers").click()
    await visit.page.locator(".graphiql-editor-tool .graphiql-editor:not(.hidden) .CodeMirror").click()
    await visit.page.keyboard.insert_text('{"Authorization": "Bearer abc"}')
    await run(visit)
    assert '"authorization": "Bearer abc"' in await result(visit, "Bearer")
    assert await visit.violations() == []


async def test_a_subscription_arrives_over_the_websocket(visit: Visit, address: str) -> None:
    await visit.page.goto(f"{address}/graphiql?query={quote('subscription { count(to: 3) }')}")
    await run(visit)
    assert '"count": "3 for None"' in await result(visit, "3 for None")
    assert await visit.violations() == []
    assert visit.hosts == {urlsplit(address).netloc}


async def test_everything_else_of_it_works_under_the_policy(visit: Visit, address: str) -> None:
    page = visit.page
    await page.goto(f"{address}/graphiql")
    await page.get_by_role("button", name="Show Documentation Explorer").click()
    await page.get_by_role("link", name="Query").first.click()
    await page.get_by_text("Courses!").first.wait_for()
    await page.get_by_role("button", name="Show History").click()
    await page.get_by_role("button", name="Open settings dialog").click()
    await page.get_by_role("button", name="Dark", exact=True).click()
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Prettify query").click()
    await page.locator(".graphiql-query-editor .CodeMirror").click()
    await page.keyboard.press("Control+End")
    await page.keyboard.type("{ au")
    await page.get_by_text("authorization").first.wait_for()
    assert await visit.violations() == []
    assert visit.complaints == []
    assert visit.hosts == {urlsplit(address).netloc}
