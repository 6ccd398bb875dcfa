"""YAML with its places: every value knows the file, the line and the JSON Pointer it stands at."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from compat_rest.contract.findings import ContractError, Finding

MAX_DEPTH = 100
TEXT = "tag:yaml.org,2002:str"


class _Loader(yaml.SafeLoader):
    """YAML as JSON means it: only true and false are booleans, dates stay text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":bool"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


class _FastLoader(yaml.CSafeLoader):
    """The same in C, where a contract of a hundred operations takes a tenth of the time."""


_FastLoader.yaml_implicit_resolvers = _Loader.yaml_implicit_resolvers


def escape(key: object) -> str:
    """A key as a step of a JSON Pointer."""
    return str(key).replace("~", "~0").replace("/", "~1")


def unescape(step: str) -> str:
    """A step of a JSON Pointer as the key it names."""
    return step.replace("~1", "/").replace("~0", "~")


@dataclass(frozen=True)
class Source:
    """A YAML file: its values, and the line of each by JSON Pointer."""

    name: str
    data: Any = field(repr=False)
    lines: dict[str, int] = field(repr=False)

    def line(self, pointer: str) -> int:
        """The line of a pointer, or of the nearest value that encloses it."""
        while pointer not in self.lines and pointer:
            pointer = pointer.rpartition("/")[0]
        return self.lines.get(pointer, 0)


def read(path: Path) -> Source:
    """The file at a path; raises ContractError where it is missing or not the YAML that is meant."""
    try:
        text = path.read_text(encoding="utf-8")
        root = _composed(text)
    except OSError as error:
        problem = f"The file cannot be read: {error.strerror}."
        raise _failed(path, 0, problem, "Name an existing file.") from None
    except UnicodeDecodeError as error:
        raise _failed(path, 0, f"The file is not UTF-8: {error.reason}.", "Save it as UTF-8.") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise _failed(path, line, f"The file is not YAML: {error.problem}.", "Mend the line.") from None
    lines: dict[str, int] = {}
    data = _value(root, "", lines, path, 0)
    if not isinstance(data, dict):
        raise _failed(path, 1, "The file is not an object.", "Begin it with `openapi: 3.1.0`.")
    return Source(path.name, data, lines)


def _composed(text: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=_FastLoader)
    except (yaml.YAMLError, RecursionError):
        # The other one words its errors for people, and is the one to say what is an error.
        return yaml.compose(text, Loader=_Loader)


def _value(node: yaml.Node | None, pointer: str, lines: dict[str, int], path: Path, depth: int) -> Any:
    if node is None:
        return None
    lines[pointer] = node.start_mark.line + 1
    if depth > MAX_DEPTH:
        problem = f"Values are nested deeper than {MAX_DEPTH}."
        raise _failed(path, lines[pointer], problem, "Flatten them.", pointer)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, pointer, lines, path, depth)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, f"{pointer}/{i}", lines, path, depth + 1) for i, item in enumerate(node.value)]
    if node.tag == TEXT:
        return node.value
    loader = _Loader("")
    try:
        return loader.construct_object(node)
    finally:
        loader.dispose()


def _mapping(
    node: yaml.MappingNode, pointer: str, lines: dict[str, int], path: Path, depth: int
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        below = f"{pointer}/{escape(key)}"
        if key in values:
            line = key_node.start_mark.line + 1
            raise _failed(path, line, f"The key {key!r} stands twice.", "Keep one of the two.", below)
        values[key] = _value(value_node, below, lines, path, depth + 1)
        lines[below] = key_node.start_mark.line + 1
    return values


def _failed(path: Path, line: int, problem: str, remedy: str, pointer: str = "") -> ContractError:
    return ContractError([Finding(path.name, line, "", pointer, problem, remedy)])


@dataclass(frozen=True)
class Node:
    """A value of the contract and the place it stands at; a `$ref` is followed, its siblings laid over it."""

    source: Source
    pointer: str
    value: Any
    places: dict[str, str] = field(default_factory=dict, repr=False)

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
        pointer = f"{self.places.get(key, self.pointer)}/{escape(key)}"
        return Node(self.source, pointer, value).followed()

    def followed(self) -> "Node":
        """The value a reference names, its siblings laid over it; raises ContractError for a dangling one."""
        node, seen = self, {self.pointer}
        siblings: list[Node] = []
        while isinstance(node.value, dict) and isinstance(node.value.get("$ref"), str):
            siblings.append(node)
            node = node._target(node.value["$ref"])
            if node.pointer in seen:
                raise self._dangling(f"The reference {node.pointer!r} leads back to itself.")
            seen.add(node.pointer)
        for sibling in reversed(siblings):
            node = node._under(sibling)
        return node._joined() if isinstance(node.value, dict) and "allOf" in node.value else node

    def _joined(self) -> "Node":
        """The parts of an `allOf` as one schema; raises ContractError where two parts contradict."""
        own = {key: value for key, value in self.value.items() if key != "allOf"}
        joined = Node(self.source, self.pointer, own, self.places)
        for part in Node(self.source, self.pointer, self.value)._below("allOf", self.value["allOf"]).list():
            for key, value in part.value.items():
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
        if not reference.startswith("#"):
            raise self._dangling(f"The reference {reference!r} leads out of the file.")
        value = self.source.data
        for step in reference[2:].split("/") if reference != "#" else ():
            try:
                value = value[int(step)] if isinstance(value, list) else value[unescape(step)]
            except (KeyError, IndexError, ValueError, TypeError):
                raise self._dangling(f"The reference {reference!r} names nothing.") from None
        return Node(self.source, reference[1:], value)

    def _under(self, sibling: "Node") -> "Node":
        """This value with a sibling's keys laid over it, `properties` key by key."""
        if not isinstance(self.value, dict):
            return self
        merged, places = dict(self.value), {key: self.pointer for key in self.value} | self.places
        for key, value in sibling.value.items():
            if key == "$ref":
                continue
            if key == "properties" and isinstance(merged.get(key), dict):
                merged[key] = {**merged[key], **value}
            else:
                merged[key] = value
                places[key] = sibling.pointer
        return Node(self.source, self.pointer, merged, places)

    def _dangling(self, problem: str) -> ContractError:
        remedy = "Name a value of the file, as in '#/components/schemas/Error'."
        return ContractError([Finding(self.file, self.line, "", self.pointer, problem, remedy)])


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
