"""What the driver of MongoDB tells: the time of commands, which fail, and how full its pool is."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
    ConnectionCheckedInEvent,
    ConnectionCheckedOutEvent,
    ConnectionCheckOutFailedEvent,
    ConnectionCheckOutStartedEvent,
    ConnectionClosedEvent,
    ConnectionCreatedEvent,
    ConnectionPoolListener,
    ConnectionReadyEvent,
    PoolClearedEvent,
    PoolClosedEvent,
    PoolCreatedEvent,
    PoolReadyEvent,
)

MICROSECONDS = 1e-6
BUCKETS = (0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
# Waits for what comes, so that its time says nothing.
WAITING = frozenset({"getMore", "hello", "isMaster"})


class DatabaseMetrics(CommandListener, ConnectionPoolListener):
    """Counts what the driver of one client does; it never sees what was asked or answered."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.duration = Histogram(
            "mongodb_command_duration_seconds",
            "Time from a command to its answer; those that wait for news are left out.",
            ("command",),
            buckets=BUCKETS,
            registry=registry,
        )
        self.failures = Counter(
            "mongodb_command_failures",
            "Commands that MongoDB refused or that got no answer.",
            ("command",),
            registry=registry,
        )
        self.open = Gauge(
            "mongodb_pool_connections",
            "Connections that are open.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self.used = Gauge(
            "mongodb_pool_connections_in_use",
            "Connections that a command has now.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self.full = Counter(
            "mongodb_pool_failures", "Commands for which there was no connection.", registry=registry
        )
        self.observe: dict[str, Callable[[float], None]] = {}

    def started(self, event: CommandStartedEvent) -> None:
        """Nothing: only the end counts."""

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Takes the time of a command."""
        name = event.command_name
        if name in WAITING:
            return
        observe = self.observe.get(name)
        if observe is None:
            observe = self.observe[name] = self.duration.labels(name).observe
        observe(event.duration_micros * MICROSECONDS)

    def failed(self, event: CommandFailedEvent) -> None:
        """Counts a command that failed."""
        self.failures.labels(event.command_name).inc()

    def connection_created(self, event: ConnectionCreatedEvent) -> None:
        """Counts a connection in."""
        self.open.inc()

    def connection_closed(self, event: ConnectionClosedEvent) -> None:
        """Counts a connection out."""
        self.open.dec()

    def connection_checked_out(self, event: ConnectionCheckedOutEvent) -> None:
        """Counts a connection that a command got."""
        self.used.inc()

    def connection_checked_in(self, event: ConnectionCheckedInEvent) -> None:
        """Counts a connection that a command gave back."""
        self.used.dec()

    def connection_check_out_failed(self, event: ConnectionCheckOutFailedEvent) -> None:
        """Counts a command for which there was no connection."""
        self.full.inc()

    def connection_check_out_started(self, event: ConnectionCheckOutStartedEvent) -> None:
        """Nothing: what it gets is told."""

    def connection_ready(self, event: ConnectionReadyEvent) -> None:
        """Nothing: it was counted when it was created."""

    def pool_created(self, event: PoolCreatedEvent) -> None:
        """Nothing: its connections are told."""

    def pool_ready(self, event: PoolReadyEvent) -> None:
        """Nothing: its connections are told."""

    def pool_cleared(self, event: PoolClearedEvent) -> None:
        """Nothing: its connections are told."""

    def pool_closed(self, event: PoolClosedEvent) -> None:
        """Nothing: its connections are told."""
