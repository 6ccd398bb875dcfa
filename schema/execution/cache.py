"""The documents of public clients: judged once, and compiled once they have shown that they come again."""

import hashlib
import math
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from graphql import DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode

from schema.execution.known import REFUSED, Known, judged
from schema.execution.plan import FIELD_BYTES as PLAN_FIELD_BYTES
from schema.execution.plan import Plan, Uncompiled
from schema.limits import Limits

# How often a document has come when it is compiled: a plan pays after some runs, and many come only once.
COMPILED_AT = 3
# A larger plan takes longer to make than one client may hold up the others.
MOST_FIELDS = 500
# Nothing is kept that would drive out more than this part of the others.
LARGEST_PART = 8
# The share of the time that compiling may take, and how many seconds of it may be saved up.
SHARE = 0.1
SAVED = 0.5

# How a request is counted that is run by a plan.
PLAN = "plan"
# Why a document is run without a plan, beside what the compiler finds.
BUSY = "busy"
TOO_LARGE = "too large"

Compile = Callable[[DocumentNode, OperationDefinitionNode], Plan | Uncompiled]


class Allowance:
    """Lets work take a share of the time and no more."""

    def __init__(self, share: float = SHARE, saved: float = SAVED) -> None:
        self._share, self._most = share, saved
        self._left, self._at = saved, time.monotonic()

    def left(self) -> bool:
        """Whether there is time for more work."""
        now = time.monotonic()
        self._left = min(self._most, self._left + (now - self._at) * self._share)
        self._at = now
        return self._left > 0

    def spend(self, seconds: float) -> None:
        """Takes the time that work took."""
        self._left -= seconds


class Documents:
    """The known documents of one schema, as many as fit into a number of bytes."""

    def __init__(
        self,
        schema: GraphQLSchema,
        limits: Limits,
        compile: Compile,
        *,
        room: int,
        eager: bool = False,
    ) -> None:
        self._schema = schema
        self._compile = compile
        self._room = room
        self._compiled_at = 1 if eager else COMPILED_AT
        self._kept: OrderedDict[bytes, Known] = OrderedDict()
        self._allowance = Allowance(saved=math.inf if eager else SAVED)
        self._plans: dict[int, Plan] = {}
        self.limits = limits
        self.bytes = 0
        self.hits = 0
        self.misses = 0
        self.evicted = 0
        self.compiled = 0
        self.compile_seconds = 0.0
        # Requests by how they were run: PLAN, REFUSED, or why there was no plan.
        self.runs: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, text: str, name: str | None) -> Known:
        """The document of a text and the name of an operation, for one request."""
        key = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        if name is not None:
            key += hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()
        known = self._kept.get(key)
        if known is None:
            self.misses += 1
            known = judged(self._schema, self.limits, text, name)
            if self._fits(known.size):
                self._kept[key] = known
                self._weigh(known)
        else:
            self.hits += 1
            self._kept.move_to_end(key)
        if not known.settled:
            self._settle(known)
        elif known.plan is not None and known.plan.only is None:
            # A plan with conditions grows with those that requests bring.
            self._weigh(known)
        return known

    def refusals(self, known: Known, variables: Mapping[str, Any]) -> list[GraphQLError]:
        """Why a request with these variables is not run; counts how it is, so it is asked once for each."""
        errors = known.refusals(variables, self.limits)
        self.runs[REFUSED if errors else PLAN if known.plan else known.reason] += 1
        return errors

    def plan_of(self, operation: OperationDefinitionNode) -> Plan | None:
        """The plan of an operation whose document is kept."""
        return self._plans.get(id(operation))

    def _fits(self, size: int) -> bool:
        return size * LARGEST_PART <= self._room

    def _weigh(self, known: Known) -> None:
        """Counts what a kept document takes by now; the oldest make room for it."""
        before, known.weight = known.weight, known.size + (known.plan.bytes if known.plan else 0)
        self.bytes += known.weight - before
        while self.bytes > self._room:
            _, oldest = self._kept.popitem(last=False)
            self.bytes -= oldest.weight
            self.evicted += 1
            self._plans.pop(id(oldest.operation), None)

    def _settle(self, known: Known) -> None:
        """Counts a sighting; compiles the document where it is its turn, or notes why not."""
        known.sightings += 1
        if known.fields > MOST_FIELDS or not self._fits(known.size + PLAN_FIELD_BYTES * known.fields):
            known.reason, known.settled = TOO_LARGE, True
        elif known.sightings >= self._compiled_at:
            if self._allowance.left():
                known.settled = True
                self._make_plan(known)
            else:
                known.reason = BUSY

    def _make_plan(self, known: Known) -> None:
        assert known.document and known.operation  # nosec B101  # only such documents are not settled
        begin = time.perf_counter()
        made = self._compile(known.document, known.operation)
        seconds = time.perf_counter() - begin
        self._allowance.spend(seconds)
        self.compile_seconds += seconds
        if isinstance(made, Uncompiled):
            known.reason = made.reason
        else:
            known.plan = self._plans[id(known.operation)] = made
            self.compiled += 1
            self._weigh(known)
