"""Error codes and the answers that the contract gives them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from compat_rest.contract.before import LIMIT
from compat_rest.contract.expressions import BadExpression, Evaluate, Scope, compile_value
from compat_rest.contract.findings import Collector
from compat_rest.contract.operations import Operation, schema_of
from compat_rest.contract.rules import validator
from compat_rest.contract.source import Node
from compat_rest.contract.spelling import speller
from compat_rest.contract.surfaces import Surface
from compat_rest.http import Headers
from compat_rest.refusal import COARSER

PAGE = "text/html"
JSON = "application/json"
# Codes that may arise by the stages an operation runs, whatever its document does.
BY_STAGE = {
    "body": ("UNREADABLE_BODY", "UNSUPPORTED_TYPE", "BODY_TOO_LARGE"),
    "validate": ("INVALID", "UNFIT"),
    "identity": ("NOT_SIGNED_IN",),
    "account": ("TOKEN_WITHOUT_USER",),
}
# Codes that may arise by what a surface does before its routes.
BEFORE = {"body": (*BY_STAGE["body"], "UNFIT")}
ALWAYS = ("INTERNAL", "TIMEOUT")
# May arise where the surface has a rate.
LIMITED = "RATE_LIMITED"
# The answer in place of the usual one while somebody works on the clients.
DEVELOPMENT = "development"


ROW_KEYS = ("status", "body", "type", "headers", DEVELOPMENT)


@dataclass(frozen=True)
class Row:
    """The answer to one error code: a status with a JSON body, or with the dialect's page."""

    status: int
    body: Evaluate | None
    headers: tuple[tuple[str, Evaluate], ...] = ()
    # The media type of a body that is said to be something else than it is.
    type: str | None = None
    # What is answered instead where the old server ran for development.
    development: "Row | None" = None

    def head(self, scope: Scope) -> Headers:
        """The headers that the row asks for."""
        return [(name, str(evaluate(scope))) for name, evaluate in self.headers]


# Stands for a row with a finding of its own, so that its code is not said to be missing too.
UNREAD = Row(0, None)


class ErrorTable:
    """Looks an error code up: the operation first, then the surface; each code, then its coarser ones."""

    def __init__(
        self, own: Mapping[str, Row], shared: Mapping[str, Row], *, developing: bool = False
    ) -> None:
        self._own = own
        self._shared = shared
        self._developing = developing

    def says(self, code: str) -> bool:
        """Whether the code has a row of its own."""
        return code in self._own or code in self._shared

    def row(self, code: str, *, of_document: bool) -> Row | None:
        """The row for a code; the operation's `*` takes only errors of its document."""
        row = self._row(code, of_document)
        return row.development or row if row is not None and self._developing else row

    def _row(self, code: str, of_document: bool) -> Row | None:
        for rows in (self._own, self._shared):
            step: str | None = code
            while step is not None:
                if step in rows:
                    return rows[step]
                step = coarser(step)
            if "*" in rows and (of_document or rows is self._shared):
                return rows["*"]
        return None


def coarser(code: str) -> str | None:
    """The code that answers where this one has no row: `A` for `A:b`."""
    whole, separator, _ = code.partition(":")
    return whole if separator else COARSER.get(code)


def coarser_than(code: str) -> set[str]:
    """Every code that this one falls to."""
    found: set[str] = set()
    following = coarser(code)
    while following is not None:
        found.add(following)
        following = coarser(following)
    return found


def read_rows(
    node: Node | None, operation: str, environ: Mapping[str, str], found: Collector
) -> dict[str, Row]:
    """The rows of an `x-errors` or of a surface's `errors`."""
    return {
        code: read_row(entry, code, operation, environ, found)
        for code, entry in (node.items() if node else ())
    }


def read_row(entry: Node, code: str, operation: str, environ: Mapping[str, str], found: Collector) -> Row:
    """The row of a code; one with a finding where it cannot be read."""
    try:
        return row_of(entry, environ)
    except BadExpression as error:
        found.add(entry, operation, str(error), "Correct the text.")
    except (TypeError, ValueError, AttributeError):
        remedy = "Write `{status: 400, body: {…}}` or `{status: 400, type: text/html}`."
        found.add(entry, operation, f"The answer to {code} cannot be read.", remedy)
    return UNREAD


def row_of(entry: Node, environ: Mapping[str, str], *, extra: Sequence[str] = ()) -> Row:
    """The row at a node, which may have some keys more; raises ValueError, TypeError or BadExpression."""
    status = entry.value["status"] if isinstance(entry.value, dict) and "status" in entry.value else None
    if not isinstance(status, int) or not 200 <= status <= 599 or set(entry.value) - {*ROW_KEYS, *extra}:
        raise ValueError
    spell = speller(entry)
    body = compile_value(entry.plain("body"), environ, spell) if "body" in entry else None
    media_type = entry.plain("type")
    if body is None and media_type != PAGE:
        raise ValueError
    told = entry.get(DEVELOPMENT)
    development = None if told is None else row_of(told, environ)
    headers = entry.plain("headers", {})
    said = tuple((name, compile_value(text, environ, spell)) for name, text in headers.items())
    return Row(status, body, said, None if body is None else media_type, development)


def check_rows(
    operation: Operation,
    table: ErrorTable,
    rows: Mapping[str, Row],
    raised: set[str],
    sample: Scope,
    found: Collector,
) -> None:
    """Every code that can arise has an answer, and every answer is a documented one."""
    codes = set(ALWAYS) | raised | _of_stages(operation, rows)
    codes |= {code for code in COARSER if table.says(code) and coarser_than(code) & codes}
    node = operation.node.get("x-errors") or operation.node
    reachable: dict[int, Row] = {}
    for code in sorted(codes):
        row = table.row(code, of_document=code in raised)
        if row is None:
            remedy = f"Add {code} to `x-errors`, or to the `errors` of the surface."
            found.add(node, operation.id, f"No answer is said for {code}.", remedy)
        elif row is not UNREAD:
            for each in (row, row.development):
                if each is not None:
                    _check_row(operation, node, code, each, sample, found)
        if row is not None:
            reachable[id(row)] = row
    for code, row in rows.items():
        if id(row) not in reachable and code != "*":
            remedy = "Drop the row, or declare the code with @raises on the field."
            found.add(
                node.get(code) or node, operation.id, f"Nothing the document selects raises {code}.", remedy
            )


def _of_stages(operation: Operation, rows: Mapping[str, Row]) -> set[str]:
    """The codes that may arise before the document runs."""
    codes = {code for stage in operation.stages for code in BY_STAGE.get(stage, ())}
    if operation.body() is None and operation.form() is None:
        codes -= set(BY_STAGE["body"])
    if operation.surface.rate is not None:
        codes.add(LIMITED)
    codes |= {limited(stage) for stage in operation.stages if stage.startswith(LIMIT)}
    # What is read before the routes may be worded anew by an operation.
    early = {code for step in operation.surface.before for code in BEFORE.get(step, ())}
    # Where a body is read before, its values may reach the variables without a rule.
    return codes | {code for code in early if code in rows or code == "UNFIT"}


def limited(stage: str) -> str:
    """The code of a limit that is passed as a step."""
    return f"{LIMITED}:{stage.removeprefix(LIMIT)}"


def check_shared(surface: Surface, table: ErrorTable, found: Collector) -> None:
    """Every code that can arise before an operation is found has an answer of the surface."""
    codes = {code for step in surface.before for code in BEFORE.get(step, ())}
    codes |= {limited(step) for step in surface.before if step.startswith(LIMIT)}
    for code in sorted(codes):
        if table.row(code, of_document=False) is None:
            remedy = f"Add {code} to the `errors` of the surface."
            found.add(surface.node, "", f"No answer is said for {code}.", remedy)
    named = {limited(f"{LIMIT}{limit.name}") for limit in surface.limits}
    for code, row in surface.errors.items() if surface.errors else ():
        if code.startswith(f"{LIMITED}:") and code not in named:
            found.add(row, "", f"There is no limit for {code}.", "Correct the name, or drop the row.")


def _check_row(
    operation: Operation, node: Node, code: str, row: Row, sample: Scope, found: Collector
) -> None:
    answer = operation.responses().get(str(row.status))
    media_type = PAGE if row.body is None else row.type or JSON
    if answer is None or media_type not in (answer.plain("content") or {}):
        remedy = f"Document {row.status} with {media_type} under `responses`."
        found.add(
            node, operation.id, f"{code} answers {row.status} {media_type}, which is not documented.", remedy
        )
        return
    schema = schema_of(answer, media_type)
    if row.body is None or schema is None:
        return
    if not validator(schema, operation.id, found).is_valid(row.body(sample)):
        remedy = "Correct the body or the schema of that response."
        found.add(node, operation.id, f"The body of {code} does not fit the schema of {row.status}.", remedy)
