"""Endpoints whose requests are judged by chains: each name by itself, and every complaint is told."""

from dataclasses import dataclass
from typing import Any, Protocol

from compat_rest.contract.expressions import Scope
from compat_rest.contract.operations import FORM
from compat_rest.endpoint import Endpoint
from compat_rest.http import Request
from compat_rest.refusal import Refusal


class Judges(Protocol):
    """The chains of an operation."""

    def run(
        self,
        params: dict[str, Any],
        query: dict[str, Any],
        body: dict[str, Any],
        late: set[str] | None = None,
    ) -> list[dict[str, Any]]:
        """What is wrong; the values are changed in place."""


@dataclass(frozen=True)
class Chained(Endpoint):
    """Answers the requests of an operation with chains."""

    chains: Judges | None = None

    def _scope(self, request: Request) -> Scope:
        return Scope(
            request,
            body=_named(request.parsed),
            path=dict(request.path_values),
            query=dict(request.query_values),
        )

    def _validate(self, request: Request, scope: Scope) -> None:
        assert self.chains is not None  # nosec B101  # the engine gives them
        scope.body = _named(scope.body)
        try:
            late = scope.late = set() if self.inward.late else None
            entries = self.chains.run(_named(scope.path), _named(scope.query), scope.body, late)
        except Refusal as refusal:
            if refusal.code != "UNFIT":
                raise
            # The old server's store said so, when it was clear who called.
            scope.unfit = refusal
            return
        if entries:
            raise Refusal("INVALID", {"entries": entries})

    def _variables(self, request: Request, scope: Scope) -> dict[str, Any]:
        if scope.unfit is not None:
            raise scope.unfit
        places = {
            "path": scope.path,
            "query": scope.query,
            "body": _named(scope.body),
            # A JSON body cannot pass for an upload.
            "form": _named(scope.body) if _uploads(request) else {},
        }
        return self.inward.variables(
            lambda place: places[place] if place in places else self._sent(place, request), scope.late or ()
        )


def _uploads(request: Request) -> bool:
    return (request.header("content-type") or "").lower().startswith(FORM)


def _named(value: Any) -> dict[str, Any]:
    """The values by their names; a body that is a list has none."""
    return value if isinstance(value, dict) else {}
