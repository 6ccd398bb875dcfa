"""The providers of identities that an operator has set up."""

from collections.abc import Mapping
from importlib import import_module
from urllib.parse import urljoin, urlsplit

from models.sign_ins import Provider, Providers

ISSUERS: Mapping[str, str] = {
    "google": "https://accounts.google.com",
    "facebook": "https://www.facebook.com",
}
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def is_safe(address: str) -> bool:
    """Whether nobody on the way can read what is sent to an address."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def providers_from(environ: Mapping[str, str], public_url: str = "") -> Providers:
    """The providers that are set up; raises ValueError for one that cannot be trusted."""
    found: list[Provider] = []
    for name, usual in ISSUERS.items():
        prefix = name.upper()
        client, secret = environ.get(f"{prefix}_CLIENT_ID"), environ.get(f"{prefix}_CLIENT_SECRET")
        if not client or not secret:
            continue
        issuer = environ.get(f"{prefix}_ISSUER") or usual
        if not is_safe(issuer):
            raise ValueError(f"{prefix}_ISSUER: {issuer!r} is neither https nor on this machine.")
        way_back = environ.get(f"{prefix}_CALLBACK_URL") or f"/social/{name}/callback"
        callback = urljoin(environ.get("PUBLIC_URL") or public_url, way_back)
        if not urlsplit(callback).scheme:
            raise ValueError(f"{prefix}_CALLBACK_URL: {callback!r} is no whole address; or set PUBLIC_URL.")
        # Loaded only now, since few servers have a provider and all would carry its client.
        openid = import_module("server.openid")
        found.append(openid.OpenID(name, issuer, client, secret, callback))
    return Providers(*found)
