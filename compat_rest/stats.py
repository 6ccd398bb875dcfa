"""What a contract uses of the vocabulary, so that growth of the exceptions is seen."""

from collections import Counter
from collections.abc import Iterator

from compat_rest.contract.bundle import COMPONENTS
from compat_rest.contract.source import Node, Source
from compat_rest.contract.words import words
from compat_rest.engine import Engine


def statistics(engine: Engine) -> dict[str, dict[str, int]]:
    """Operations, how their documents are run, uses of each word, tolerances and unproven schemas.

    By surface, with the components that stand beside its operations, and for what the surfaces share.
    """
    counts = {name: _of_surface(engine, name) for name in engine.surfaces}
    shared = Counter(_components(engine.contract.source))
    shared["unproven schemas"] = len(set(engine.unproven))
    counts[COMPONENTS] = shared
    return {name: dict(sorted(each.items())) for name, each in counts.items()}


def _of_surface(engine: Engine, name: str) -> Counter[str]:
    served = engine.surfaces[name]
    counts = Counter({"operations": len(served.endpoints), "Python handlers": 0})
    counts.update(f"documents: {endpoint.document.reason}" for endpoint in served.endpoints.values())
    counts.update(_uses(served.surface.node))
    homes: dict[str, Source] = {}
    for path, item in engine.contract.root.members("paths").items():
        if path.startswith(f"{served.surface.prefix}/"):
            homes[item.file] = item.source
            counts.update(_uses(Node(item.source, item.pointer, item.value)))
    for home in homes.values():
        if home is not engine.contract.source:
            counts.update(_components(home))
    # Errors of the server that the contract words are worth a look; nobody can mend them from outside.
    nodes = [
        served.surface.errors,
        *(each.operation.node.get("x-errors") for each in served.endpoints.values()),
    ]
    counts["5xx rows"] = sum(_is_failure(row) for node in nodes if node for _, row in node.items())
    return counts


def _is_failure(row: Node) -> bool:
    status = row.plain("status")
    return isinstance(status, int) and status >= 500


def _components(source: Source) -> Iterator[str]:
    node = Node.root(source).get(COMPONENTS)
    return _uses(node) if node else iter(())


def _uses(node: Node) -> Iterator[str]:
    for word, use in words(node):
        yield word
        if isinstance(use.value, dict):
            yield from (f"{word}: {key}" for key in use.value if word in ("x-null", "x-parity") or key == "*")
