"""Before anything is measured: every server of a case gives the same answers."""

import http.client
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks import load
from benchmarks.answers import differences
from benchmarks.cases import Ask, Case
from benchmarks.processes import Running

Answer = tuple[int, Any]


class Unequal(Exception):
    """Servers that do not say the same; the message says where."""


def ask_once(running: Running, case: Case, ask: Ask, tokens: Mapping[int, str]) -> Answer:
    """Status and body of one request."""
    said = running.server.translate(ask)
    named = load.headers(running.server, said, case.name, running.port, tokens)
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=30)
    try:
        # With a Host of its own, http.client adds none.
        connection.request(said.method, said.path, body=said.body, headers=named)
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    try:
        return answer.status, json.loads(body)
    except ValueError:
        return answer.status, body.decode("utf-8", "replace")


def answers(running: Running, case: Case, tokens: Mapping[int, str]) -> list[Answer]:
    """The answers of one server to what is compared."""
    return [ask_once(running, case, ask, tokens) for ask in case.checks()]


def check(
    case: Case, servers: Sequence[Running], tokens: Mapping[int, str], tidy: Callable[[], object]
) -> None:
    """Raises Unequal when two servers of a case do not give the same answers."""
    expected: list[Answer] = []
    for running in servers:
        found = answers(running, case, tokens)
        tidy()
        if not expected:
            expected = found
            if found[0][0] != case.status:
                raise Unequal(f"{case.title}: {running.server.title} answers {found[0]!r}.")
            continue
        for ask, left, right in zip(case.checks(), expected, found, strict=True):
            where = f"{case.title}: {ask.method} {ask.path}: {running.server.title}"
            compare(where, running, case, left, right)


def compare(where: str, running: Running, case: Case, expected: Answer, found: Answer) -> None:
    """Raises Unequal when an answer is not the expected one."""
    if expected[0] != found[0]:
        raise Unequal(f"{where} answers {found[0]} {found[1]!r} instead of {expected[0]}.")
    normal = running.server.normal
    left, right = expected[1], found[1]
    if normal is not None:
        left, right = normal(case.name, left), normal(case.name, right)
    if case.name.startswith("graphql") and normal is None:
        # How an error is worded is each server's own.
        left, right = left.get("data"), right.get("data")
    if different := differences(left, right):
        raise Unequal(f"{where} differs: {'; '.join(different)}.")
