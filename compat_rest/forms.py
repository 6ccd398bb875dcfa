"""Forms with files: read as they come in, each file straight into the store.

What a form brings belongs to nobody until the document's verb takes it; the door deletes the rest.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn

from compat_rest.contract.operations import Operation
from compat_rest.contract.source import Node
from compat_rest.contract.spelling import types_of
from compat_rest.dialects.express.media import kind_of, parameters_of
from compat_rest.http import Request
from compat_rest.parts import Malformed, Over, Part, parts
from compat_rest.refusal import Refusal
from models.file_errors import FileTooLarge, StorageAway
from models.uploads import Incoming, Upload, discard

FORM = "multipart/form-data"
# What busboy takes of fields that are no files.
FIELD_NAME, FIELD_VALUE, FIELDS = 100, 2**20, 1000


@dataclass(frozen=True)
class FileField:
    """A field of files: how many it may have, and whether they are a list."""

    most: int
    several: bool


@dataclass(frozen=True)
class Form:
    """The form of one operation: which of its fields are files."""

    files: Mapping[str, FileField]

    @classmethod
    def of(cls, operation: Operation) -> "Form | None":
        """The form of an operation that is sent files; None where it is sent none."""
        schema = operation.form()
        found = {} if schema is None else schema.members("properties")
        files = {name: field for name, node in found.items() if (field := file_field(node))}
        return cls(files) if files else None

    async def read(self, request: Request) -> dict[str, Any]:
        """The fields of a form by name, files as Uploads; raises Refusal, and leaves nothing behind."""
        reading = _Reading(self, request)
        try:
            return await reading.fields(boundary_of(request.header("content-type")))
        except BaseException:
            await reading.abort()
            raise


class _Reading:
    """One form while it is read."""

    def __init__(self, form: Form, request: Request) -> None:
        self.form = form
        self.request = request
        self.found: dict[str, Any] = {}
        self.count = 0
        self.room = FIELD_VALUE
        self.incoming: Incoming | None = None

    async def fields(self, boundary: bytes) -> dict[str, Any]:
        try:
            await self._all(self.request.chunks(), boundary)
        except Malformed as error:
            refused(str(error))
        except FileTooLarge:
            refused("File too large", "MulterError", "BODY_TOO_LARGE")
        except StorageAway as error:
            raise Refusal(error.code) from error
        return self.found

    async def _all(self, chunks: AsyncIterator[bytes], boundary: bytes) -> None:
        part, value = None, bytearray()
        async for event in parts(chunks, boundary):
            if isinstance(event, Part):
                part, value = event, bytearray()
                self._begin(part)
            elif not isinstance(event, Over):
                if self.incoming is not None:
                    await self.incoming.write(event)
                elif part is not None:
                    value += self._fitting(event)
            elif part is not None:
                await self._end(part, value)

    def _begin(self, part: Part) -> None:
        if not part.filename:
            # With an empty name it is the file that nobody chose, which a browser sends all the same.
            self.count += 1
            if self.count > FIELDS:
                refused("Too many fields", "MulterError")
            if len(part.field) > FIELD_NAME:
                refused("Field name too long", "MulterError")
            return
        field = self.form.files.get(part.field)
        if field is None or len(self._files(part.field)) >= field.most:
            refused("Unexpected field", "MulterError")
        self.incoming = Incoming(
            part.filename, part.media_type, self.request.file_limit, self.request.uploads
        )

    def _fitting(self, data: bytes) -> bytes:
        self.room -= len(data)
        if self.room < 0:
            refused("Field value too long", "MulterError")
        return data

    async def _end(self, part: Part, value: bytearray) -> None:
        if self.incoming is None:
            if part.filename is None:
                self._add(part.field, value.decode("utf-8", "replace"))
            return
        upload = await self.incoming.close()
        self.incoming = None
        # From here on the door answers for it.
        self.request.uploads.append(upload)
        if self.form.files[part.field].several:
            self.found.setdefault(part.field, []).append(upload)
        else:
            self.found[part.field] = upload

    def _files(self, name: str) -> list[Upload]:
        found = self.found.get(name, [])
        return found if isinstance(found, list) else [found]

    def _add(self, name: str, value: str) -> None:
        """A field that stands several times is a list."""
        if name in self.form.files:
            return
        known = self.found.get(name)
        if known is None:
            self.found[name] = value
        else:
            self.found[name] = [*(known if isinstance(known, list) else [known]), value]

    async def abort(self) -> None:
        if self.incoming is not None:
            await self.incoming.abort()


def file_field(node: Node) -> FileField | None:
    """The field that a schema describes, where it is one of files."""
    items = node.get("items")
    if "array" in types_of(node) and items is not None and is_file(items):
        return FileField(int(node.plain("maxItems", 1)), several=True)
    return FileField(1, several=False) if is_file(node) else None


def is_file(node: Node) -> bool:
    """Whether a schema describes a file."""
    return types_of(node) == {"string"} and node.plain("format") == "binary"


def is_form(request: Request) -> bool:
    """Whether a request says that it is a form with parts."""
    return kind_of(request.header("content-type")) == FORM


def boundary_of(header: str | None) -> bytes:
    """What stands between the parts of a body; raises Refusal."""
    parameters = parameters_of(f";{(header or '').partition(';')[2]}") or {}
    boundary = parameters.get("boundary")
    if not boundary:
        refused("Multipart: Boundary not found")
    return boundary.encode("latin-1")


def refused(message: str, name: str = "Error", code: str = "UNREADABLE_BODY") -> NoReturn:
    """Refuses a form, as an error that says no status of its own."""
    raise Refusal(code, {"message": message, "name": name, "status": 500})


async def settle(uploads: list[Upload]) -> None:
    """Stores what has waited for the rest of the request; raises Refusal."""
    try:
        for upload in uploads:
            await upload.settle()
    except StorageAway as error:
        raise Refusal(error.code) from error


async def clear(uploads: list[Upload]) -> None:
    """Deletes what nobody took; where the store is away, its clean-up finds it later."""
    with suppress(StorageAway):
        await discard(uploads)
