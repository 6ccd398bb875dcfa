"""Files: how they are kept, changed and handed out."""

from typing import Any

import strawberry

from models import file_writes
from models.errors import DomainError, Unfit
from models.family_errors import FileMissing
from models.file_errors import FileNotFound, FileTypeRefused, QuotaExceeded, StorageAway, TooManyFiles
from models.keys import key
from models.stored_files import StoredFileRow
from models.uploads import Upload as Came
from schema.context import Info
from schema.directives import raises
from schema.file_inputs import FileAbout, FileChanges, about_of, changes_of
from schema.file_types import (
    FileDownload,
    FileKept,
    FilesKept,
    KeptFiles,
    Media,
    MediaKept,
    MediaRefused,
    StoredFile,
    download_of,
)
from schema.permissions import SignedIn
from schema.scalars import Upload
from schema.trees import CALLER, caller

KEEPING: tuple[type[DomainError], ...] = (
    *(FileMissing, TooManyFiles, FileTypeRefused),
    *(QuotaExceeded, StorageAway),
)


async def kept(info: Info, uploads: list[Came], about: FileAbout | None) -> list[StoredFileRow]:
    """Files that the caller keeps from now on."""
    context, account = info.context, await caller(info.context)
    with context.reads.written():
        only = uploads[0] if len(uploads) == 1 else None
        said = about_of(about, only)
        return await file_writes.keep(uploads, said, account, context.now, context.file_limits)


@strawberry.type
class FileMutations:
    """Keeping, changing and handing out files."""

    @strawberry.mutation(
        graphql_type=StoredFile,
        description="Keeps a file.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, *KEEPING)],
    )
    async def keep_file(
        self, info: Info, file: Upload | None = None, about: FileAbout | None = None
    ) -> StoredFileRow:
        """The file."""
        return (await kept(info, [] if file is None else [file], about))[0]

    @strawberry.mutation(
        graphql_type=KeptFiles,
        description="Keeps several files with one description, all of them or none.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, *KEEPING)],
    )
    async def keep_files(
        self, info: Info, files: list[Upload] | None = None, about: FileAbout | None = None
    ) -> FileKept | FilesKept:
        """The files."""
        rows: Any = await kept(info, list(files or ()), about)
        size: Any = sum(row["size"] for row in rows)
        if len(rows) == 1:
            return FileKept(file=rows[0], total_files=1, total_size=size)
        return FilesKept(files=rows, total_files=len(rows), total_size=size)

    @strawberry.mutation(
        graphql_type=list[Media],
        description="Keeps those of several files that can be kept.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, FileMissing, TooManyFiles, StorageAway)],
    )
    async def keep_media(
        self, info: Info, files: list[Upload] | None = None
    ) -> list[MediaKept | MediaRefused]:
        """What became of each file."""
        given = list(files or ())
        if not given:
            raise FileMissing("Send at least one file.")
        if len(given) > info.context.file_limits.files:
            raise TooManyFiles(limit=info.context.file_limits.files)
        told: list[MediaKept | MediaRefused] = []
        for upload in given:
            try:
                rows: Any = await kept(info, [upload], None)
            except (FileTypeRefused, QuotaExceeded, Unfit) as error:
                told.append(MediaRefused(name=upload.name, code=error.code, message=error.message))
            else:
                told.append(MediaKept(file=rows[0]))
        return told

    @strawberry.mutation(
        graphql_type=StoredFile,
        description="Changes what is said of a file.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, FileNotFound)],
    )
    async def change_file(self, info: Info, id: strawberry.ID, input: FileChanges) -> StoredFileRow:
        """The file after the change."""
        context, account = info.context, await caller(info.context)
        with context.reads.written():
            return await file_writes.change(key(id), changes_of(input), account, context.now)

    @strawberry.mutation(
        graphql_type=StoredFile,
        description="Says that a file belongs to an event, or with `linked: false` that it does not.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, FileNotFound)],
    )
    async def link_file(
        self, info: Info, id: strawberry.ID, event_id: str, linked: bool = True
    ) -> StoredFileRow:
        """The file after the change."""
        context, account = info.context, await caller(info.context)
        with context.reads.written():
            return await file_writes.link(key(id), event_id, account, context.now, linked=linked)

    @strawberry.mutation(
        description="Deletes a file with its thumbnails. Always true.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, FileNotFound)],
    )
    async def delete_file(self, info: Info, id: strawberry.ID) -> bool:
        """The end of a file."""
        context, account = info.context, await caller(info.context)
        with context.reads.written():
            await file_writes.delete(key(id), account, context.now)
        return True

    @strawberry.mutation(
        graphql_type=FileDownload,
        description="An address for the contents of a file, or of its thumbnail of a name.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, FileNotFound, StorageAway)],
    )
    async def download_file(
        self, info: Info, id: strawberry.ID, thumbnail: str | None = None
    ) -> dict[str, Any]:
        """Where the file can be read."""
        context, account = info.context, await caller(info.context)
        with context.reads.written():
            handed = await file_writes.hand_out(key(id), thumbnail, account, context.now)
        return download_of(handed)
