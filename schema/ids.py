"""Ids as they come in."""

import re

from models.errors import DomainError
from models.text import bigint

CANONICAL = re.compile("0|-?[1-9][0-9]*")
# The longest 64-bit number has 20 characters; int() itself refuses to read very long ones.
LONGEST = 20


def integer(id: str, missing: type[DomainError], name: str) -> int:
    """The number that an ID stands for; raises `missing` for other text and Unfit beyond 64 bits."""
    if not CANONICAL.fullmatch(id):
        raise missing
    return bigint(int(id[: LONGEST + 1]), name)
