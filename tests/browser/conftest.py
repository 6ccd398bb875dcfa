"""A real browser, and what it saw while a page ran."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.async_api import Browser, Page, async_playwright
from pymongo import MongoClient
from starlette.types import ASGIApp

from server.embedded import Services

VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", event =>
  window.violations.push(`${event.effectiveDirective} ${event.blockedURI} in ${event.sourceFile}`));
"""


@dataclass
class Visit:
    """An open page, the hosts it asked, and what its console complained of."""

    page: Page
    hosts: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)

    async def violations(self) -> list[str]:
        """What the Content-Security-Policy refused."""
        found: list[str] = await self.page.evaluate("window.violations")
        return found


def chromium() -> str | None:
    """The browser to run: CHROMIUM, or Debian's."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """The address of the application, served for as long as the block runs."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    patience = monotonic() + 20
    while not server.started:
        assert thread.is_alive() and monotonic() < patience, "the server did not start"
        sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)


@pytest.fixture(scope="session")
def served(services: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the real server with its demo data, in a process and a database of its own."""
    with real_server(services, tmp_path_factory.mktemp("served")) as address:
        yield address


@contextmanager
def real_server(services: Services, folder: Path, **more: str) -> Iterator[str]:
    """The real server with its demo data, for as long as the block runs; `more` is its environment."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    name = f"lockstep_browser_{secrets.token_hex(4)}"
    log = folder / "log"
    environ = {
        **os.environ,
        "MONGODB_URI": services.mongodb_uri,
        "REDIS_URL": services.redis_url,
        "MONGODB_DATABASE": name,
        "LOCKSTEP_DATA": str(folder),
        "LOCKSTEP_DEMO": "1",
        "PORT": str(port),
        **more,
    }
    command = [sys.executable, "-c", "from server.cli import main; main()", "serve"]
    with log.open("w") as output:
        process = subprocess.Popen(command, env=environ, stdout=output, stderr=output)
    try:
        wait_for(port, process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)
        with MongoClient[dict[str, Any]](services.mongodb_uri) as client:
            client.drop_database(name)


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Returns when the server answers."""
    patience = monotonic() + 60
    while monotonic() < patience and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            sleep(0.05)
    raise AssertionError(f"the server did not start:\n{log.read_text()}")


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, or a skip that says how to get it."""
    executable = chromium()
    if not executable:
        pytest.skip("no Chromium: install the chromium package, or set CHROMIUM to its path")
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=executable)
        yield running
        await running.close()


@pytest.fixture
async def visit(browser: Browser) -> AsyncIterator[Visit]:
    """A fresh page of a fresh profile."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    await page.add_init_script(VIOLATIONS)
    seen = Visit(page)
    # What a page makes itself has the page's own host behind the word blob.
    page.on("request", lambda request: seen.hosts.add(urlsplit(request.url.removeprefix("blob:")).netloc))
    page.on("websocket", lambda socket: seen.hosts.add(urlsplit(socket.url).netloc))
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on(
        "console",
        lambda message: seen.complaints.append(message.text) if message.type == "error" else None,
    )
    yield seen
    await context.close()
