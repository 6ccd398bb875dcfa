"""What the parity tests share."""

from pathlib import Path

import pytest


@pytest.fixture
def repository() -> Path:
    """The root of the project."""
    return Path(__file__).resolve().parents[3]
