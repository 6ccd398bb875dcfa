"""Small contracts for tests: the landed one with a mistake planted, or one of a few lines."""

import re
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

import schema
from compat_rest.contract.findings import Collector, ContractError, Finding
from compat_rest.contract.source import Node, read
from compat_rest.engine import Engine, compile_engine
from tests.serving import EXECUTION

ROOT = Path(__file__).parents[2]
ENVIRON = {
    "SECRET_KEY": "a-key-for-tests",
    "JWT_SECRET_KEY": "another-key-for-tests-of-32-bytes",
    "JWT_SECRET": "a-third-key-for-tests-of-32-bytes",
}
SCHEMA = schema.build(leaves="raw", execution=EXECUTION)


class Remembered:
    """Revocations for tests that need no store."""

    def __init__(self, *revoked: str) -> None:
        self.revoked = set(revoked)

    async def is_revoked(self, credential: str) -> bool:
        return credential in self.revoked or "*" in self.revoked

    async def revoke(self, credential: str, expires: datetime) -> None:
        self.revoked.add(credential)


def planted(folder: Path, changes: dict[str, Callable[[str], str]]) -> Path:
    """A copy of one surface of the landed contract, some of its files changed; the path of openapi.yaml.

    What stands in a file of its own is left out: each schema is then used where the old server used it.
    """
    text = alone((ROOT / "openapi.yaml").read_text(), "mandarin")
    own = re.sub(r"^  /\S+ \{\$ref: 'contract/.*\n", "", text, flags=re.MULTILINE)
    (folder / "openapi.yaml").write_text(own)
    documents = folder / "operations/mandarin"
    documents.mkdir(parents=True)
    for name in re.findall(r"operationId: mandarin\.(\w+)", own):
        shutil.copy(ROOT / f"operations/mandarin/{name}.graphql", documents)
    for name, change in changes.items():
        path = folder / name
        before = path.read_text() if path.exists() else ""
        after = change(before)
        assert after != before, f"the mistake did not take in {name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(after)
    return folder / "openapi.yaml"


def alone(text: str, surface: str) -> str:
    """The text of the contract without the other surfaces, which a mistake in this one does not touch."""
    # Each test compiles it anew; the whole contract would take ten times as long.
    head, surfaces, rest = re.split(r"^(?=x-surfaces:|security:)", text, flags=re.MULTILINE)
    blocks = re.split(r"^(?=  \w+:)", surfaces, flags=re.MULTILINE)
    kept = [block for block in blocks if block.startswith(("x-surfaces:", f"  {surface}:"))]
    others = rf"^  /\S+ \{{\$ref: 'contract/(?!{surface}\.).*\n"
    return head + "".join(kept) + re.sub(others, "", rest, flags=re.MULTILINE)


def findings(path: Path) -> list[Finding]:
    """What is wrong with a contract."""
    try:
        compiled(path)
    except ContractError as error:
        return error.findings
    return []


def compiled(path: Path) -> Engine:
    """The engine of a contract against the landed schema."""
    return compile_engine(path, SCHEMA, ENVIRON)


def node(value: Any, folder: Path) -> Node:
    """A value as it would stand in a contract."""
    path = folder / "part.yaml"
    path.write_text(yaml.safe_dump(value, sort_keys=False))
    return Node.root(read(path))


def problems(found: Collector) -> list[str]:
    """The sentences of what was found."""
    return [finding.problem for finding in found.findings]
