"""An OpenID provider in a process of its own, for tests: discovery, keys, authorization and tokens.

Run as `python -m tests.openid_provider`; it prints its port and ends with its input. People are told by
the `login_hint` that a test adds to the address it is sent to, and what goes wrong by the name of the client.
It is an issuer of bearer tokens too, as Auth0 is: `/publish` says which keys it shows, and `/mint` signs.
"""

import asyncio
import secrets
import sys
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlencode

import jwt
import uvicorn
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

SECRET = "the secret of the client"


@dataclass(frozen=True)
class Granted:
    """One code, given out and not yet used."""

    client: str
    person: str
    nonce: str
    challenge: str
    redirect: str


class Provider:
    """The provider and what it remembers."""

    def __init__(self) -> None:
        self.issuer = ""
        self.names = ["first"]
        self.keys = {name: rsa.generate_private_key(65537, 2048) for name in ("first", "second", "foreign")}
        self.codes: dict[str, Granted] = {}
        self.asked = {"keys": 0, "jwks": 0}
        # What /.well-known/jwks.json answers: a status, keys as they are, or a body that is none.
        self.shown: dict[str, Any] = {"names": ["first"]}

    async def discovery(self, request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
            }
        )

    async def key_set(self, request: Request) -> Response:
        self.asked["keys"] += 1
        keys = []
        for name in self.names:
            public = jwt.algorithms.RSAAlgorithm.to_jwk(self.keys[name].public_key(), as_dict=True)
            keys.append({**public, "kid": name, "use": "sig", "alg": "RS256"})
        return JSONResponse({"keys": keys})

    async def jwks(self, request: Request) -> Response:
        self.asked["jwks"] += 1
        shown = self.shown
        await asyncio.sleep(shown.get("seconds", 0))
        if "body" in shown:
            return Response(shown["body"] * shown.get("times", 1), shown.get("status", 200))
        keys = [self.public(name, name) for name in shown["names"]]
        return JSONResponse({"keys": [*keys, *shown.get("more", [])]}, shown.get("status", 200))

    def public(self, name: str, kid: str) -> dict[str, Any]:
        """A key as an issuer shows it."""
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self.keys[name].public_key(), as_dict=True)
        return {**public, "kid": kid, "use": "sig", "alg": "RS256"}

    async def publish(self, request: Request) -> Response:
        self.shown = await request.json()
        return JSONResponse({**self.asked, "keys": {name: self.public(name, name) for name in self.keys}})

    async def mint(self, request: Request) -> Response:
        asked = await request.json()
        now = int(time.time())
        usual = {"iss": f"{self.issuer}/", "aud": "api", "sub": "auth0|ada", "iat": now, "exp": now + 300}
        claims = {name: value for name, value in {**usual, **asked["claims"]}.items() if value is not None}
        headers = {"kid": asked["key"], **asked["headers"]}
        text = jwt.encode(
            claims,
            self.keys[asked["key"]],
            algorithm=asked["algorithm"],
            headers={name: value for name, value in headers.items() if value is not None},
        )
        return Response(text)

    async def rotate(self, request: Request) -> Response:
        self.names = ["second"]
        return JSONResponse(self.asked)

    async def authorize(self, request: Request) -> Response:
        asked = request.query_params
        if asked["response_type"] != "code" or asked["code_challenge_method"] != "S256":
            return JSONResponse({"error": "invalid_request"}, 400)
        person = asked.get("login_hint", "ada")
        if person == "nobody":
            answer = {"error": "access_denied", "state": asked["state"]}
        else:
            code = secrets.token_urlsafe(16)
            self.codes[code] = Granted(
                asked["client_id"], person, asked["nonce"], asked["code_challenge"], asked["redirect_uri"]
            )
            answer = {"code": code, "state": asked["state"]}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(answer)}", 302)

    async def token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        granted = self.codes.pop(form.get("code", ""), None)
        verifier = form.get("code_verifier", "")
        challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        if (
            granted is None
            or form.get("client_secret") != SECRET
            or form.get("client_id") != granted.client
            or form.get("redirect_uri") != granted.redirect
            or challenge != granted.challenge
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse(
            {"access_token": "unused", "token_type": "Bearer", "id_token": self.signed(granted)}
        )

    def signed(self, granted: Granted) -> str:
        now, fault = int(time.time()), granted.client
        claims: dict[str, Any] = {
            "iss": "https://elsewhere.test" if fault == "foreign-issuer" else self.issuer,
            "aud": "another client" if fault == "foreign-client" else granted.client,
            "sub": f"subject of {granted.person}",
            "iat": now,
            "exp": now - 3600 if fault == "late" else now + 300,
            "nonce": "another nonce" if fault == "foreign-nonce" else granted.nonce,
            "email": f"{granted.person}@example.test",
            "email_verified": fault != "unverified",
            "given_name": granted.person.title(),
            "family_name": "Lovelace",
        }
        if fault == "unsigned":
            return jwt.encode(claims, "", algorithm="none", headers={"kid": self.names[0]})
        if fault == "shared-secret":
            return jwt.encode(
                claims, SECRET.ljust(32, "!"), algorithm="HS256", headers={"kid": self.names[0]}
            )
        if fault == "several-clients":
            claims |= {"aud": [granted.client, "another"], "azp": "another"}
        name = "foreign" if fault == "foreign-key" else self.names[0]
        return jwt.encode(claims, self.keys[name], algorithm="RS256", headers={"kid": self.names[0]})

    def app(self) -> Starlette:
        """The provider as a server."""
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.discovery),
                Route("/keys", self.key_set),
                Route("/authorize", self.authorize),
                Route("/token", self.token, methods=["POST"]),
                Route("/rotate", self.rotate, methods=["POST"]),
                Route("/.well-known/jwks.json", self.jwks),
                Route("/publish", self.publish, methods=["POST"]),
                Route("/mint", self.mint, methods=["POST"]),
            ]
        )


async def serve() -> None:
    """Serves on a free port, whose number is printed once it answers, until the input ends."""
    provider = Provider()
    # Nobody waits any more for an answer that was to come late.
    config = uvicorn.Config(provider.app(), port=0, log_level="critical", timeout_graceful_shutdown=0)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    provider.issuer = f"http://127.0.0.1:{port}"
    print(port, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.should_exit = True
    await task


if __name__ == "__main__":
    sys.exit(asyncio.run(serve()))
