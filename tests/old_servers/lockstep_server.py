"""This server as the comparison drives it: a process that speaks like the old servers' processes.

Run as `python -m tests.old_servers.lockstep_server --rows FILE --secret S --mongodb URI --redis URL`; it
prints its port, then goes back to the start state that each line of its input names and says "ready".
"""

import asyncio
import secrets
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from pymongo import AsyncMongoClient

import models
from models.imports import clear, import_rows
from server.app import create
from server.logs import configure
from server.scratch import listening
from server.settings import Settings


def settings(options: Namespace, database: str) -> Settings:
    """What the old server was to its clients, on a scratch database."""
    return Settings(
        mongodb_uri=options.mongodb,
        mongodb_database=database,
        redis_url=options.redis,
        hosts={"legacy.test": options.surface},
        demo=False,
        log_level="ERROR",
        environ={
            "SECRET_KEY": options.secret,
            "JWT_SECRET": options.secret,
            "JWT_REFRESH_SECRET": f"{options.secret} for refreshing",
            "JWT_SECRET_KEY": secrets.token_urlsafe(32),
            "API_RATE_LIMIT": "1000000",
        },
    )


async def reset(surface: str, rows: Path, state: str) -> None:
    """The rows of a start state, and nothing else."""
    await clear(models.DOCUMENTS[0].get_pymongo_collection().database)
    summary = await import_rows(surface, rows, state)
    if summary.bad:
        raise SystemExit("\n".join(f"{rows}:{bad.line}: {bad.pointer}: {bad.reason}" for bad in summary.bad))


async def serve(options: Namespace) -> None:
    """Serve and reset until the input ends; the scratch database goes with it."""
    database = f"lockstep_parity_{secrets.token_hex(6)}"
    try:
        async with listening(create(settings(options, database))) as (_host, port):
            print(port, flush=True)
            while line := await asyncio.to_thread(sys.stdin.readline):
                await reset(options.surface, options.rows, line.strip())
                print("ready", flush=True)
    finally:
        async with AsyncMongoClient[dict[str, object]](options.mongodb) as client:
            await client.drop_database(database)


def main() -> None:
    """Serve as the command line says."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--surface", default="mandarin")
    parser.add_argument("--rows", type=Path, required=True)
    for name in ("--secret", "--mongodb", "--redis"):
        parser.add_argument(name, required=True)
    configure("ERROR")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
