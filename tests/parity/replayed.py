"""Replays every recording of one old server against this one, by the command itself."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from compat_rest.parity.deviations import KINDS, Deviations
from server.cli import main
from server.embedded import Services

DEVIATIONS = Path(__file__).parents[2] / "docs" / "deviations.md"


def replayed(folder: Path, services: Services, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What `lockstep replay` says in JSON of the recordings in a folder."""
    monkeypatch.setenv("MONGODB_URI", services.mongodb_uri)
    monkeypatch.setenv("REDIS_URL", services.redis_url)
    paths = [str(path) for path in sorted(folder.glob("*.a.har"))]
    assert paths, f"there is no recording in {folder}"
    fixtures = folder.parent / "fixtures.json"
    result = CliRunner().invoke(main, ["replay", *paths, "--import", str(fixtures), "--json", "-"])
    assert result.exit_code in (0, 1), result.stderr
    said: dict[str, Any] = json.loads(result.stdout)
    return said


def differences(said: dict[str, Any]) -> list[Any]:
    """Every step that no rule explains."""
    return [
        (recording["name"], one["step"], one["places"])
        for recording in said["recordings"]
        for one in recording["differences"]
        if one["deviation"] is None
    ]


def figure(said: dict[str, Any], surface: str) -> str:
    """How much was compared, and how many rules of which kind explained a step."""
    kinds = {row.id: row.kind for row in Deviations.load(DEVIATIONS).rows}
    used = Counter(kinds[row] for row, steps in said["deviations"].items() if steps)
    rules = ", ".join(f"{kind} {used[kind]}" for kind in KINDS if used[kind]) or "none"
    return (
        f"{surface}: {len(said['recordings'])} recordings, {said['steps']} steps, "
        f"{said['equal']} equal, {said['different']} different; rules: {rules}"
    )
