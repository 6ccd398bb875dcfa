"""Forms with one file, as multer reads them."""

import re
from typing import NoReturn

from compat_rest.dialects.express.media import kind_of, parameters_of
from compat_rest.http import Request
from compat_rest.refusal import Refusal, too_large

DISPOSITION = re.compile(rb"(?im)^content-disposition:[ \t]*form-data[ \t]*(;.*?)\r?$")
END = b"\r\n\r\n"


def refused(message: str, name: str = "Error") -> NoReturn:
    """Refuses a form, as an error that says no status of its own."""
    details = {"message": message, "name": name, "status": 500, "thrown": {}}
    raise Refusal("UNREADABLE_BODY", details)


async def read(request: Request, field: str, limit: int) -> dict[str, str]:
    """The text of the one file that a form brings, by its field; nothing where none came. Raises Refusal."""
    header = request.header("content-type")
    if kind_of(header) != "multipart/form-data":
        return {}
    boundary = (parameters_of(f";{(header or '').partition(';')[2]}") or {}).get("boundary")
    if not boundary:
        refused("Multipart: Boundary not found")
    try:
        raw = await request.body(limit)
    except Refusal as refusal:
        if refusal.code == "BODY_TOO_LARGE":
            raise too_large() from refusal
        refused("Request aborted")
    return file_of(raw, boundary.encode("latin-1"), field)


def file_of(raw: bytes, boundary: bytes, field: str) -> dict[str, str]:
    """The text of the file in the parts of a form."""
    found: dict[str, str] = {}
    for part in (b"\r\n" + raw).split(b"\r\n--" + boundary)[1:]:
        if part.startswith(b"--"):
            return found
        head, separator, content = part.partition(END)
        if not separator:
            break
        said = DISPOSITION.search(head)
        names = (parameters_of(said[1].decode("utf-8", "replace")) if said else None) or {}
        if "filename" in names:
            if names.get("name") != field or field in found:
                refused("Unexpected field", "MulterError")
            found[field] = content.decode("utf-8", "replace")
    refused("Unexpected end of form")
