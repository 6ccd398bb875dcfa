"""What new answers give goes into later requests."""

from dataclasses import replace
from pathlib import Path

from compat_rest.parity.carry import Carried, look_up
from compat_rest.parity.har import Capture, Step, Template, read
from compat_rest.parity.messages import Answer, Request
from tests.compat_rest.parity.stories import answer, entry, request, write

OLD, NEW = "a" * 24, "b" * 24


def step(folder: Path, asked: Request, given: Answer) -> Step:
    return read(write(folder / "x.har", [entry(asked, given)])).steps[0]


def test_a_captured_value_fills_path_headers_and_body(tmp_path: Path) -> None:
    carried = Carried()
    made = replace(
        step(tmp_path, request("POST /trees"), answer(200, {"id": OLD})),
        captures=(Capture("tree", "/id"), Capture("tag", "header:ETag")),
    )
    assert carried.learn(made, answer(200, {"id": "new-tree"}, ("ETag", "W/1"))) == []
    asked = request(f"PUT /trees/{OLD}?x=1", ("If-None-Match", "W/0"), body=f'{{"id":"{OLD}"}}')
    later = replace(
        step(tmp_path, asked, answer(200, {})),
        template=Template("/trees/{{tree}}?x=1", {"if-none-match": "{{tag}}"}, '{"id":"{{tree}}"}'),
    )
    filled, notes = carried.fill(later, later.request)
    assert notes == []
    assert filled == request("PUT /trees/new-tree?x=1", ("If-None-Match", "W/1"), body='{"id":"new-tree"}')


def test_what_is_not_given_is_said_and_the_request_goes_out_as_recorded(tmp_path: Path) -> None:
    carried = Carried()
    made = replace(
        step(tmp_path, request("POST /trees"), answer(200, {"id": OLD})), captures=(Capture("tree", "/id"),)
    )
    assert carried.learn(made, answer(500, {})) == ["the answer has no /id, so tree is unknown"]
    later = replace(made, captures=(), template=Template(path="/trees/{{tree}}"))
    filled, notes = carried.fill(later, later.request)
    assert filled == later.request
    assert notes == ["tree is unknown, so the step goes out as recorded"]


def test_ids_and_tokens_that_moved_are_carried_without_being_told(tmp_path: Path) -> None:
    carried = Carried()
    made = step(tmp_path, request("POST /trees"), answer(200, {"id": OLD, "n": 1}))
    carried.learn(made, answer(200, {"id": NEW, "n": 2}))
    asked = request(f"GET /trees/{OLD}/1", ("X-Tree", OLD), ("Cookie", f"t={OLD}"), body=f'{{"id":"{OLD}"}}')
    later = step(tmp_path, asked, answer(200, {}))
    filled, _ = carried.fill(later, later.request)
    expected = request(
        f"GET /trees/{NEW}/1", ("X-Tree", NEW), ("Cookie", f"t={OLD}"), body=f'{{"id":"{NEW}"}}'
    )
    assert filled == expected
    binary = replace(later.request, body=b"\xff" + OLD.encode())
    assert carried.rename(binary).body == binary.body


def test_ids_are_matched_by_their_place_and_not_by_the_order_of_keys(tmp_path: Path) -> None:
    carried = Carried()
    tree, other = "c" * 24, "d" * 24
    made = replace(
        step(tmp_path, request("GET /"), answer(200, {})),
        answer=Answer(200, (), f'{{"treeId":"{tree}","_id":"{OLD}","parts":[{{"_id":"{other}"}}]}}'.encode()),
    )
    again = f'{{"_id":"{NEW}","parts":[{{"_id":"{other}"}}],"treeId":"{tree}"}}'
    carried.learn(made, Answer(200, (), again.encode()))
    assert carried.renamed == {OLD: NEW}


def test_answers_of_another_form_teach_nothing(tmp_path: Path) -> None:
    carried = Carried()
    made = step(tmp_path, request("GET /"), answer(200, {"id": OLD}))
    carried.learn(made, answer(200, {"id": NEW, "more": NEW}))
    carried.learn(replace(made, answer=Answer(200, (), b"\xff")), answer(200, {}))
    assert carried.renamed == {}


def test_a_wrong_content_length_stays_wrong(tmp_path: Path) -> None:
    carried = Carried(variables={"a": "long"})
    asked = Request("POST / HTTP/1.1", (("Content-Length", "99"),), b"{}")
    made = replace(step(tmp_path, request("POST /"), answer(200, {})), template=Template(body="{{a}}"))
    filled, _ = carried.fill(made, asked)
    assert filled.headers == (("Content-Length", "99"),)
    assert filled.body == b"long"


def test_values_are_found_by_pointer() -> None:
    given = answer(200, {"a/b": [{"c~d": 5}], "t": "text", "o": {}, "z": None}, ("X-A", "h"))
    pointers = ("/a~1b/0/c~0d", "/t", "/o", "/z", "/a~1b/7", "/t/x", "header:x-a", "header:none")
    found = [look_up(given, pointer) for pointer in pointers]
    assert found == ["5", "text", "{}", None, None, None, "h", None]
    assert look_up(Answer(200, (), b"<html>"), "/a") is None
