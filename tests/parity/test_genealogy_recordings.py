"""To every recorded request of the old genealogy service this server answers alike."""

from collections.abc import Callable
from pathlib import Path

import pytest

from server.embedded import Services
from tests.parity.replayed import differences, figure, replayed


def test_every_step_is_equal_or_explained(
    recordings: Path,
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    said = replayed(recordings / "dzinza-genealogy", services, monkeypatch)
    record_property("figure", figure(said, "genealogy"))
    assert differences(said) == []
    assert (said["steps"], said["different"]) == (462, 0)
