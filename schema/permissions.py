"""Who may ask for what, for both doors."""

from typing import Any, NoReturn

from strawberry.permission import BasePermission

from models.errors import NotSignedIn


class SignedIn(BasePermission):
    """Needs a valid credential, whomever it names."""

    def has_permission(self, source: Any, info: Any, **kwargs: Any) -> bool:
        """Whether somebody is signed in."""
        return info.context.caller is not None

    def on_unauthorized(self) -> NoReturn:
        """Says so in the domain's words."""
        raise NotSignedIn
