"""The calls of the old family screen, from a real page of another origin, and the same family in one query.

LOCKSTEP_PICTURES names a folder for pictures of both.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from playwright.async_api import Page, expect
from starlette.applications import Starlette
from starlette.staticfiles import StaticFiles

from server.embedded import Services
from tests.browser.conftest import Visit, real_server, serving

SCREEN = Path(__file__).parent / "screen"
EMAIL, PASSWORD = "family@example.com", "read-the-tree"
# What the screen sent, in the order of the recordings of the old client.
SENT = """
POST /api/auth/login 200
GET /api/auth/me 200
GET /api/genealogy/family-tree 200
GET /notifications 404
POST /api/genealogy/members 201
POST /api/genealogy/relationships 201
GET /api/genealogy/family-tree 200
POST /api/genealogy/members 201
POST /api/genealogy/relationships 201
GET /api/genealogy/family-tree 200
POST /api/genealogy/members 201
POST /api/genealogy/relationships 201
GET /api/genealogy/family-tree 200
PUT /api/genealogy/members/:id 200
GET /api/genealogy/family-tree 200
""".strip().splitlines()
QUERY = """{
  myTrees(first: 1) {
    edges {
      node {
        name
        personCount
        people(first: 100) {
          edges {
            node { name born: birth parents { name } spouses { name } children { name } }
          }
        }
      }
    }
  }
}"""


@pytest.fixture(scope="module")
def screen() -> Iterator[str]:
    """The address of the page."""
    app = Starlette()
    app.mount("/", StaticFiles(directory=SCREEN, html=True))
    with serving(app) as address:
        yield address


@pytest.fixture(scope="module")
def house(screen: str, services: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that lets the page of another origin ask."""
    folder = tmp_path_factory.mktemp("family")
    with real_server(services, folder, CORS_ORIGIN=screen) as address:
        yield address


async def picture(page: Page, name: str) -> None:
    folder = os.environ.get("LOCKSTEP_PICTURES")
    if folder:
        await page.screenshot(path=Path(folder) / name)


async def fill(page: Page, **values: str) -> None:
    """The dialog of a person, filled and saved."""
    dialog = page.locator("#person")
    for label, value in values.items():
        field = dialog.get_by_label(label.replace("_", " "))
        await (field.select_option(value) if label == "Gender" else field.fill(value))
    await dialog.get_by_role("button", name="Save").click()


def people(tree: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Who is in the screen's tree, by name; relatives by name too."""
    names = {member["id"]: member["name"] for member in tree["members"]}
    lists = {"parents": "parentIds", "spouses": "spouseIds", "children": "childIds"}
    return {
        member["name"]: {
            "born": (member["birthDate"] or "")[:10],
            **{key: sorted(names[one] for one in member[ids]) for key, ids in lists.items()},
        }
        for member in tree["members"]
    }


async def test_the_old_screen_works_and_one_query_shows_the_same(
    visit: Visit, screen: str, house: str
) -> None:
    page = visit.page
    await page.goto(f"{screen}/?api={quote(f'{house}/gateway')}")
    await page.get_by_label("E-mail").fill(EMAIL)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.locator("#bell")).to_have_text("No bell")
    before = people(await page.evaluate("window.tree"))
    someone = await page.evaluate("tree.members.find(one => !one.spouseIds.length && one.name).name")
    card = page.locator(f'article[data-name="{someone}"]')

    await card.get_by_role("button", name="Add spouse").click()
    await fill(page, First_name="Tatenda", Last_name="Shumba", Born="1960-05-05", Gender="male")
    await expect(card).to_contain_text("With: Tatenda Shumba")
    await card.get_by_role("button", name="Add child").click()
    await fill(page, First_name="Ruva", Last_name="Shumba", Gender="female")
    await expect(card).to_contain_text("Ruva Shumba")
    spouse = page.locator('article[data-name="Tatenda Shumba"]')
    await spouse.get_by_role("button", name="Add parent").click()
    await fill(page, First_name="Old", Last_name="Shumba")
    await expect(page.locator('article[data-name="Old Shumba"]')).to_contain_text("Tatenda Shumba")
    await spouse.get_by_role("button", name="Edit").click()
    await fill(page, First_name="Tatendaishe")
    await expect(page.locator('article[data-name="Tatendaishe Shumba"]')).to_contain_text("1960")
    await picture(page, "screen.png")

    assert await page.evaluate("calls") == SENT
    after = people(await page.evaluate("tree"))
    assert after.keys() - before.keys() == {"Tatendaishe Shumba", "Ruva Shumba", "Old Shumba"}
    assert after["Tatendaishe Shumba"] == {
        "born": "1960-05-05",
        "parents": ["Old Shumba"],
        "spouses": [someone],
        "children": [],
    }
    assert "Ruva Shumba" in after[someone]["children"]
    assert [one for one in visit.complaints if "/notifications" not in one and "404" not in one] == []

    token = await page.evaluate("tokens.accessToken")
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as http:
        listed = (await http.get(f"{house}/genealogy/api/family-trees")).json()["trees"]
    assert [one["statistics"]["totalPersons"] for one in listed] == [len(after)]

    await page.goto(f"{house}/graphql")
    await page.locator(".graphiql-query-editor .CodeMirror").click()
    await page.keyboard.press("Control+A")
    await page.keyboard.insert_text(QUERY)
    await page.get_by_role("button", name="Headers").click()
    await page.locator(".graphiql-editor-tool .graphiql-editor:not(.hidden) .CodeMirror").click()
    await page.keyboard.insert_text(json.dumps({"Authorization": f"Bearer {token}"}))
    # The editor asks for the schema at the same address.
    async with page.expect_response(lambda told: "myTrees" in (told.request.post_data or "")) as asked:
        await page.get_by_role("button", name="Execute query").click()
    answer = await (await asked.value).json()
    await expect(page.locator(".result-window")).to_contain_text("personCount")
    # The picture shows no token.
    await page.get_by_role("button", name="Variables").click()
    await picture(page, "query.png")
    node = answer["data"]["myTrees"]["edges"][0]["node"]
    shown = [edge["node"] for edge in node["people"]["edges"]]
    assert node["personCount"] == len(after)
    assert {
        one["name"]: {
            "born": (one["born"] or "")[:10],
            **{key: sorted(each["name"] for each in one[key]) for key in ("parents", "spouses", "children")},
        }
        for one in shown
    } == after
