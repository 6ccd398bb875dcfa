"""To every recorded request of the old gateway and of the accounts service this server answers alike."""

from collections.abc import Callable
from pathlib import Path

import pytest

from server.embedded import Services
from tests.parity.replayed import differences, figure, replayed


@pytest.mark.parametrize(("surface", "steps"), [("gateway", 486), ("auth", 61)])
def test_every_step_is_equal_or_explained(
    surface: str,
    steps: int,
    recordings: Path,
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    said = replayed(recordings / f"dzinza-{surface}", services, monkeypatch)
    record_property("figure", figure(said, surface))
    assert differences(said) == []
    assert (said["steps"], said["different"]) == (steps, 0)
