"""What may stand in the way of keeping files."""

from models.errors import DomainError, Overloaded


class FileNotFound(DomainError):
    """No such file, or somebody else's."""

    code = "FILE_NOT_FOUND"
    sentence = "You have no file with this id."


class FileTooLarge(DomainError):
    """A file beyond the limit; details: name, limit."""

    code = "FILE_TOO_LARGE"
    sentence = "This file is larger than the server takes."


class FileTypeRefused(DomainError):
    """A file whose content is of no kind that is kept; details: name, type."""

    code = "FILE_TYPE_REFUSED"
    sentence = "Files of this kind are not kept; what counts is their content, not their name."


class TooManyFiles(DomainError):
    """More files at once than are taken; details: limit."""

    code = "TOO_MANY_FILES"
    sentence = "These are more files than are taken at once; send them in several requests."


class QuotaExceeded(DomainError):
    """The owner's files would take more room than they have; details: limit, used."""

    code = "QUOTA_EXCEEDED"
    sentence = "Your files take up all the room that you have; delete some first."


class StorageAway(Overloaded):
    """The store of files does not answer, or nobody has set one up."""

    code = "STORAGE_AWAY"
    sentence = "The store of files does not answer now; try again in a moment."
