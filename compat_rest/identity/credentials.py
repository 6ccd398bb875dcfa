"""Credentials of a request, and the caller they name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.errors import Unfit
from models.keys import UUID
from schema.context import Caller


class UuidCaller(Caller):
    """Who calls an old server whose store looked for accounts in a column of UUIDs."""

    @property
    def name(self) -> int | str | None:
        """Whom the credential names; raises Unfit for what is no UUID, when somebody looks for them."""
        name = super().name
        if name is not None and not (isinstance(name, str) and UUID.fullmatch(name)):
            raise Unfit("account", "it is no UUID")
        return name


@dataclass(frozen=True, slots=True)
class Recognised:
    """A valid credential: whom it names (None for nobody), its key for revocation, and when it ends."""

    claims: Mapping[str, Any]
    key: str
    expires: datetime
    numbered: bool = False

    def caller(
        self,
        names: tuple[str, ...],
        *,
        nobody: bool = False,
        roles: tuple[str, ...] = (),
        needs: tuple[str, ...] = (),
        uuids: bool = False,
    ) -> Caller | None:
        """The caller by the first claim that is present; where there is none, None, or one who is nobody.

        `roles` are claims too: the first that is a text is the caller's role. Without one of those that it
        `needs` a credential names nobody.
        """
        claims = self.claims
        if needs and not all(claims.get(name) for name in needs):
            return None
        # Few surfaces have roles, and every request comes by here.
        role = None
        if roles:
            role = next((claims[name] for name in roles if isinstance(claims.get(name), str)), None)
        kind = UuidCaller if uuids else Caller
        for name in names:
            if name in claims:
                return kind(claims[name], self.key, self.expires, self.numbered, role)
        return Caller(None, self.key, self.expires, self.numbered, role) if nobody else None
