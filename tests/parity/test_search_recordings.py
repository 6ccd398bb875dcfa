"""To every recorded request of the old search service this server answers alike."""

from collections.abc import Callable
from pathlib import Path

import pytest

from server.embedded import Services
from tests.parity.replayed import differences, figure, replayed


def test_every_step_is_equal(
    recordings: Path,
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    said = replayed(recordings / "dzinza-search", services, monkeypatch)
    record_property("figure", figure(said, "search"))
    assert differences(said) == []
    assert (said["steps"], said["equal"], said["different"]) == (42, 42, 0)
