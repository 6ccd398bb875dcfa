"""Metrics of a worker for Prometheus, and the small door at which it tells them and how it is."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from models.job_runs import Run
from server.health import Health
from server.metrics import encoder

OTHER = "other"
# From a row that is written to a large file that is read.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)


class JobMetrics:
    """The metrics of one worker, in a registry of their own."""

    def __init__(self, kinds: Mapping[str, object]) -> None:
        self.kinds = kinds
        self.registry = registry = CollectorRegistry()
        self.attempts = Counter(
            "lockstep_jobs", "Attempts at jobs that have ended.", ("kind", "outcome"), registry=registry
        )
        self.duration = Histogram(
            "lockstep_job_duration_seconds",
            "How long an attempt took.",
            ("kind",),
            buckets=BUCKETS,
            registry=registry,
        )
        self.waits = Histogram(
            "lockstep_job_wait_seconds",
            "From the moment at which a job could be begun to the one at which it was.",
            ("kind",),
            buckets=BUCKETS,
            registry=registry,
        )
        self.running = Gauge("lockstep_jobs_running", "Jobs that run in this worker.", registry=registry)
        self.numbers = Gauge(
            "lockstep_jobs_stored",
            "Jobs that are not over, and dead ones, as the worker that carries counts them.",
            ("state",),
            registry=registry,
        )
        ProcessCollector(registry=registry)

    def began(self, run: Run) -> None:
        """Notes that a job was begun."""
        self.running.inc()
        self.waits.labels(self.kind(run)).observe(run.waited)

    def ended(self, run: Run, outcome: str, seconds: float) -> None:
        """Counts an attempt."""
        self.running.dec()
        self.attempts.labels(self.kind(run), outcome).inc()
        self.duration.labels(self.kind(run)).observe(seconds)

    def waiting(self, numbers: Mapping[str, int]) -> None:
        """Notes how many jobs there are in each state."""
        for state, number in numbers.items():
            self.numbers.labels(state.lower()).set(number)

    def kind(self, run: Run) -> str:
        """The label of a kind; those that this worker does not know are one."""
        return run.kind if run.kind in self.kinds else OTHER

    async def endpoint(self, request: Request) -> Response:
        """The metrics in the form that the caller asks for."""
        encode, content_type = encoder(request.headers.get("accept", ""))
        headers = {"Content-Type": content_type, "Cache-Control": "no-store"}
        return Response(encode(self.registry), headers=headers)


def door(metrics: JobMetrics, health: Health) -> Starlette:
    """The application at which a worker is asked how it is."""
    return Starlette(routes=[Route("/metrics", metrics.endpoint), *health.routes()])
