"""What a variable's type takes of a request schema: proven at start, and compiled into a step."""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    is_leaf_type,
    is_required_input_field,
)

from compat_rest.contract.findings import Collector
from compat_rest.contract.source import Node
from compat_rest.contract.spelling import types_of
from compat_rest.members import ABSENT, Member, Take, absent_test, filled, unfit_value
from compat_rest.sanitize import LEAVES, STEPS, run, split
from models.errors import DomainError

INT32 = (-(2**31), 2**31 - 1)
# The JSON types that each scalar takes; None takes any value, and its field judges it.
TAKES: Mapping[str, frozenset[str] | None] = {
    "String": frozenset({"string"}),
    "ID": frozenset({"string", "integer"}),
    "Int": frozenset({"integer"}),
    "Float": frozenset({"integer", "number"}),
    "Number": frozenset({"integer", "number"}),
    "DateTime": frozenset({"string"}),
    "Date": frozenset({"string"}),
    "Boolean": frozenset({"boolean"}),
    "Secret": None,  # nosec B105  # the name of a scalar
    "Quality": None,
    "JSON": None,
    "Upload": frozenset({"string"}),
}
ANYTHING = frozenset({"string", "integer", "number", "boolean", "array", "object", "null"})


class Taking:
    """Compiles request schemas against variable types, for one operation.

    Without chains every value that a schema lets in must be one that the type takes. What chains leave is
    looked at by the type once more, and what it does not take is UNFIT; so there some value must fit. Where
    the verb says so, in its turn, the type looks at it here.
    """

    def __init__(
        self,
        operation: str,
        found: Collector,
        leaves: Mapping[str, frozenset[str]] | None = None,
        *,
        late: bool = False,
    ) -> None:
        self.operation = operation
        self.found = found
        self.leaves = leaves
        self.late = late
        self.unproven: list[str] = []

    @property
    def chained(self) -> bool:
        """Whether chains have judged the values and run their steps."""
        return self.leaves is not None

    def refuse(self, node: Node, problem: str, remedy: str) -> None:
        """Notes that the schema lets in what the type does not take."""
        self.found.add(node, self.operation, problem, remedy)

    def take(self, schema: Node, kind: GraphQLInputType, path: str = "") -> Take:
        """The step from a value that the schema lets in to one that the type takes."""
        if self.leaves is not None:
            types = set(self.leaves.get(path, types_of(schema) or ANYTHING))
            take = self._bare(schema, nullable_of(kind), types - {"null"}, path)
            return lambda value: None if value is None else take(value)
        words = list(schema.plain("x-sanitize", ()))
        unknown = [word for word in words if word not in (*STEPS, "rules")]
        if unknown:
            known = ", ".join([*STEPS, "rules"])
            self.refuse(schema, f"There is no step {unknown[0]!r}.", f"Known are {known}.")
            return _untouched
        steps = [word for word in words if word != "rules"]
        types = {LEAVES[steps[-1]]} if steps else types_of(schema)
        nullable = not isinstance(kind, GraphQLNonNull)
        if "null" in types and not nullable and absent_test(schema) is None:
            remedy = "Refuse null in the schema, or say `x-absent: null`."
            self.refuse(schema, f"null is let in, {kind} is never null.", remedy)
        take = self._bare(schema, nullable_of(kind), types - {"null"}, path)
        after = [STEPS[word] for word in split(words)[1]]
        return lambda value: None if value is None else take(run(after, value))

    def _bare(self, schema: Node, kind: GraphQLInputType, types: set[str], path: str) -> Take:
        if isinstance(kind, GraphQLList):
            inner = nullable_of(kind.of_type)
            if isinstance(inner, GraphQLEnumType) and "enum" in schema:
                return self._enum(schema, inner, several=True)
            return self._list(schema, kind, types, path)
        if isinstance(kind, GraphQLInputObjectType):
            return self._object(schema, kind, types, path)
        if isinstance(kind, GraphQLEnumType):
            return self._enum(schema, kind, several=False)
        self._scalar(schema, kind, types)
        take = _id if getattr(kind, "name", "") == "ID" else _untouched
        return _proven(kind, take) if self.late else take

    def _wrong(self, types: set[str], only: str) -> bool:
        """Whether a schema lets in what is not of one JSON type, where nothing else looks at it."""
        return only not in types if self.chained else types != {only}

    def _list(self, schema: Node, kind: "GraphQLList[Any]", types: set[str], path: str) -> Take:
        items = schema.get("items")
        if self._wrong(types, "array") or (items is None and not self.chained):
            self.refuse(schema, f"{kind} takes a list only.", "Write `type: array` with `items`.")
            return _untouched
        take = self.take(items or Node(schema.source, schema.pointer, {}), kind.of_type, f"{path}/*")
        if self.chained:
            # Of what is no list GraphQL makes one.
            alone = take if self.late else _untouched
            return lambda values: (
                [take(value) for value in values] if isinstance(values, list) else alone(values)
            )
        return lambda values: [take(value) for value in values]

    def _object(self, schema: Node, kind: GraphQLInputObjectType, types: set[str], path: str) -> Take:
        if self._wrong(types, "object"):
            self.refuse(
                schema, f"{kind.name} takes an object only.", "Write `type: object` with `properties`."
            )
            return _untouched
        members = self._members(schema, kind, path)
        fed = {member.target for member in members}
        for target, field in kind.fields.items():
            if is_required_input_field(field) and target not in fed:
                self.refuse(schema, f"Nothing feeds {kind.name}.{target}.", "Add a required property for it.")
        return lambda value: filled(members, value) if isinstance(value, dict) else unfit_value()

    def _members(self, schema: Node, kind: GraphQLInputObjectType, path: str) -> list[Member]:
        required = schema.plain("required", ())
        members: list[Member] = []
        for name, node in schema.members("properties").items():
            target = str(node.plain("x-graph", name))
            field = kind.fields.get(target)
            if field is None:
                known = ", ".join(kind.fields)
                self.refuse(node, f"{kind.name} has no field {target!r}.", f"It has {known}; say `x-graph`.")
                continue
            if is_required_input_field(field) and name not in required and "default" not in node:
                self.refuse(node, f"{name!r} may be missing, {kind.name}.{target} may not.", "Require it.")
            take = self.take(node, field.type, f"{path}/{name}")
            members.append(Member(name, target, take, *self.missing(node)))
        return members

    def missing(self, schema: Node) -> tuple[Any, Callable[[Any], bool] | None]:
        """What stands for a value that was not sent, and which values count as not sent."""
        word = schema.plain("x-absent", "none")
        if not isinstance(word, list) and word not in ("none", "null", "falsy", None):
            remedy = "Write `null`, `falsy`, or a list of values."
            self.refuse(schema, f"x-absent cannot be {word!r}.", remedy)
        return schema.plain("default", ABSENT), absent_test(schema)

    def _enum(self, schema: Node, kind: GraphQLEnumType, *, several: bool) -> Take:
        """The graph's value of a spelling; all of them where the variable is a list."""
        spellings = schema.plain("enum")
        if spellings is None:
            remedy = f"List its spellings with `enum`: {', '.join(kind.values)}."
            self.refuse(schema, f"Any text may arrive, {kind.name} is an enum.", remedy)
            return _untouched
        meant = {legacy: [legacy] for legacy in spellings if legacy is not None}
        for legacy, graph in schema.plain("x-values", {}).items():
            meant[legacy] = graph if isinstance(graph, list) else [graph]
        for legacy, graphs in meant.items():
            if not graphs or any(graph not in kind.values for graph in graphs):
                self.refuse(schema, f"{legacy!r} has no value in {kind.name}.", "Say it with `x-values`.")
        values = {legacy: graphs if several else graphs[0] for legacy, graphs in meant.items() if graphs}
        if not self.chained:
            return lambda value: values[value]

        def chosen(value: Any) -> Any:
            known = isinstance(value, str | int | float) and value in values
            return values[value] if known else unfit_value()

        return chosen

    def _scalar(self, schema: Node, kind: GraphQLInputType, types: set[str]) -> None:
        name = str(getattr(kind, "name", kind))
        taken = TAKES.get(name, frozenset())
        if taken is None:
            return
        if self.chained:
            if not types & taken:
                arriving = " or ".join(sorted(types)) or "null"
                self.refuse(schema, f"{name} takes no {arriving}.", "Change the chain, or the variable.")
            elif not types <= taken:
                self.unproven.append(schema.pointer)
        elif not types:
            remedy = "Give the schema a `type`, or sanitize it."
            self.refuse(schema, f"Any value may arrive, {name} takes only its own.", remedy)
        elif not types <= taken:
            arriving = " or ".join(sorted(types - taken))
            remedy = f"Change the `type`, or use another type than {name}."
            self.refuse(schema, f"{name} takes no {arriving}.", remedy)
        elif name == "Int" and not _bounded(schema):
            remedy = "Give `minimum` and `maximum`, or use ID."
            self.refuse(schema, "Int holds 32 bits, the schema sets no bounds.", remedy)


def nullable_of(kind: GraphQLInputType) -> GraphQLInputType:
    """A type without its non-null mark."""
    return kind.of_type if isinstance(kind, GraphQLNonNull) else kind


def _untouched(value: Any) -> Any:
    return value


def _proven(kind: GraphQLInputType, take: Take) -> Take:
    """The same step where the type takes what it makes; anything else is UNFIT."""
    leaf: Any = kind

    def proven(value: Any) -> Any:
        taken = take(value)
        try:
            leaf.coerce_input_value(taken)
        except (GraphQLError, DomainError):
            unfit_value()
        return taken

    return proven if is_leaf_type(kind) else take


def _id(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _bounded(schema: Node) -> bool:
    least, most = schema.plain("minimum"), schema.plain("maximum")
    return least is not None and most is not None and least >= INT32[0] and most <= INT32[1]
