"""What a surface answers where no operation has the path."""

from collections.abc import Mapping
from dataclasses import dataclass

from compat_rest.contract.before import is_below
from compat_rest.contract.expressions import BadExpression, Scope
from compat_rest.contract.findings import Collector
from compat_rest.contract.source import Node
from compat_rest.contract.surfaces import Surface
from compat_rest.dialects.base import Dialect
from compat_rest.endpoint import answer_to
from compat_rest.errors import ErrorTable, Row, row_of
from compat_rest.http import Reply, Request
from compat_rest.identity.chain import Identity
from compat_rest.identity.flask_session import Session
from compat_rest.refusal import Refusal

NO_ROUTE, UNREADABLE = "NO_ROUTE", "UNREADABLE_BODY"


@dataclass(frozen=True)
class Otherwise:
    """One answer for unknown paths: those below a path, or all of them."""

    # In lower case; empty for every path.
    path: str
    # Whether the caller is asked for first.
    identity: bool
    row: Row
    # Whether the whole path is read like a parameter, and refused by the dialect's page where it cannot be.
    whole: bool = False

    def covers(self, path: str) -> bool:
        """Whether the answer is for a path."""
        return not self.path or is_below(path, self.path)


async def otherwise(
    rows: tuple[Otherwise, ...],
    errors: ErrorTable,
    request: Request,
    session: Session,
    identity: Identity,
    dialect: Dialect,
) -> Reply | None:
    """The answer of the first row for the path; None where no row is for it."""
    row = next((row for row in rows if row.covers(request.path)), None)
    if row is None:
        return None
    scope = Scope(request)
    if row.identity:
        try:
            await identity.caller(request.header("authorization"), session)
        except Refusal as refusal:
            scope.error = refusal.details
            return answer_to(refusal.code, errors.row(refusal.code, of_document=False), scope, dialect)
    if row.whole and not dialect.readable(request.path):
        return dialect.page(400, UNREADABLE)
    return answer_to(NO_ROUTE, row.row, scope, dialect)


def read_otherwise(surface: Surface, environ: Mapping[str, str], found: Collector) -> tuple[Otherwise, ...]:
    """The answers of a surface for unknown paths; disagreements go to `found`."""
    rows = [row for node in surface.otherwise if (row := _otherwise(node, environ, found))]
    for place, row in enumerate(rows):
        if (not row.path) != (place == len(rows) - 1):
            remedy = "End `otherwise` with the one row that names no path."
            found.add(surface.otherwise[place], "", "The answers for unknown paths are not complete.", remedy)
    return tuple(rows)


def _otherwise(node: Node, environ: Mapping[str, str], found: Collector) -> Otherwise | None:
    path = node.plain("path", "")
    try:
        row = row_of(node, environ, extra=("path", "identity", "whole"))
    except BadExpression as error:
        found.add(node, "", str(error), "Correct the text.")
    except (TypeError, ValueError, AttributeError):
        remedy = "Write `{path: /api/, status: 404, body: {…}}`."
        found.add(node, "", "The answer for unknown paths cannot be read.", remedy)
    else:
        return Otherwise(str(path).lower(), node.plain("identity") is True, row, node.plain("whole") is True)
    return None
