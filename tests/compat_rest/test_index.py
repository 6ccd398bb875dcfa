"""The fast index of routes says what Werkzeug's Map says, or nothing."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from compat_rest.contract.operations import Operation
from compat_rest.contract.source import Node, Source
from compat_rest.dialects import index
from compat_rest.dialects.flask import FlaskDialect
from tests.compat_rest.contracts import ROOT, compiled

NODE = Node(Source("openapi.yaml", {}, {}), "", {})
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")
# Few enough to meet each other, odd enough to be taken for one another.
SEGMENTS = ("a", "b", "12", "0", "", "<int:x>", "<string:y>", "<float:z>", "<int:n>.json", "v<string:w>", "١")
SENT = (
    "a",
    "b",
    "12",
    "012",
    "0",
    "",
    "1.5",
    "12.json",
    "v",
    "v1",
    "١",
    "٣٤",
    "-1",
    "a\n",
    "1" * 20,
    "%",
    "é",
)

rules = st.lists(
    st.tuples(st.sampled_from(METHODS), st.lists(st.sampled_from(SEGMENTS), min_size=1, max_size=4)),
    min_size=1,
    max_size=6,
)
paths = st.lists(st.sampled_from(SENT), max_size=5).map(lambda parts: "/" + "/".join(parts))


def operation(method: str, path: str, number: int) -> Operation:
    """An operation of no surface."""
    nothing: Any = None
    return Operation(f"old.o{number}", nothing, method, path, NODE, (), (), True)


class Both:
    """The Map of some rules, and the index in front of it."""

    def __init__(self, known: Sequence[tuple[str, str]], static: bool) -> None:
        operations = [operation(method, path, number) for number, (method, path) in enumerate(known)]
        made = [Rule(each.path, methods=[each.method, "OPTIONS"], endpoint=each) for each in operations]
        found = [index.Rule(each, each.path) for each in operations]
        if static:
            made.append(Rule("/a/<path:filename>", methods=["GET", "OPTIONS"], endpoint=None))
            found.append(index.Rule(None, "/a/<path:filename>"))
        self.map = Map(made)
        self.index = index.Index(found, self.ask)

    def ask(self, method: str, path: str) -> index.Answer | None:
        try:
            endpoint, values = self.map.bind("localhost").match(path, method)
        except HTTPException:
            return None
        return endpoint, values


def usable(segments: Sequence[str]) -> str:
    """A path in which no parameter stands twice, as Werkzeug asks."""
    once = ["b" if "<" in each and each in segments[:place] else each for place, each in enumerate(segments)]
    return "/" + "/".join(once)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(rules, st.booleans(), st.lists(paths, min_size=1, max_size=12))
def test_it_agrees_with_the_map(known: list[tuple[str, list[str]]], static: bool, asked: list[str]) -> None:
    both = Both([(method, usable(segments)) for method, segments in known], static)
    # What the rules themselves look like, filled in, is asked too.
    filled = [
        usable(segments).replace("<int:x>", "7").replace("<string:y>", "why").replace("<int:n>", "1")
        for _, segments in known
    ]
    for path in [*asked, *filled, *(f"{path}/" for path in filled), *(path.rstrip("/") for path in filled)]:
        for method in METHODS:
            found = both.index.find(method, path)
            if found is not None:
                assert found == both.ask(method, path), (method, path)


def test_it_answers_what_is_plain() -> None:
    both = Both(
        [
            ("GET", "/api/courses/"),
            ("GET", "/api/courses/<int:id>"),
            ("POST", "/api/courses/<int:id>/enroll"),
            ("PUT", "/api/courses/<int:id>"),
            ("GET", "/api/users/<string:name>"),
            ("GET", "/api/users/me"),
        ],
        static=True,
    )

    def found(method: str, path: str) -> tuple[str, dict[str, Any]] | None:
        answer = both.index.find(method, path)
        return (answer[0].id, dict(answer[1])) if answer else None

    assert found("GET", "/api/courses/") == found("HEAD", "/api/courses/") == ("old.o0", {})
    assert found("GET", "/api/courses/007") == ("old.o1", {"id": 7})
    assert found("POST", "/api/courses/7/enroll") == ("old.o2", {"id": 7})
    assert found("PUT", "/api/courses/7") == ("old.o3", {"id": 7})
    assert found("GET", "/api/users/ada") == ("old.o4", {"name": "ada"})
    assert found("GET", "/api/users/me") == ("old.o5", {})
    left = [("GET", "/api/courses"), ("POST", "/api/courses/7"), ("OPTIONS", "/api/courses/7"), ("GET", "/x")]
    assert [found(*each) for each in left] == [None] * 4


def test_every_operation_of_the_landed_contract_is_answered() -> None:
    served = compiled(ROOT / "openapi.yaml").surfaces["mandarin"]
    dialect = served.dialect
    assert isinstance(dialect, FlaskDialect)
    for endpoint in served.endpoints.values():
        known = endpoint.operation
        path = known.path.replace("{course_id}", "5")
        found = dialect._index.find(known.method, path)
        assert found is not None and found == dialect._ask(known.method, path)
