"""What a resolver may ask about the place where it is called, made only when it asks."""

from functools import lru_cache
from typing import Any

from graphql.pyutils import Path
from strawberry.types import Info

from schema.execution.request import Request
from schema.execution.sites import Field, Position


def path_at(position: Position | None) -> Path | None:
    """A position as graphql-core's path."""
    if position is None:
        return None
    parent, index, _, site = position
    if isinstance(site, Field):
        return Path(path_at(parent), site.key, site.parent.name)
    return Path(path_at(parent), index, None)


def raw_info(request: Request, site: Field, parent: Position | None) -> Any:
    """The info that graphql-core's or Strawberry's executor hands to a resolver."""
    path = Path(path_at(parent), site.key, site.parent.name)
    return request.stock.build_resolve_info(site.definition, site.nodes, site.parent, path)


def info_at(request: Request, position: Position) -> Any:
    """The same for the field in which a position lies."""
    while not isinstance(position[3], Field):
        position = position[0]
    return raw_info(request, position[3], position[0])


@lru_cache(maxsize=32)
def info_class(base: type[Info[Any, Any]]) -> Any:
    """Makes infos of a class out of a request, a field and a position: lazy ones where the class allows."""
    if base.__init__ is not Info.__init__ or hasattr(base, "__post_init__"):
        return _ready(base)
    quick = {
        "context": property(lambda self: self._request.context),
        "field_name": property(lambda self: self._site.name),
        "root_value": property(lambda self: self._request.root),
        "variable_values": property(lambda self: self._request.coerced),
    }
    kept = {name: value for name, value in quick.items() if getattr(base, name) is getattr(Info, name)}
    return type(base.__name__, (_Lazy, base), kept)


class _Lazy:
    """An info that knows its request and its place, and makes the rest when it is asked for."""

    def __init__(self, request: Request, site: Field, parent: Position | None) -> None:
        self._request = request
        self._site = site
        self._parent = parent

    memo = property(lambda self: self._site.memo)
    _field = property(lambda self: self._site.strawberry)

    @property
    def _raw_info(self) -> Any:
        raw = self.__dict__.get("_raw")
        if raw is None:
            raw = self.__dict__["_raw"] = raw_info(self._request, self._site, self._parent)
        return raw


def _ready(base: type[Info[Any, Any]]) -> Any:
    def make(request: Request, site: Field, parent: Position | None) -> Any:
        info: Any = base(_raw_info=raw_info(request, site, parent), _field=site.strawberry)
        info.memo = site.memo
        return info

    return make
