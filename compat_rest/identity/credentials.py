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

    def caller(self, names: tuple[str, ...], *, nobody: bool = False, uuids: bool = False) -> Caller | None:
        """The caller by the first claim that is present; where there is none, None, or one who is nobody."""
        kind = UuidCaller if uuids else Caller
        for name in names:
            if name in self.claims:
                return kind(self.claims[name], self.key, self.expires, self.numbered)
        return Caller(None, self.key, self.expires, self.numbered) if nobody else None
