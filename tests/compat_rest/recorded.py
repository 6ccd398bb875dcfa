"""Requests and entries of recordings, for tests of what express-validator said. Run it to see them.

The recordings stand beside the project and are no part of it, so whoever reads them skips where they are not.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

RECORDINGS = Path(
    os.environ.get("LOCKSTEP_RECORDINGS") or Path(__file__).parents[3] / "shared" / "recordings"
)
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Exchange:
    """One recorded request, and the entries of its answer: None where it was not judged, or passed."""

    name: str
    method: str
    path: str
    query: dict[str, Any]
    body: Any
    status: int
    entries: list[dict[str, Any]] | None

    def values(self, template: str) -> dict[str, str] | None:
        """The values in the path, None where the template is another route's."""
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template)
        match = re.fullmatch(pattern + "/?", self.path, re.IGNORECASE)
        return {key: unquote(value) for key, value in match.groupdict().items()} if match else None


def exchanges(surface: str) -> Iterator[Exchange]:
    """Every recorded request of a surface that has a body which can be read, or none."""
    for path in sorted(RECORDINGS.glob(f"dzinza-{surface}/*.a.har")):
        for index, entry in enumerate(json.loads(path.read_text())["log"]["entries"]):
            exchange = _exchange(f"{path.name[:2]}[{index}]", entry)
            if exchange is not None:
                yield exchange


def _exchange(name: str, entry: dict[str, Any]) -> Exchange | None:
    request, response = entry["request"], entry["response"]
    address = urlsplit(request["url"])
    pairs = parse_qsl(address.query, keep_blank_values=True)
    # Nested and repeated names are the business of the parser of queries, and are tested there.
    if len({key for key, _ in pairs}) < len(pairs) or any("[" in key for key, _ in pairs):
        return None
    posted = request.get("postData") or {}
    media = str(posted.get("mimeType", "")).partition(";")[0].lower()
    # Neither can what was packed be read, nor what is so long that the recording only describes it.
    packed = any(header["name"].lower() == "content-encoding" for header in request["headers"])
    if packed or "_generate" in posted:
        return None
    try:
        text = posted.get("text") or ""
        body = json.loads(text) if media == "application/json" and text else {}
        if media == FORM:
            body = dict(parse_qsl(text, keep_blank_values=True))
        if not isinstance(body, dict | list) or any("[" in key for key in body if isinstance(key, str)):
            return None
    except ValueError:
        return None
    entries = _entries(response)
    return Exchange(name, request["method"], address.path, dict(pairs), body, response["status"], entries)


def _entries(response: dict[str, Any]) -> list[dict[str, Any]] | None:
    try:
        body = json.loads(response["content"].get("text") or "null")
    except ValueError:
        return None
    for key in ("details", "errors"):
        if isinstance(body, dict) and isinstance(body.get(key), list):
            return list(body[key])
    return None


def show() -> None:
    """Prints every recorded list of entries."""
    for surface in ("gateway", "auth", "genealogy"):
        for exchange in exchanges(surface):
            if exchange.entries is not None:
                print(surface, exchange.name, exchange.method, exchange.path, json.dumps(exchange.body)[:300])
                for entry in exchange.entries:
                    print("   ", json.dumps(entry)[:300])


if __name__ == "__main__":
    show()
