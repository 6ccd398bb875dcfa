"""To every recorded request of the old storage service this server answers alike."""

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
    said = replayed(recordings / "dzinza-storage", services, monkeypatch)
    record_property("figure", figure(said, "storage"))
    assert differences(said) == []
    assert (said["steps"], said["equal"], said["different"]) == (61, 54, 0)
