"""The promise: a contract that disagrees with its documents or its schema is refused, and the finding helps.

Every mistake here gives one finding that names file, line, operation, pointer, problem and remedy.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from compat_rest.contract.findings import ContractError, Finding
from compat_rest.engine import refused
from server.app import create
from server.settings import Settings
from tests.compat_rest.contracts import ENVIRON, compiled, findings, planted

Change = Callable[[str], str]


def swap(old: str, new: str) -> Change:
    """A change of the first place where a text stands."""
    return lambda text: text.replace(old, new, 1)


MISTAKES: dict[str, tuple[str, Change, str, str]] = {
    "a field that the graph does not have": (
        "operations/mandarin/me.graphql",
        swap("username", "userName"),
        "mandarin.me",
        "Cannot query field 'userName' on type 'User'. Did you mean 'username' or 'lastName'?",
    ),
    "a document that is no GraphQL": (
        "operations/mandarin/logout.graphql",
        swap("logout\n}", "logout"),
        "mandarin.logout",
        "Syntax Error: Expected Name, found <EOF>.",
    ),
    "a property that the document does not select": (
        "openapi.yaml",
        swap(
            "required: [body, course_id, id, sequence, title]",
            "required: [body, course_id, id, sequence, title, length]",
        ),
        "mandarin.course",
        "'length' is required but not described.",
    ),
    "a promise that the graph cannot keep": (
        "openapi.yaml",
        swap("description: {type: [string, 'null']}", "description: {type: string}"),
        "mandarin.courses",
        "Course.description may be null, 'description' may not.",
    ),
    "a list where the graph has an object": (
        "openapi.yaml",
        swap(
            "count: {type: integer, x-graph: /due/totalCount}", "count: {type: integer, x-graph: /due/edges}"
        ),
        "mandarin.due_reviews",
        "The graph has a list where the contract has none.",
    ),
    "a pointer through a list": (
        "openapi.yaml",
        swap("x-graph: /due/edges/*/node", "x-graph: /due/edges/node"),
        "mandarin.due_reviews",
        "'/due/edges/node' leads through a list at 'node'.",
    ),
    "an error that nothing answers": (
        "openapi.yaml",
        swap("        REVIEW_NOT_FOUND: {status: 404, body: {error: Review not found}}\n", ""),
        "mandarin.submit_review",
        "No answer is said for REVIEW_NOT_FOUND.",
    ),
    "an answer that is not documented": (
        "openapi.yaml",
        swap("COURSE_NOT_FOUND: {status: 404,", "COURSE_NOT_FOUND: {status: 410,"),
        "mandarin.course",
        "COURSE_NOT_FOUND answers 410 application/json, which is not documented.",
    ),
    "an error body that does not fit its schema": (
        "openapi.yaml",
        swap("body: {error: User not found}", "body: {message: User not found}"),
        "mandarin.me",
        "The body of USER_NOT_FOUND does not fit the schema of 404.",
    ),
    "a variable that nothing feeds": (
        "operations/mandarin/course.graphql",
        lambda text: text.replace("$id: ID!", "$id: ID!, $more: Boolean!").replace(
            "{ body", "{ body @include(if: $more)"
        ),
        "mandarin.course",
        "Nothing feeds $more.",
    ),
    "a value that the variable does not take": (
        "openapi.yaml",
        swap("x-sanitize: [rules, json], examples: [newbie]", "examples: [newbie]"),
        "mandarin.register",
        "Any value may arrive, String takes only its own.",
    ),
    "a link to no operation": (
        "openapi.yaml",
        swap("profile: {operationId: mandarin.me,", "profile: {operationId: mandarin.profile,"),
        "mandarin.register",
        "The link leads to no operation 'mandarin.profile'.",
    ),
    "an instant without a text form": (
        "openapi.yaml",
        swap(
            "enrolled_at: {type: string, x-text: 'stored, python'}",
            "enrolled_at: {type: string}",
        ),
        "mandarin.enroll",
        "An instant has no text form of its own.",
    ),
    "a misspelt word": (
        "openapi.yaml",
        swap(
            "easiness: {type: [number, 'null'], x-text: js}", "easiness: {type: [number, 'null'], x-txt: js}"
        ),
        "",
        "There is no word 'x-txt'.",
    ),
    "an operation without a document": (
        "openapi.yaml",
        swap("      operationId: mandarin.logout", "      operationId: mandarin.leave"),
        "mandarin.leave",
        "mandarin.leave has no document.",
    ),
    "an expression that means nothing": (
        "openapi.yaml",
        swap("{$error.email}", "{$mistake.email}"),
        "mandarin.register",
        "The expression '$mistake.email' means nothing",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gives_a_finding_that_helps(mistake: str, tmp_path: Path) -> None:
    file, change, operation, problem = MISTAKES[mistake]
    found = findings(planted(tmp_path, {file: change}))
    # Renaming an operation leaves its document behind, which is a finding of its own.
    found = [each for each in found if each.problem != "No operation uses this document."]
    assert len(found) == 1, found
    finding = found[0]
    assert finding.operation == operation
    assert finding.problem.startswith(problem)
    assert finding.file in (file, "openapi.yaml")
    assert finding.line > 0
    assert finding.pointer.startswith("/")
    assert finding.remedy.endswith(".")


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_server_refuses_to_start(mistake: str, tmp_path: Path) -> None:
    file, change, _, problem = MISTAKES[mistake]
    contract = planted(tmp_path, {file: change})
    settings = Settings(
        contract=contract,
        mongodb_uri="mongodb://127.0.0.1:1",
        redis_url="redis://127.0.0.1:1",
        environ=ENVIRON,
    )
    with pytest.raises(ContractError) as refusal:
        create(settings)
    assert problem in refused(refusal.value)


def test_the_landed_contract_agrees(tmp_path: Path) -> None:
    engine = compiled(planted(tmp_path, {"openapi.yaml": lambda text: text + "\n# unchanged in meaning\n"}))
    assert len(engine.surfaces["mandarin"].endpoints) == 9
    assert engine.notes == []
    assert engine.unproven == []


def test_every_finding_is_told_at_once(tmp_path: Path) -> None:
    first, second = MISTAKES["a misspelt word"], MISTAKES["a field that the graph does not have"]
    found = findings(planted(tmp_path, {first[0]: first[1], second[0]: second[1]}))
    assert {each.file for each in found} == {first[0], second[0]}


def test_a_document_that_no_operation_uses_is_found(tmp_path: Path) -> None:
    found = findings(planted(tmp_path, {"operations/mandarin/old.graphql": lambda text: "{ me { id } }"}))
    assert found == [
        Finding(
            "operations/mandarin/old.graphql",
            1,
            "",
            "",
            "No operation uses this document.",
            "Describe it in openapi.yaml, or delete it.",
        )
    ]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (swap("dialect: flask", "dialect: rails"), "There is no dialect 'rails'."),
        (
            swap("    dialect: flask", "    dialect: flask\n    values: {slashes: strict}"),
            "The dialect has no value",
        ),
        (
            swap("    dialect: flask", "    dialect: flask\n    values: {depth: deep}"),
            "The value 'depth' is like 900",
        ),
        (swap("stages: [body, validate] ", "stages: [body, check] "), "There is no stage 'check'."),
        (swap("    dialect: flask\n", "    dialect: flask\n    rate: often\n"), "'often' is no rate."),
        (
            swap("    dialect: flask\n", "    dialect: flask\n    rate: 5/minute; 9/hour\n"),
            "No answer is said for RATE_LIMITED.",
        ),
        (swap("stages: [body, validate] ", "stages: [body, body] "), "A stage stands twice."),
        (swap("    hosts: [legacy.test]", "    host: [legacy.test]"), "A surface has no 'host'."),
        (
            swap("secret: $env.SECRET_KEY", "secret: $env.NOT_THERE"),
            "The environment variable NOT_THERE is not set",
        ),
        (swap("{scheme: bearer, secret", "{scheme: pigeon, secret"), "There is no security scheme 'pigeon'."),
        (swap("x-style: flask", "x-style: dove"), "The scheme 'flaskSession' has no known style."),
        (swap("openapi: 3.1.0", "openapi: 3.0.3"), "The contract is OpenAPI 3.0.3."),
        (swap("x-surfaces:", "x-parity:"), "The contract names no surface."),
        (
            swap("      operationId: mandarin.me", "      operationId: profile"),
            "The operationId is not <surface>.<name>.",
        ),
        (
            swap("      operationId: mandarin.me", "      operationId: mandarin.login"),
            "The operationId stands at ",
        ),
        (swap("  /mandarin/api/auth/me:", "  /api/auth/me:"), "The path is not below /mandarin/."),
        (
            swap("x-stages: [identity, body, validate]", "x-stages: [body, validate]"),
            "Its security is never looked",
        ),
        (
            swap("security: [{bearer: []}, {flaskSession: []}]", "security: [{}]"),
            "Its document needs a caller",
        ),
        (swap("not: {type: 'null'}", "not: {type: 'nil'}"), "The schema is not JSON Schema 2020-12"),
        (
            swap("session: {user_id: /id, email: /email}", "session: {user_id: /id, email: /mail}"),
            "The session keeps",
        ),
        (swap("algorithms: [HS256], ", ""), "The scheme 'bearer' accepts no algorithm."),
        (swap("user: [sub]", "user: [sub], claim: id"), "An identity has no 'claim'."),
        (swap("user: [sub]", "user: [sub], form: oid"), "form cannot be 'oid'."),
        (
            swap(
                "UNFIT: {status: 400, type: text/html}",
                "UNFIT: {status: 400, type: text/html, development: 5}",
            ),
            "The answer to UNFIT cannot be read.",
        ),
        (
            swap("x-surfaces:\n", "x-surfaces:\n  old: {hosts: [legacy.test], dialect: flask}\n"),
            "The host 'legacy.test'",
        ),
        (swap("x-parity: {added:", "x-parity: {addd:"), "x-parity is one of added, volatile"),
        (
            swap("responses:\n        '201':", "responses:\n        '2XX':"),
            "Something here is not what OpenAPI 3.1",
        ),
        (swap("  - {url: /,", "  - {x-url: /,"), "There is no word 'x-url'."),
        (lambda text: "openapi: 3.1.0\nx-surfaces: {mandarin: 5}\npaths: 7\n", "The surface cannot be read"),
        (
            lambda text: "openapi: 3.1.0\nx-surfaces: {a: {dialect: flask}}\npaths: 7\n",
            "Something here is not what",
        ),
        (swap("x-session: end", "x-session: over"), "x-session 'over' names nothing in the answer."),
        (
            swap("$response.body#/user", "$response.body#/owner"),
            "x-session {'start': '$response.body#/owner'}",
        ),
        (swap("x-sanitize: [rules, json]", "x-sanitize: [rules, sponge]"), "There is no step 'sponge'."),
        (
            swap("{status: 415, type: text/html}", "{type: text/html}"),
            "The answer to UNSUPPORTED_TYPE cannot be read.",
        ),
        (
            swap("NOT_SIGNED_IN: {status: 401,", "NOT_SIGNED_IN: {status: 999,"),
            "The answer to NOT_SIGNED_IN cannot",
        ),
        (
            swap("USER_NOT_FOUND: {status: 404,", "NOBODY: {status: 404,"),
            "Nothing the document selects raises NOBODY.",
        ),
    ],
)
def test_a_surface_or_an_operation_is_told_what_is_wrong(
    change: Change, problem: str, tmp_path: Path
) -> None:
    found = findings(planted(tmp_path, {"openapi.yaml": change}))
    assert any(problem in each.problem for each in found), found


def test_a_second_success_is_refused(tmp_path: Path) -> None:
    found = findings(
        planted(tmp_path, {"openapi.yaml": swap("        '404': {$ref", "        '202': {$ref")})
    )
    assert [each.problem for each in found][0] == "There are 2 successful answers."


def test_a_parameter_that_nothing_takes_is_noted(tmp_path: Path) -> None:
    change = swap(
        "  /mandarin/api/courses/:\n    get:\n",
        "  /mandarin/api/courses/:\n    parameters: [{name: level, in: query, schema: {}}]\n    get:\n",
    )
    engine = compiled(planted(tmp_path, {"openapi.yaml": change}))
    assert [note.problem for note in engine.notes] == ["query/level is accepted and dropped."]


def test_a_subscription_is_no_prepared_document(tmp_path: Path) -> None:
    found = findings(
        planted(
            tmp_path, {"operations/mandarin/logout.graphql": lambda text: "subscription { enrolled { id } }"}
        )
    )
    assert found[0].problem == "A prepared document holds one query or one mutation."


def test_a_document_that_is_no_text_is_refused(tmp_path: Path) -> None:
    contract = planted(tmp_path, {})
    (tmp_path / "operations/mandarin/logout.graphql").write_bytes(b"\xff\xfe")
    assert findings(contract)[0].problem == "operations/mandarin/logout.graphql is not UTF-8."


LIST = "  /mandarin/api/courses/:\n    get:\n"


def with_parameter(folder: Path, *parameters: str, variable: str = "$after: String") -> Path:
    """The list of courses with parameters, and a document with a variable for them."""
    listed = f"  /mandarin/api/courses/:\n    parameters: [{', '.join(parameters)}]\n    get:\n"
    name = variable.partition(":")[0]
    return planted(
        folder,
        {
            "openapi.yaml": swap(LIST, listed),
            "operations/mandarin/courses.graphql": lambda text: text.replace(
                "query courses {\n  courses(first: 100000)",
                f"query courses({variable}) {{\n  courses(first: 100000, after: {name})",
            ),
        },
    )


@pytest.mark.parametrize(
    ("parameter", "problem"),
    [
        ("{name: after, in: matrix, schema: {type: string}}", "A parameter in 'matrix' is not read."),
        (
            "{name: after, in: query, schema: {type: integer}}",
            "'after' arrives as text, its type is another.",
        ),
        (
            "{name: after, in: query, schema: {type: string, x-sanitize: [text]}}",
            "The steps of a parameter run after its rules.",
        ),
        (
            "{name: page, in: query, required: true, schema: {type: string}}",
            "'page' is required, but no variable",
        ),
        (
            "{name: after, in: query, schema: {type: string}}, {name: after, in: header, schema: {}}",
            "$after is fed by query and by header.",
        ),
        (
            "{name: after, in: query, schema: {type: [string, 'null'], x-absent: nothing}}",
            "x-absent cannot be",
        ),
    ],
)
def test_a_parameter_is_told_what_is_wrong(parameter: str, problem: str, tmp_path: Path) -> None:
    found = findings(with_parameter(tmp_path, parameter))
    assert any(each.problem.startswith(problem) for each in found), found


def test_a_value_that_may_be_missing_does_not_feed_one_that_must_be_there(tmp_path: Path) -> None:
    parameter = "{name: after, in: query, schema: {type: string}}"
    found = findings(with_parameter(tmp_path, parameter, variable="$after: String!"))
    assert [each.problem for each in found] == ["'after' may be missing, $after may not."]


def test_parameters_of_query_and_header_become_variables(tmp_path: Path) -> None:
    engine = compiled(
        with_parameter(
            tmp_path, "{name: x-after, in: header, schema: {type: string, x-graph: after, default: MQ}}"
        )
    )
    inward = engine.surfaces["mandarin"].endpoints["mandarin.courses"].inward
    assert inward.variables({"header": {"x-after": "Mg"}}.get) == {"after": "Mg"}
    assert inward.variables({"header": {}}.get) == {"after": "MQ"}
