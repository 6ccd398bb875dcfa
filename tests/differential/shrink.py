"""Makes a document in which the executors differ as small as it can be."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    print_ast,
)

from tests.differential.cases import Duel
from tests.differential.judge import Verdict

# A small document is worth a second, not a minute.
ATTEMPTS = 600


async def smallest(duel: Duel, run: int, verdict: Verdict) -> tuple[Duel, Mapping[str, Any], Verdict]:
    """The smallest document found that differs in the same way, with its variables and the verdict on it."""
    variables: Mapping[str, Any] = duel.variables(run)
    left = ATTEMPTS
    progress = True
    while progress:
        progress = False
        for document in smaller(duel.document):
            left -= 1
            if left <= 0:
                break
            candidate = of(duel, tidy(document))
            if candidate is None:
                continue
            found = await differs(candidate, run, variables)
            if found is not None and kind(found) == kind(verdict):
                duel, verdict, progress = candidate, found, True
                break
    used = {one for one in variables if f"${one}" in duel.drawn.text}
    return duel, {name: value for name, value in variables.items() if name in used}, verdict


def kind(verdict: Verdict) -> str:
    return verdict.reason.partition(":")[0]


def of(duel: Duel, document: DocumentNode) -> Duel | None:
    """The same duel over another document, if that is valid."""
    if not operations(document):
        return None
    name = duel.drawn.name if len(operations(document)) > 1 else None
    candidate = replace(duel, drawn=replace(duel.drawn, text=print_ast(document), name=name))
    return candidate if candidate.valid and not isinstance(candidate.plan, str) else None


async def differs(duel: Duel, run: int, variables: Mapping[str, Any]) -> Verdict | None:
    stock, plan = await duel.answers(run, variables)
    verdict = await duel.verdict(run, variables, stock, plan)
    return None if verdict else verdict


def operations(document: DocumentNode) -> list[OperationDefinitionNode]:
    return [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]


def smaller(document: DocumentNode) -> Iterator[DocumentNode]:
    """The document with one thing less."""
    fragments = {
        one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
    }
    for definitions in lists(document.definitions, fragments, least=1):
        yield edited(document, definitions=definitions)


def lists(nodes: Any, fragments: Mapping[str, Any], least: int = 0) -> Iterator[tuple[Node, ...]]:
    """The list with one node left out, opened up, or itself made smaller."""
    nodes = tuple(nodes or ())
    for index, node in enumerate(nodes):
        before, after = nodes[:index], nodes[index + 1 :]
        if len(nodes) > least:
            yield before + after
        for content in opened(node, fragments):
            yield before + content + after
        for less in within(node, fragments):
            yield before + (less,) + after


def opened(node: Node, fragments: Mapping[str, Any]) -> Iterator[tuple[Node, ...]]:
    """What a fragment consists of, in its place."""
    if isinstance(node, InlineFragmentNode):
        yield tuple(node.selection_set.selections)
    if isinstance(node, FragmentSpreadNode) and node.name.value in fragments:
        fragment = fragments[node.name.value]
        yield (
            InlineFragmentNode(
                type_condition=fragment.type_condition,
                directives=node.directives,
                selection_set=fragment.selection_set,
            ),
        )


def within(node: Node, fragments: Mapping[str, Any]) -> Iterator[Node]:
    """The node with one thing less."""
    if getattr(node, "alias", None) is not None:
        yield edited(node, alias=None)
    for name in ("directives", "arguments", "variable_definitions"):
        for less in lists(getattr(node, name, None), {}):
            yield edited(node, **{name: less})
    selection = getattr(node, "selection_set", None)
    if isinstance(selection, SelectionSetNode):
        for selections in lists(selection.selections, fragments, least=1):
            yield edited(node, selection_set=edited(selection, selections=selections))


def edited(node: Any, **parts: Any) -> Any:
    return replace(node, **parts)


def tidy(document: DocumentNode) -> DocumentNode:
    """The document without fragments and variables that nothing uses any more."""
    definitions = tuple(document.definitions)
    while True:
        text = " ".join(map(print_ast, definitions))
        spread = set(re.findall(r"\.\.\.\s*(\w+)", text))
        kept = tuple(
            one
            for one in definitions
            if not isinstance(one, FragmentDefinitionNode) or one.name.value in spread
        )
        if len(kept) == len(definitions):
            break
        definitions = kept
    tidied: DocumentNode = edited(document, definitions=tuple(trimmed(one, text) for one in definitions))
    return tidied


def trimmed(node: Any, text: str) -> Any:
    if not isinstance(node, OperationDefinitionNode) or not node.variable_definitions:
        return node
    names = re.findall(r"\$(\w+)", text)
    used = tuple(one for one in node.variable_definitions if names.count(one.variable.name.value) > 1)
    return edited(node, variable_definitions=used)
