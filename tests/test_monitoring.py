"""Dashboard and alerts ask for what is measured, in queries that can be read."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import promql_parser
import pytest
import yaml
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from server.worker_metrics import JobMetrics

DEPLOY = Path(__file__).resolve().parent.parent / "deploy"
DASHBOARD = DEPLOY / "grafana/dashboards/lockstep.json"
# Prometheus knows it by itself.
BY_ITSELF = {"up"}
METRIC = re.compile(r"\b([a-z][a-z0-9_]*_[a-z0-9_]+|up)\b(?=\s*[\[{)*/><]|\s*$)")


def read(path: str) -> Any:
    return yaml.safe_load((DEPLOY / path).read_text())


def queries() -> Iterator[str]:
    """Every query of the dashboard and of the alerts, with the dashboard's variables filled in."""
    dashboard = json.loads(DASHBOARD.read_text())
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield target["expr"].replace("$__rate_interval", "1m").replace("$surface", ".*")
    for group in read("prometheus/rules.yaml")["groups"]:
        for rule in group["rules"]:
            yield rule["expr"]


def names(query: str) -> set[str]:
    """The metrics that a query reads, as Prometheus's own form of it shows them."""
    text = re.sub(r'"[^"]*"', '""', promql_parser.parse(query).prettify())
    return set(METRIC.findall(text)) - {"histogram_quantile"}


@pytest.mark.parametrize("query", sorted(set(queries())))
def test_a_query_can_be_read_and_reads_something(query: str) -> None:
    assert names(query)


def told(text: str) -> set[str]:
    """The names of the metrics in a text, also of those that have no value yet."""
    families = list(text_string_to_metric_families(text))
    names = {sample.name for family in families for sample in family.samples}
    endings = {"counter": "_total", "histogram": "_bucket"}
    return names | {f"{family.name}{endings.get(family.type, '')}" for family in families}


async def test_what_is_asked_for_is_measured(house: str) -> None:
    async with httpx.AsyncClient(base_url=house) as http:
        await http.get("/mandarin/api/auth/me")
        text = (await http.get("/metrics")).text
    measured = told(text) | told(generate_latest(JobMetrics({}).registry).decode())
    asked = set().union(*map(names, queries()))
    assert asked - measured - BY_ITSELF == set()


def test_every_panel_has_a_place_of_its_own() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not cells & taken, panel["title"]
        assert all(x < 24 for x, _ in cells)
        taken |= cells


def test_prometheus_asks_those_who_answer() -> None:
    compose = yaml.safe_load((DEPLOY.parent / "docker-compose.yml").read_text())
    targets = [
        target
        for job in read("prometheus/prometheus.yaml")["scrape_configs"]
        for group in job["static_configs"]
        for target in group["targets"]
    ]
    assert {target.split(":")[0] for target in targets} <= set(compose["services"])
    assert read("collector.yaml")["exporters"]["prometheus"]["endpoint"].endswith(":8889")


def test_every_alert_says_how_bad_it_is_and_what_happened() -> None:
    rules = [rule for group in read("prometheus/rules.yaml")["groups"] for rule in group["rules"]]
    assert len({rule["alert"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert rule["annotations"]["summary"].endswith((".", "?"))
