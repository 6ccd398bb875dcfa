"""Which door a request goes through: a surface by host or prefix, or the house."""

from collections.abc import Awaitable, Collection, Iterable, Mapping, Set
from functools import lru_cache

from starlette.types import ASGIApp, Receive, Scope, Send

from compat_rest.door import SurfaceDoor
from compat_rest.engine import Engine
from server.graphql import PATH
from server.middleware import HOUSE

# A name and a port.
LONGEST_HOST = 262


class Doors:
    """Sends a request to the surface its Host names, else to the one its path names, else to the house."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        surfaces: Mapping[str, SurfaceDoor],
        hosts: Mapping[str, str],
        files: Collection[str] = (),
    ) -> None:
        self.app = app
        self._by_host = {host: surfaces[name] for host, name in hosts.items()}
        self._by_prefix = [
            (f"{door.served.surface.prefix}/", door)
            for door in surfaces.values()
            if door.served.surface.prefix
        ]
        self._pages = {name: own_pages(door, files) for name, door in surfaces.items()}

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Has a request, a WebSocket or the lifespan answered; as no coroutine, it costs next to nothing."""
        if scope["type"] == "websocket":
            return self._house(scope, receive, send)
        if scope["type"] != "http":
            return self.app(scope, receive, send)
        path = scope["path"]
        door = self._by_host.get(host_of(scope["headers"]))
        if door is not None:
            if path in self._pages[door.served.surface.name]:
                return self._house(scope, receive, send)
            return door(scope, receive, send)
        for prefix, prefixed in self._by_prefix:
            if path.startswith(prefix):
                scope["surface_prefix"] = prefix[:-1]
                return prefixed(scope, receive, send)
        return self._house(scope, receive, send)

    def _house(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        labels = scope.setdefault("state", {})
        labels["surface"] = HOUSE
        labels["door"] = "graphql" if scope["path"] == PATH else "house"
        return self.app(scope, receive, send)


def host_of(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The host that a client named, without its port."""
    for key, value in headers:
        if key == b"host":
            # What is no name is not worth remembering: a client may send what it likes.
            return known_host(value) if len(value) <= LONGEST_HOST else plain_host(value)
    return ""


def plain_host(value: bytes) -> str:
    """The host of a Host header: lower case, without its port."""
    host = value.decode("latin-1").lower()
    return host.rpartition(":")[0] if ":" in host and not host.endswith("]") else host


known_host = lru_cache(maxsize=1_000)(plain_host)


def own_pages(door: SurfaceDoor, files: Collection[str]) -> Set[str]:
    """The house pages that a surface shows: those it names and its contract does not take.

    A name that ends in `*` stands for every file of the house whose path begins so.
    """
    taken = {endpoint.operation.path for endpoint in door.served.endpoints.values()}
    named = set(door.served.surface.pages)
    begun = tuple(page[:-1] for page in named if page.endswith("*"))
    return (named | {file for file in files if file.startswith(begun)}) - taken


def named_hosts(engine: Engine, hosts: Mapping[str, str]) -> dict[str, str]:
    """Host name to surface: the contract's own hosts, and those of the settings; raises ValueError."""
    own = {host: name for name, served in engine.surfaces.items() for host in served.surface.hosts}
    for host, name in hosts.items():
        if name not in engine.surfaces:
            known = ", ".join(engine.surfaces)
            raise ValueError(f"LOCKSTEP_HOSTS: {host} names the surface {name!r}; known are {known}.")
    return {**own, **hosts}
