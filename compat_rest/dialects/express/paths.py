"""Routes as Express 4 finds them: by path-to-regexp 0.1.12, in the order of the contract.

The case of letters and one slash at the end do not matter; two slashes in a row do, but where a router is
mounted. Paths of usual requests are looked up; the others are tried against one rule after the other.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from compat_rest.contract.before import is_below
from compat_rest.contract.operations import Operation
from compat_rest.dialects.base import MISSING, Match, Missing
from compat_rest.dialects.express.query import decoded
from compat_rest.refusal import Refusal

PARAMETER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Route:
    """An operation and the paths that lead to it."""

    operation: Operation
    form: re.Pattern[str]

    def values(self, path: str) -> dict[str, str] | None:
        """The values in a path; None where the route has another one. Raises Refusal UNREADABLE_BODY."""
        found = self.form.match(path)
        if found is None:
            return None
        return {name: value_of(text) for name, text in found.groupdict().items()}


class Routes:
    """The operations of a surface by their paths."""

    def __init__(self, operations: Sequence[Operation], routers: Sequence[str]) -> None:
        # By the slashes that their paths may have, each list in the order of the contract.
        self._routes: dict[int, list[Route]] = {}
        paths = {operation.path for operation in operations}
        for operation in operations:
            # Two that differ by the slash at their end only take their own path each.
            bare = operation.path.rstrip("/")
            end = operation.path[len(bare) :] if {bare, f"{bare}/"} <= paths else "/?"
            route = Route(operation, form_of(bare, end, routers))
            least = operation.path.rstrip("/").count("/")
            for slashes in range(least, least + 3):
                self._routes.setdefault(slashes, []).append(route)
        # Paths without parameters, asked for once.
        self._fixed: dict[tuple[str, str], Operation] = {}
        for operation in operations:
            if "{" not in operation.path:
                for method in ("GET", "HEAD") if operation.method == "GET" else (operation.method,):
                    answer = self._search(method, operation.path)
                    if isinstance(answer, Match):
                        self._fixed[method, operation.path.lower()] = answer.operation

    def find(self, method: str, path: str) -> Match | Missing:
        """The operation of a path, with the values in it; raises Refusal UNREADABLE_BODY."""
        operation = self._fixed.get((method, path)) or self._fixed.get((method, path.lower()))
        return Match(operation, {}) if operation else self._search(method, path)

    def _search(self, method: str, path: str) -> Match | Missing:
        for route in self._routes.get(path.count("/"), ()):
            # A path that cannot be read is wrong for every method, once a route has its form.
            values = route.values(path)
            if values is not None and method in (route.operation.method, "HEAD"):
                if method == route.operation.method or route.operation.method == "GET":
                    return Match(route.operation, values)
        return MISSING


def form_of(bare: str, end: str, routers: Sequence[str]) -> re.Pattern[str]:
    """The paths that lead to a route, as a pattern."""
    mount = next((each for each in sorted(routers, key=len, reverse=True) if inside(bare, each)), None)
    if mount is None:
        return re.compile(rf"{pieces(bare)}{end}\Z", re.IGNORECASE | re.ASCII)
    # A router takes a slash at its end along with its own path.
    return re.compile(rf"{pieces(mount)}/?{pieces(bare[len(mount) :])}{end}\Z", re.IGNORECASE | re.ASCII)


def inside(path: str, mount: str) -> bool:
    """Whether a path is that of a router, or below it."""
    return path == mount or path.startswith(f"{mount}/")


def pieces(path: str) -> str:
    """A path of the contract as a pattern."""
    texts = enumerate(PARAMETER.split(path))
    return "".join(f"(?P<{text}>[^/]+?)" if place % 2 else re.escape(text) for place, text in texts)


def value_of(text: str) -> str:
    """What a part of a path stands for; raises Refusal UNREADABLE_BODY where it cannot be read."""
    try:
        return decoded(text)
    except ValueError:
        raise unreadable(text) from None


def unreadable(text: str) -> Refusal:
    """What Express says of a path that it cannot read."""
    message = f"Failed to decode param '{text}'"
    thrown = {"statusCode": 400, "status": 400}
    details = {"message": message, "name": "URIError", "status": 400, "thrown": thrown}
    return Refusal("UNREADABLE_BODY", details)


def check_star(path: str, starts: Sequence[str]) -> None:
    """Has the rest of a path read where a rule takes all of it; raises Refusal UNREADABLE_BODY."""
    start = next((start for start in starts if not start or is_below(path, start)), "")
    if start.endswith("/"):
        value_of(path[len(start) :])
