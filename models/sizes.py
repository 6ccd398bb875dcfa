"""How large a document may become."""

from typing import Any

import bson

from models.errors import Unfit

# MongoDB takes 16 MB, and the history of a person keeps one document inside another.
MOST = 8_000_000


def fitting(document: dict[str, Any], name: str) -> dict[str, Any]:
    """The document itself; raises Unfit for one that the store could not keep with what is yet to come."""
    if len(bson.encode(document)) > MOST:
        raise Unfit(name, f"all that is said of it takes more than {MOST // 1_000_000} MB")
    return document
