"""Commands that the models send to MongoDB, noted by a listener of the real driver."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.monitoring import CommandListener, CommandStartedEvent

import models
from models.users import User
from server.embedded import Services


class Commands(CommandListener):
    """Notes every command that is sent."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        self.sent.append({**event.command, "command": event.command_name})

    def succeeded(self, event: object) -> None:
        pass

    def failed(self, event: object) -> None:
        pass

    def of(self, *names: str) -> list[dict[str, Any]]:
        """The commands of these names, in their order."""
        return [command for command in self.sent if command["command"] in names]

    @property
    def reads(self) -> list[str]:
        """The collections that were read, in their order."""
        return [command[command["command"]] for command in self.of("find", "aggregate", "getMore")]


@asynccontextmanager
async def noted(services: Services, name: str | None = None) -> AsyncIterator[Commands]:
    """What is sent while a client that is listened to ties the models to their database, or to another."""
    bound = User.get_pymongo_collection().database
    commands = Commands()
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        services.mongodb_uri, event_listeners=[commands]
    )
    try:
        await models.connect(client[name or bound.name])
        commands.sent.clear()
        yield commands
    finally:
        await models.connect(bound)
        await client.close()
