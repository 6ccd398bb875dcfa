"""Asks an issuer for its keys, over HTTP."""

import asyncio

import httpx

from compat_rest.identity.jwks import LARGEST, BadKeys


class HttpAsker:
    """Asks one address, and follows nobody elsewhere."""

    def __init__(self, address: str, timeout: float) -> None:
        self._address = address
        self._timeout = timeout
        self._http = httpx.AsyncClient(timeout=timeout, follow_redirects=False)

    async def ask(self) -> bytes:
        """What the issuer says; raises BadKeys, httpx.HTTPError or TimeoutError."""
        # The client's own time-outs are for each piece, and pieces may come for ever.
        async with asyncio.timeout(self._timeout):
            async with self._http.stream("GET", self._address) as answer:
                if answer.status_code != 200:
                    raise BadKeys(f"the answer has the status {answer.status_code}")
                read = b""
                async for part in answer.aiter_bytes():
                    read += part
                    if len(read) > LARGEST:
                        raise BadKeys(f"the answer is larger than {LARGEST} bytes")
                return read

    async def close(self) -> None:
        """Lets the connections go."""
        await self._http.aclose()
