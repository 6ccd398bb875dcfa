"""The files that pages load, served from memory under addresses that change with their content."""

import asyncio
import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

FOLDER = Path(__file__).resolve().parent.parent / "assets"
# The system's own table differs between machines, and some have none.
TYPES = mimetypes.MimeTypes()
TYPES.add_type("text/javascript", ".js")
YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class File:
    """A file as it is sent."""

    content: bytes
    media_type: str
    digest: str

    @classmethod
    def of(cls, path: Path) -> "File":
        content = path.read_bytes()
        media_type = TYPES.guess_type(path.name)[0] or "text/plain"
        return cls(content, media_type, hashlib.sha256(content).hexdigest()[:16])


class Assets:
    """Serves the files of a folder; a file under its own digest may be kept by the client for ever."""

    def __init__(self, folder: Path = FOLDER, *, prefix: str = "/assets") -> None:
        self.prefix = prefix
        self.files = {
            path.relative_to(folder).as_posix(): File.of(path) for path in sorted(folder.glob("*/*"))
        }
        self.packed: dict[str, bytes] = {}

    def url(self, name: str) -> str:
        """The address of a file as it is now; raises KeyError for one that is not there."""
        return f"{self.prefix}/{name}?v={self.files[name].digest}"

    def route(self) -> Route:
        """The route under which the addresses answer."""
        return Route(f"{self.prefix}/{{name:path}}", self.endpoint, methods=["GET"], name="assets")

    async def endpoint(self, request: Request) -> Response:
        """The file of the path, 304 for a client that has it, or 404."""
        name = request.path_params["name"]
        file = self.files.get(name)
        if file is None:
            return PlainTextResponse("Not Found", status_code=404)
        headers = {"X-Content-Type-Options": "nosniff", "Vary": "Accept-Encoding"}
        headers["Cache-Control"] = (
            f"public, max-age={YEAR}, immutable"
            if request.query_params.get("v") == file.digest
            else "no-cache"
        )
        content = file.content
        headers["ETag"] = f'"{file.digest}"'
        if accepts_gzip(request.headers):
            content = await self.pack(name, file)
            headers["Content-Encoding"] = "gzip"
            headers["ETag"] = f'"{file.digest}-gzip"'
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            headers.pop("Content-Encoding", None)
            return Response(status_code=304, headers=headers)
        return Response(content, media_type=file.media_type, headers=headers)

    async def pack(self, name: str, file: File) -> bytes:
        """The file compressed, which is done once and beside the event loop."""
        if name not in self.packed:
            self.packed[name] = await asyncio.to_thread(gzip.compress, file.content, mtime=0)
        return self.packed[name]


def accepts_gzip(headers: Headers) -> bool:
    """Whether the client takes gzip."""
    for offer in headers.get("accept-encoding", "").lower().replace(" ", "").split(","):
        coding, _, quality = offer.partition(";q=")
        if coding == "gzip":
            return not re.fullmatch(r"0(\.0*)?", quality)
    return False
