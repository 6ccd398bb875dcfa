"""Signatures that were found good: remembered by the exact text that was signed, and never more than that.

That a text is rightly signed with a key is always true or never. Whether it is still good is another matter,
asked of the clock and of the revocations for every request.
"""

from collections import OrderedDict
from typing import Generic, TypeVar

# 4,096 callers at a time of 2 KB at most: a few megabytes.
MOST = 4_096
LONGEST = 2_048

Found = TypeVar("Found")


class Verified(Generic[Found]):
    """What stood in the credentials that one secret has signed, the latest used ones only.

    Only what a signature was found good for is put in, so forged credentials can drive nothing out.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[str, Found] = OrderedDict()

    def find(self, text: str) -> Found | None:
        """What a text held, None where it is not known."""
        found = self._kept.get(text)
        if found is not None:
            self._kept.move_to_end(text)
        return found

    def keep(self, text: str, found: Found) -> None:
        """Remembers a text whose signature is good, unless it is too long to be worth it."""
        if len(text) > LONGEST:
            return
        self._kept[text] = found
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def forget(self, text: str) -> None:
        """Drops a text that is not good any more."""
        self._kept.pop(text, None)
