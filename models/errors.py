"""What may stand in the way of a request, in the words of the domain."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar


class DomainError(Exception):
    """A refusal with a code for programs, details for templates, and a sentence for a person."""

    code: ClassVar[str]
    sentence: ClassVar[str]

    def __init__(self, message: str | None = None, **details: object) -> None:
        super().__init__(message or self.sentence)
        self.details: Mapping[str, object] = MappingProxyType(details)

    @property
    def message(self) -> str:
        """The sentence for the person who can act."""
        return str(self)


class NotSignedIn(DomainError):
    """Nobody is signed in."""

    code = "NOT_SIGNED_IN"
    sentence = "Sign in first: this needs a valid bearer token or session cookie."


class TokenWithoutUser(DomainError):
    """A valid credential that names nobody possible."""

    code = "TOKEN_WITHOUT_USER"
    sentence = "The credential is valid but names no possible user; sign in again."


class UserNotFound(DomainError):
    """No such user, or one who is gone."""

    code = "USER_NOT_FOUND"
    sentence = "This user does not exist any more."


class CourseNotFound(DomainError):
    """No such course."""

    code = "COURSE_NOT_FOUND"
    sentence = "There is no course with this id."


class ReviewNotFound(DomainError):
    """No such review, or somebody else's."""

    code = "REVIEW_NOT_FOUND"
    sentence = "You have no review with this id."


class AlreadyEnrolled(DomainError):
    """The learner takes this course already."""

    code = "ALREADY_ENROLLED"
    sentence = "You are enrolled in this course already."


class InvitationInvalid(DomainError):
    """The code was never given out, or somebody has used it."""

    code = "INVITATION_INVALID"
    sentence = "This invitation code does not exist or has been used; ask for another one."


class EmailTaken(DomainError):
    """Somebody has registered with this e-mail address; details: email."""

    code = "EMAIL_TAKEN"
    sentence = "This e-mail address is registered already; log in, or use another address."


class BadCredentials(DomainError):
    """E-mail address and password do not belong together."""

    code = "BAD_CREDENTIALS"
    sentence = "The e-mail address or the password is wrong."


class Invalid(DomainError):
    """An argument outside what the field takes; details: name."""

    code = "INVALID"
    sentence = "An argument has a value that this field does not take."


class Unfit(DomainError):
    """A value that the store or the arithmetic cannot take; details: name, reason."""

    code = "UNFIT"
    sentence = "A value cannot be stored or calculated with."

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"The value of {name} cannot be used: {reason}.", name=name, reason=reason)


class Overloaded(DomainError):
    """More is being asked for than the store can answer soon."""

    code = "OVERLOADED"
    sentence = "The server has more to do than it can; try again in a moment."


class AccountLocked(DomainError):
    """Too many wrong passwords came in; details: until."""

    code = "ACCOUNT_LOCKED"
    sentence = "This account is locked for half an hour after too many wrong passwords; try again later."


class AccountGone(DomainError):
    """The account does not exist, or was switched off."""

    code = "ACCOUNT_GONE"
    sentence = "This account does not exist any more, or it was switched off."


class RefreshMissing(DomainError):
    """No refresh token came in."""

    code = "REFRESH_MISSING"
    sentence = "Give the refresh token that signing in returned."


class RefreshInvalid(DomainError):
    """A refresh token that is expired, or was never given out."""

    code = "REFRESH_INVALID"
    sentence = "This refresh token is not valid, or not any more; sign in again."


class RefreshKind(DomainError):
    """A valid token of another kind."""

    code = "REFRESH_KIND"
    sentence = "This token is valid, but it is no refresh token."


class VerificationInvalid(DomainError):
    """A token for verifying an e-mail address that is used up, expired or unknown."""

    code = "VERIFICATION_INVALID"
    sentence = "This verification token does not exist or has expired; ask for another one."


class ProviderMissing(DomainError):
    """Nobody has set up signing in with this provider; details: provider."""

    code = "PROVIDER_MISSING"
    sentence = "Signing in with this provider is not set up on this server."


class SignInRefused(DomainError):
    """The provider has not said who somebody is."""

    code = "SIGN_IN_REFUSED"
    sentence = "The provider did not confirm this sign-in; begin again."


class TooManySignIns(DomainError):
    """More sign-ins begun than the server keeps."""

    code = "TOO_MANY_SIGN_INS"
    sentence = "Too many sign-ins have begun and not ended; try again in some minutes."
