"""Operations without a document: constants, house pages and redirects."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from compat_rest.http import Reply, Request
from models.moments import Moment
from tests.compat_rest.toys import NOW, answer, ask, contract, engine, operation, problems

TEXT = {"type": "string"}


def instead(word: Any, responses: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A path whose operation has no document."""
    return {"/toy/it": {"get": operation("it", responses, **{"x-instead": word}, **more)}}


def closed(**properties: Any) -> dict[str, Any]:
    """An object with all of these properties."""
    return {"type": "object", "required": list(properties), "properties": properties}


NOT_YET = answer(
    **closed(
        error={"const": "Not yet"},
        where={**TEXT, "x-graph": "$path"},
        count={"type": "integer", "default": 0},
        inner=closed(when={**TEXT, "x-graph": "$now", "x-text": "js"}),
    )
)


async def test_a_response_of_constants_is_written(tmp_path: Path) -> None:
    path = contract(tmp_path, instead({"response": "501"}, {"501": NOT_YET}))
    said = await ask(path, "GET", "/toy/it?a=1")
    when = said.json["inner"]["when"]
    constants = {"error": "Not yet", "where": "/toy/it?a=1", "count": 0}
    assert (said.status, said.json) == (501, {**constants, "inner": {"when": when}})
    assert when.endswith("Z") and len(when) == 24


async def test_its_stages_run_all_the_same(tmp_path: Path) -> None:
    rule = {"type": "string", "enum": ["a"], "x-messages": {"enum": "Only a"}}
    parameters = [{"name": "kind", "in": "query", "schema": rule}]
    path = contract(tmp_path, instead({"response": "501"}, {"501": NOT_YET}, parameters=parameters))
    entry = {"type": "field", "value": "b", "msg": "Only a", "path": "kind", "location": "query"}
    said = await ask(path, "GET", "/toy/it?kind=b")
    assert (said.status, said.json) == (400, {"errors": [entry]})
    assert (await ask(path, "GET", "/toy/it?kind=a")).status == 501


HEALTH = closed(
    status={"type": "string", "x-graph": "state"},
    service={"const": "toys"},
    database=closed(
        since={**TEXT, "x-graph": "/at", "x-text": "js"}, missing={"type": "array", "items": TEXT}
    ),
    note={**TEXT},
)
HEALTH["required"].remove("note")
DATA = {"state": "well", "at": Moment.of(NOW).model_dump(), "database": {"missing": ["a"]}}


def page(data: Any) -> dict[str, Any]:
    """House pages with one of them."""

    async def health(request: Request) -> Any:
        return data

    return {"health": health}


async def test_the_data_of_a_house_page_take_the_old_form(tmp_path: Path) -> None:
    path = contract(tmp_path, instead({"page": "health"}, {"200": answer(**HEALTH)}))
    said = await ask(path, "GET", "/toy/it", pages=page(DATA))
    database = {"since": "2026-01-01T00:00:00.000Z", "missing": ["a"]}
    assert (said.status, said.json) == (200, {"status": "well", "service": "toys", "database": database})


async def test_a_house_page_chooses_among_answers_by_name(tmp_path: Path) -> None:
    ill = {**answer(**closed(status={"const": "ill"})), "x-when": "Ill"}
    responses = {"200": {**answer(**HEALTH), "x-when": "Well"}, "503": ill}
    path = contract(tmp_path, instead({"page": "health"}, responses))
    said = await ask(path, "GET", "/toy/it", pages=page({"__typename": "Ill"}))
    assert (said.status, said.json) == (503, {"status": "ill"})
    assert (await ask(path, "GET", "/toy/it", pages=page({**DATA, "__typename": "Well"}))).status == 200


async def test_a_reply_of_a_house_page_goes_out_as_it_is(tmp_path: Path) -> None:
    path = contract(tmp_path, instead({"page": "health"}, {"200": answer("text/plain", type="string")}))
    reply = Reply(203, [("Content-Type", "text/x")], b"as it is")
    said = await ask(path, "GET", "/toy/it", pages=page(reply))
    assert (said.status, said.headers["content-type"], said.body) == (203, "text/x", b"as it is")


async def test_a_redirect_leads_elsewhere(tmp_path: Path) -> None:
    path = contract(tmp_path, instead({"redirect": "/toy/docs/"}, {"301": {"description": "There."}}))
    said = await ask(path, "GET", "/toy/it")
    assert (said.status, said.headers["location"]) == (301, "/toy/docs/")


def test_how_it_is_answered_is_counted(tmp_path: Path) -> None:
    path = contract(tmp_path, instead({"response": "501"}, {"501": NOT_YET}))
    made = engine(path)
    assert made.surfaces["toy"].endpoints["toy.it"].document.reason == "instead: response"
    assert made.documents() == []


@pytest.mark.parametrize(
    ("word", "responses", "problem"),
    [
        ("501", {"501": NOT_YET}, "x-instead cannot be '501'."),
        ({"respond": "501"}, {"501": NOT_YET}, "x-instead cannot be {'respond': '501'}."),
        ({"response": "501", "page": "health"}, {"501": NOT_YET}, "x-instead cannot be {"),
        ({"response": "502"}, {"501": NOT_YET}, "The answer '502' is not documented."),
        ({"page": "health"}, {"503": NOT_YET}, "There are 0 answers for the page."),
        ({"page": "health"}, {"200": NOT_YET, "201": NOT_YET}, "There are 2 answers for the page."),
        ({"page": "none"}, {"200": NOT_YET}, "There is no house page 'none'."),
        ({"redirect": "/a"}, {"200": NOT_YET}, "The redirect is not documented."),
        ({"redirect": "$nothing"}, {"301": {"description": "a"}}, "The expression '$nothing' means nothing"),
        ({"response": "501"}, {"501": answer(**closed(a=TEXT))}, "Nothing fills this value."),
        (
            {"response": "501"},
            {"501": answer(**closed(a={"type": "integer", "x-graph": "$method"}))},
            "The body of 501 does not fit its schema.",
        ),
        (
            {"response": "501"},
            {"501": {"description": "a", "content": {"text/x": {}}}},
            "The 501 has no text/x",
        ),
        (
            {"page": "health"},
            {"200": answer(**closed(a={**TEXT, "x-text": "julian"}))},
            "An instant has no text form 'julian'.",
        ),
        ({"page": "health"}, {"200": answer(type="array")}, "The array has no `items`."),
        (
            {"page": "health"},
            {"200": {**NOT_YET, "x-when": "A"}, "503": {**NOT_YET, "x-when": "A"}},
            "x-when 'A' stands twice.",
        ),
    ],
)
def test_an_answer_that_nothing_fills_is_refused(
    word: Any, responses: dict[str, Any], problem: str, tmp_path: Path
) -> None:
    found = problems(contract(tmp_path, instead(word, responses)))
    assert any(each.startswith(problem) for each in found), found


def test_a_document_beside_it_is_left_over(tmp_path: Path) -> None:
    paths = instead({"response": "501"}, {"501": NOT_YET})
    assert problems(contract(tmp_path, paths, {"it": "{ text }"})) == ["No operation uses this document."]
