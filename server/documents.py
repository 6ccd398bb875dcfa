"""Metrics of GraphQL documents: how they were run, what is kept of them, and what compiling them took."""

from collections import Counter
from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector

from schema.execution.cache import PLAN, Documents
from schema.execution.known import REFUSED
from schema.execution.prepared import Prepared

STOCK = "stock"
HOW = ("run", "reason")


class DocumentMetrics(Collector):
    """The counts of public and of prepared documents, read whenever somebody asks for metrics."""

    def __init__(self, public: Documents, prepared: Iterable[Prepared]) -> None:
        self._public = public
        # Their plans are made at the start and stay.
        self._prepared = Counter(document.reason for document in prepared)

    def collect(self) -> Iterable[Metric]:
        """The metrics of this moment; reasons are a few constants."""
        public = self._public
        runs = CounterMetricFamily(
            "lockstep_graphql_documents",
            "Documents that came to /graphql, by how they were run, and why without a plan.",
            labels=HOW,
        )
        for reason, count in public.runs.items():
            runs.add_metric(labels(reason), count)
        lookups = CounterMetricFamily(
            "lockstep_graphql_cache_lookups", "Documents that were looked up.", labels=("result",)
        )
        lookups.add_metric(("hit",), public.hits)
        lookups.add_metric(("miss",), public.misses)
        prepared = GaugeMetricFamily(
            "lockstep_prepared_documents",
            "Documents of the contract, by how they are run, and why without a plan.",
            labels=HOW,
        )
        for reason, count in self._prepared.items():
            prepared.add_metric(labels(reason), count)
        return (
            runs,
            lookups,
            prepared,
            GaugeMetricFamily(
                "lockstep_graphql_cache_bytes", "The size of the kept documents.", public.bytes
            ),
            GaugeMetricFamily(
                "lockstep_graphql_cache_documents", "How many documents are kept.", len(public)
            ),
            CounterMetricFamily(
                "lockstep_graphql_cache_evicted", "Documents that made room for others.", public.evicted
            ),
            SummaryMetricFamily(
                "lockstep_graphql_compile_seconds",
                "Time that compiling documents took.",
                count_value=public.compiled,
                sum_value=public.compile_seconds,
            ),
        )


def labels(reason: str) -> tuple[str, str]:
    """How documents are run that are counted for a reason, and the reason where there is no plan."""
    return (reason, "") if reason in (PLAN, REFUSED) else (STOCK, reason)
