"""YAML as JSON means it, with the line of every value."""

import re
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


def values_of(path: Path, name: str) -> tuple[dict[str, Any], dict[str, int]]:
    """The object in a file, and its lines by JSON Pointer; raises ContractError where it is none."""
    try:
        text = path.read_text(encoding="utf-8")
        root = _composed(text)
    except OSError as error:
        problem = f"The file cannot be read: {error.strerror}."
        raise _failed(name, 0, problem, "Name an existing file.") from None
    except UnicodeDecodeError as error:
        raise _failed(name, 0, f"The file is not UTF-8: {error.reason}.", "Save it as UTF-8.") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise _failed(name, line, f"The file is not YAML: {error.problem}.", "Mend the line.") from None
    lines: dict[str, int] = {}
    data = _value(root, "", lines, name, 0)
    if not isinstance(data, dict):
        raise _failed(name, 1, "The file is not an object.", "Begin it with `openapi: 3.1.0`.")
    return data, lines


def _composed(text: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=_FastLoader)
    except (yaml.YAMLError, RecursionError):
        # The other one words its errors for people, and is the one to say what is an error.
        return yaml.compose(text, Loader=_Loader)


def _value(node: yaml.Node | None, pointer: str, lines: dict[str, int], name: str, depth: int) -> Any:
    if node is None:
        return None
    lines[pointer] = node.start_mark.line + 1
    if depth > MAX_DEPTH:
        problem = f"Values are nested deeper than {MAX_DEPTH}."
        raise _failed(name, lines[pointer], problem, "Flatten them.", pointer)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, pointer, lines, name, depth)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, f"{pointer}/{i}", lines, name, depth + 1) for i, item in enumerate(node.value)]
    if node.tag == TEXT:
        return node.value
    loader = _Loader("")
    try:
        return loader.construct_object(node)
    finally:
        loader.dispose()


def _mapping(
    node: yaml.MappingNode, pointer: str, lines: dict[str, int], name: str, depth: int
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        below = f"{pointer}/{escape(key)}"
        if key in values:
            line = key_node.start_mark.line + 1
            raise _failed(name, line, f"The key {key!r} stands twice.", "Keep one of the two.", below)
        values[key] = _value(value_node, below, lines, name, depth + 1)
        lines[below] = key_node.start_mark.line + 1
    return values


def _failed(name: str, line: int, problem: str, remedy: str, pointer: str = "") -> ContractError:
    return ContractError([Finding(name, line, "", pointer, problem, remedy)])
