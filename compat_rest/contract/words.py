"""The vocabulary: which `x-` words there are, and where each may stand."""

from collections.abc import Iterator

from compat_rest.contract.findings import Collector
from compat_rest.contract.operations import Contract
from compat_rest.contract.source import Node

WORDS = {
    "x-surfaces": "root",
    "x-stages": "operation",
    "x-instead": "operation without a document",
    "x-graph": "property, items, parameter or response schema",
    "x-text": "schema of an instant or a number",
    "x-values": "schema with `enum`",
    "x-when": "branch of `oneOf` in a response, or one of several successful responses",
    "x-null": "property of a response",
    "x-errors": "operation",
    "x-absent": "property of a request",
    "x-sanitize": "property of a request",
    "x-messages": "property or parameter of a request that chains judge",
    "x-session": "response",
    "x-parity": "property, header or response",
    "x-style": "security scheme",
}


# The keys below these are names: a header may be called x-request-id.
NAMES = (
    "properties",
    "headers",
    "paths",
    "schemas",
    "parameters",
    "responses",
    "examples",
    "x-values",
    "body",
)


def words(node: Node) -> Iterator[tuple[str, Node]]:
    """Every `x-` word of the file with the value that holds it, where it is written."""
    pending = [node]
    while pending:
        holder = pending.pop()
        below = holder.value.items() if isinstance(holder.value, dict) else enumerate(holder.value)
        for key, value in below:
            child = Node(
                holder.source, f"{holder.pointer}/{str(key).replace('~', '~0').replace('/', '~1')}", value
            )
            if isinstance(key, str) and key.startswith("x-") and not named(holder):
                yield key, child
            if isinstance(value, dict | list):
                pending.append(child)


def named(holder: Node) -> bool:
    """Whether the keys of an object are names of the old API, and no words."""
    return holder.pointer.rpartition("/")[2] in NAMES


def check_words(contract: Contract, found: Collector) -> None:
    """Refuses words that do not exist: a misspelt one would silently mean nothing."""
    everything = (each for source in contract.source.files.values() for each in words(Node.root(source)))
    for word, node in everything:
        if word not in WORDS:
            found.add(node, "", f"There is no word {word!r}.", f"Known are {', '.join(sorted(WORDS))}.")
