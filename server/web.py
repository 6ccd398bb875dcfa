"""How uvicorn is run, wherever it is: one answer on the wire for every way to start."""

import gc
from typing import Any

from server.protocol import BoundedProtocol

OPTIONS: dict[str, Any] = {
    "log_config": None,
    "access_log": False,
    # A failure while starting ends the server; by itself uvicorn would serve on without what was started.
    "lifespan": "on",
    # Forwarded headers would change redirects; a proxy in front is told to keep Host instead.
    "proxy_headers": False,
    "server_header": False,
    "timeout_graceful_shutdown": 10,
    "http": BoundedProtocol,
    # A GraphQL message over WebSocket is as large as a request at most.
    "ws_max_size": 1_000_000,
}

# Allocations between two searches for garbage, and how often the older generations are searched along.
THRESHOLDS = (50_000, 20, 50)


def settle() -> None:
    """Takes what a server is made of out of the search for garbage, which would stop every request for it.

    For a process that serves one application until it ends.
    """
    gc.collect()
    gc.freeze()
    # Requests leave few cycles, and many objects that live until they are answered. Looked for every 700
    # allocations, as Python does by itself, garbage costs more than half of an answer with many tasks.
    gc.set_threshold(*THRESHOLDS)
