"""YAML with its places: every value knows the file, the line and the JSON Pointer it stands at.

A contract may stand in several files: a `$ref` names another one below the folder of the first, and `#/…`
means a place of the same file or, where there is none, of the first.
"""

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from compat_rest.contract.findings import ContractError, Finding
from compat_rest.contract.lined import MAX_DEPTH, escape, unescape, values_of


@dataclass(frozen=True)
class Source:
    """A YAML file: its values, and the line of each by JSON Pointer."""

    # Seen from the folder of the first file.
    name: str
    data: Any = field(repr=False)
    lines: dict[str, int] = field(repr=False)
    folder: Path | None = field(default=None, repr=False)
    # Every file read so far by its name, the first one first; all of them share it.
    files: "dict[str, Source]" = field(default_factory=dict, repr=False, compare=False)

    @property
    def first(self) -> "Source":
        """The file that the contract begins with."""
        return next(iter(self.files.values()), self)

    def other(self, name: str) -> "Source | None":
        """The file of a name, seen from this one; None where it is not below the folder of the first."""
        if self.folder is None:
            return None
        known = posixpath.normpath(posixpath.join(posixpath.dirname(self.name), name))
        if known.startswith(("../", "/")) or known == "..":
            return None
        if known not in self.files:
            self.files[known] = _read(self.folder / known, known, self.folder, self.files)
        return self.files[known]

    def at(self, pointer: str) -> Any:
        """The bare value at a pointer; raises LookupError where there is none."""
        value = self.data
        for step in pointer.split("/")[1:]:
            try:
                value = value[int(step)] if isinstance(value, list) else value[unescape(step)]
            except (ValueError, TypeError):
                raise LookupError(pointer) from None
        return value

    def line(self, pointer: str) -> int:
        """The line of a pointer, or of the nearest value that encloses it."""
        while pointer not in self.lines and pointer:
            pointer = pointer.rpartition("/")[0]
        return self.lines.get(pointer, 0)


def read(path: Path) -> Source:
    """The file at a path; raises ContractError where it is missing or not the YAML that is meant."""
    files: dict[str, Source] = {}
    source = _read(path, path.name, path.parent, files)
    files[source.name] = source
    return source


def _read(path: Path, name: str, folder: Path, files: dict[str, Source]) -> Source:
    data, lines = values_of(path, name)
    return Source(name, data, lines, folder, files)


@dataclass(frozen=True)
class Node:
    """A value of the contract and the place it stands at; a `$ref` is followed, its siblings laid over it."""

    source: Source
    pointer: str
    value: Any
    # Where a key stands that is not written at the pointer.
    places: dict[str, tuple[Source, str]] = field(default_factory=dict, repr=False)

    @classmethod
    def root(cls, source: Source) -> "Node":
        """The whole file."""
        return cls(source, "", source.data)

    @property
    def file(self) -> str:
        """The name of the file."""
        return self.source.name

    @property
    def line(self) -> int:
        """The line of the value."""
        return self.source.line(self.pointer)

    def __contains__(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value

    def get(self, key: str) -> "Node | None":
        """The value below a key, with its reference followed, or None."""
        if key not in self:
            return None
        return self._below(key, self.value[key])

    def plain(self, key: str, default: Any = None) -> Any:
        """The bare value below a key."""
        return self.value.get(key, default) if isinstance(self.value, dict) else default

    def items(self) -> Iterator[tuple[str, "Node"]]:
        """Keys and values of an object, in the order of the file."""
        for key, value in (self.value or {}).items():
            yield key, self._below(key, value)

    def list(self) -> "list[Node]":
        """The items of an array."""
        return [self._below(str(i), item) for i, item in enumerate(self.value or [])]

    def members(self, key: str) -> "dict[str, Node]":
        """The keys and values of the object below a key; none where there is no such object."""
        below = self.get(key)
        return dict(below.items()) if below else {}

    def elements(self, key: str) -> "Sequence[Node]":
        """The items of the array below a key; none where there is no such array."""
        below = self.get(key)
        return below.list() if below else []

    def _below(self, key: str, value: Any) -> "Node":
        source, above = self.places.get(key, (self.source, self.pointer))
        return Node(source, f"{above}/{escape(key)}", value).followed()

    def followed(self) -> "Node":
        """The value a reference names, its siblings laid over it; raises ContractError for a dangling one."""
        node, seen = self, {(self.file, self.pointer)}
        siblings: list[Node] = []
        while isinstance(node.value, dict) and isinstance(node.value.get("$ref"), str):
            siblings.append(node)
            node = node._target(node.value["$ref"])
            place = (node.file, node.pointer)
            if place in seen:
                raise self._dangling(f"The reference {node.pointer!r} leads back to itself.")
            seen.add(place)
        for sibling in reversed(siblings):
            node = node._under(sibling)
        return node._joined() if isinstance(node.value, dict) and "allOf" in node.value else node

    def _joined(self) -> "Node":
        """The parts of an `allOf` as one schema; raises ContractError where two parts contradict."""
        own = {key: value for key, value in self.value.items() if key != "allOf"}
        joined = Node(self.source, self.pointer, own, self.places)
        for part in Node(self.source, self.pointer, self.value)._below("allOf", self.value["allOf"]).list():
            for key, value in _anchored(part.value, part.source, self.source).items():
                if key == "required":
                    joined.value[key] = [*dict.fromkeys([*joined.value.get(key, ()), *value])]
                elif key == "properties":
                    joined.value[key] = {**value, **joined.value.get(key, {})}
                elif joined.value.setdefault(key, value) != value:
                    problem = f"Two parts of the allOf differ in {key!r}."
                    finding = Finding(self.file, part.line, "", part.pointer, problem, "Say it once.")
                    raise ContractError([finding])
        return joined

    def _target(self, reference: str) -> "Node":
        name, _, pointer = reference.partition("#")
        source = self.source.other(name) if name else self.source
        if source is None:
            raise self._dangling(f"The reference {reference!r} leads out of the folder.")
        home = source if name else source.files.get(_home(source, pointer), source)
        try:
            return Node(home, pointer, home.at(pointer))
        except LookupError:
            raise self._dangling(f"The reference {reference!r} names nothing.") from None

    def _under(self, sibling: "Node") -> "Node":
        """This value with a sibling's keys laid over it, `properties` key by key."""
        if not isinstance(self.value, dict):
            return self
        merged = dict(self.value)
        places = {key: (self.source, self.pointer) for key in self.value} | self.places
        for key, value in sibling.value.items():
            if key == "$ref":
                continue
            if key == "properties" and isinstance(merged.get(key), dict):
                merged[key] = {**merged[key], **_anchored(value, sibling.source, self.source)}
            else:
                merged[key] = value
                places[key] = sibling.source, sibling.pointer
        return Node(self.source, self.pointer, merged, places)

    def _dangling(self, problem: str) -> ContractError:
        remedy = "Name a value of the file, as in '#/components/schemas/Error'."
        return ContractError([Finding(self.file, self.line, "", self.pointer, problem, remedy)])


def _anchored(value: Any, written: Source, moved: Source) -> Any:
    """A value of one file as it reads in another one, where `#/…` would mean something else."""
    if written is moved:
        return value
    if isinstance(value, list):
        return [_anchored(item, written, moved) for item in value]
    if not isinstance(value, dict):
        return value
    anchored = {key: _anchored(below, written, moved) for key, below in value.items()}
    reference = value.get("$ref")
    if isinstance(reference, str):
        name, _, pointer = reference.partition("#")
        own = posixpath.join(posixpath.dirname(written.name), name) if name else _home(written, pointer)
        anchored["$ref"] = f"{posixpath.relpath(own, posixpath.dirname(moved.name) or '.')}#{pointer}"
    return anchored


def _home(source: Source, pointer: str) -> str:
    """The name of the file that `#/…` means in a file."""
    try:
        source.at(pointer)
    except LookupError:
        return source.first.name
    return source.name


def expanded(node: Node, depth: int = 0) -> Any:
    """The bare value with every reference replaced; raises ContractError when a schema contains itself."""
    if depth > MAX_DEPTH:
        problem = f"Values are nested deeper than {MAX_DEPTH}; a schema may contain itself."
        finding = Finding(node.file, node.line, "", node.pointer, problem, "Break the circle.")
        raise ContractError([finding])
    if isinstance(node.value, dict):
        return {key: expanded(child, depth + 1) for key, child in node.items()}
    if isinstance(node.value, list):
        return [expanded(child, depth + 1) for child in node.list()]
    return node.value
