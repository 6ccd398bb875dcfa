"""Sessions of requests to the servers of `wire.js`: bodies, paths, queries and headers in every spelling."""

import gzip
import json
import random
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.old_servers.steps import Step

HOST = ("Host", "wire.test")
SAMPLES: dict[str, list[Any]] = json.loads(Path(__file__).with_name("samples.json").read_text())
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# The media types of forms.
FORMS = [kind for kind in SAMPLES["types"] if "form-urlencoded" in kind]
MARKS = '{}[],:"\\ut1fn0-+.eE \n\té😀/b9x'


def session(length: int, number: int) -> list[Step]:
    """The session of that number, always the same one."""
    draw = random.Random(number)
    return [step(draw) for _ in range(length)]


def step(draw: random.Random) -> Step:
    """Any request, most of them close to a route."""
    method, target = path(draw)
    if draw.random() < 0.3:
        target += "?" + query(draw)
    headers = [HOST, *map(tuple, draw.sample(SAMPLES["headers"], draw.choice((0, 0, 1, 2))))]
    if draw.random() < 0.4:
        headers.append(("Accept-Encoding", draw.choice(SAMPLES["accepts"])))
    if draw.random() < 0.2:
        headers.append(("If-None-Match", tagged(draw.choice(SAMPLES["tags"]))))
    body = None
    if method in ("POST", "PUT", "PATCH", "DELETE") or draw.random() < 0.05:
        kind, body = content(draw)
        if kind:
            headers.append(("Content-Type", kind))
        if draw.random() < 0.15:
            coding, body = coded(draw, body)
            headers.append(("Content-Encoding", coding))
    return Step(method, target, tuple(headers), body, body is not None and draw.random() < 0.1)


def path(draw: random.Random) -> tuple[str, str]:
    """A method and a path, sometimes respelled."""
    method, _, route = draw.choice(SAMPLES["routes"]).partition(" ")
    while "{id}" in route:
        route = route.replace("{id}", draw.choice(SAMPLES["ids"]), 1)
    route = route.replace("{size}", draw.choice(SAMPLES["sizes"]))
    if draw.random() < 0.2:
        place = draw.randrange(len(route))
        route = draw.choice(respellings(route, place))
        if route.lower().startswith("/docs/"):
            # There are no files behind it.
            route = "/docs"
    if draw.random() < 0.15:
        method = draw.choice(METHODS)
    return method, route


def respellings(route: str, place: int) -> Sequence[str]:
    """The path spelled otherwise at some place."""
    slash = route.find("/", place)
    return (
        f"{route}/", f"{route}//", f"/{route}", route.upper(), route.rstrip("/") or "/",
        f"{route[:slash]}/{route[slash:]}" if slash >= 0 else route,
        f"{route[:place]}%{ord(route[place]):02x}{route[place + 1 :]}" if route[place] != "/" else route,
        route.swapcase(), f"{route}%20", f"{route}%", f"{route}x",
    )  # fmt: skip


def query(draw: random.Random) -> str:
    """A query as forms write it, and in other ways."""
    count = draw.choice((1, 1, 2, 3, 5))
    pairs = (
        f"{draw.choice(SAMPLES['keys'])}{draw.choice(('=', '=', '=', ''))}{draw.choice(SAMPLES['values'])}"
        for _ in range(count)
    )
    return "&".join(pairs)


def content(draw: random.Random) -> tuple[str, bytes]:
    """A media type and a body."""
    chance = draw.random()
    if chance < 0.3:
        return draw.choice(FORMS), query(draw).encode("latin-1")
    text = draw.choice(SAMPLES["json_texts"])
    if chance < 0.6:
        text = mutated(draw, text)
    kind = "application/json" if draw.random() < 0.7 else draw.choice(SAMPLES["types"])
    if draw.random() < 0.03:
        text = json.dumps({"a": "x" * draw.choice((1985, 1990, 3000, 120_000))})
    if draw.random() < 0.02:
        text = "&".join(f"a{number}=1" for number in range(draw.choice((999, 1000, 1001, 1200))))
    body = text.encode("utf-16-le" if "16" in kind else "utf-8")
    if draw.random() < 0.05:
        place = draw.randrange(len(body) + 1)
        body = body[:place] + draw.choice((b"\xff", b"\xc3", b"\xed\xa0\x80")) + body[place:]
    return kind, body


def mutated(draw: random.Random, text: str) -> str:
    """A text with something wrong in it."""
    place = draw.randrange(len(text) + 1)
    ways: Sequence[Callable[[], str]] = (
        lambda: text[:place] + draw.choice(MARKS) + text[place:],
        lambda: text[:place] + text[place + 1 :],
        lambda: text[:place],
        lambda: text[:place] + draw.choice(MARKS) + text[place + 1 :],
    )
    return draw.choice(ways)()


def coded(draw: random.Random, body: bytes) -> tuple[str, bytes]:
    """A coding and a body that was packed so, or says so."""
    packed = draw.choice((gzip.compress(body, mtime=0), zlib.compress(body), body))
    if draw.random() < 0.2:
        packed = packed[: draw.randrange(len(packed) + 1)]
    return draw.choice(SAMPLES["codings"]), packed


def tagged(template: str) -> str:
    """The tag of an answer that is often the same."""
    tag = 'W/"28-u0eYRM4ku6HEWBo3hBhpRQ8EOyY"'
    return template.replace("{tag}", tag).replace("{strong}", tag.removeprefix("W/"))
