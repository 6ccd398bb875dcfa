"""Resources through both doors: who may do what, in which version, and what is kept of what was written."""

import asyncio
from typing import Any

import pytest

from models.resources import Resource
from models.roles import Role
from tests.platform.people import HOST, UUIDS, Client, bearer, refusal

WRITE = "mutation($input: ResourceInput!) { said: createResource(input: $input) { id version } }"
READ = "query($id: ID!) { said: resource(id: $id) { name version etag data } }"
REPLACE = (
    "mutation($id: ID!, $input: ResourceInput!, $ifMatch: String)"
    " { said: replaceResource(id: $id, input: $input, ifMatch: $ifMatch) { version } }"
)
DELETE = "mutation($id: ID!, $ifMatch: String) { said: deleteResource(id: $id, ifMatch: $ifMatch) }"
LIST = "query($name: String) { said: resources(name: $name, order: ASC) { totalCount items { name } } }"
NOBODY: dict[str, str] = {}


def who(name: Role | None) -> dict[str, str]:
    return NOBODY if name is None else bearer(name)


# Who may do what with a resource that somebody else has made: the status of REST, the code of the graph.
RIGHTS: dict[str, dict[Role | None, tuple[int, str]]] = {
    "read": {None: (401, "NOT_SIGNED_IN")},
    "write": {None: (401, "NOT_SIGNED_IN"), Role.USER: (403, "PERMISSION_MISSING")},
    "delete": {
        None: (401, "NOT_SIGNED_IN"),
        Role.USER: (403, "PERMISSION_MISSING"),
        Role.EDITOR: (403, "PERMISSION_MISSING"),
    },
}
EVERYBODY = (None, *Role)


@pytest.mark.parametrize("role", EVERYBODY)
async def test_both_doors_let_in_whom_the_role_lets_in(client: Client, role: Role | None) -> None:
    made = await client.like(bearer(Role.ADMIN)).made()
    caller, path, key = client.like(who(role)), f"/api/resource/{made['id']}", made["id"]
    asked: list[tuple[str, str, str, object, str, dict[str, Any]]] = [
        ("read", "GET", path, None, READ, {"id": key}),
        ("read", "GET", "/api/resource", None, LIST, {}),
        ("write", "POST", "/api/resource", {"name": "x"}, WRITE, {"input": {"name": "x"}}),
        ("write", "PUT", path, {"name": "y"}, REPLACE, {"id": key, "input": {"name": "y"}}),
        ("delete", "DELETE", path, None, DELETE, {"id": key}),
    ]
    for right, method, where, body, query, variables in asked:
        before = await Resource.find_all().to_list()
        refused = RIGHTS[right].get(role)
        if refused is not None:
            assert refusal(await caller.ask(method, where, body))[0] == refused[0], (right, method)
            assert await caller.graph(query, **variables) == refused[1], (right, query)
            assert await Resource.find_all().to_list() == before
        else:
            assert (await caller.ask(method, where, body)).status_code < 300, (right, method)
            if method == "DELETE":
                variables = {"id": (await client.like(bearer(Role.ADMIN)).made())["id"]}
            assert not isinstance(await caller.graph(query, **variables), str), (right, query)


async def test_who_wrote_a_resource_may_delete_it(client: Client) -> None:
    editor = client.like(bearer(Role.EDITOR))
    made = await editor.made()
    assert made["owner"] == UUIDS[Role.EDITOR]
    assert (await editor.ask("DELETE", f"/api/resource/{made['id']}")).status_code == 204
    assert refusal(await editor.ask("DELETE", f"/api/resource/{made['id']}")) == (404, "Not Found")


async def test_a_new_resource_is_where_its_answer_says_under_both_paths(client: Client) -> None:
    editor = client.like(bearer(Role.EDITOR))
    answer = await editor.ask("POST", "/api/v1/resource", {"name": "A first one", "data": {"n": [1, 2.5]}})
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    made = answer.json()["data"]
    there = str(answer.url.join(answer.headers["location"]).path)
    assert there == f"/api/v1/resource/{made['id']}"
    for path, host in ((there, HOST), (there.replace("/v1", ""), HOST), (f"/platform{there}", "localhost")):
        found = await editor.get(path, Host=host)
        assert (found.status_code, found.json()["data"], found.headers["etag"]) == (200, made, '"1"')
    assert list(made) == [
        "id", "name", "description", "data", "owner", "version", "created_at", "updated_at",
    ]  # fmt: skip


async def test_of_two_who_have_read_one_version_one_may_replace_it(client: Client) -> None:
    editor = client.like(bearer(Role.EDITOR))
    path = f"/api/resource/{(await editor.made())['id']}"
    tag = (await editor.get(path)).headers["etag"]
    answers = await asyncio.gather(
        *(editor.ask("PUT", path, {"name": f"by {n}"}, If_Match=tag) for n in range(8))
    )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200, *[412] * 7]
    refused = next(answer for answer in answers if answer.status_code == 412)
    assert refusal(refused) == (412, "Precondition Failed")
    assert refused.headers["etag"] == '"2"'
    winner = next(answer for answer in answers if answer.status_code == 200)
    found = await editor.get(path)
    assert (found.json(), found.headers["etag"]) == (winner.json(), '"2"')


@pytest.mark.parametrize(
    ("tags", "status"),
    [
        ('"1"', 200),
        ("*", 200),
        ('"7", "1"', 200),
        ('W/"1"', 412),
        ('"2"', 412),
        ("1", 412),
        ('"01"', 412),
        ('"1" "1"', 412),
        (",", 412),
        ('"', 412),
    ],
)
async def test_if_match_lets_through_the_strong_tags_that_it_names(
    client: Client, tags: str, status: int
) -> None:
    manager = client.like(bearer(Role.MANAGER))
    path = f"/api/resource/{(await manager.made())['id']}"
    assert (await manager.ask("PUT", path, {"name": "y"}, If_Match=tags)).status_code == status
    again = await manager.made()
    deleted = await manager.ask("DELETE", f"/api/resource/{again['id']}", If_Match=tags)
    assert deleted.status_code == (204 if status == 200 else 412)


async def test_the_graph_has_the_same_versions(client: Client) -> None:
    editor = client.like(bearer(Role.EDITOR))
    made = await editor.graph(WRITE, input={"name": "A first one", "data": {"a": {"b": 1}}})
    read = await editor.graph(READ, id=made["id"])
    assert read == {"name": "A first one", "version": 1, "etag": '"1"', "data": {"a": {"b": 1}}}
    change = {"id": made["id"], "input": {"name": "Another"}}
    assert await editor.graph(REPLACE, **change, ifMatch='"1"') == {"version": 2}
    assert await editor.graph(REPLACE, **change, ifMatch='"1"') == "VERSION_MISMATCH"
    assert await editor.graph(DELETE, id=made["id"], ifMatch='"1"') == "VERSION_MISMATCH"
    assert await editor.graph(DELETE, id=made["id"], ifMatch='"2"') is True
    assert await editor.graph(READ, id=made["id"]) == "RESOURCE_NOT_FOUND"


async def test_who_has_a_version_is_not_sent_it_again(client: Client) -> None:
    editor = client.like(bearer(Role.EDITOR))
    path = f"/api/resource/{(await editor.made())['id']}"
    for tags in ('"1"', 'W/"1"', '"9", "1"', "*"):
        answer = await editor.get(path, If_None_Match=tags)
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", '"1"')
    assert (await editor.get(path, If_None_Match='"2"')).status_code == 200


async def test_lists_are_filtered_ordered_and_paged(client: Client) -> None:
    editor, admin = client.like(bearer(Role.EDITOR)), client.like(bearer(Role.ADMIN))
    for name in ("beta", "Alpha", "alphabet", "Ägypten"):
        await editor.made(name=name)
    await admin.made(name="alpha of another")

    async def listed(query: str) -> list[str]:
        answer = await editor.get(f"/api/resource?{query}")
        assert answer.status_code == 200, answer.text
        return [each["name"] for each in answer.json()["data"]]

    ordered = ["Alpha", "alpha of another", "alphabet", "beta", "Ägypten"]
    assert await listed("sort=name&order=asc") == ordered
    assert await listed("sort=name") == ordered[::-1]
    assert await listed("order=asc") == ["beta", "Alpha", "alphabet", "Ägypten", "alpha of another"]
    assert await listed("name=ALPHA&sort=name&order=asc") == ordered[:3]
    assert await listed("name=%C3%A4") == ["Ägypten"]
    assert await listed(f"owner={UUIDS[Role.ADMIN]}") == ["alpha of another"]
    assert await listed("name=.*") == []
    answer = await editor.get("/api/resource?sort=name&order=asc&limit=2&page=2")
    assert [each["name"] for each in answer.json()["data"]] == ordered[2:4]
    assert answer.json()["pagination"] == {
        "page": 2, "limit": 2, "total_count": 5, "total_pages": 3,
        "has_next": True, "has_prev": True, "next_page": 3, "prev_page": 1,
    }  # fmt: skip
    beyond = (await editor.get("/api/resource?page=9")).json()
    assert beyond["data"] == [] and beyond["pagination"]["total_pages"] == 1
    assert (await editor.graph(LIST, name="alpha"))["totalCount"] == 3


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=10001", "page=x", "page=1e3", "limit=0", "limit=101", "sort=data", "order=up", "name="],
)
async def test_a_list_takes_only_what_its_contract_says(client: Client, query: str) -> None:
    assert refusal(await client.like(bearer(Role.USER)).get(f"/api/resource?{query}")) == (400, "Bad Request")


async def test_nothing_in_a_description_can_run(client: Client) -> None:
    editor = client.like(bearer(Role.EDITOR))
    made = await editor.made(
        name="<b>not HTML</b>",
        description='<p onclick="x()">Hi <script>x()</script><a href="javascript:x()">there</a> '
        "<img src=x onerror=x()></p>",
        data={"html": "<script>x()</script>"},
    )
    assert made["description"] == '<p>Hi <a rel="noopener noreferrer nofollow">there</a> </p>'
    # What is plain text stays as it was sent.
    assert made["name"] == "<b>not HTML</b>" and made["data"] == {"html": "<script>x()</script>"}
    again = await editor.ask(
        "PUT", f"/api/resource/{made['id']}", {"name": "x", "description": made["description"]}
    )
    assert again.json()["data"]["description"] == made["description"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": "   "},
        {"name": "x" * 201},
        {"name": 7},
        {"name": "x", "owner": "somebody"},
        {"name": "x", "data": [1]},
        {"name": "x", "data": {"a": "x" * 70_000}},
        {"name": "x", "description": "x" * 20_001},
        {"name": "nul \0"},
        [],
        "text",
        None,
    ],
)
async def test_what_does_not_fit_is_refused_and_leaves_nothing(client: Client, body: object) -> None:
    editor = client.like(bearer(Role.EDITOR))
    assert refusal(await editor.ask("POST", "/api/resource", body)) == (400, "Bad Request")
    assert await Resource.count() == 0


@pytest.mark.parametrize(
    "data", [{"$where": 1, "a.b": {"$set": {}}, "": None}, {"n": 10**40, "f": 1.0, "z": -0.5e-9}, {}]
)
async def test_data_comes_back_as_it_was_written(client: Client, data: dict[str, Any]) -> None:
    editor = client.like(bearer(Role.EDITOR))
    made = await editor.made(data=data)
    assert made["data"] == data
    assert (await editor.get(f"/api/resource/{made['id']}")).json()["data"]["data"] == data


@pytest.mark.parametrize(
    "key", ["nobody", "0" * 24, "00000000-0000-4000-8000-000000000000", "%2e%2e", "x" * 64]
)
async def test_an_unknown_id_is_not_found(client: Client, key: str) -> None:
    manager = client.like(bearer(Role.MANAGER))
    for method, body in (("GET", None), ("PUT", {"name": "x"}), ("DELETE", None)):
        assert refusal(await manager.ask(method, f"/api/resource/{key}", body)) == (404, "Not Found")


async def test_a_role_that_was_taken_is_gone_at_once(client: Client) -> None:
    admin, editor = client.like(bearer(Role.ADMIN)), client.like(bearer(Role.EDITOR))
    assert (await editor.ask("POST", "/api/resource", {"name": "x"})).status_code == 201
    assign = (
        "mutation($account: ID!, $role: MemberRole!) { said: assignRole(account: $account, role: $role) }"
    )
    assert await editor.graph(assign, account=UUIDS[Role.EDITOR], role="ADMIN") == "PERMISSION_MISSING"
    assert await admin.graph(assign, account=UUIDS[Role.EDITOR], role="USER") == "USER"
    assert refusal(await editor.ask("POST", "/api/resource", {"name": "x"})) == (403, "Forbidden")
