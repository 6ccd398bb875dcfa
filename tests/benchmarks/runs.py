"""Small results for tests."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from benchmarks.results import Measurement, Run


def measured(
    case: str,
    peer: str,
    throughput: float,
    *,
    connections: int = 32,
    round: int = 0,
    p50: float = 1_000.0,
    cpu: float = 100.0,
    foreign: float = 0.0,
    errors: int = 0,
) -> Measurement:
    """One measurement of ten seconds."""
    return Measurement(
        case=case,
        peer=peer,
        connections=connections,
        round=round,
        requests=int(throughput * 10),
        seconds=10.0,
        errors=errors,
        p50=p50,
        p99=5 * p50,
        cpu=cpu,
        mongodb=20.0,
        foreign=foreign,
    )


def run_of(*measurements: Measurement, memory: Mapping[str, int] | None = None) -> Run:
    """A run with these measurements on a quiet machine."""
    return Run(
        machine={"cores": 2, "load": [0.1, 0.1, 0.1], "processor": "A", "versions": {"python": "3.11"}},
        options={"rounds": 3, "seconds": 2, "seed": 1},
        titles={"rest-point": "REST: one course", "lockstep": "Lockstep", "express": "Express 4"},
        measurements=list(measurements),
        memory=dict(memory or {}),
    )


def stored(value: Any) -> Any:
    """A document as it comes out of the store, which keeps no zones."""
    if isinstance(value, dict):
        return {key: stored(inner) for key, inner in value.items()}
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value
