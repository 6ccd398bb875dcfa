"""The ASGI application, its settings and its command line."""

import sys

# structlog loads rich wherever it finds it, for tracebacks in colour, which nothing here writes: a twentieth
# of a worker's memory. Commands that draw tables load it themselves.
_drawing = "rich" in sys.modules
if not _drawing:
    sys.modules["rich"] = None  # type: ignore[assignment]  # how Python is told that a module is not there
import structlog as structlog  # noqa: E402  # while rich is not there

if not _drawing:
    del sys.modules["rich"]
