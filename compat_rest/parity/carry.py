"""Carries values of new answers into later requests: captured variables, and what moved by itself."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from compat_rest.parity.har import Step, Template
from compat_rest.parity.messages import Answer, Request
from compat_rest.parity.texts import Kind, pieces

_VARIABLE = re.compile(r"\{\{(\w+)\}\}")


@dataclass
class Carried:
    """What later requests of a recording need from the new answers so far."""

    variables: dict[str, str] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)

    def learn(self, step: Step, new: Answer) -> list[str]:
        """Takes what a new answer gives; says what it should have given and did not."""
        missing = []
        for capture in step.captures:
            value = look_up(new, capture.pointer)
            if value is None:
                missing.append(f"the answer has no {capture.pointer}, so {capture.variable} is unknown")
            else:
                self.variables[capture.variable] = value
        self.renamed |= _moved(step.answer, new)
        return missing

    def fill(self, step: Step, request: Request) -> tuple[Request, list[str]]:
        """The request with fresh values, and what could not be filled."""
        if step.template is None:
            return self.rename(request), []
        unknown: list[str] = []

        def value(match: re.Match[str]) -> str:
            if match[1] not in self.variables:
                unknown.append(f"{match[1]} is unknown, so the step goes out as recorded")
            return self.variables.get(match[1], match[0])

        filled = _filled(request, step.template, lambda text: _VARIABLE.sub(value, text))
        return (request, unknown) if unknown else (filled, [])

    def rename(self, request: Request) -> Request:
        """The request with every token and id of an old answer replaced by its successor."""
        if not self.renamed:
            return request

        def renamed(text: str) -> str:
            return "".join(self.renamed.get(piece.text, piece.text) for piece in pieces(text))

        headers = tuple(
            (name, value if name.lower() in ("cookie", "content-length") else renamed(value))
            for name, value in request.headers
        )
        try:
            body = renamed(request.body.decode()).encode()
        except UnicodeDecodeError:
            body = request.body
        return with_length(replace(request, line=renamed(request.line), headers=headers, body=body), request)


def _filled(request: Request, template: Template, fill: Callable[[str], str]) -> Request:
    line = request.line
    if template.path is not None:
        line = line.replace(request.target, fill(template.path), 1)
    wanted = {name.lower(): text for name, text in template.headers.items()}
    headers = tuple(
        (name, fill(wanted[name.lower()]) if name.lower() in wanted else value)
        for name, value in request.headers
    )
    body = fill(template.body).encode() if template.body is not None else request.body
    return with_length(Request(line, headers, body), request)


def with_length(request: Request, recorded: Request) -> Request:
    """The request with its Content-Length mended, if the recorded one was right about its own body."""
    if recorded.values("content-length") != [str(len(recorded.body))]:
        return request
    length = str(len(request.body))
    headers = (
        (name, length if name.lower() == "content-length" else value) for name, value in request.headers
    )
    return replace(request, headers=tuple(headers))


def look_up(answer: Answer, pointer: str) -> str | None:
    """A value of an answer by JSON pointer or `header:Name`, as text for a template."""
    if pointer.startswith("header:"):
        return answer.header(pointer.removeprefix("header:"))
    try:
        value: object = json.loads(answer.body)
    except ValueError:
        return None
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return None if value is None else value if isinstance(value, str) else json.dumps(value)


def _moved(old: Answer, new: Answer) -> dict[str, str]:
    try:
        left, right = (answer.body.decode() for answer in (old, new))
    except UnicodeDecodeError:
        return {}
    moved: dict[str, str] = {}
    try:
        texts = _texts(json.loads(left), json.loads(right))
    except (ValueError, RecursionError):
        return _renamed(left, right)
    for was, now in texts:
        moved |= _renamed(was, now)
    return moved


def _texts(old: object, new: object) -> Iterator[tuple[str, str]]:
    """The texts that stand at the same places of two JSON values, whatever the order of keys."""
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        for name in old:
            yield from _texts(old[name], new[name])
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for left, right in zip(old, new, strict=True):
            yield from _texts(left, right)
    elif isinstance(old, str) and isinstance(new, str):
        yield old, new


def _renamed(old: str, new: str) -> dict[str, str]:
    left, right = pieces(old), pieces(new)
    if [piece.shape for piece in left] != [piece.shape for piece in right]:
        return {}
    carried = (Kind.ID, Kind.SIGNATURE)
    both = zip(left, right, strict=True)
    return {was.text: now.text for was, now in both if was.kind in carried and was.text != now.text}
