"""Fields with permissions, asked as Strawberry asks them but without its chain of wrappers."""

from collections.abc import Callable
from inspect import isawaitable, iscoroutine
from typing import Any

from strawberry.exceptions import (
    PermissionReturnedAwaitableInSyncContextError,
    PermissionReturnedNonBooleanError,
)
from strawberry.permission import BasePermission, PermissionExtension
from strawberry.types.fields.resolver import StrawberryResolver

from schema.execution.request import Request
from schema.execution.sites import Field, Position


class Guarded:
    """A resolver behind permissions."""

    def __init__(
        self,
        extension: PermissionExtension,
        function: Callable[..., Any],
        resolver: StrawberryResolver[Any],
        site: Field,
        info: Any,
    ) -> None:
        self.extension = extension
        self.function = function
        self.site = site
        self.info = info
        self.takes_source = resolver.self_parameter is not None
        self.asks = resolver.info_parameter.name if resolver.info_parameter else None

    def now(self, request: Request, source: Any, parent: Position | None, /, **arguments: Any) -> Any:
        """Asks the permissions at once, and calls the resolver."""
        info = self.info(request, self.site, parent)
        self._show(arguments, info)
        for permission in self.extension.permissions:
            verdict = permission.has_permission(source, info, **arguments)
            if verdict is True:
                continue
            if verdict is not False:
                _refuse(permission, verdict)
            return self.extension._on_unauthorized(permission)
        return self._call(source, arguments, info)

    async def later(self, request: Request, source: Any, parent: Position | None, /, **arguments: Any) -> Any:
        """Asks the permissions, awaits what they answer, and awaits the resolver."""
        info = self.info(request, self.site, parent)
        self._show(arguments, info)
        for permission in self.extension.permissions:
            verdict = permission.has_permission(source, info, **arguments)
            if verdict is True:
                continue
            if isawaitable(verdict):
                verdict = await verdict
            if not isinstance(verdict, bool):
                if iscoroutine(verdict):
                    verdict.close()
                raise PermissionReturnedNonBooleanError(permission, verdict)
            if not verdict:
                return self.extension._on_unauthorized(permission)
        return await self._call(source, arguments, info)

    def _show(self, arguments: dict[str, Any], info: Any) -> None:
        # Permissions are shown every argument but the one named info, which they have already.
        if self.asks is not None and self.asks != "info":
            arguments[self.asks] = info

    def _call(self, source: Any, arguments: dict[str, Any], info: Any) -> Any:
        if self.asks == "info":
            arguments["info"] = info
        return self.function(source, **arguments) if self.takes_source else self.function(**arguments)


def _refuse(permission: BasePermission, verdict: Any) -> None:
    """Only a boolean decides: an awaitable would be taken for a yes."""
    if isawaitable(verdict):
        if iscoroutine(verdict):
            verdict.close()
        raise PermissionReturnedAwaitableInSyncContextError(permission)
    raise PermissionReturnedNonBooleanError(permission, verdict)
