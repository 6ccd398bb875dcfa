"""Generated source: its names, its lines, and its place where tracebacks and profiles look for it."""

import linecache
from collections.abc import Mapping
from itertools import count
from keyword import iskeyword
from typing import Any

NUMBERS = count(1)


class Source:
    """Functions being written. Whatever is not code of ours comes in as a constant with a name of ours."""

    def __init__(self, known: Mapping[str, Any]) -> None:
        self.names: dict[str, Any] = dict(known)
        self.lines: list[str] = []
        self._constants: dict[int, str] = {}

    def constant(self, value: Any, kind: str) -> str:
        """The name under which the source finds a value."""
        name = self._constants.get(id(value))
        if name is None:
            name = self._constants[id(value)] = f"{kind}{len(self._constants)}"
            self.names[name] = value
        return name

    def add(self, depth: int, *lines: str) -> None:
        """Writes lines."""
        indent = "    " * depth
        self.lines += [indent + line for line in lines]

    def compile(self, files: list[str]) -> dict[str, Any]:
        """The names with the functions among them; adds the name of the file that tracebacks show."""
        text = "\n".join(self.lines) + "\n"
        name = f"<plan {next(NUMBERS)}>"
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
        files.append(name)
        # Only this module's callers write lines, and no text of a document is among them.
        exec(compile(text, name, "exec"), self.names)  # nosec B102
        return self.names


def forget(names: list[str]) -> None:
    """Drops sources when the last of their functions is gone."""
    for name in names:
        linecache.cache.pop(name, None)


def attribute(source: str, name: str) -> str:
    """An expression that reads an attribute."""
    if name.isascii() and name.isidentifier() and not iskeyword(name):
        return f"{source}.{name}"
    return f"getattr({source}, {name!r})"
