"""What is wrong with a contract, where, and what to do about it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Protocol


@dataclass(frozen=True, order=True)
class Finding:
    """One disagreement between contract, document and schema."""

    file: str
    line: int
    operation: str
    pointer: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        operation = f" {self.operation}" if self.operation else ""
        return f"{place}{operation} {self.pointer or '/'}: {self.problem} {self.remedy}"

    def as_json(self) -> dict[str, str | int]:
        """The finding as plain values, for machines."""
        return asdict(self)


class ContractError(Exception):
    """A contract that cannot be served; carries every finding."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = sorted(set(findings))
        super().__init__("\n".join(str(finding) for finding in self.findings))


class Collector:
    """Gathers findings, so that a person sees all of them at once."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def add(self, place: "Place", operation: str, problem: str, remedy: str) -> None:
        """Notes a finding at a place of the contract."""
        self.findings.append(Finding(place.file, place.line, operation, place.pointer, problem, remedy))

    def raise_any(self) -> None:
        """Raises ContractError when anything was found."""
        if self.findings:
            raise ContractError(self.findings)


class Place(Protocol):
    """Where a value stands."""

    @property
    def file(self) -> str:
        """The file's name."""

    @property
    def line(self) -> int:
        """The line, counted from 1; 0 where it is not known."""

    @property
    def pointer(self) -> str:
        """The JSON Pointer inside the file."""
