"""A fast index of routes in front of Werkzeug's Map: it answers what is plain and leaves the rest to the Map.

What it answers is what the Map would. A path without parameters is answered where the Map was asked at start
and named the operation; a path with parameters where no other rule can match or redirect it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from compat_rest.contract.operations import Operation

# Python reads every number of so many digits.
MOST_DIGITS = 18
FIXED, NUMBER, TEXT = "fixed", "int", "string"
# Parameters that are left to the Map: of another kind, or beside text in their segment; and what takes all
# that follows.
OTHER, REST = "other", "path"
PARAMETER = re.compile(r"<(int|string|path):(\w+)>")

Answer = tuple[Operation, Mapping[str, Any]]
Ask = Callable[[str, str], Answer | None]


class Segment(NamedTuple):
    """What stands between two slashes of a rule: a text, or a parameter of a kind."""

    kind: str
    text: str = ""


class Rule(NamedTuple):
    """A rule of the Map: its operation, None for one that has no answer of ours, and its way."""

    operation: Operation | None
    path: str

    @property
    def segments(self) -> list[Segment]:
        """The segments of the path, parameters without their names."""
        texts = self.path.split("/")
        # Two slashes in a row Werkzeug reads in a way of its own.
        return [
            segment_of(text) if text or place in (0, len(texts) - 1) else Segment(OTHER)
            for place, text in enumerate(texts)
        ]

    @property
    def names(self) -> list[str]:
        """The names of the parameters in their order."""
        return [match[2] for text in self.path.split("/") if (match := PARAMETER.fullmatch(text))]


@dataclass
class Node:
    """Where the segments so far have led."""

    fixed: "dict[str, Node]" = field(default_factory=dict)
    number: "Node | None" = None
    text: "Node | None" = None
    # Method to operation, with the names of the parameters on the way.
    ends: dict[str, tuple[Operation, list[str]]] = field(default_factory=dict)

    def below(self, segment: Segment) -> "Node":
        """The node that a segment of a rule leads to, made where it is not there."""
        if segment.kind == FIXED:
            return self.fixed.setdefault(segment.text, Node())
        if segment.kind == NUMBER:
            self.number = self.number or Node()
            return self.number
        self.text = self.text or Node()
        return self.text


class Index:
    """Operations by method and path, for paths as every sane client writes them."""

    def __init__(self, rules: Sequence[Rule], ask: Ask) -> None:
        self._plain: dict[tuple[str, str], Answer] = {}
        # What a rule without parameters takes for one method or another, or redirects for want of a slash.
        self._fixed: set[str] = set()
        self._root = Node()
        ways = [rule.segments for rule in rules]
        moving = [way for way in ways if not is_fixed(way)]
        for rule, way in zip(rules, ways, strict=True):
            if is_fixed(way):
                self._fixed |= {rule.path, rule.path.removesuffix("/")}
                self._learn(rule, ask)
            elif all(apart(way, other) for other in moving):
                self._add(rule)

    def find(self, method: str, path: str) -> Answer | None:
        """The operation that a request names, with the values in its path; None where the Map has to say."""
        answer = self._plain.get((method, path))
        if answer is not None or path in self._fixed:
            return answer
        node = self._root
        values: list[str | int] = []
        for segment in path.split("/"):
            below = node.fixed.get(segment)
            if below is None:
                # In plain digits Werkzeug reads the same number.
                digits = segment.isascii() and segment.isdecimal() and len(segment) <= MOST_DIGITS
                if digits and node.number is not None:
                    below = node.number
                    values.append(int(segment))
                elif node.text is not None and segment:
                    below = node.text
                    values.append(segment)
                else:
                    return None
            node = below
        end = node.ends.get(method)
        return (end[0], dict(zip(end[1], values, strict=True))) if end else None

    def _learn(self, rule: Rule, ask: Ask) -> None:
        for method in methods_of(rule.operation):
            answer = ask(method, rule.path)
            if answer is not None and answer[0] is rule.operation and not answer[1]:
                self._plain[method, rule.path] = answer

    def _add(self, rule: Rule) -> None:
        node = self._root
        for segment in rule.segments:
            node = node.below(segment)
        if rule.operation is not None:
            for method in methods_of(rule.operation):
                # Of two rules for one method Werkzeug takes the first.
                node.ends.setdefault(method, (rule.operation, rule.names))


def segment_of(text: str) -> Segment:
    """A piece of a rule between two slashes."""
    if "<" not in text:
        return Segment(FIXED, text)
    match = PARAMETER.fullmatch(text)
    return Segment(match[1]) if match else Segment(OTHER)


def methods_of(operation: Operation | None) -> tuple[str, ...]:
    """The methods that a rule answers by its operation; Werkzeug gives HEAD to GET and keeps OPTIONS."""
    if operation is None or operation.method == "OPTIONS":
        return ()
    return ("GET", "HEAD") if operation.method == "GET" else (operation.method,)


def is_fixed(segments: Sequence[Segment]) -> bool:
    """Whether a rule has no parameter."""
    return all(segment.kind == FIXED for segment in segments)


def apart(one: Sequence[Segment], other: Sequence[Segment]) -> bool:
    """Whether the index may answer a rule with parameters although another with parameters is there."""
    if any(segment.kind in (OTHER, REST) for segment in one):
        return False
    if one == other:
        # They differ by method only.
        return True
    forms = [other, other[:-1]] if other[-1] == Segment(FIXED) else [other]
    return not any(overlap(one, form) for form in forms)


def overlap(one: Sequence[Segment], other: Sequence[Segment]) -> bool:
    """Whether one path can have both forms."""
    if any(segment.kind == REST for segment in other):
        beginning = next(index for index, segment in enumerate(other) if segment.kind == REST)
        return len(one) > beginning and all(map(meet, one[:beginning], other[:beginning]))
    return len(one) == len(other) and all(map(meet, one, other))


def meet(one: Segment, other: Segment) -> bool:
    """Whether one text can stand for both segments."""
    if one.kind == other.kind == FIXED:
        return one.text == other.text
    if {one.kind, other.kind} == {FIXED, NUMBER}:
        fixed = one.text or other.text
        return fixed.isdecimal()
    if {one.kind, other.kind} == {FIXED, TEXT}:
        return (one.text or other.text) != ""
    return True
