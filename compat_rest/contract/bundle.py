"""A contract of several files as one: what they share, and the one document that machines are given."""

from typing import Any

from compat_rest.contract.findings import Collector
from compat_rest.contract.lined import escape
from compat_rest.contract.source import Node, Source

COMPONENTS = "components"


def components(root: Node, kind: str) -> dict[str, Node]:
    """The components of one kind in every file that was read."""
    found: dict[str, Node] = {}
    for source in root.source.files.values():
        holder = Node.root(source).get(COMPONENTS)
        found |= holder.members(kind) if holder else {}
    return found


def check_names(root: Node, found: Collector) -> None:
    """Refuses a component that stands in two files: a reference to it would mean either."""
    homes: dict[tuple[str, str], Source] = {}
    for source in root.source.files.values():
        holder = Node.root(source).get(COMPONENTS)
        for kind in holder.value if holder else ():
            for name, node in holder.members(kind).items() if holder else ():
                first = homes.setdefault((kind, name), source)
                if first is not source:
                    place = Node(source, f"/{COMPONENTS}/{kind}/{name}", node.value)
                    found.add(place, "", f"{name!r} stands in {first.name} too.", "Rename one of the two.")


def check_paths(root: Node, found: Collector) -> None:
    """Refuses paths of the other files that the first one does not list: nobody would answer them."""
    listed = root.members("paths")
    homes = {(item.source.name, item.pointer) for item in listed.values()}
    for source in list(root.source.files.values())[1:]:
        for path in source.data.get("paths", {}):
            pointer = f"/paths/{escape(path)}"
            if (source.name, pointer) not in homes:
                place = Node(source, pointer, None)
                remedy = f"List it in {root.file}: `{path}: {{$ref: '{source.name}#{pointer}'}}`."
                found.add(place, "", f"{root.file} does not list {path}.", remedy)


def bundled(source: Source) -> dict[str, Any]:
    """The contract in one document: path items in place, components of all files together."""
    whole: dict[str, Any] = _local(source.data)
    for path, item in whole.get("paths", {}).items():
        if isinstance(item, dict) and "$ref" in item:
            node = Node(source, "", source.data).members("paths")[path]
            whole["paths"][path] = _local(node.value)
    for path, node in Node.root(source).members("paths").items():
        whole["paths"][path] = _local(node.value)
    for other in list(source.files.values())[1:]:
        for kind, members in other.data.get(COMPONENTS, {}).items():
            named = whole.setdefault(COMPONENTS, {}).setdefault(kind, {})
            named |= _local(members)
    return whole


def _local(value: Any) -> Any:
    """A value whose references stay inside the one document."""
    if isinstance(value, list):
        return [_local(item) for item in value]
    if not isinstance(value, dict):
        return value
    local = {key: _local(below) for key, below in value.items()}
    reference = value.get("$ref")
    if isinstance(reference, str):
        # A component has the same pointer in the one document, since its name stands in one file only.
        local["$ref"] = f"#{reference.partition('#')[2]}"
    return local
