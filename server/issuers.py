"""Issuers whose tokens are believed: where their keys are asked for, and how it stands with each."""

import asyncio
from importlib import import_module
from typing import Any, Protocol

from compat_rest.contract.surfaces import JWKS, KEPT, Scheme
from compat_rest.identity.chain import Further
from compat_rest.identity.kept import Keeper, KeptSessions
from server.providers import is_safe

KEYS = "/.well-known/jwks.json"
# Requests wait for an answer of the issuer, and for nothing longer.
TIMEOUT = 3.0


class Asker(Protocol):
    """Asks an issuer for its keys."""

    async def ask(self) -> bytes:
        """What it says."""

    async def close(self) -> None:
        """Lets its connections go."""


class Ways:
    """The further way of each scheme of identity, made once for every issuer."""

    def __init__(self, keeper: Keeper) -> None:
        self._kept = KeptSessions(keeper)
        self._issued: dict[str, Any] = {}
        self._askers: list[Asker] = []

    def __call__(self, scheme: Scheme) -> Further | None:
        """The way of a scheme, None where it has none; raises ValueError for an issuer nobody can trust."""
        if scheme.style == KEPT:
            return self._kept
        if scheme.style != JWKS or not scheme.issuer:
            return None
        if not is_safe(scheme.issuer):
            raise ValueError(f"The issuer {scheme.issuer!r} is neither https nor on this machine.")
        if scheme.name not in self._issued:
            # Loaded only now, since few servers have an issuer and all would carry its client.
            asking, jwks, issued = (
                import_module(name)
                for name in ("server.asking", "compat_rest.identity.jwks", "compat_rest.identity.issued")
            )
            asker = asking.HttpAsker(f"{scheme.issuer}{KEYS}", TIMEOUT)
            self._askers.append(asker)
            self._issued[scheme.name] = issued.Issued(scheme, jwks.Keys(asker.ask))
        way: Further = self._issued[scheme.name]
        return way

    def states(self) -> dict[str, str]:
        """How it stands with each issuer, by the name of its scheme."""
        return {name: str(way.keys.state) for name, way in self._issued.items()}

    async def close(self) -> None:
        """Lets every connection go."""
        await asyncio.gather(*(asker.close() for asker in self._askers))
