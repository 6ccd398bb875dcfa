"""Addresses that S3 honours without further credentials: signed, for a while (AWS Signature Version 4)."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from urllib.parse import quote, urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"
DAY, INSTANT = "%Y%m%d", "%Y%m%dT%H%M%SZ"
# S3 takes no longer lifetime.
LONGEST = 604_800


@dataclass(frozen=True)
class Signer:
    """Signs for one region with one pair of keys."""

    access_key: str
    secret_key: str = field(repr=False)
    region: str

    def address(
        self, method: str, url: str, seconds: int, now: datetime, query: Mapping[str, str] | None = None
    ) -> str:
        """The address with all that is asked by it, signed; `url` is quoted, and has no query."""
        parts = urlsplit(url)
        scope = f"{now:{DAY}}/{self.region}/s3/aws4_request"
        asked = {
            **(query or {}),
            "X-Amz-Algorithm": ALGORITHM,
            "X-Amz-Credential": f"{self.access_key}/{scope}",
            "X-Amz-Date": f"{now:{INSTANT}}",
            "X-Amz-Expires": str(min(seconds, LONGEST)),
            "X-Amz-SignedHeaders": "host",
        }
        path = parts.path or "/"
        said = "&".join(f"{escaped(name)}={escaped(value)}" for name, value in sorted(asked.items()))
        request = "\n".join([method, path, said, f"host:{parts.netloc}\n", "host", "UNSIGNED-PAYLOAD"])
        digest = hashlib.sha256(request.encode()).hexdigest()
        to_sign = "\n".join([ALGORITHM, f"{now:{INSTANT}}", scope, digest])
        signature = hmac.digest(self._key(scope), to_sign.encode(), "sha256").hex()
        return f"{parts.scheme}://{parts.netloc}{path}?{said}&X-Amz-Signature={signature}"

    def _key(self, scope: str) -> bytes:
        key = f"AWS4{self.secret_key}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        return key


# One page of files has hundreds of addresses, which differ in few of their words.
@lru_cache(maxsize=1_000)
def escaped(text: str) -> str:
    """A name or a value as AWS writes it in a query."""
    return quote(text, safe="-_.~")
