"""A server that answers as the platform, and an issuer in a process of its own."""

import re
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo.asynchronous.database import AsyncDatabase

from server.embedded import Services
from tests.compat_rest.contracts import ROOT
from tests.old_servers.processes import running
from tests.platform.people import Client, plant
from tests.serving import JWT_SECRET_KEY, SECRET_KEY, served, settings_for

ENVIRON = {
    "SECRET_KEY": SECRET_KEY,
    "JWT_SECRET_KEY": JWT_SECRET_KEY,
    "JWT_SECRET": JWT_SECRET_KEY,
    "PLATFORM_RATE_LIMIT": "1000000",
    "PLATFORM_AUTH_LIMIT": "1000000",
}


@pytest.fixture(scope="package")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The contract of the platform alone, which is compiled sooner than all of it."""
    folder = tmp_path_factory.mktemp("contract")
    # With those who have the others, their paths go too.
    head, surfaces, rest = re.split(
        r"^(?=x-surfaces:|security:)", (ROOT / "openapi.yaml").read_text(), flags=re.MULTILINE
    )
    blocks = re.split(r"^(?=  \w+:)", surfaces, flags=re.MULTILINE)
    parts = re.split(r"^(?=  /|components:)", rest, flags=re.MULTILINE)
    kept = [part for part in blocks if part.startswith(("x-surfaces:", "  platform:"))]
    kept += [part for part in parts if not part.startswith("  /") or part.startswith("  /platform/")]
    text = head + "".join(kept)
    (folder / "openapi.yaml").write_text(text)
    shutil.copytree(ROOT / "operations/platform", folder / "operations/platform")
    (folder / "contract").mkdir()
    for name in sorted(set(re.findall(r"contract/\w+\.yaml", text))):
        shutil.copy(ROOT / name, folder / name)
    return folder / "openapi.yaml"


@pytest.fixture(scope="package")
def issuer() -> Iterator[str]:
    """The address of an issuer of tokens."""
    with running("tests.openid_provider") as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture(scope="package")
async def address(
    services: Services, scratch: AsyncDatabase[dict[str, Any]], contract: Path, issuer: str
) -> AsyncIterator[str]:
    """A server that believes the issuer."""
    environ = {**ENVIRON, "AUTH0_DOMAIN": issuer, "AUTH0_AUDIENCE": "api", "AUTH0_CLIENT_ID": "client"}
    settings = settings_for(services, scratch.name, contract=contract, environ=environ)
    async with served(settings) as address:
        yield address


@pytest.fixture
async def client(address: str, database: AsyncDatabase[dict[str, Any]]) -> AsyncIterator[Client]:
    """A client whom nobody knows, of a server with one user of each role."""
    await plant()
    async with httpx.AsyncClient(base_url=address, trust_env=False) as http:
        yield Client(http)
