"""What a contract uses of the vocabulary, so that growth of the exceptions is seen."""

from collections import Counter
from collections.abc import Iterator

from compat_rest.contract.source import Node, escape
from compat_rest.contract.words import words
from compat_rest.engine import Engine

SHARED = "components"


def statistics(engine: Engine) -> dict[str, dict[str, int]]:
    """Operations, how their documents are run, uses of each word, tolerances and unproven schemas.

    By surface, and for what they share.
    """
    counts = {name: _of_surface(engine, name) for name in engine.surfaces}
    shared = engine.contract.root.get(SHARED)
    if shared is not None:
        counts[SHARED] = Counter(_uses(shared))
        counts[SHARED]["unproven schemas"] = len(set(engine.unproven))
    return {name: dict(sorted(each.items())) for name, each in counts.items()}


def _of_surface(engine: Engine, name: str) -> Counter[str]:
    served = engine.surfaces[name]
    counts = Counter({"operations": len(served.endpoints), "Python handlers": 0})
    counts.update(f"documents: {endpoint.document.reason}" for endpoint in served.endpoints.values())
    counts.update(_uses(served.surface.node))
    paths = engine.contract.root.value.get("paths", {})
    for path, item in paths.items():
        if path.startswith(f"{served.surface.prefix}/"):
            counts.update(_uses(Node(served.surface.node.source, f"/paths/{escape(path)}", item)))
    return counts


def _uses(node: Node) -> Iterator[str]:
    for word, use in words(node):
        yield word
        if isinstance(use.value, dict):
            yield from (f"{word}: {key}" for key in use.value if word in ("x-null", "x-parity") or key == "*")
