"""The REST documentation, its reference and the landing page in a real browser."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visit, serving
from tests.browser.house import house


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(house()) as url:
        yield url


async def test_an_operation_is_read_and_tried(visit: Visit, address: str) -> None:
    await visit.page.goto(f"{address}/docs")
    await visit.page.get_by_text("List courses").click()
    await visit.page.get_by_role("button", name="Try it out").click()
    await visit.page.get_by_role("button", name="Execute").click()
    await expect(visit.page.locator(".live-responses-table")).to_contain_text("First steps")
    assert await visit.violations() == []
    assert visit.complaints == []
    assert visit.hosts == {urlsplit(address).netloc}


async def test_the_documentation_follows_the_system_into_the_dark(visit: Visit, address: str) -> None:
    await visit.page.emulate_media(color_scheme="dark")
    await visit.page.goto(f"{address}/docs")
    await expect(visit.page.locator("html")).to_have_class("dark-mode")
    await visit.page.emulate_media(color_scheme="light")
    await expect(visit.page.locator("html")).to_have_class("")


async def test_an_operation_is_found_and_read(visit: Visit, address: str) -> None:
    await visit.page.goto(f"{address}/redoc")
    await visit.page.get_by_placeholder("Search").fill("lessons")
    found = visit.page.locator("[data-role='search:results']").get_by_role("menuitem")
    await expect(found).to_have_text(["getRead the lessons of a course"])
    await found.click()
    await expect(visit.page.get_by_role("heading", name="Read the lessons")).to_be_in_viewport()
    await visit.page.get_by_role("button", name="The lessons").click()
    await expect(visit.page.get_by_role("cell", name="tones")).to_be_visible()
    assert await visit.violations() == []
    assert visit.complaints == []
    assert visit.hosts == {urlsplit(address).netloc}


async def test_the_reference_follows_the_system_into_the_dark_and_keeps_its_place(
    visit: Visit, address: str
) -> None:
    await visit.page.emulate_media(color_scheme="light")
    await visit.page.goto(f"{address}/redoc")
    await visit.page.get_by_role("menuitem", name="Read the lessons").click()
    heading = visit.page.get_by_role("heading", name="Read the lessons")
    for scheme, color in (("dark", "rgb(232, 234, 237)"), ("light", "rgb(51, 51, 51)")):
        await visit.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        await expect(heading).to_have_css("color", color)
        await expect(heading).to_be_in_viewport()
    assert await visit.violations() == []
    assert visit.complaints == []


async def test_the_reference_fits_a_phone(visit: Visit, address: str) -> None:
    await visit.page.set_viewport_size({"width": 320, "height": 640})
    await visit.page.goto(f"{address}/redoc")
    await expect(visit.page.get_by_role("button", name="/api/courses/{course}/lessons")).to_be_visible()
    assert await visit.page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_landing_page_is_read_in_any_light(visit: Visit, address: str, scheme: str) -> None:
    await visit.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await visit.page.goto(address)
    assert await visit.page.get_by_role("heading", name="Lockstep").is_visible()
    links = visit.page.get_by_role("navigation", name="Pages").get_by_role("link")
    assert [await link.get_attribute("href") for link in await links.all()] == [
        "/graphql", "/docs", "/redoc", "/openapi.json", "/review/", "/health", "/metrics",
    ]  # fmt: skip
    await visit.page.keyboard.press("Tab")
    assert await visit.page.evaluate("document.activeElement.getAttribute('href')") == "/graphql"
    assert await visit.violations() == []
    assert visit.complaints == []


async def test_the_landing_page_fits_a_phone(visit: Visit, address: str) -> None:
    await visit.page.set_viewport_size({"width": 320, "height": 640})
    await visit.page.goto(address)
    assert await visit.page.evaluate("document.documentElement.scrollWidth") <= 320


async def test_the_policy_is_in_force(visit: Visit, address: str) -> None:
    await visit.page.goto(address)
    await visit.page.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "window.ran = true";
        document.body.append(script);
    }""")
    assert await visit.page.evaluate("window.ran") is None
    assert [violation.split()[0] for violation in await visit.violations()] == ["script-src-elem"]
