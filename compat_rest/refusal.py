"""Why a request is not answered: an error code of the engine, with details for the texts of the contract."""

from collections.abc import Mapping
from typing import Any

# Each code falls to the coarser one where an operation or surface words no answer of its own.
COARSER = {  # nosec B105  # names of errors, no secrets
    "TOKEN_EXPIRED": "TOKEN_INVALID",
    "TOKEN_EARLY": "TOKEN_INVALID",
    "TOKEN_INVALID": "NOT_SIGNED_IN",
    "TOKEN_MISSING": "NOT_SIGNED_IN",
    "TOKEN_MALFORMED": "NOT_SIGNED_IN",
    "TOKEN_WITHOUT_USER": "NOT_SIGNED_IN",
    "OVERLOADED": "TIMEOUT",
    "STORAGE_AWAY": "OVERLOADED",
    "SESSIONS_AWAY": "OVERLOADED",
    "ISSUER_AWAY": "OVERLOADED",
    "UNREADABLE_SESSION": "UNREADABLE_BODY",
    "BODY_NOT_AN_OBJECT": "UNREADABLE_BODY",
}


class Refusal(Exception):
    """A request that ends before, or instead of, its document."""

    def __init__(self, code: str, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.details = details or {}


class NoPage(Exception):
    """The settings leave out the page that an operation shows: then it is no path at all."""


def too_large(message: str = "request entity too large", **thrown: Any) -> Refusal:
    """The refusal of a body beyond a limit; what the error was thrown with is told to developers."""
    details = {
        "message": message,
        "name": "PayloadTooLargeError",
        "status": 413,
        "thrown": {"message": message, **thrown},
    }
    return Refusal("BODY_TOO_LARGE", details)
