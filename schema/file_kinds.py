"""The words of files as the graph has them."""

import strawberry

from models.file_pages import FileOrder
from models.stored_files import Category, FilePrivacy, FileStatus

__all__ = ["Category", "FileOrder", "FilePrivacy", "FileStatus"]

strawberry.enum(
    Category,
    name="FileCategory",
    description="What sort of thing a file is; IMAGE is a picture of old servers.",
)
strawberry.enum(FilePrivacy, description="Who may know of a file beside its owner.")
strawberry.enum(FileStatus, description="Where a file stands.")
strawberry.enum(FileOrder, description="What a list of files is sorted by.")
