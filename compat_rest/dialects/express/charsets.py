"""The Unicode encodings of bodies, as iconv-lite decodes them."""

ENCODINGS = {
    "utf-8": "utf-8", "utf-16": "utf-16", "utf-16le": "utf-16-le", "utf-16-le": "utf-16-le",
    "utf-16be": "utf-16-be", "utf-16-be": "utf-16-be", "utf-32": "utf-32", "utf-32le": "utf-32-le",
    "utf-32-le": "utf-32-le", "utf-32be": "utf-32-be", "utf-32-be": "utf-32-be", "utf-7": "utf-7",
}  # fmt: skip
LOOKED_AT = 200


def decoded(raw: bytes, charset: str) -> str:
    """The text of a body, without its mark; what cannot be read is replaced."""
    encoding = ENCODINGS[charset]
    if encoding == "utf-16":
        encoding = found(raw)
    if encoding.startswith("utf-16"):
        # Node leaves half a unit at the end out, and keeps halves of characters.
        return raw[: len(raw) & ~1].decode(encoding, "surrogatepass").removeprefix("\ufeff")
    return raw.decode(encoding, "replace").removeprefix("\ufeff")


def found(raw: bytes) -> str:
    """Which of the two orders of UTF-16 a body has, by its mark or by its ASCII."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16-le" if raw[:1] == b"\xff" else "utf-16-be"
    pairs = list(zip(raw[:LOOKED_AT:2], raw[1:LOOKED_AT:2], strict=False))
    big = sum(first == 0 != second for first, second in pairs)
    little = sum(first != 0 == second for first, second in pairs)
    return "utf-16-be" if big > little else "utf-16-le"
