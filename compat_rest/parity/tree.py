"""JSON read without losing a byte: every value keeps its text, every container what stands between."""

import json
import re
from dataclasses import dataclass, field

_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WORD = re.compile(r"true|false|null|NaN|-?Infinity")
# Deeper bodies are compared as text; no recorded one comes near.
MAX_DEPTH = 200


class NotJson(Exception):
    """Text that is not one JSON value."""


@dataclass
class Tree:
    """One JSON value with its exact text; `glue` is what stands between the parts of a container."""

    kind: str
    raw: str
    keys: list[tuple[str, str]] = field(default_factory=list)
    children: list["Tree"] = field(default_factory=list)
    glue: list[str] = field(default_factory=list)
    colons: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return [name for _, name in self.keys]

    @property
    def value(self) -> object:
        """The value of a leaf as Python reads it."""
        return json.loads(self.raw, strict=False)

    @property
    def form(self) -> str:
        """The kind, with whole and fractional numbers told apart."""
        if self.kind != "number":
            return self.kind
        return "whole number" if re.fullmatch(r"-?\d+", self.raw) else "fraction"


def parse(text: str) -> tuple[str, Tree, str]:
    """The space before, the value and the space after; raises NotJson."""
    reader = _Reader(text)
    before = reader.space()
    tree = reader.value(0)
    after = reader.space()
    if reader.at != len(text):
        raise NotJson(f"text goes on at character {reader.at}")
    return before, tree, after


class _Reader:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def take(self, pattern: re.Pattern[str]) -> str | None:
        match = pattern.match(self.text, self.at)
        if match is None:
            return None
        self.at = match.end()
        return match[0]

    def space(self) -> str:
        return self.take(_SPACE) or ""

    def next(self, character: str) -> bool:
        if self.text[self.at : self.at + 1] != character:
            return False
        self.at += 1
        return True

    def expect(self, character: str) -> None:
        if not self.next(character):
            raise NotJson(f"{character} expected at character {self.at}")

    def value(self, depth: int) -> Tree:
        if depth > MAX_DEPTH:
            raise NotJson("nested too deep")
        start = self.at
        if self.next("{"):
            return self.container("object", "}", start, depth)
        if self.next("["):
            return self.container("array", "]", start, depth)
        for kind, pattern in (("string", _STRING), ("number", _NUMBER), ("word", _WORD)):
            raw = self.take(pattern)
            if raw is not None:
                return Tree({"true": "boolean", "false": "boolean", "null": "null"}.get(raw, kind), raw)
        raise NotJson(f"no value at character {self.at}")

    def container(self, kind: str, end: str, start: int, depth: int) -> Tree:
        tree = Tree(kind, "")
        tree.glue.append(self.space())
        while not self.next(end):
            if kind == "object":
                self.key(tree)
            tree.children.append(self.value(depth + 1))
            glue = self.space()
            if self.next(","):
                glue += "," + self.space()
                tree.glue.append(glue)
                if self.text[self.at : self.at + 1] == end:
                    raise NotJson(f"nothing follows the comma before character {self.at}")
            else:
                tree.glue.append(glue)
                self.expect(end)
                break
        tree.raw = self.text[start : self.at]
        return tree

    def key(self, tree: Tree) -> None:
        raw = self.take(_STRING)
        if raw is None:
            raise NotJson(f"no key at character {self.at}")
        colon = self.space()
        self.expect(":")
        tree.keys.append((raw, json.loads(raw, strict=False)))
        tree.colons.append(colon + ":" + self.space())
