"""Operations made into endpoints: document, rules and answers, proven against each other and compiled."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from jsonschema_rs import Draft202012Validator

from compat_rest.answer import Answer, Choose
from compat_rest.answers import Answers
from compat_rest.chained import Chained
from compat_rest.chains import Chains
from compat_rest.contract.expressions import Scope
from compat_rest.contract.findings import Collector, Finding
from compat_rest.contract.operations import Contract, Operation
from compat_rest.contract.rules import validator
from compat_rest.contract.source import Node
from compat_rest.contract.surfaces import Surface
from compat_rest.dialects.base import Dialect
from compat_rest.endpoint import Endpoint, Rules
from compat_rest.errors import ErrorTable, Row, check_rows, read_rows
from compat_rest.forms import Form
from compat_rest.instead import Instead, Replaced, ReplacedChained, Replacement, instead_of
from compat_rest.inward import Inward, compile_inward, variables_of
from compat_rest.outward import Outward
from compat_rest.samples import SampleDetails, SampleRequest
from compat_rest.sanitize import STEPS, run, split
from compat_rest.selection import Selected, select
from compat_rest.shapes import Shapes
from schema.directives import declared_codes
from schema.execution.prepared import BadDocument, Prepared, prepare
from schema.execution.seams import Schema

NOTHING_IN = Inward({}, ())
# Where chains judge, a body is only read.
READ = Rules(Draft202012Validator({}), {}, ())


@dataclass
class Making:
    """Makes the endpoints of one surface; disagreements go to `found`."""

    contract: Contract
    surface: Surface
    schema: Schema
    shared: Mapping[str, Row]
    dialect: Dialect
    found: Collector
    notes: list[Finding] = field(default_factory=list)
    unproven: list[str] = field(default_factory=list)

    def endpoint(self, operation: Operation) -> Endpoint | None:
        """The endpoint of an operation; None with a finding."""
        if "x-instead" in operation.node:
            return self._replaced(operation)
        prepared = _document(operation, self.contract, self.schema, self.found)
        if prepared is None:
            return None
        selected = select(prepared.schema, prepared.document)
        answers = self._answers(operation)
        prepared, compiled = self._written(operation, prepared, selected, answers)
        chains = self._chains(operation)
        variables = variables_of(prepared.schema, prepared.document)
        inward = compile_inward(operation, variables, self.found, None if chains is None else chains.leaves)
        self.notes += _dropped(operation, inward)
        self.unproven += inward.unproven
        raised = raised_by(selected)
        table = self._table(operation, raised)
        _callers(operation, raised, self.found)
        if compiled is None:
            return None
        answer, choose = compiled
        if chains is None:
            rules = _rules(operation, self.found)
            return Endpoint(operation, prepared, rules, inward, answer, table, choose)
        form = Form.of(operation)
        return Chained(operation, prepared, READ, inward, answer, table, choose, form, chains)

    def _written(
        self, operation: Operation, prepared: Prepared, selected: Selected, answers: Answers
    ) -> tuple[Prepared, tuple[Answer, Choose | None] | None]:
        """The document and the writers of its answer, with what a plan can write left to the plan."""
        dialect, environ = self.dialect, self.contract.environ
        outward = Outward(operation.id, environ, self.found, dialect.numbers, dialect.sort, selected)
        compiled = answers.of(outward)
        self.unproven += outward.unproven
        shape = outward.shapes.shape()
        shaped = prepared.shaped(shape) if shape and not self.found.findings else None
        if shaped is None:
            return prepared, compiled
        # What was proven is written once more, without the objects that the plan writes.
        return shaped, answers.of(replace(outward, shape=shape, shapes=Shapes(), unproven=[]))

    def _replaced(self, operation: Operation) -> Endpoint | None:
        """The endpoint of an operation without a document."""

        def refuse(node: Node, problem: str, remedy: str) -> None:
            self.found.add(node, operation.id, problem, remedy)

        instead: Instead | None = instead_of(operation, refuse)
        environ, sample = self.contract.environ, sample_scope()
        answers = self._answers(operation)
        replacement = Replacement(operation, self.dialect, environ, sample, answers, refuse)
        compiled = None if instead is None else replacement.of(instead)
        chains, table = self._chains(operation), self._table(operation, set())
        _callers(operation, set(), self.found)
        if instead is None or compiled is None:
            return None
        answer, choose = compiled
        if chains is None:
            rules = _rules(operation, self.found)
            return Replaced(operation, instead, rules, NOTHING_IN, answer, table, choose)
        return ReplacedChained(operation, instead, READ, NOTHING_IN, answer, table, choose, None, chains)

    def _answers(self, operation: Operation) -> Answers:
        return Answers(operation, self.dialect, self.contract.environ, self.found)

    def _chains(self, operation: Operation) -> Chains | None:
        if self.dialect.judge == "schema":
            return None
        return Chains.compile(operation, self.dialect.steps, self.found)

    def _table(self, operation: Operation, raised: set[str]) -> ErrorTable:
        environ = self.contract.environ
        rows = read_rows(operation.node.get("x-errors"), operation.id, environ, self.found)
        table = ErrorTable(rows, self.shared)
        check_rows(operation, table, rows, raised, sample_scope(), self.found)
        return ErrorTable(rows, self.shared, developing=True) if self.dialect.developing else table


def sample_scope() -> Scope:
    """What the texts of errors are tried out with."""
    return Scope(SampleRequest(), error=SampleDetails())


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
