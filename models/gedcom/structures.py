"""Structures: what a GEDCOM file is made of, whichever version it is of."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

# A pointer to a record, the word for a record that nobody knows, and what cannot stand in a file at all.
POINTER = re.compile(r"@[^@\s#][^@]*@")
VOID = "@VOID@"
BANNED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
BREAKS = re.compile("\r\n|\r|\n")


@dataclass(slots=True)
class Structure:
    """One tag with its value, or the record that it points to, and what stands below it.

    `line` is where it stood in a file; two that say the same are equal wherever they stood.
    """

    tag: str
    value: str | None = None
    pointer: str | None = None
    children: list["Structure"] = field(default_factory=list)
    line: int = field(default=0, compare=False)
    xref: str | None = field(default=None, compare=False)

    @property
    def id(self) -> str | None:
        """What the structure points to; None for nothing, and for what nobody knows."""
        return None if self.pointer in (None, VOID) else str(self.pointer).strip("@")

    def first(self, tag: str) -> "Structure | None":
        """The first structure below with this tag."""
        for child in self.children:
            if child.tag == tag:
                return child
        return None

    def all(self, *tags: str) -> "list[Structure]":
        """The structures below with one of these tags."""
        return [child for child in self.children if child.tag in tags]

    def text(self, tag: str) -> str | None:
        """The value of the first structure below with this tag; None where it has none."""
        found = self.first(tag)
        return (found.value or None) if found else None

    def walk(self) -> "Iterator[Structure]":
        """This structure and all below it, in the order of a file."""
        stack = [self]
        while stack:
            structure = stack.pop()
            yield structure
            stack.extend(reversed(structure.children))


def leaf(tag: str, value: str | None = None, *children: Structure) -> Structure:
    """A structure with a value in one line; what cannot stand in a file is left out."""
    return Structure(tag, value if value is None else flat(value), None, list(children))


def prose(tag: str, value: str, *children: Structure) -> Structure:
    """A structure whose value may have several lines."""
    return Structure(tag, BANNED.sub("", BREAKS.sub("\n", value)), None, list(children))


def to(tag: str, pointer: object, *children: Structure) -> Structure:
    """A structure that points to a record."""
    return Structure(tag, None, f"@{pointer}@", list(children))


def flat(text: str) -> str:
    """A text in one line, so that it cannot pass for lines of its own."""
    return BANNED.sub("", " ".join(text.splitlines()))


def kept_text(structures: Iterable[Structure]) -> str:
    """Structures as one text, from which `from_kept` makes them again."""
    return "\n".join(line for structure in structures for line in lines(structure, 1))


def lines(
    structure: Structure,
    level: int,
    escape: Callable[[str], str] = lambda text: f"@{text}" if text.startswith("@") else text,
) -> Iterator[str]:
    """A structure as lines of unlimited length, with CONT for further lines of a value."""
    stack = [(level, structure)]
    while stack:
        at, one = stack.pop()
        if one.pointer is not None:
            yield f"{at} {one.tag} {one.pointer}"
        elif one.value is None:
            yield f"{at} {one.tag}"
        else:
            head, *more = one.value.split("\n")
            yield f"{at} {one.tag} {escape(head)}" if head else f"{at} {one.tag}"
            for each in more:
                yield f"{at + 1} CONT {escape(each)}" if each else f"{at + 1} CONT"
        stack.extend((at + 1, child) for child in reversed(one.children))


def from_kept(text: str) -> list[Structure]:
    """The structures that a kept text tells of."""
    found: list[Structure] = []
    stack: list[Structure] = []
    more: list[str] = []
    for line in text.split("\n") if text else ():
        level, tag, *rest = line.split(" ", 2)
        value = rest[0] if rest else None
        if tag == "CONT":
            more.append(unescaped(value or ""))
            continue
        lengthen(stack, more)
        at = int(level) - 1
        del stack[at:]
        structure = valued(tag, value)
        (stack[-1].children if stack else found).append(structure)
        stack.append(structure)
    lengthen(stack, more)
    return found


def lengthen(stack: list[Structure], more: list[str]) -> None:
    """Gives the last structure the further lines of its value, and forgets them."""
    if more:
        stack[-1].value = "\n".join([stack[-1].value or "", *more])
        more.clear()


def valued(tag: str, value: str | None) -> Structure:
    """A structure with what stands behind its tag: a pointer, or text."""
    if value is None:
        return Structure(tag)
    if POINTER.fullmatch(value):
        return Structure(tag, None, value)
    return Structure(tag, unescaped(value))


def unescaped(text: str) -> str:
    """A text whose first @ was written twice."""
    return text[1:] if text.startswith("@@") else text
