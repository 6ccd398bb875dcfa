"""Several processes that serve together on one address, below a parent that keeps them running."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from socket import socket
from tempfile import TemporaryDirectory

import uvicorn
from starlette.applications import Starlette
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from compat_rest.contract.findings import ContractError
from server.app import create
from server.listener import bind
from server.logs import configure
from server.metrics import SHARED
from server.settings import BadSetting, Settings
from server.web import OPTIONS, settle

PARENT = "LOCKSTEP_PARENT"
PR_SET_PDEATHSIG = 1


class Workers(Multiprocess):
    """Starts one worker, which makes indexes and demo data, and the others once it serves; says so once."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket], announce: Callable[[], None]) -> None:
        super().__init__(config, sockets)
        self.wanted = self.processes_num
        self.announce: Callable[[], None] | None = announce
        self.failed = False

    def init_processes(self) -> None:
        """Starts the first worker."""
        self.processes_num = 1
        super().init_processes()

    def keep_subprocess_alive(self) -> None:
        """Replaces workers that ended, and starts those that are still missing."""
        super().keep_subprocess_alive()
        self.failed = any(process.exitcode == STARTUP_FAILURE for process in self.processes)
        if self.announce is None or self.should_exit.is_set():
            return
        if not all(process.is_ready() for process in self.processes):
            return
        if len(self.processes) < self.wanted:
            self.processes_num = self.wanted
            for _ in range(self.wanted - len(self.processes)):
                process = Process(self.config, self.sockets)
                process.start()
                self.processes.append(process)
            return
        self.announce()
        self.announce = None


def run(settings: Settings, workers: int, announce: Callable[[], None]) -> None:
    """Serves with so many workers until a signal asks to stop; they read the same settings as this process.

    `settings` names the databases, which the workers are told too.
    """
    config = uvicorn.Config(
        f"{__name__}:application",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=workers,
        **OPTIONS,
    )
    with (
        TemporaryDirectory(prefix="lockstep-metrics-") as folder,
        bind(settings.host, settings.port) as listener,
    ):
        os.environ |= {
            "MONGODB_URI": settings.mongodb_uri or "",
            "REDIS_URL": settings.redis_url or "",
            SHARED: folder,
            PARENT: str(os.getpid()),
        }
        supervisor = Workers(config, [listener], announce)
        supervisor.run()
    if supervisor.failed:
        sys.exit(STARTUP_FAILURE)


def application() -> Starlette:
    """The application of one worker, by the settings of the environment."""
    end_with_parent(int(os.environ[PARENT]))
    try:
        settings = Settings.from_env().with_secrets()
        configure(settings.log_level)
        app = create(settings)
    except (ContractError, BadSetting, ValueError) as error:
        # The parent has tried the same; what has changed since then is not to be tried over and over.
        print(f"lockstep: {error}", file=sys.stderr)
        sys.exit(STARTUP_FAILURE)
    settle()
    return app


def end_with_parent(parent: int) -> None:
    """Has the system end this worker, in order, when its parent is gone without a word."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(STARTUP_FAILURE)
