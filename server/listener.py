"""The address that several workers serve on, each with a socket of its own where the system can do that."""

import socket as names
import sys
from socket import AF_INET, AF_INET6, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket
from typing import Any

from uvicorn.config import STARTUP_FAILURE

# Not every system knows it by name.
REUSEPORT: int = getattr(names, "SO_REUSEPORT", 0)


class Listener(socket):
    """An address that is ours; handed to a worker, it becomes a socket of the worker's own at that address.

    Of a socket that they share, the worker that wakes first takes nearly all connections.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        return beside, (self.family, self.getsockname())


def beside(family: int, address: Any) -> socket:
    """One more socket at an address whose sockets allow it; raises OSError where they do not."""
    return bound(family, address, SO_REUSEADDR, REUSEPORT)


def bind(host: str, port: int) -> socket:
    """The address to serve on, for this server alone; where it is taken, says so and ends.

    Only Linux spreads connections over the sockets at one address; elsewhere the workers share one socket.
    """
    taken = exclusive(AF_INET6 if ":" in host else AF_INET, (host, port))
    if sys.platform != "linux":
        return taken
    # Allowed only now: with it from the start, two servers would share an address and not know.
    taken.setsockopt(SOL_SOCKET, REUSEPORT, 1)
    return Listener(taken.family, taken.type, fileno=taken.detach())


def exclusive(family: int, address: tuple[str, int]) -> socket:
    """A socket at an address where nobody else listens."""
    try:
        # Nobody else can bind beside it, even before a worker listens.
        return bound(family, address)
    except OSError:
        # Connections of a server before this one may linger there, which do no harm.
        try:
            return bound(family, address, SO_REUSEADDR)
        except OSError as error:
            print(f"lockstep: cannot serve on {address[0]}:{address[1]}: {error.strerror}", file=sys.stderr)
            sys.exit(STARTUP_FAILURE)


def bound(family: int, address: Any, *options: int) -> socket:
    """A socket with these options at an address; raises OSError where it cannot be there."""
    made = socket(family, SOCK_STREAM)
    try:
        for option in options:
            made.setsockopt(SOL_SOCKET, option, 1)
        made.bind(address)
    except OSError:
        made.close()
        raise
    return made
