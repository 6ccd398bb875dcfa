"""Letters to people, written into a folder from which a mail server takes them."""

import asyncio
import secrets
from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTPUTF8
from pathlib import Path
from urllib.parse import quote

from schema.context import NO_MAIL, Mailer


class Folder:
    """Writes each letter as a file of its own."""

    def __init__(self, folder: Path, sender: str, site: str) -> None:
        self._folder = folder
        self._sender = sender
        self._site = site.rstrip("/")

    async def verification(self, address: str, token: str) -> None:
        """Writes the letter that proves an address to be somebody's."""
        letter = EmailMessage(policy=SMTPUTF8)
        letter["From"], letter["Subject"] = self._sender, "Verify your e-mail address"
        # An address is nobody's text but its owner's, and a header is no place for line breaks.
        letter["To"] = " ".join(address.split())
        letter.set_content(
            f"Open this address within a day:\n{self._site}/verify-email?token={quote(token, safe='')}\n"
        )
        await asyncio.to_thread(self._write, letter)

    def _write(self, letter: EmailMessage) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        name = secrets.token_hex(16)
        partial = self._folder / f"{name}.partial"
        partial.write_bytes(letter.as_bytes())
        partial.replace(self._folder / f"{name}.eml")


def mailer_from(environ: Mapping[str, str]) -> Mailer:
    """The letters that are set up: those of LOCKSTEP_MAIL_FOLDER, or none."""
    folder = environ.get("LOCKSTEP_MAIL_FOLDER")
    if not folder:
        return NO_MAIL
    sender = environ.get("LOCKSTEP_MAIL_FROM") or "nobody@localhost"
    return Folder(Path(folder), sender, environ.get("FRONTEND_URL") or "http://localhost:8080")
