"""Chains: the request schemas of an operation as the rules and steps of express-validator.

Each property and each parameter is one chain. `x-messages` names the rules that run, in their order and with
their messages, `x-sanitize` the steps around them. A chain runs rule by rule over everything that it names,
and its entries stand in the order of the contract.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compat_rest.chain import MOST, Chain, Entry, Item, too_many
from compat_rest.contract.findings import Collector
from compat_rest.contract.operations import Operation
from compat_rest.contract.source import Node
from compat_rest.contract.spelling import types_of
from compat_rest.forms import file_field
from compat_rest.javascript import UNDEFINED
from compat_rest.judges import TYPED, judges_of
from compat_rest.leaving import ANY, after, passing
from compat_rest.members import absent_test
from compat_rest.refusal import Refusal
from compat_rest.sanitize import Step
from compat_rest.typed import typed

LOCATIONS = {"path": "params", "query": "query", "body": "body", "form": "body"}
RULES = "rules"
# The stage in which chains run.
VALIDATE = "validate"


@dataclass(frozen=True)
class Chains:
    """Every chain of one operation, and which JSON types each leaves behind."""

    chains: tuple[Chain, ...]
    # By place and name, items as `*`: `body/names/*`.
    leaves: Mapping[str, frozenset[str]]

    @classmethod
    def compile(cls, operation: Operation, steps: Mapping[str, Step], found: Collector) -> "Chains":
        """The chains of an operation in the order of the contract; disagreements go to `found`."""
        compiler = _Compiler(operation.id, steps, found)
        for node in operation.parameters:
            place = str(node.plain("in"))
            if place in LOCATIONS:
                schema = node.get("schema") or Node(node.source, node.pointer, {})
                compiler.add(schema, place, (str(node.plain("name")),), bool(node.plain("required", False)))
        body = operation.body()
        if body is not None:
            compiler.members(body, "body", ())
        form = operation.form()
        if form is not None and body is None:
            compiler.members(form, "form", ())
        if compiler.chains and VALIDATE not in operation.stages:
            problem = "Its rules and steps never run."
            found.add(
                operation.node, operation.id, problem, f"Name `{VALIDATE}` in `x-stages`, or drop them."
            )
        return cls(tuple(compiler.chains), compiler.leaves)

    def run(
        self,
        params: dict[str, Any],
        query: dict[str, Any],
        body: dict[str, Any],
        late: set[str] | None = None,
    ) -> list[Entry]:
        """The entries of what does not fit; the values of all three are changed in place.

        Raises Refusal where nothing is to be said, but a value can be nothing that is stored. With `late`
        its name is put there instead, if it stands in the body.
        """
        roots = {"params": params, "query": query, "body": body}
        entries: list[Entry] = []
        refusals: list[Refusal] = []
        try:
            for chain in self.chains:
                refusal = chain.run(roots[chain.location], entries)
                if len(entries) > MOST:
                    raise too_many()
                if refusal is not None and late is not None and chain.location == "body":
                    late.add(chain.steps[0])
                elif refusal is not None:
                    refusals.append(refusal)
        except RecursionError:
            # A value may nest just deep enough to be parsed and too deep to be written again.
            raise Refusal("UNFIT") from None
        # The old server stored only what had passed, so what it could not store it came to after all entries.
        if refusals and not entries:
            raise refusals[0]
        return entries


class _Compiler:
    """Walks the schemas of one operation."""

    def __init__(self, operation: str, steps: Mapping[str, Step], found: Collector) -> None:
        self.operation = operation
        self.steps = steps
        self.found = found
        self.chains: list[Chain] = []
        self.leaves: dict[str, frozenset[str]] = {}

    def members(self, schema: Node, place: str, path: tuple[str, ...]) -> None:
        """The chains of an object's properties."""
        required = schema.plain("required", ())
        for name, node in schema.members("properties").items():
            if place == "form" and file_field(node):
                continue
            self.add(node, place, (*path, name), name in required)

    def add(self, schema: Node, place: str, path: tuple[str, ...], required: bool) -> None:
        """The chain of one value, and those of what it holds."""
        items = tuple(self._items(schema, place))
        types = types_of(schema)
        absent = absent_test(schema)
        if items:
            hidden = bool(schema.plain("writeOnly")) or schema.plain("format") == "password"
            leaves_out = _leaving_out(required, "null" in types, absent)
            self.chains.append(Chain(LOCATIONS[place], path, items, leaves_out, hidden))
        self.leaves["/".join((place, *path))] = _left(schema, items, types, absent)
        self.members(schema, place, path)
        below = schema.get("items")
        if below is not None and isinstance(below.value, dict):
            # What a list lacks is no item of it, so its items are there.
            self.add(below, place, (*path, "*"), required=True)

    def _items(self, schema: Node, place: str) -> Iterator[Item]:
        messages: Mapping[str, Any] = schema.plain("x-messages") or {}
        judges = judges_of(schema, messages, self.operation, self.found)
        rules = {
            key: Item(key, judges[key], str(message or "Invalid value"))
            for key, message in messages.items()
            if key in judges
        }
        words = [str(word) for word in schema.plain("x-sanitize", ())]
        if RULES not in words:
            words.append(RULES)
        early = [word.partition(":")[2] for word in words if word.startswith(f"{RULES}:")]
        for word in words:
            if word == RULES:
                yield from (rule for key, rule in rules.items() if key not in early)
            elif word.startswith(f"{RULES}:"):
                yield from self._early(word.partition(":")[2], rules, schema)
            else:
                yield from self._step(word, schema)

    def _early(self, key: str, rules: Mapping[str, Item], schema: Node) -> Iterator[Item]:
        if key in rules:
            yield rules[key]
        else:
            problem = f"There is no rule {key!r} to run early."
            self.found.add(schema, self.operation, problem, "Name a key of `x-messages`.")

    def _step(self, word: str, schema: Node) -> Iterator[Item]:
        if word == TYPED:
            yield Item(word, step=typed(types_of(schema), schema.plain("enum")))
        elif word in self.steps:
            yield Item(word, step=self.steps[word])
        else:
            known = ", ".join([*self.steps, TYPED, RULES])
            self.found.add(schema, self.operation, f"There is no step {word!r}.", f"Known are {known}.")


def _left(
    schema: Node, items: Sequence[Item], types: set[str], absent: Callable[[Any], bool] | None
) -> frozenset[str]:
    """The JSON types that a value may have when its chain has come to its end."""
    left = ANY
    nullable = "null" in types
    if nullable or (absent is not None and absent(None)):
        left -= {"null"}
    seen: set[str] = set()
    for item in items:
        left = passing(left, item.word, item.judge, schema) if item.judge else after(left, item.word, types)
        if item.word == "int" and "range" not in seen:
            # What is no number becomes NaN.
            left |= {"number"}
        seen.add(item.word)
        if nullable and "null" in left:
            left -= {"null"}
    return frozenset(left | {"null"} if nullable else left)


def _leaving_out(
    required: bool, nullable: bool, absent: Callable[[Any], bool] | None
) -> Callable[[Any], bool]:
    def leaves_out(value: Any) -> bool:
        if value is UNDEFINED:
            return not required
        # To JavaScript NaN is as false as the empty text.
        judged = "" if value != value else value
        return (value is None and nullable) or (absent is not None and absent(judged))

    return leaves_out
