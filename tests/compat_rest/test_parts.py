"""The parts of a multipart body are the same however the body is cut, and bounded."""

from collections.abc import AsyncIterator

import pytest

from compat_rest.parts import OVER, Malformed, Over, Part, parts


async def cut(body: bytes, size: int) -> AsyncIterator[bytes]:
    for place in range(0, len(body), size):
        yield body[place : place + size]


async def told(body: bytes, size: int = 10_000, boundary: bytes = b"x") -> list[tuple[Part, bytes]]:
    """Each part with all of its content."""
    found: list[tuple[Part, bytes]] = []
    open_part, content = None, b""
    async for event in parts(cut(body, size), boundary):
        if isinstance(event, Part):
            open_part, content = event, b""
        elif isinstance(event, Over):
            assert event is OVER
            assert open_part is not None
            found.append((open_part, content))
        else:
            content += event
    return found


BODY = (
    b"preamble\r\n"
    b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\none\r\n--y\r\n'
    b'\r\n--x\r\ncontent-disposition: form-data; name=files; filename="na\xc3\xafve.txt"\r\n'
    b"Content-Type: text/csv; charset=utf-8\r\nX-Other: y\r\n\r\n\r\n--\r\n--xa\r\n"
    b'\r\n--x\r\nContent-Disposition: form-data; name="e"; filename=""\r\n\r\n\r\n--x--\r\nepilogue'
)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 10_000])
async def test_parts_are_the_same_however_a_body_is_cut(size: int) -> None:
    body = BODY.removeprefix(b"preamble\r\n")
    assert await told(body, size) == [
        (Part("a", None, "text/plain"), b"one\r\n--y\r\n"),
        (Part("files", "naïve.txt", "text/csv; charset=utf-8"), b"\r\n--\r\n--xa\r\n"),
        (Part("e", "", "text/plain"), b""),
    ]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "Unexpected end of form"),
        (b"--x\r\nContent-Disp", "Unexpected end of form"),
        (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\none', "Unexpected end of form"),
        (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\none\r\n--x', "Unexpected end of form"),
        (b"--x\r\nContent-Disposition: form-data\r\n\r\none\r\n--x--", "Malformed part header"),
        (b"--x\r\n\r\none\r\n--x--", "Malformed part header"),
        (b'--x\r\nContent-Disposition: attachment; name="a"\r\n\r\none\r\n--x--', "Malformed part header"),
        (b"--x\r\n" + b"a: b\r\n" * 21 + b"\r\none\r\n--x--", "Malformed part header"),
        (b"--x\r\na: " + b"b" * 5000 + b"\r\n\r\none\r\n--x--", "Malformed part header"),
        (b"no boundary at all", "Malformed part header"),
    ],
)
async def test_a_body_without_parts_is_refused(body: bytes, message: str) -> None:
    with pytest.raises(Malformed) as refused:
        await told(body)
    assert str(refused.value) == message


async def test_a_boundary_beyond_measure_is_refused() -> None:
    with pytest.raises(Malformed):
        await told(b"x", boundary=b"x" * 1000)
