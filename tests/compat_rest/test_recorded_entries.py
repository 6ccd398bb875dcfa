"""Every recorded request gets the entries that express-validator gave it, and none where it passed.

The requests go through the chains of the landed contract.
"""

import copy
from functools import cache
from typing import Any

import pytest

from compat_rest.chains import Chains
from compat_rest.contract.findings import Collector
from compat_rest.contract.operations import Operation, read_contract
from compat_rest.refusal import Refusal
from compat_rest.sanitize import JS
from tests.compat_rest.contracts import ENVIRON, ROOT
from tests.compat_rest.recorded import RECORDINGS, Exchange, exchanges

# Answers that came before anything was judged: nothing new, a body that cannot be read, too many requests.
BEFORE = (304, 413, 415, 417, 429, 501)
SECRETS = ("password",)


@cache
def compiled() -> dict[str, list[tuple[Operation, Chains]]]:
    """The chains of every operation whose surface judges by them."""
    found = Collector()
    contract = read_contract(ROOT / "openapi.yaml", {**ENVIRON, "JWT_SECRET": "a secret for tests"}, found)
    surfaces: dict[str, list[tuple[Operation, Chains]]] = {}
    for operation in contract.operations:
        if operation.surface.dialect == "express":
            chains = Chains.compile(operation, JS, found)
            surfaces.setdefault(operation.surface.name, []).append((operation, chains))
    assert [finding.problem for finding in found.findings] == []
    return surfaces


def judging(exchange: Exchange, surface: str) -> tuple[Chains, dict[str, str]] | None:
    """The chains that judged a recorded request, and the values in its path; None where none did."""
    for operation, chains in compiled()[surface]:
        values = exchange.values(operation.path)
        if operation.method == exchange.method and values is not None:
            stages = operation.stages
            refused = exchange.status in (401, 403) and "identity" in stages
            if "validate" not in stages or (refused and stages.index("identity") < stages.index("validate")):
                return None
            return chains, values
    return None


def without_secrets(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Recorded entries without the passwords that are not told back any more."""
    return [
        {key: value for key, value in entry.items() if key != "value" or entry["path"] not in SECRETS}
        for entry in entries
    ]


@pytest.mark.skipif(not RECORDINGS.exists(), reason="the recordings are not beside the project")
@pytest.mark.parametrize(("surface", "least"), [("gateway", 240), ("auth", 25), ("genealogy", 340)])
def test_every_recorded_request_gets_the_entries_it_got(surface: str, least: int) -> None:
    judged, differing = 0, {}
    for exchange in exchanges(surface):
        found = judging(exchange, surface) if exchange.status not in BEFORE else None
        if found is None:
            continue
        chains, values = found
        body = copy.deepcopy(exchange.body) if isinstance(exchange.body, dict) else {}
        expected = without_secrets(exchange.entries or [])
        try:
            entries = chains.run(dict(values), dict(exchange.query), body)
        except Refusal:
            # What could not become a value of the store was the old server's failure.
            entries = expected if exchange.status >= 500 else [{"refused": True}]
        judged += 1
        if entries != expected:
            differing[exchange.name] = (exchange.path, exchange.body, expected, entries)
    assert differing == {}
    assert judged >= least
