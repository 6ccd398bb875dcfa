"""The engine: contract, documents and schema, proven against each other and compiled into endpoints."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from compat_rest.contract.findings import Collector, ContractError, Finding
from compat_rest.contract.operations import Contract, read_contract
from compat_rest.contract.source import Node, Source
from compat_rest.contract.surfaces import Surface
from compat_rest.contract.words import check_words
from compat_rest.dialects import DIALECTS
from compat_rest.dialects.base import BadValue, Dialect
from compat_rest.endpoint import Endpoint
from compat_rest.errors import ErrorTable, check_shared, read_row, read_rows
from compat_rest.making import Making
from compat_rest.otherwise import Otherwise, read_otherwise
from compat_rest.parity.contract import BadTolerance, tolerances_of
from schema.execution.prepared import Prepared
from schema.execution.seams import Schema


@dataclass(frozen=True)
class Served:
    """One surface, compiled."""

    surface: Surface
    dialect: Dialect
    endpoints: Mapping[str, Endpoint]
    errors: ErrorTable
    # The answers for paths that no operation has.
    otherwise: tuple[Otherwise, ...] = ()


@dataclass
class Engine:
    """A contract that agrees with its documents and its schema."""

    contract: Contract
    surfaces: dict[str, Served] = field(default_factory=dict)
    notes: list[Finding] = field(default_factory=list)
    unproven: list[str] = field(default_factory=list)

    def documents(self) -> list[Prepared]:
        """The prepared document of each endpoint that has one."""
        endpoints = (each for served in self.surfaces.values() for each in served.endpoints.values())
        return [each.document for each in endpoints if isinstance(each.document, Prepared)]


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
    for check in (_orphans, _links, _parity, _mounts):
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
    if surface.invalid is not None:
        shared["INVALID"] = read_row(surface.invalid, "INVALID", "", contract.environ, found)
    operations = list(contract.of(surface.name))
    try:
        dialect.routes(operations)
        dialect.start(surface)
    except BadValue as error:
        found.add(surface.node, "", str(error), "Correct the surface.")
        return None
    table = ErrorTable({}, shared, developing=dialect.developing)
    check_shared(surface, table, found)
    making = Making(contract, surface, schema, shared, dialect, found)
    endpoints = {}
    for operation in operations:
        try:
            endpoint = making.endpoint(operation)
        except (TypeError, AttributeError, ValueError, KeyError) as error:
            _unread(operation.node, operation.id, error, found)
            continue
        if endpoint is not None:
            endpoints[operation.id] = endpoint
    engine.unproven += making.unproven
    engine.notes += making.notes
    return Served(surface, dialect, endpoints, table, read_otherwise(surface, contract.environ, found))


def _unread(node: Node, operation: str, error: Exception, found: Collector) -> None:
    """Something stands where OpenAPI has another type; a linter of the specification names the place."""
    problem = f"Something here is not what OpenAPI 3.1 asks for: {type(error).__name__}: {error}."
    found.add(node, operation, problem, "Run an OpenAPI linter over the file; it names the value.")


def _orphans(contract: Contract, found: Collector) -> None:
    known = {each.document for each in contract.operations if "x-instead" not in each.node}
    for path in sorted((contract.folder / "operations").glob("*/*.graphql")):
        name = path.relative_to(contract.folder).as_posix()
        if name not in known:
            remedy = "Describe it in openapi.yaml, or delete it."
            found.findings.append(Finding(name, 1, "", "", "No operation uses this document.", remedy))
    for path in sorted((contract.folder / "contract").glob("*.yaml")):
        name = path.relative_to(contract.folder).as_posix()
        if name not in contract.source.files:
            remedy = "List its paths in openapi.yaml, or delete it."
            found.findings.append(Finding(name, 1, "", "", "No path leads into this file.", remedy))


def _parity(contract: Contract, found: Collector) -> None:
    for operation in contract.operations:
        for status in operation.responses():
            if status.isdecimal():
                try:
                    tolerances_of(operation, int(status))
                except BadTolerance as error:
                    found.add(operation.node, operation.id, str(error), "Correct `x-parity`.")


def _mounts(contract: Contract, found: Collector) -> None:
    """Every mounted surface is there, and none leads back to where it is mounted."""
    leads = {name: [mount.surface for mount in surface.mounts] for name, surface in contract.surfaces.items()}
    for name, surface in contract.surfaces.items():
        for each in leads[name]:
            if each not in leads:
                known = ", ".join(leads)
                found.add(surface.node, "", f"There is no surface {each!r} to mount.", f"Known are {known}.")
            elif _reaches(each, name, leads):
                problem = f"The mounted surface {each!r} leads back here."
                found.add(surface.node, "", problem, "Break the circle.")


def _reaches(start: str, end: str, leads: Mapping[str, list[str]]) -> bool:
    seen, pending = set(), [start]
    while pending:
        name = pending.pop()
        if name not in seen:
            seen.add(name)
            pending += leads.get(name, [])
    return end in seen


def _links(contract: Contract, found: Collector) -> None:
    known = {operation.id for operation in contract.operations}
    for operation in contract.operations:
        for answer in operation.responses().values():
            for link in answer.members("links").values():
                target = link.plain("operationId")
                if target not in known:
                    problem = f"The link leads to no operation {target!r}."
                    found.add(link, operation.id, problem, "Name an operationId of the contract.")


def refused(error: ContractError) -> str:
    """What a person reads when the server refuses to start."""
    return f"The contract cannot be served; {len(error.findings)} finding(s):\n{error}"
