"""Error codes and the answers that the contract gives them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compat_rest.contract.expressions import BadExpression, Evaluate, Scope, compile_value
from compat_rest.contract.findings import Collector
from compat_rest.contract.operations import Operation, schema_of
from compat_rest.contract.rules import validator
from compat_rest.contract.source import Node
from compat_rest.http import Headers
from compat_rest.refusal import COARSER

PAGE = "text/html"
JSON = "application/json"
# Codes that may arise by the stages an operation runs, whatever its document does.
BY_STAGE = {
    "body": ("UNREADABLE_BODY", "UNSUPPORTED_TYPE", "BODY_TOO_LARGE"),
    "validate": ("INVALID", "UNFIT"),
    "identity": ("NOT_SIGNED_IN",),
}
ALWAYS = ("INTERNAL", "TIMEOUT")
# May arise where the surface has a rate.
LIMITED = "RATE_LIMITED"


@dataclass(frozen=True)
class Row:
    """The answer to one error code: a status with a JSON body, or with the dialect's page."""

    status: int
    body: Evaluate | None
    headers: tuple[tuple[str, Evaluate], ...] = ()

    def head(self, scope: Scope) -> Headers:
        """The headers that the row asks for."""
        return [(name, str(evaluate(scope))) for name, evaluate in self.headers]


# Stands for a row with a finding of its own, so that its code is not said to be missing too.
UNREAD = Row(0, None)


class ErrorTable:
    """Looks an error code up: the operation first, then the surface; each code, then its coarser ones."""

    def __init__(self, own: Mapping[str, Row], shared: Mapping[str, Row]) -> None:
        self._own = own
        self._shared = shared

    def says(self, code: str) -> bool:
        """Whether the code has a row of its own."""
        return code in self._own or code in self._shared

    def row(self, code: str, *, of_document: bool) -> Row | None:
        """The row for a code; the operation's `*` takes only errors of its document."""
        for rows in (self._own, self._shared):
            step: str | None = code
            while step is not None:
                if step in rows:
                    return rows[step]
                step = COARSER.get(step)
            if "*" in rows and (of_document or rows is self._shared):
                return rows["*"]
        return None


def coarser_than(code: str) -> set[str]:
    """Every code that this one falls to."""
    coarser: set[str] = set()
    while code in COARSER:
        code = COARSER[code]
        coarser.add(code)
    return coarser


def read_rows(
    node: Node | None, operation: str, environ: Mapping[str, str], found: Collector
) -> dict[str, Row]:
    """The rows of an `x-errors` or of a surface's `errors`."""
    rows: dict[str, Row] = {}
    for code, entry in node.items() if node else ():
        try:
            rows[code] = _row(entry, environ)
        except BadExpression as error:
            found.add(entry, operation, str(error), "Correct the text.")
            rows[code] = UNREAD
        except (TypeError, ValueError, AttributeError):
            remedy = "Write `{status: 400, body: {…}}` or `{status: 400, type: text/html}`."
            found.add(entry, operation, f"The answer to {code} cannot be read.", remedy)
            rows[code] = UNREAD
    return rows


def _row(entry: Node, environ: Mapping[str, str]) -> Row:
    status = entry.value["status"] if isinstance(entry.value, dict) and "status" in entry.value else None
    if not isinstance(status, int) or not 200 <= status <= 599:
        raise ValueError
    body = compile_value(entry.plain("body"), environ) if "body" in entry else None
    if body is None and entry.plain("type") != PAGE:
        raise ValueError
    headers = entry.plain("headers", {})
    return Row(status, body, tuple((name, compile_value(text, environ)) for name, text in headers.items()))


def check_rows(
    operation: Operation,
    table: ErrorTable,
    rows: Mapping[str, Row],
    raised: set[str],
    sample: Scope,
    found: Collector,
) -> None:
    """Every code that can arise has an answer, and every answer is a documented one."""
    codes = set(ALWAYS) | raised | {code for stage in operation.stages for code in BY_STAGE.get(stage, ())}
    if operation.body() is None:
        codes -= set(BY_STAGE["body"])
    if operation.surface.rate is not None:
        codes.add(LIMITED)
    codes |= {code for code in COARSER if table.says(code) and coarser_than(code) & codes}
    node = operation.node.get("x-errors") or operation.node
    reachable: dict[int, Row] = {}
    for code in sorted(codes):
        row = table.row(code, of_document=code in raised)
        if row is None:
            remedy = f"Add {code} to `x-errors`, or to the `errors` of the surface."
            found.add(node, operation.id, f"No answer is said for {code}.", remedy)
        elif row is not UNREAD:
            _check_row(operation, node, code, row, sample, found)
        if row is not None:
            reachable[id(row)] = row
    for code, row in rows.items():
        if id(row) not in reachable and code != "*":
            remedy = "Drop the row, or declare the code with @raises on the field."
            found.add(
                node.get(code) or node, operation.id, f"Nothing the document selects raises {code}.", remedy
            )


def _check_row(
    operation: Operation, node: Node, code: str, row: Row, sample: Scope, found: Collector
) -> None:
    answer = operation.responses().get(str(row.status))
    media_type = PAGE if row.body is None else JSON
    if answer is None or media_type not in (answer.plain("content") or {}):
        remedy = f"Document {row.status} with {media_type} under `responses`."
        found.add(
            node, operation.id, f"{code} answers {row.status} {media_type}, which is not documented.", remedy
        )
        return
    schema = schema_of(answer, JSON)
    if row.body is None or schema is None:
        return
    if not validator(schema, operation.id, found).is_valid(row.body(sample)):
        remedy = "Correct the body or the schema of that response."
        found.add(node, operation.id, f"The body of {code} does not fit the schema of {row.status}.", remedy)


class SampleDetails(dict[str, Any]):
    """Details of an error that nobody raised: every name is there, as text."""

    def get(self, key: str, default: Any = None) -> Any:
        """A sample value."""
        return f"sample {key}"
