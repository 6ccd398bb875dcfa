"""What a run has found: measurements, the machine, and how they are kept as JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from statistics import median
from typing import Any, Self

FORMAT = 1


@dataclass(frozen=True)
class Measurement:
    """One server under one load in one round; CPU in microseconds a request, latency in microseconds."""

    case: str
    peer: str
    connections: int
    round: int
    requests: int
    seconds: float
    errors: int
    p50: float
    p99: float
    cpu: float
    mongodb: float
    # The part of the machine's CPU time that went to nobody of ours, 0 to 1.
    foreign: float

    @property
    def throughput(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds if self.seconds else 0.0


@dataclass(frozen=True)
class Workers:
    """One round of the comparison of two workers with one: requests, and CPU seconds of each worker."""

    round: int
    one_requests: int
    one_cpu: Sequence[float]
    two_requests: int
    two_cpu: Sequence[float]

    @property
    def scaling(self) -> float:
        """How many times the load two workers take before the busier of them has no time left."""
        one = self.one_requests / max(self.one_cpu)
        two = self.two_requests / max(self.two_cpu)
        return two / one


@dataclass
class Run:
    """Everything that one run has found."""

    machine: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    # How cases and servers are called where people read of them.
    titles: dict[str, str] = field(default_factory=dict)
    measurements: list[Measurement] = field(default_factory=list)
    # Resident memory of each server at the end, in KiB.
    memory: dict[str, int] = field(default_factory=dict)
    # Seconds from the start of the program until it is ready, with a contract of 130 operations.
    ready: list[float] = field(default_factory=list)
    # The CPU seconds of the same starts, which tell on a busy machine what the clock cannot.
    ready_cpu: list[float] = field(default_factory=list)
    workers: list[Workers] = field(default_factory=list)
    seconds: float = 0.0

    def of(self, case: str, peer: str, connections: int) -> list[Measurement]:
        """The measurements of one server under one load, by round."""
        found = [
            each
            for each in self.measurements
            if (each.case, each.peer, each.connections) == (case, peer, connections)
        ]
        return sorted(found, key=lambda each: each.round)

    def peers(self, case: str) -> list[str]:
        """The servers that a case was measured on, in the order of their names."""
        return sorted({each.peer for each in self.measurements if each.case == case})

    def connections(self, case: str) -> list[int]:
        """The loads that a case was measured under."""
        return sorted({each.connections for each in self.measurements if each.case == case})

    def title(self, name: str) -> str:
        """How a case or a server is called."""
        return self.titles.get(name, name)

    def write(self, path: Path) -> None:
        """Keeps the run as JSON."""
        keep(path, {"format": FORMAT, **asdict(self)})

    @classmethod
    def read(cls, path: Path) -> Self:
        """A run that was kept; raises ValueError for another format."""
        kept = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(kept, dict) or kept.pop("format", None) != FORMAT:
            raise ValueError(f"{path} is no result of this version of the benchmarks.")
        kept["measurements"] = [Measurement(**row) for row in kept["measurements"]]
        kept["workers"] = [Workers(**row) for row in kept["workers"]]
        known = {each.name for each in fields(cls)}
        return cls(**{name: value for name, value in kept.items() if name in known})


def keep(path: Path, value: Any) -> None:
    """Writes a result as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


def spread(values: Sequence[float]) -> float:
    """How far apart the values of the rounds lie, as a part of their median; 0 for a single one."""
    middle = median(values) if values else 0.0
    return (max(values) - min(values)) / middle if middle else 0.0
