"""Plain questions to a store over HTTP, where its client has no verbs: rare, small, and in a thread."""

import asyncio
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

SECONDS = 30
# A larger answer is none that was asked for.
MOST = 50_000_000
_opener = build_opener(ProxyHandler({}))


async def ask(method: str, url: str, body: bytes | None = None) -> tuple[int, str]:
    """The status and the text of an answer; raises OSError where there is none."""
    return await asyncio.to_thread(asked, method, url, body)


def asked(method: str, url: str, body: bytes | None = None) -> tuple[int, str]:
    """The same, for a thread."""
    try:
        with _opener.open(Request(url, body, method=method), timeout=SECONDS) as answer:
            return answer.status, answer.read(MOST).decode("utf-8", "replace")
    except HTTPError as refused:
        with refused:
            return refused.code, refused.read(MOST).decode("utf-8", "replace")
