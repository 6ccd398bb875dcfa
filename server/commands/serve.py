"""`lockstep serve`: the server, with MongoDB and Valkey beside it where none are named."""

import sys
from contextlib import suppress
from dataclasses import replace
from socket import socket

import click
import uvicorn

import schema
from compat_rest.contract.findings import ContractError
from compat_rest.engine import Engine, compile_engine, refused
from server.app import create
from server.doors import named_hosts
from server.embedded import services
from server.embedded_programs import CannotStart
from server.logs import configure
from server.settings import BadSetting, Settings
from server.web import OPTIONS, settle
from server.workers import run as run_workers


@click.command("serve")
@click.option(
    "--workers", default=1, type=click.IntRange(min=1), help="How many processes serve; 1 is the default."
)
def command(workers: int) -> None:
    """Serve on HOST:PORT; settings come from the environment, README.md lists them."""
    try:
        settings = Settings.from_env().with_secrets()
        configure(settings.log_level)
        with services(settings, exclusive=True) as running:
            run(replace(settings, mongodb_uri=running.mongodb_uri, redis_url=running.redis_url), workers)
    except ContractError as error:
        sys.exit(refused(error))
    except (BadSetting, CannotStart, ValueError) as error:
        sys.exit(f"lockstep: {error}")


def run(settings: Settings, workers: int) -> None:
    """Serves until a signal asks to stop."""
    if workers > 1:
        # What the workers would refuse is refused here, once.
        checked = schema.build(leaves="raw", execution=settings.execution)
        engine = compile_engine(settings.contract, checked, settings.environ)
        text = worth_opening(engine, settings)
        return run_workers(settings, workers, lambda: click.echo(text, err=True))
    app = create(settings)
    settle()
    config = uvicorn.Config(app, host=settings.host, port=settings.port, **OPTIONS)
    server = Announcing(config, worth_opening(app.state.engine, settings))
    # Once it has stopped in order, uvicorn raises the signal again.
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(3)


class Announcing(uvicorn.Server):
    """A server that says where it answers, once it does."""

    def __init__(self, config: uvicorn.Config, text: str) -> None:
        super().__init__(config)
        self.text = text

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Begins to listen."""
        await super().startup(sockets)
        if self.started:
            click.echo(self.text, err=True)


def worth_opening(engine: Engine, settings: Settings) -> str:
    """The addresses of the house, and one legacy endpoint of each surface as its clients call it."""
    base = f"http://{settings.host}:{settings.port}"
    hosts = {name: host for host, name in named_hosts(engine, settings.hosts).items()}
    lines = [
        f"Lockstep serves on {base}",
        f"  GraphiQL            {base}/graphql",
        f"  REST documentation  {base}/docs",
        f"  Health              {base}/health",
    ]
    for name, served in engine.surfaces.items():
        operations = (endpoint.operation for endpoint in served.endpoints.values())
        plain = (each.path for each in operations if each.method == "GET" and each.anonymous)
        path = next((path for path in plain if "{" not in path), "/")
        host = f"-H 'Host: {hosts[name]}' {base}" if name in hosts else f"{base}{served.surface.prefix}"
        lines.append(f"  Legacy {name:<12} curl {host}{path}")
    return "\n".join(lines)
