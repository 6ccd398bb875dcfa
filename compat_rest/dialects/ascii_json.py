"""Python's own JSON, keys sorted, in ASCII, without spaces; written by orjson where both write the same."""

import json
from collections.abc import Callable
from json.encoder import encode_basestring_ascii
from typing import Any

import orjson

# What orjson would write and Python refuses, or writes otherwise, goes to Python.
STRICT = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)
# An answer beyond ASCII is written twice; after one, so many are not even tried.
REST = 8
encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


def one_shot() -> Callable[[Any], str]:
    """The encoder's own way to write a value, made once; by itself it makes it for each."""
    make: Any = getattr(json.encoder, "c_make_encoder", None)
    write = make and make(None, encoder.default, encode_basestring_ascii, None, ":", ",", True, False, True)
    return (lambda value: "".join(write(value, 0))) if write else encoder.encode


written = one_shot()


class AsciiJson:
    """Writes the answers of one operation."""

    def __init__(self) -> None:
        self._resting = 0

    def __call__(self, value: object, plain: bool) -> bytes:
        """The text of a value; of a plain one every JSON writer spells the numbers alike."""
        if not plain or self._resting:
            self._resting = max(0, self._resting - 1)
            return written(value).encode()
        try:
            text = orjson.dumps(value, None, STRICT)
        except TypeError:
            # Numbers beyond 64 bits, texts that are no Unicode, deep nesting; or no JSON at all.
            return written(value).encode()
        if text.isascii() and b"\x7f" not in text:
            return text
        self._resting = REST
        return written(value).encode()
