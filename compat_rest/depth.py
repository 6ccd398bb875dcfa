"""How deep JSON is nested, found out before a parser with a stack is let at it."""

from itertools import accumulate

# Openers become +1 and closers -1, read as signed bytes; everything else goes.
STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
OTHERS = bytes(set(range(256)) - set(b"[{]}"))


def json_depth(text: str | bytes) -> int:
    """How many arrays and objects of a JSON text stand in each other at most; takes bytes as UTF-8.

    Of a malformed text it is at least the depth that a parser reaches before it stops.
    """
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    # Without escaped backslashes, and then without escaped quotes, every quote is an end of a string.
    quotes = raw.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')
    brackets = b"".join(quotes[::2]).translate(STEPS, OTHERS)
    return max(accumulate(memoryview(brackets).cast("b"), initial=0))


def is_deeper(text: str | bytes, limit: int) -> bool:
    """Whether a JSON text is nested deeper than the limit."""
    openers = (
        (text.count("[") + text.count("{")) if isinstance(text, str) else text.count(b"[") + text.count(b"{")
    )
    return openers > limit and json_depth(text) > limit
