"""Chains and formats, held against the real express-validator and validator with generated requests."""

import copy
import json
import math
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from compat_rest import formats, javascript, sanitize
from compat_rest.refusal import Refusal
from tests.compat_rest.generated import Case, Cases, texts
from tests.compat_rest.test_chains import compiled
from tests.old_servers.express.install import Absent, folder

TEXTS, CHAINS = 600, 2_000
OURS: dict[str, Callable[[Any], Any]] = {
    **formats.FORMATS,
    "normal": formats.normalised_email,
    "range": formats.integer_between(1, 100),
    "length": lambda text: 1 <= formats.length(text) <= 50,
    "boolean": formats.is_boolean,
    "trim": sanitize.trimmed,
    "escape": sanitize.escaped,
    "number": javascript.number,
}


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    making = Cases(2_026)
    return [making.case() for _ in range(CHAINS)]


@pytest.fixture(scope="module")
def said(cases: list[Case]) -> dict[str, Any]:
    """What the real libraries say of all cases."""
    try:
        modules = folder() / "node_modules"
    except Absent as absent:
        pytest.skip(str(absent))
    sent = json.dumps({"formats": texts(7, TEXTS), "chains": [[case.specs, case.body] for case in cases]})
    done = subprocess.run(
        ["node", str(Path(__file__).with_name("reference.js"))],
        input=sent,
        env={**os.environ, "NODE_PATH": str(modules), "TZ": "UTC"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_every_format_judges_as_the_library_does(said: dict[str, Any]) -> None:
    differing, fitting = [], 0
    for (name, text), expected in zip(texts(7, TEXTS), said["formats"], strict=True):
        try:
            ours = OURS[name](text)
        except Refusal:
            ours = {"thrown": "URIError"}
        fitting += expected is True
        if ours != expected:
            differing.append((name, text, expected, ours))
    assert differing == []
    # Enough of them are right that being right is tested too.
    assert fitting > 300


def written(value: Any) -> str:
    """JSON as JavaScript writes it: what is no number is null, and a whole number has no fraction."""

    def plain(each: Any) -> Any:
        if isinstance(each, dict):
            return {key: plain(member) for key, member in each.items()}
        if isinstance(each, list):
            return [plain(item) for item in each]
        if isinstance(each, float):
            return None if not math.isfinite(each) else javascript.number(each)
        return javascript.number(each) if type(each) is int else each

    return json.dumps(plain(value), sort_keys=True)


def test_every_chain_says_and_leaves_what_the_library_does(cases: list[Case], said: dict[str, Any]) -> None:
    differing, entries = [], 0
    for case, expected in zip(cases, said["chains"], strict=True):
        body = copy.deepcopy(case.body)
        ours = [compiled(case.properties, required=case.required).run({}, {}, body), body]
        entries += len(expected[0])
        if written(ours) != written(expected):
            differing.append((case, expected, ours))
    assert differing == []
    assert entries > CHAINS
