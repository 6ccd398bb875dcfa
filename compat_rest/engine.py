"""The engine: contract, documents and schema, proven against each other and compiled into endpoints."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from compat_rest.contract.expressions import Scope
from compat_rest.contract.findings import Collector, ContractError, Finding
from compat_rest.contract.operations import Contract, Operation, read_contract, schema_of
from compat_rest.contract.rules import validator
from compat_rest.contract.source import Node, Source
from compat_rest.contract.surfaces import Surface
from compat_rest.contract.words import check_words
from compat_rest.dialects import DIALECTS
from compat_rest.dialects.base import BadValue, Dialect
from compat_rest.endpoint import Answer, Endpoint, Rules
from compat_rest.errors import JSON, ErrorTable, Row, SampleDetails, check_rows, read_rows
from compat_rest.inward import Inward, compile_inward, variables_of
from compat_rest.outward import Outward
from compat_rest.parity.contract import BadTolerance, tolerances_of
from compat_rest.sanitize import STEPS, run, split
from compat_rest.selection import Selected, select
from compat_rest.shapes import Shapes
from schema.directives import declared_codes
from schema.execution.prepared import BadDocument, Prepared, prepare
from schema.execution.seams import Schema


@dataclass(frozen=True)
class Served:
    """One surface, compiled."""

    surface: Surface
    dialect: Dialect
    endpoints: Mapping[str, Endpoint]
    errors: ErrorTable


@dataclass
class Engine:
    """A contract that agrees with its documents and its schema."""

    contract: Contract
    surfaces: dict[str, Served] = field(default_factory=dict)
    notes: list[Finding] = field(default_factory=list)
    unproven: list[str] = field(default_factory=list)

    def documents(self) -> list[Prepared]:
        """The prepared document of each endpoint."""
        return [
            endpoint.document for served in self.surfaces.values() for endpoint in served.endpoints.values()
        ]


def compile_engine(path: Path, schema: Schema, environ: Mapping[str, str]) -> Engine:
    """The engine for the contract at a path; raises ContractError with every disagreement."""
    found = Collector()
    try:
        contract = read_contract(path, environ, found)
        check_words(contract, found)
    except (TypeError, AttributeError, ValueError, KeyError) as error:
        _unread(Node(Source(path.name, {}, {}), "", {}), "", error, found)
        raise ContractError(found.findings) from None
    engine = Engine(contract)
    for surface in contract.surfaces.values():
        served = _surface(surface, contract, schema, engine, found)
        if served is not None:
            engine.surfaces[surface.name] = served
    for check in (_orphans, _links, _parity):
        try:
            check(contract, found)
        except (TypeError, AttributeError, ValueError, KeyError) as error:
            _unread(contract.root, "", error, found)
    found.raise_any()
    return engine


def _surface(
    surface: Surface, contract: Contract, schema: Schema, engine: Engine, found: Collector
) -> Served | None:
    kind = DIALECTS.get(surface.dialect)
    if kind is None:
        known = ", ".join(DIALECTS)
        found.add(surface.node, "", f"There is no dialect {surface.dialect!r}.", f"Known are {known}.")
        return None
    try:
        dialect = kind(surface.values)
    except BadValue as error:
        found.add(surface.node, "", str(error), "Correct `values`.")
        return None
    shared = read_rows(surface.errors, "", contract.environ, found)
    operations = list(contract.of(surface.name))
    dialect.routes(operations)
    endpoints = {}
    for operation in operations:
        try:
            endpoint = _endpoint(operation, contract, schema, shared, dialect, engine, found)
        except (TypeError, AttributeError, ValueError, KeyError) as error:
            _unread(operation.node, operation.id, error, found)
            continue
        if endpoint is not None:
            endpoints[operation.id] = endpoint
    return Served(surface, dialect, endpoints, ErrorTable({}, shared))


def _unread(node: Node, operation: str, error: Exception, found: Collector) -> None:
    """Something stands where OpenAPI has another type; a linter of the specification names the place."""
    problem = f"Something here is not what OpenAPI 3.1 asks for: {type(error).__name__}: {error}."
    found.add(node, operation, problem, "Run an OpenAPI linter over the file; it names the value.")


def _endpoint(
    operation: Operation,
    contract: Contract,
    schema: Schema,
    shared: Mapping[str, Row],
    dialect: Dialect,
    engine: Engine,
    found: Collector,
) -> Endpoint | None:
    prepared = _document(operation, contract, schema, found)
    if prepared is None:
        return None
    selected = select(prepared.schema, prepared.document)
    outward = Outward(operation.id, contract.environ, found, dialect.numbers, dialect.sort, selected)
    answer = _answer(operation, outward, dialect, found)
    engine.unproven += outward.unproven
    shape = outward.shapes.shape()
    shaped = prepared.shaped(shape) if shape and not found.findings else None
    if shaped is not None:
        # What was proven is written once more, without the objects that the plan writes.
        prepared, outward = shaped, replace(outward, shape=shape, shapes=Shapes(), unproven=[])
        answer = _answer(operation, outward, dialect, found)
    inward = compile_inward(operation, variables_of(prepared.schema, prepared.document), found)
    engine.notes += _dropped(operation, inward)
    rows = read_rows(operation.node.get("x-errors"), operation.id, contract.environ, found)
    table = ErrorTable(rows, shared)
    sample = Scope(_SampleRequest(), error=SampleDetails())
    raised = raised_by(selected)
    check_rows(operation, table, rows, raised, sample, found)
    _callers(operation, raised, found)
    rules = _rules(operation, found)
    return Endpoint(operation, prepared, rules, inward, answer, table) if answer is not None else None


def _callers(operation: Operation, raised: set[str], found: Collector) -> None:
    """Who must sign in is said three times: by `security`, by the stages and by the graph; all must agree."""
    looks = "identity" in operation.stages
    if not operation.anonymous and not looks:
        remedy = "Name `identity` in `x-stages`, or say `security: []`."
        found.add(operation.node, operation.id, "Its security is never looked at.", remedy)
    if "NOT_SIGNED_IN" in raised and (operation.anonymous or not looks):
        remedy = "Name the schemes under `security` and `identity` in `x-stages`."
        found.add(
            operation.node, operation.id, "Its document needs a caller, its security asks for none.", remedy
        )


def _document(operation: Operation, contract: Contract, schema: Schema, found: Collector) -> Prepared | None:
    path = contract.folder / operation.document
    try:
        return prepare(schema, path.read_text(encoding="utf-8"), operation.document)
    except OSError:
        remedy = f"Write {operation.document}, one query or mutation."
        found.add(operation.node, operation.id, f"{operation.id} has no document.", remedy)
    except UnicodeDecodeError:
        found.add(operation.node, operation.id, f"{operation.document} is not UTF-8.", "Save it as UTF-8.")
    except BadDocument as error:
        remedy = "Correct the document; schema.graphql shows what there is."
        found.findings += [
            Finding(operation.document, line, operation.id, operation.node.pointer, message, remedy)
            for line, message in error.reasons
        ]
    return None


def _answer(operation: Operation, outward: Outward, dialect: Dialect, found: Collector) -> Answer | None:
    successes = {status: node for status, node in operation.responses().items() if status.startswith("2")}
    if len(successes) != 1:
        remedy = "Document the one 2xx answer that the document fills."
        found.add(operation.node, operation.id, f"There are {len(successes)} successful answers.", remedy)
        return None
    status, node = next(iter(successes.items()))
    schema = schema_of(node, JSON)
    if schema is None:
        found.add(node, operation.id, f"The {status} has no {JSON} schema.", "Describe its body.")
        return None
    start, ends = _session(operation, node, schema, found)
    write = outward.compile(schema)
    return Answer(int(status), write, dialect.texts(), outward.plain, start, ends)


def _session(operation: Operation, node: Node, schema: Node, found: Collector) -> tuple[str | None, bool]:
    word = node.plain("x-session")
    if word is None or word == "end":
        return None, word == "end"
    expression = word.get("start") if isinstance(word, dict) else None
    prefix = "$response.body#"
    place: Node | None = schema
    if not isinstance(expression, str) or not expression.startswith(prefix):
        place = None
    else:
        for step in expression.removeprefix(prefix).split("/")[1:]:
            place = place.members("properties").get(step) if place else None
    if place is None:
        remedy = "Write `end`, or `{start: $response.body#/<the user in this answer>}`."
        found.add(node, operation.id, f"x-session {word!r} names nothing in the answer.", remedy)
        return None, False
    kept = place.members("properties")
    for scheme in operation.surface.identity:
        for key, pointer in scheme.session.items():
            if pointer.strip("/") not in kept:
                problem = f"The session keeps {key!r} from {pointer!r}, which the signed-in user has not."
                found.add(node, operation.id, problem, "Correct `session` of the identity, or the answer.")
    return str(expression).removeprefix(prefix), False


def _rules(operation: Operation, found: Collector) -> Rules:
    body = operation.body()
    before: dict[str, Callable[[Any], Any]] = {}
    for name, schema in body.members("properties").items() if body else ():
        first, _ = split(schema.plain("x-sanitize", ()))
        if first:
            before[name] = partial(run, [STEPS[word] for word in first if word in STEPS])
    parameters = []
    for node in operation.parameters:
        schema_node = node.get("schema")
        required = bool(node.plain("required", False))
        judge = validator(schema_node, operation.id, found)
        parameters.append((str(node.plain("in")), str(node.plain("name")), required, judge))
    compiled = validator(body, operation.id, found) if body else None
    return Rules(compiled, before, tuple(parameters))


def _dropped(operation: Operation, inward: Inward) -> list[Finding]:
    node = operation.node
    return [
        Finding(
            node.file,
            node.line,
            operation.id,
            node.pointer,
            f"{place} is accepted and dropped.",
            "Use it in the document if it means something.",
        )
        for place in inward.dropped
    ]


def raised_by(selected: Selected) -> set[str]:
    """Every code that the selected fields declare, whichever type stands where several may."""
    codes = set(declared_codes(selected.definition)) if selected.definition else set()
    for keys in (selected.keys, *selected.by_type.values()):
        for below in keys.values():
            codes |= raised_by(below)
    return codes


def _orphans(contract: Contract, found: Collector) -> None:
    known = {operation.document for operation in contract.operations}
    for path in sorted((contract.folder / "operations").glob("*/*.graphql")):
        name = path.relative_to(contract.folder).as_posix()
        if name not in known:
            finding = Finding(
                name,
                1,
                "",
                "",
                "No operation uses this document.",
                "Describe it in openapi.yaml, or delete it.",
            )
            found.findings.append(finding)


def _parity(contract: Contract, found: Collector) -> None:
    for operation in contract.operations:
        for status in operation.responses():
            if status.isdecimal():
                try:
                    tolerances_of(operation, int(status))
                except BadTolerance as error:
                    found.add(operation.node, operation.id, str(error), "Correct `x-parity`.")


def _links(contract: Contract, found: Collector) -> None:
    known = {operation.id for operation in contract.operations}
    for operation in contract.operations:
        for answer in operation.responses().values():
            for link in answer.members("links").values():
                target = link.plain("operationId")
                if target not in known:
                    problem = f"The link leads to no operation {target!r}."
                    found.add(link, operation.id, problem, "Name an operationId of the contract.")


class _SampleRequest:
    """A request for trying out the texts of the contract."""

    method = "GET"
    url = "http://example.com/"
    target = "/"
    path_values: Mapping[str, Any] = SampleDetails()
    query_values: Mapping[str, Any] = SampleDetails()

    def header(self, name: str) -> str | None:
        """A sample header."""
        return "sample"


def refused(error: ContractError) -> str:
    """What a person reads when the server refuses to start."""
    return f"The contract cannot be served; {len(error.findings)} finding(s):\n{error}"
