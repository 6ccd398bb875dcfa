"""`lockstep serve`: the server, with MongoDB and Valkey beside it where none are named."""

import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from socket import socket

import click
import uvicorn

from compat_rest.contract.findings import ContractError
from compat_rest.engine import Engine, refused
from server.app import compiled, create
from server.doors import named_hosts
from server.embedded import services
from server.embedded_files import files
from server.embedded_programs import CannotStart
from server.logs import configure
from server.settings import BadSetting, Settings
from server.web import OPTIONS, settle
from server.worker_beside import worker_beside
from server.workers import run as run_workers


@click.command("serve")
@click.option(
    "--workers", default=1, type=click.IntRange(min=1), help="How many processes serve; 1 is the default."
)
@click.option(
    "--worker/--no-worker",
    default=None,
    help="Whether a `lockstep worker` runs beside it; by itself where it has its own MongoDB.",
)
def command(workers: int, worker: bool | None) -> None:
    """Serve on HOST:PORT; settings come from the environment, README.md lists them."""
    try:
        settings = Settings.from_env().with_secrets()
        configure(settings.log_level)
        with services(settings, exclusive=True) as running, files(settings) as place:
            chosen = replace(
                settings, mongodb_uri=running.mongodb_uri, redis_url=running.redis_url, files=place
            )
            wanted = not settings.mongodb_uri if worker is None else worker
            with worker_beside(chosen, wanted) as serving:
                run(chosen, workers, serving.set)
    except ContractError as error:
        sys.exit(refused(error))
    except (BadSetting, CannotStart, ValueError) as error:
        sys.exit(f"lockstep: {error}")


def run(settings: Settings, workers: int, serving: Callable[[], None]) -> None:
    """Serves until a signal asks to stop; calls `serving` once it does."""
    if workers > 1:
        # What the workers would refuse is refused here, once.
        text = worth_opening(compiled(settings), settings)
        return run_workers(settings, workers, partial(announce, text, serving))
    app = create(settings)
    settle()
    config = uvicorn.Config(app, host=settings.host, port=settings.port, **OPTIONS)
    server = Announcing(config, partial(announce, worth_opening(app.state.engine, settings), serving))
    # Once it has stopped in order, uvicorn raises the signal again.
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(3)


class Announcing(uvicorn.Server):
    """A server that says where it answers, once it does."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self.announce = announce

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Begins to listen."""
        await super().startup(sockets)
        if self.started:
            self.announce()


def announce(text: str, serving: Callable[[], None]) -> None:
    """Says that it serves, to the terminal and to what waits for it."""
    click.echo(text, err=True)
    serving()


def worth_opening(engine: Engine, settings: Settings) -> str:
    """The addresses of the house, and one legacy endpoint of each surface as its clients call it."""
    base = f"http://{settings.host}:{settings.port}"
    hosts = {name: host for host, name in named_hosts(engine, settings.hosts).items()}
    lines = [
        f"Lockstep serves on {base}",
        f"  GraphiQL            {base}/graphql",
        f"  REST documentation  {base}/docs",
        f"  REST reference      {base}/redoc",
        f"  Health              {base}/health",
    ]
    for name, served in engine.surfaces.items():
        operations = (endpoint.operation for endpoint in served.endpoints.values())
        plain = (each.path for each in operations if each.method == "GET" and each.anonymous)
        path = next((path for path in plain if "{" not in path), "/")
        host = f"-H 'Host: {hosts[name]}' {base}" if name in hosts else f"{base}{served.surface.prefix}"
        lines.append(f"  Legacy {name:<12} curl {host}{path}")
    return "\n".join(lines)
