"""Cross-origin requests as cors 2.8.5 answers them: every OPTIONS is a preflight."""

from collections.abc import Mapping, Sequence
from typing import Any

from compat_rest.http import Reply, Request

ORIGIN = "Access-Control-Allow-Origin"


class Cors:
    """Who may call from another origin, and what preflights are told."""

    def __init__(self, said: Mapping[str, Any]) -> None:
        self._origins = frozenset(said["origins"])
        self._methods = ",".join(said["methods"])
        headers: Sequence[str] | None = said["headers"]
        self._headers = None if headers is None else ",".join(headers)
        self._preflight: int = said["preflight"]

    def __call__(self, request: Request, headers: dict[str, str]) -> Reply | None:
        """Adds to the headers of an answer what it says of origins; answers a preflight itself."""
        origin = request.joined("origin")
        if origin and origin in self._origins:
            headers[ORIGIN] = origin
        headers["Vary"] = "Origin"
        headers["Access-Control-Allow-Credentials"] = "true"
        if request.method != "OPTIONS":
            return None
        headers["Access-Control-Allow-Methods"] = self._methods
        allowed = self._headers
        if allowed is None:
            headers["Vary"] = "Origin, Access-Control-Request-Headers"
            allowed = request.joined("access-control-request-headers")
        if allowed:
            headers["Access-Control-Allow-Headers"] = allowed
        return Reply(self._preflight, [("Content-Length", "0")], length=False)
