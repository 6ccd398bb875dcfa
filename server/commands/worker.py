"""`lockstep worker`: does the jobs that servers and schedules ask for."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import timedelta
from importlib.metadata import version
from typing import Any

import click
import structlog
import uvicorn
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

import models
from models import job_kinds
from models.restores import Unfinished
from models.schedules import SCHEDULES, Clock
from server.embedded import services
from server.embedded_files import files
from server.embedded_programs import CannotStart
from server.file_store import keeping
from server.health import Health
from server.logs import configure
from server.settings import BadSetting, Settings
from server.web import OPTIONS, settle
from server.worker import Worker
from server.worker_metrics import JobMetrics, door
from server.worker_queue import Queue

logger = structlog.get_logger("server.jobs")

# By this the store knows workers.
APPLICATION = "lockstep worker"


@click.command("worker")
@click.option("--concurrency", type=click.IntRange(min=1), help="How many jobs are done at once.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Where /metrics and /health answer; 0 is nowhere."
)
def command(concurrency: int | None, port: int | None) -> None:
    """Do background jobs until SIGTERM; what runs then is ended first. A second signal ends it at once.

    Any number of workers may run, on any number of machines. Settings come from the environment.
    """
    try:
        settings = Settings.from_env().with_secrets()
        configure(settings.log_level)
        chosen = replace(
            settings,
            worker_concurrency=settings.worker_concurrency if concurrency is None else concurrency,
            worker_port=settings.worker_port if port is None else port,
        )
        with services(chosen, exclusive=False) as running, files(chosen) as place:
            found = replace(chosen, mongodb_uri=running.mongodb_uri, redis_url=running.redis_url, files=place)
            asyncio.run(run(found))
    except (BadSetting, CannotStart, Unfinished, ValueError, OSError) as error:
        sys.exit(f"lockstep: {error}")


async def run(settings: Settings) -> None:
    """Works until a signal asks to stop."""
    kinds = job_kinds.load()
    async with connected(settings) as database:
        queue = Queue(settings.redis_url or "", f"lockstep:{settings.mongodb_database}")
        metrics = JobMetrics(kinds)
        worker = Worker(
            queue=queue,
            kinds=kinds,
            name=f"{socket.gethostname()}:{os.getpid()}",
            clock=Clock(SCHEDULES),
            metrics=metrics,
            concurrency=settings.worker_concurrency,
            lease=timedelta(seconds=settings.job_lease),
            grace=timedelta(seconds=settings.job_grace),
        )
        health = Health(mongodb=database, valkey=queue.valkey, version=version("lockstep"))
        try:
            async with answering(settings, metrics, health):
                settle()
                logger.info("worker", kinds=sorted(kinds), concurrency=worker.concurrency)
                with worker.watched():
                    await worker.run(stopping(worker))
        finally:
            await queue.close()
    logger.info("worker ended")


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[AsyncDatabase[dict[str, Any]]]:
    """Everything that jobs stand on, tied to this process."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        settings.mongodb_uri, appname=APPLICATION, serverSelectionTimeoutMS=5_000, w="majority", journal=True
    )
    try:
        database = client[settings.mongodb_database]
        await models.connect(database)
        async with keeping(settings.files, settings.mongodb_database):
            yield database
    finally:
        await client.close()


def stopping(worker: Worker) -> asyncio.Event:
    """What SIGTERM and SIGINT set; the second of them leaves no more time."""
    stop = asyncio.Event()

    def asked() -> None:
        if stop.is_set():
            worker.hurry()
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked)
    return stop


class _Door(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves signals to the worker, which ends its jobs first."""
        yield


@asynccontextmanager
async def answering(settings: Settings, metrics: JobMetrics, health: Health) -> AsyncIterator[None]:
    """Has the worker answer at its port for as long as the block runs, where it has one."""
    if not settings.worker_port:
        yield
        return
    with socket.create_server((settings.host, settings.worker_port)) as listener:
        options = {**OPTIONS, "lifespan": "off"}
        server = _Door(uvicorn.Config(door(metrics, health), **options))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield
        finally:
            server.should_exit = True
            await serving
