"""Forms are read as multer reads them, and what is wrong with one is said in its words."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from compat_rest.forms import FileField, Form, clear, is_form, settle
from compat_rest.http import Request
from compat_rest.refusal import Refusal
from models import blobs
from models.blobs import Place
from tests.compat_rest.test_http import receiving, request
from tests.models.filed import keys

KIND = "multipart/form-data; boundary=x"
FORM = Form({"files": FileField(2, several=True), "one": FileField(1, several=False)})


@pytest.fixture
async def memory() -> AsyncIterator[None]:
    """A store in memory."""
    blobs.connect(Place("b", "k", "s", volatile=True))
    yield
    blobs.connect(None)


def part(name: str, content: str = "x", filename: str | None = None) -> str:
    file = "" if filename is None else f'; filename="{filename}"'
    return f'--x\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n{content}\r\n'


def asked(*parts: str, end: str = "--x--", kind: str | None = KIND) -> Request:
    made = request("/", [("content-type", kind)] if kind else [])
    made.receive = receiving(("".join(parts) + end).encode())
    made.file_limit = 100
    return made


async def message(*parts: str, **others: Any) -> tuple[str, str, str]:
    made = asked(*parts, **others)
    with pytest.raises(Refusal) as refused:
        await FORM.read(made)
    await clear(made.uploads)
    details = refused.value.details
    assert details["status"] == 500
    return refused.value.code, details["name"], details["message"]


async def test_fields_and_files_come_by_their_names(memory: None) -> None:
    made = asked(
        part("a", "1"),
        part("files", "one", "a.txt"),
        part("a", "2"),
        part("a", "é"),
        part("files", "two", "../b.txt"),
        part("one", "three", "c.txt"),
        part("empty", ""),
    )
    found = await FORM.read(made)
    assert (found["a"], found["empty"]) == (["1", "2", "é"], "")
    assert [(each.name, each.size) for each in found["files"]] == [("a.txt", 3), ("b.txt", 3)]
    assert found["one"].name == "c.txt"
    assert made.uploads == [*found["files"], found["one"]]
    assert await keys() == set()
    await settle(made.uploads)
    assert await keys() == {each.key for each in made.uploads}
    await clear(made.uploads)
    assert await keys() == set()


async def test_where_nobody_chose_a_file_none_came(memory: None) -> None:
    made = asked(part("files", "", ""), part("other", "x", ""), part("files", "no file"))
    assert await FORM.read(made) == {}


@pytest.mark.parametrize(
    ("parts", "others", "said"),
    [
        ([part("other", "x", "a.txt")], {}, ("UNREADABLE_BODY", "MulterError", "Unexpected field")),
        ([part("files", "x", "a")] * 3, {}, ("UNREADABLE_BODY", "MulterError", "Unexpected field")),
        ([part("one", "x", "a")] * 2, {}, ("UNREADABLE_BODY", "MulterError", "Unexpected field")),
        ([part("files", "x" * 101, "a")], {}, ("BODY_TOO_LARGE", "MulterError", "File too large")),
        ([part("a", "x" * 2**20), part("b")], {}, ("UNREADABLE_BODY", "MulterError", "Field value too long")),
        ([part("a" * 101)], {}, ("UNREADABLE_BODY", "MulterError", "Field name too long")),
        ([part("a")] * 1001, {}, ("UNREADABLE_BODY", "MulterError", "Too many fields")),
        ([part("files", "", "")] * 1001, {}, ("UNREADABLE_BODY", "MulterError", "Too many fields")),
        (
            [part("files", "x" * (2**20 + 1), "")],
            {},
            ("UNREADABLE_BODY", "MulterError", "Field value too long"),
        ),
        ([part("a")], {"end": ""}, ("UNREADABLE_BODY", "Error", "Unexpected end of form")),
        ([], {"kind": "multipart/form-data"}, ("UNREADABLE_BODY", "Error", "Multipart: Boundary not found")),
    ],
)
async def test_a_form_that_is_wrong_is_refused_in_multer_s_words(
    memory: None, parts: list[str], others: Any, said: tuple[str, str, str]
) -> None:
    assert await message(*parts, **others) == said
    assert await keys() == set()


async def test_a_client_that_goes_away_is_noticed(memory: None) -> None:
    made = asked()

    async def gone() -> Any:
        return {"type": "http.disconnect"}

    made.receive = gone
    with pytest.raises(Refusal) as refused:
        await FORM.read(made)
    assert refused.value.details["message"] == "Request aborted"


async def test_a_store_that_is_away_is_said_to_be(memory: None) -> None:
    made = asked(part("files", "x", "a.txt"))
    await FORM.read(made)
    blobs.connect(Place("b", "k", "s", endpoint="http://127.0.0.1:9"))
    for upload in made.uploads:
        assert upload.waiting is not None
        upload.waiting.store = blobs.connected()
    with pytest.raises(Refusal) as refused:
        await settle(made.uploads)
    assert refused.value.code == "STORAGE_AWAY"
    blobs.connect(None)
    with pytest.raises(Refusal) as refused:
        await FORM.read(asked(part("files", "x", "a.txt")))
    assert refused.value.code == "STORAGE_AWAY"


def test_a_form_says_that_it_is_one() -> None:
    assert is_form(asked())
    assert not is_form(asked(kind="application/json"))
    assert not is_form(asked(kind=None))
