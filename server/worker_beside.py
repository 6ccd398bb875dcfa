"""A worker beside a server: begun once that serves, begun again when it ends, ended with the server."""

import os
import subprocess  # nosec B404  # starts this program once more, without a shell
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from server.embedded import tied_to_this
from server.settings import Settings

COMMAND = (sys.executable, "-c", "from server.cli import main; main()", "worker")
# Seconds before it is begun again; and after how many it counts as one that works.
PAUSES, WELL = (1.0, 2.0, 5.0, 15.0, 30.0), 60.0
logger = structlog.get_logger("server.jobs")


class Beside:
    """Keeps one worker running, from a thread."""

    def __init__(self, settings: Settings) -> None:
        self.environ = environ_of(settings)
        # What its jobs may take to end, and a little for itself.
        self.patience = settings.job_grace + 5.0
        self.serving, self.ending = threading.Event(), threading.Event()
        self.gate = threading.Lock()
        self.process: subprocess.Popen[bytes] | None = None
        # The system ends the worker with the thread that has begun it, so this one lasts.
        self.thread = threading.Thread(target=self.keep, daemon=True)
        self.thread.start()

    def keep(self) -> None:
        """Begins the worker again and again until the end."""
        self.serving.wait()
        failed = 0
        while not self.ending.is_set():
            begun = time.monotonic()
            with self.gate:
                if self.ending.is_set():
                    return
                self.process = begin(self.environ)
            code = self.process.wait()
            if self.ending.is_set():
                return
            failed = 1 if time.monotonic() - begun > WELL else failed + 1
            pause = PAUSES[min(failed, len(PAUSES)) - 1]
            logger.warning("the worker beside has ended", code=code, again_in=pause)
            self.ending.wait(pause)

    def close(self) -> None:
        """Ends the worker in order, or by force where it takes too long."""
        with self.gate:
            self.ending.set()
            self.serving.set()
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(self.patience)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.thread.join(self.patience)


def begin(environ: dict[str, str]) -> subprocess.Popen[bytes]:
    """The worker, which ends with this process even where nobody can tell it to."""
    # A session of its own: Ctrl-C reaches this process only, which then ends the worker in order.
    return subprocess.Popen(  # nosec B603  # a list of arguments, no shell
        [*tied_to_this(), *COMMAND], env=environ, stdin=subprocess.DEVNULL, start_new_session=True
    )


def environ_of(settings: Settings) -> dict[str, str]:
    """The environment of this process, with the databases that it has."""
    found = {"MONGODB_URI": settings.mongodb_uri or "", "REDIS_URL": settings.redis_url or ""}
    kept = {name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in found}
    return {**kept, **found}


@contextmanager
def worker_beside(settings: Settings, wanted: bool) -> Iterator[threading.Event]:
    """A worker for as long as the block runs, if one is wanted, from the moment that the event is set."""
    if not wanted:
        yield threading.Event()
        return
    beside = Beside(settings)
    try:
        yield beside.serving
    finally:
        beside.close()
