"""The review page in a real browser: installed, without a network, and with a network that loses answers.

LOCKSTEP_PICTURES names a folder for pictures of it.
"""

import asyncio
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Route, async_playwright, expect
from pymongo import MongoClient

from server.embedded import Services
from tests.browser.conftest import Visit, chromium, real_server

EMAIL, PASSWORD = "learner@example.com", "learn-mandarin"
DUE = 6
SAVED, SIGN_IN = "Everything is saved on the server.", "Sign in again, and what waits is sent."


class House:
    """The real server, and what is in its database."""

    def __init__(self, address: str, database: str, client: MongoClient[dict[str, Any]]) -> None:
        self.address = address
        self.database = client[database]

    def answers(self) -> list[dict[str, Any]]:
        return list(self.database.review_answers.find().sort("answered_at.at"))

    def answered(self) -> int:
        """How many cards were answered, by the cards' own count."""
        return sum(card["revision"] for card in self.database.reviews.find())


@pytest.fixture(scope="module")
def opened(services: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server with demo data of its own, since these tests answer its cards."""
    name = f"lockstep_offline_{secrets.token_hex(4)}"
    folder = tmp_path_factory.mktemp("offline")
    with (
        real_server(services, folder, MONGODB_DATABASE=name, LOCKSTEP_WEED="/nowhere") as address,
        MongoClient[dict[str, Any]](services.mongodb_uri) as client,
    ):
        yield House(address, name, client)
        client.drop_database(name)


@pytest.fixture
def house(opened: House) -> Iterator[House]:
    """The server, whose cards nobody has answered yet."""
    cards = list(opened.database.reviews.find())
    yield opened
    opened.database.review_answers.delete_many({})
    for card in cards:
        opened.database.reviews.replace_one({"_id": card["_id"]}, card)


async def picture(page: Page, name: str) -> None:
    folder = os.environ.get("LOCKSTEP_PICTURES")
    if folder:
        await page.screenshot(path=Path(folder) / name)


async def sign_in(page: Page, house: House) -> None:
    await page.goto(f"{house.address}/review/")
    await page.get_by_label("E-mail").fill(EMAIL)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_text(f"{DUE} cards are due")).to_be_visible()
    # From here on the page comes from the device.
    await page.evaluate("navigator.serviceWorker.ready.then(() => null)")


async def online(page: Page) -> None:
    """Tells the page that there is a network, as a browser does now and then."""
    await page.evaluate("dispatchEvent(new Event('online'))")


async def settled(page: Page) -> None:
    """Returns once the page has asked the server again, and shows it."""
    await page.evaluate("document.querySelector('[data-part=state]').textContent = ''")
    await online(page)
    await expect(page.get_by_role("status")).to_have_text(SAVED)


async def held(page: Page, path: str) -> tuple[asyncio.Event, asyncio.Event]:
    """Holds up the next answer of an address: what is set once the server has given it, what lets it go."""
    given, gate = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        answer = await route.fetch()
        given.set()
        await gate.wait()
        await route.fulfill(response=answer)

    await page.context.route(path, hold, times=1)
    return given, gate


async def until(reached: Callable[[], bool]) -> None:
    """Returns once something is so."""
    async with asyncio.timeout(10):
        while not reached():
            await asyncio.sleep(0.02)


async def answer(page: Page, how: str) -> None:
    """Answers the card that is shown, and waits until another one is, or none."""
    before = await page.locator("[data-part=hanzi]").text_content()
    await page.get_by_role("button", name="Show the answer").click()
    await page.get_by_role("button", name=how).click()
    await expect(page.locator("[data-part=hanzi]:visible", has_text=before or "")).to_have_count(0)


def context_of(visit: Visit) -> BrowserContext:
    return visit.page.context


async def test_a_browser_installs_the_page(house: House, tmp_path: Path) -> None:
    executable = chromium()
    if not executable:
        pytest.skip("no Chromium: install the chromium package, or set CHROMIUM to its path")
    async with async_playwright() as playwright:
        # Only a profile that is kept may have applications.
        context = await playwright.chromium.launch_persistent_context(
            tmp_path / "profile", executable_path=executable
        )
        page = context.pages[0]
        await sign_in(page, house)
        devtools = await context.new_cdp_session(page)
        assert (await devtools.send("Page.getInstallabilityErrors"))["installabilityErrors"] == []
        manifest = await devtools.send("Page.getAppManifest")
        assert manifest["errors"] == []
        assert manifest["url"] == f"{house.address}/review/app.webmanifest"
        await devtools.send("PWA.install", {"manifestId": f"{house.address}/review/"})
        state = await devtools.send("PWA.getOsAppState", {"manifestId": f"{house.address}/review/"})
        assert state["badgeCount"] == 0
        await context.close()


async def test_the_page_asks_nobody_else_and_breaks_no_rule(visit: Visit, house: House) -> None:
    await sign_in(visit.page, house)
    await picture(visit.page, "review.png")
    assert visit.complaints == [] and await visit.violations() == []
    assert visit.hosts == {house.address.removeprefix("http://")}


async def test_five_answers_without_a_network_are_stored_once_each(visit: Visit, house: House) -> None:
    page = visit.page
    await sign_in(page, house)
    await context_of(visit).set_offline(True)
    for how in ("Good", "Easy", "Hard", "Again", "Good"):
        await answer(page, how)
    await expect(page.get_by_text("5 answers wait to be sent")).to_be_visible()
    await expect(page.get_by_role("status")).to_have_text("You are offline; answers are kept here.")
    await picture(page, "review-offline.png")
    assert house.answers() == []

    # The page is opened again without a network: it and its cards are still there.
    await page.reload()
    await expect(page.get_by_text("5 answers wait to be sent")).to_be_visible()
    await expect(page.get_by_text("1 card is due")).to_be_visible()

    await context_of(visit).set_offline(False)
    await online(page)
    await expect(page.get_by_role("status")).to_have_text(SAVED)
    await expect(page.locator("[data-part=queue]")).to_have_text("")
    await picture(page, "review-online.png")
    stored = house.answers()
    assert [each["quality"] for each in stored] == [4, 5, 3, 1, 4]
    assert {each["outcome"] for each in stored} == {"STORED"}
    assert house.answered() == 5


async def test_answers_whose_receipt_was_lost_count_once(visit: Visit, house: House) -> None:
    page = visit.page
    await sign_in(page, house)
    lost = 0

    async def lose(route: Route) -> None:
        nonlocal lost
        lost += 1
        # The server takes them, and the browser never hears of it.
        await route.fetch()
        await route.abort("connectionreset")

    await context_of(visit).route("**/api/reviews/sync", lose)
    await answer(page, "Good")
    await answer(page, "Hard")
    await expect(page.get_by_text("2 answers wait to be sent")).to_be_visible()
    await until(lambda: lost >= 2 and len(house.answers()) == 2)
    await context_of(visit).unroute_all(behavior="wait")
    await page.reload()
    await expect(page.get_by_role("status")).to_have_text(SAVED)
    assert len(house.answers()) == 2 and house.answered() == 2


async def test_answers_wait_for_whoever_gave_them(browser: Browser, house: House) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    await sign_in(page, house)
    await context.set_offline(True)
    await answer(page, "Good")
    # The session ends elsewhere before the answer is sent.
    await context.clear_cookies()
    await context.set_offline(False)
    await page.reload()
    await expect(page.get_by_role("status")).to_have_text(SIGN_IN)
    # However often the page is opened until then.
    await page.reload()
    await expect(page.get_by_role("status")).to_have_text(SIGN_IN)
    assert house.answers() == []
    await page.get_by_label("E-mail").fill(EMAIL)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("status")).to_have_text(SAVED)
    assert len(house.answers()) == 1
    await context.close()


async def test_answers_are_not_sent_as_somebody_else_s(browser: Browser, house: House) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    await sign_in(page, house)
    await context.set_offline(True)
    await answer(page, "Good")
    # Somebody else has signed in with another page of the same browser.
    code = str(house.database.invitations.find_one({"used": False})["code"])  # type: ignore[index]  # the demo has some
    other = {"email": f"{code}@example.com", "username": code, "password": PASSWORD, "invitation_code": code}
    signed = await page.request.post(f"{house.address}/mandarin/api/auth/register", data=other)
    assert signed.status == 201
    await context.set_offline(False)
    await page.reload()
    await expect(page.get_by_role("status")).to_have_text(SIGN_IN)
    assert house.answers() == []
    await page.get_by_label("E-mail").fill(EMAIL)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("status")).to_have_text(SAVED)
    assert [each["outcome"] for each in house.answers()] == ["STORED"]
    await context.close()


async def test_an_answer_that_is_shown_stays_while_the_page_is_at_work(visit: Visit, house: House) -> None:
    page = visit.page
    await sign_in(page, house)
    given, gate = await held(page, "**/api/reviews/due")
    await answer(page, "Good")
    await given.wait()
    await page.get_by_role("button", name="Show the answer").click()
    gate.set()
    for _ in range(2):
        await settled(page)
    await expect(page.get_by_role("button", name="Good")).to_be_visible()


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "E-mail or password is wrong."),
        (503, "Nobody can sign in now: the server answered 503."),
    ],
)
async def test_who_cannot_sign_in_is_told_why(visit: Visit, house: House, status: int, said: str) -> None:
    page = visit.page
    await page.goto(f"{house.address}/review/")
    await context_of(visit).route("**/api/auth/login", lambda route: route.fulfill(status=status))
    await page.get_by_label("E-mail").fill(EMAIL)
    await page.get_by_label("Password").fill("wrong")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("status")).to_have_text(said)


async def test_two_clicks_are_one_answer(visit: Visit, house: House) -> None:
    page = visit.page
    await sign_in(page, house)
    await page.get_by_role("button", name="Show the answer").click()
    await page.evaluate("for (const _ of [1, 2]) document.querySelector('[data-quality=\"4\"]').click()")
    await expect(page.get_by_text("5 cards are due")).to_be_visible()
    await settled(page)
    assert len(house.answers()) == 1 and house.answered() == 1


async def test_a_card_that_was_answered_does_not_come_back(visit: Visit, house: House) -> None:
    page = visit.page
    await sign_in(page, house)
    # What was due before the answer arrives after it.
    given, gate = await held(page, "**/api/reviews/due")
    await online(page)
    await given.wait()
    await answer(page, "Good")
    await asyncio.sleep(0.5)
    gate.set()
    await until(lambda: len(house.answers()) == 1)
    await expect(page.locator("[data-part=queue]")).to_have_text("")
    await expect(page.get_by_text("5 cards are due")).to_be_visible()
