"""The arrangements of the old Node servers: in which order their libraries stood, and how they were set."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

VARIANTS: Mapping[str, Any] = json.loads(Path(__file__).with_name("variants.json").read_text())
