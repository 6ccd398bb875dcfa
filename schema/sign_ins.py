"""Signing in with a provider: out to it, and back."""

from enum import StrEnum

import strawberry

from models import accounts, sign_ins
from models.errors import ProviderMissing, SignInRefused, TooManySignIns
from models.sign_ins import LIFETIME
from schema.context import Info
from schema.directives import raises

HOME, AGAIN = "/", "/login"


@strawberry.enum(description="Somebody else who knows people.")
class Provider(StrEnum):
    """Somebody else who knows people."""

    GOOGLE = "google"
    FACEBOOK = "facebook"


@strawberry.type(description="Where the browser goes next, and the cookie that it is given.")
class Redirect:
    """Where the browser goes next."""

    location: str
    cookie: str


def kept(binding: str, known: sign_ins.Provider) -> str:
    """The cookie that a browser keeps until it comes back, for the way back alone; without text, its end."""
    age = int(LIFETIME.total_seconds()) if binding else 0
    secure = "; Secure" if known.is_private else ""
    return f"oauth={binding}; Max-Age={age}; Path=/social; HttpOnly; SameSite=Lax{secure}"


@strawberry.type
class SignInMutations:
    """Out to a provider, and back."""

    @strawberry.mutation(
        description="Begins a sign-in with a provider.",
        directives=[raises(ProviderMissing, TooManySignIns, SignInRefused)],
    )
    async def begin_sign_in(self, info: Info, provider: Provider) -> Redirect:
        """The way out."""
        context = info.context
        known = context.providers.get(provider.value)
        begun = await sign_ins.begin(known, context.now)
        return Redirect(location=begun.location, cookie=kept(begun.binding, known))

    @strawberry.mutation(
        description="Ends a sign-in with a provider; who was refused is sent to sign in again.",
        directives=[raises(ProviderMissing)],
    )
    async def finish_sign_in(
        self,
        info: Info,
        provider: Provider,
        code: str | None = None,
        state: str | None = None,
        binding: str | None = None,
    ) -> Redirect:
        """The way back."""
        context = info.context
        known = context.providers.get(provider.value)
        with context.reads.written():
            try:
                identity = await sign_ins.finish(known, code, state, binding, context.now)
                await accounts.of_provider(
                    identity.provider,
                    identity.subject,
                    identity.email,
                    identity.verified,
                    identity.first,
                    identity.last,
                    context.now,
                )
            except SignInRefused:
                return Redirect(location=AGAIN, cookie=kept("", known))
        return Redirect(location=HOME, cookie=kept("", known))
