"""A request and an error that nobody made, for trying out the texts of the contract."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

ENTRY = {"type": "field", "value": "sample", "msg": "Invalid value", "path": "sample", "location": "body"}


class SampleDetails(dict[str, Any]):
    """Details of an error that nobody raised: every name is there, as text.

    `entries` is a list of them, and `thrown` an object.
    """

    def get(self, key: str, default: Any = None) -> Any:
        """A sample value."""
        if key == "thrown":
            return {}
        return [ENTRY] if key == "entries" else f"sample {key}"


class SampleRequest:
    """A request for trying out the texts of the contract."""

    method = "GET"
    url = "http://example.com/"
    target = "/"
    now = datetime(2026, 1, 1, tzinfo=UTC)
    client = "127.0.0.1"
    path_values: Mapping[str, Any] = SampleDetails()
    query_values: Mapping[str, Any] = SampleDetails()

    def header(self, name: str) -> str | None:
        """A sample header."""
        return "sample"
