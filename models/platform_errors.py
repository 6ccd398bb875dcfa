"""What may stand in the way of who uses the platform's resources."""

from models.errors import DomainError, Overloaded


class PermissionMissing(DomainError):
    """The caller's role does not allow this; details: permission."""

    code = "PERMISSION_MISSING"
    sentence = "Your role does not allow this; ask an administrator for one that does."


class ResourceNotFound(DomainError):
    """No such resource."""

    code = "RESOURCE_NOT_FOUND"
    sentence = "There is no resource with this id."


class VersionMismatch(DomainError):
    """Somebody else has changed it since it was read; details: version."""

    code = "VERSION_MISMATCH"
    sentence = "It is not the version that you name any more; read it again before you change it."


class SessionsAway(Overloaded):
    """Sessions can neither be opened nor begun now."""

    code = "SESSIONS_AWAY"
    sentence = "Sessions cannot be looked at right now; try again in a moment."


class IssuerAway(Overloaded):
    """Nobody can tell now whether a token is the issuer's."""

    code = "ISSUER_AWAY"
    sentence = "The issuer of this token does not answer, so it cannot be checked; try again in a minute."
