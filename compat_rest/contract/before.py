"""What a surface does before its routes: who may ask from where, how often, and whose paths it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from limits import parse

from compat_rest.contract.expressions import Evaluate, compile_text, resolved
from compat_rest.contract.findings import Collector
from compat_rest.contract.source import Node

STEPS = ("cors", "compress", "body")
# Before the name of a limit, in `before` and in `x-stages`.
LIMIT = "limit:"
LIMIT_KEYS = ("name", "paths", "rate", "cost", "key", "headers", "hops")
HEADERS = ("draft-6", "legacy", "none")
CORS_KEYS = ("origins", "methods", "headers", "preflight")
MOUNT_KEYS = ("path", "surface")
METHODS = ("GET", "HEAD", "PUT", "PATCH", "POST", "DELETE")


@dataclass(frozen=True)
class Limit:
    """How often somebody may ask for some paths, and how the answer tells."""

    name: str
    # So often in so many seconds.
    amount: int
    window: int
    cost: int = 1
    # In lower case; the path itself and what is below it. None at all for every path.
    paths: tuple[str, ...] = ()
    headers: str = "draft-6"
    # Who is counted; None for the client's address.
    key: Evaluate | None = None
    # How many proxies before this server name their client in X-Forwarded-For.
    hops: int = 0

    def covers(self, path: str) -> bool:
        """Whether a request for a path is counted."""
        return not self.paths or any(is_below(path, each) for each in self.paths)


class Mount(NamedTuple):
    """Paths that another surface answers, without this part of them."""

    path: str
    surface: str

    def inside(self, path: str) -> str | None:
        """The path as the other surface sees it; None where it is not its."""
        return path[len(self.path) :] or "/" if is_below(path, self.path.lower()) else None


def is_below(path: str, start: str) -> bool:
    """Whether a path is a start in lower case or below it; a start with a slash at its end is only above."""
    lower = path.lower()
    return lower.startswith(start) and (start.endswith("/") or lower[len(start) :][:1] in ("", "/"))


def read_limits(node: Node, environ: Mapping[str, str], found: Collector) -> tuple[Limit, ...]:
    """The limits of a surface; disagreements go to `found`."""
    limits: dict[str, Limit] = {}
    for entry in node.elements("limits"):
        unknown_keys("limit", entry, LIMIT_KEYS, found)
        limit = _limit(entry, environ, found)
        if limit.name in limits:
            found.add(entry, "", f"There are two limits {limit.name!r}.", "Give each its own name.")
        limits[limit.name] = limit
    return tuple(limits.values())


def _limit(entry: Node, environ: Mapping[str, str], found: Collector) -> Limit:
    name, paths, key = str(entry.plain("name", "")), entry.plain("paths", []), entry.plain("key", "client")
    rate = str(resolved(entry.plain("rate", ""), environ))
    amount, window = 1, 1
    try:
        item = parse(rate)
        amount, window = item.amount, item.get_expiry()
    except ValueError:
        found.add(entry, "", f"{rate!r} is no rate.", "Write one like `100/15 minutes`.")
    headers = str(entry.plain("headers", "draft-6"))
    if headers not in HEADERS:
        found.add(entry, "", f"There are no headers {headers!r}.", f"Known are {', '.join(HEADERS)}.")
    if not name:
        found.add(entry, "", "A limit has no name.", "Give it a `name`.")
    return Limit(
        name=name,
        amount=amount,
        window=window,
        cost=int(entry.plain("cost", 1)),
        paths=tuple(str(path).lower() for path in _listed(paths)),
        headers=headers,
        key=None if key == "client" else compile_text(str(key), environ),
        hops=int(entry.plain("hops", 0)),
    )


def read_cors(node: Node, environ: Mapping[str, str], found: Collector) -> dict[str, Any]:
    """Who may call from another origin: origins, methods, headers and preflight; empty where unsaid."""
    entry = node.get("cors")
    if entry is None:
        return {}
    unknown_keys("cors", entry, CORS_KEYS, found)
    said = resolved(entry.value, environ)
    origins = [part for text in _listed(said.get("origins", [])) for part in str(text).split(",")]
    headers = said.get("headers")
    return {
        "origins": tuple(origins),
        "methods": tuple(said.get("methods", METHODS)),
        # None for those that a preflight asks for.
        "headers": None if headers is None else tuple(headers),
        "preflight": int(said.get("preflight", 204)),
    }


def read_mounts(node: Node, found: Collector) -> tuple[Mount, ...]:
    """Whose paths the surface answers with another one."""
    mounts = []
    for entry in node.elements("mounts"):
        unknown_keys("mount", entry, MOUNT_KEYS, found)
        mounts.append(Mount(str(entry.plain("path", "")).rstrip("/"), str(entry.plain("surface", ""))))
    return tuple(mounts)


def known_before(
    node: Node, limits: Sequence[Limit], cors: Mapping[str, Any], found: Collector
) -> tuple[str, ...]:
    """The steps of a surface before its routes; refuses those that do not exist, or lack what they need."""
    before: list[str] = node.plain("before", [])
    if ("cors" in before) != bool(cors):
        found.add(node, "", "`cors` and `before` disagree.", "Say both: the values, and when they count.")
    known = check_steps(before, STEPS, limits, node, "", found)
    return tuple(step for step in before if step in known)


def check_steps(
    steps: Sequence[str],
    known: Sequence[str],
    limits: Sequence[Limit],
    node: Node,
    operation: str,
    found: Collector,
) -> list[str]:
    """Those there are, with each limit of the surface; refuses steps that do not exist or stand twice."""
    names = [*known, *(f"{LIMIT}{limit.name}" for limit in limits)]
    for step in steps:
        if step not in names:
            found.add(node, operation, f"There is no stage {step!r}.", f"Known are {', '.join(names)}.")
    if len(set(steps)) != len(steps):
        found.add(node, operation, "A stage stands twice.", "Name each stage once.")
    return names


def unknown_keys(what: str, node: Node, keys: Sequence[str], found: Collector) -> None:
    """Refuses keys that mean nothing."""
    for key in node.value:
        if key not in keys:
            found.add(node, "", f"A {what} has no {key!r}.", f"Known are {', '.join(keys)}.")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
