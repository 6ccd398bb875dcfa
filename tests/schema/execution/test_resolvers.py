"""Calls of resolvers: their arguments, their infos and their permissions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import strawberry
from strawberry.extensions import FieldExtension
from strawberry.permission import BasePermission, PermissionExtension
from strawberry.schema.config import StrawberryConfig

from tests.schema.execution.both import both, finished, plan_of


class Allowed(BasePermission):
    message = "not allowed"

    def has_permission(self, source: Any, info: strawberry.Info, **kwargs: Any) -> Any:
        info.context.append(("asked", sorted(kwargs)))
        return kwargs.get("answer", True)


class AllowedLater(BasePermission):
    message = "not allowed later"

    async def has_permission(self, source: Any, info: strawberry.Info, **kwargs: Any) -> Any:
        info.context.append(("asked later", sorted(kwargs)))
        return kwargs.get("answer", True)


class Vague(BasePermission):
    def has_permission(self, source: Any, info: strawberry.Info, **kwargs: Any) -> Any:
        return 1 if kwargs.get("odd") else self.later()

    async def later(self) -> bool:
        return True


class Shout(FieldExtension):
    def resolve(self, next_: Any, source: Any, info: strawberry.Info, **kwargs: Any) -> Any:
        return next_(source, info, **kwargs).upper()


@strawberry.input
class Wish:
    words: list[str]


FIRST = [1]
HOPE = Wish(words=["a"])


@strawberry.type
class Query:
    plain: str = "plain"

    @strawberry.field
    def numbers(self, values: list[int], more: int = 1) -> list[int]:
        values.append(more)
        return values

    @strawberry.field
    def wished(self, wish: Wish) -> list[str]:
        wish.words.append("!")
        return wish.words

    @strawberry.field
    def counted(self, values: list[int] = FIRST, wish: Wish = HOPE) -> list[str]:
        values.append(2)
        wish.words.append("!")
        return [*map(str, values), *wish.words]

    @strawberry.field(permission_classes=[Allowed])
    async def counted_later(self, values: list[int] = FIRST) -> list[int]:
        values.append(2)
        return values

    @strawberry.field
    def added(self, a: int, b: int = 2, c: int | None = None) -> str:
        return f"{a} {b} {c}"

    @strawberry.field
    def source(root: Any, info: strawberry.Info) -> str:
        return f"{root} {info.field_name}"

    @strawberry.field
    def parent(self, parent: strawberry.Parent[Any]) -> str:
        return f"{parent} {self}"

    @staticmethod
    def _static(info: strawberry.Info) -> str:
        return info.python_name

    static: str = strawberry.field(resolver=_static)

    @strawberry.field(permission_classes=[Allowed])
    def guarded(self, answer: bool, info: strawberry.Info) -> str | None:
        return f"{answer} {info.path.key}"

    @strawberry.field(permission_classes=[AllowedLater, Allowed])
    async def guarded_later(self, answer: bool, here: strawberry.Info) -> str | None:
        return f"{answer} {here.path.key}"

    @strawberry.field(permission_classes=[AllowedLater])
    def guarded_mixed(self, answer: bool = True) -> str | None:
        return f"{answer}"

    @strawberry.field(permission_classes=[Vague])
    def vague(self, odd: bool) -> str | None:
        return "vague"

    @strawberry.field(permission_classes=[Vague])
    async def vague_later(self, odd: bool) -> str | None:
        return "vague"

    @strawberry.field(extensions=[PermissionExtension([Allowed()], fail_silently=True)])
    def silent(self, answer: bool) -> list[str]:
        return ["silent"]

    @strawberry.field(extensions=[PermissionExtension([AllowedLater()], fail_silently=True)])
    async def silent_later(self, answer: bool) -> str | None:
        return "silent"

    @strawberry.field(extensions=[Shout()])
    def shout(self) -> str:
        return "shout"

    @strawberry.field
    def told(self, info: strawberry.Info) -> list[str]:
        raw = info._raw_info
        return [
            info.field_name,
            info.python_name,
            str(info.path.as_list()),
            str(info.selected_fields),
            str(info.variable_values),
            str(info.root_value),
            str(info.return_type),
            info.operation.name.value if info.operation.name else "",
            info.query or "",
            str(info.schema is schema),
            str(info.input_extensions),
            str(info.get_argument_definition("nothing")),
            str(raw.parent_type),
            str(raw is info._raw_info),
        ]

    @strawberry.field
    async def missing(self, needed: str | None) -> str | None:
        return needed


schema = strawberry.Schema(Query)


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("{ numbers(values: [1, 2]) again: numbers(values: [1], more: 3) }", {}),
        ("query ($v: [Int!]!) { numbers(values: $v) again: numbers(values: $v) }", {"v": [1]}),
        ('{ wished(wish: {words: ["a"]}) again: wished(wish: {words: ["a"]}) }', {}),
        ("query ($w: Wish!) { wished(wish: $w) again: wished(wish: $w) }", {"w": {"words": ["a"]}}),
        ("{ added(a: 1) x: added(a: 1, b: 3, c: 4) y: added(a: 1, c: null) }", {}),
        ("query ($a: Int!, $c: Int) { added(a: $a, c: $c) }", {"a": 1}),
        ("query ($a: Int!, $c: Int) { added(a: $a, c: $c) }", {"a": 1, "c": None}),
        ("query ($a: Int!, $b: Int! = 7) { added(a: $a, b: $b) }", {"a": 1}),
        ("query ($a: Int! = 3) { added(a: $a) }", {"a": None}),
        ("{ plain source parent static shout }", {}),
        ("query Q($x: Int) { told t: told @skip(if: false) }", {"x": 1}),
        ("{ missing }", {}),
        ('{ missing(needed: "x") }', {}),
    ],
)
async def test_resolvers_are_called_as_in_stock(text: str, variables: Mapping[str, Any]) -> None:
    await both(schema, text, variables)


async def test_a_default_is_each_calls_own() -> None:
    for text in (
        "{ counted again: counted }",
        "query ($v: [Int!]! = [1]) { counted again: counted(values: $v) }",
    ):
        result = await both(schema, text)
        assert result.data == dict.fromkeys(("counted", "again"), ["1", "2", "a", "!"])
    result = await both(schema, "{ countedLater again: countedLater }", context=[])
    assert result.data == {"countedLater": [1, 2], "again": [1, 2]}
    assert (FIRST, HOPE.words) == ([1], ["a"])


@pytest.mark.parametrize("answer", ["true", "false"])
@pytest.mark.parametrize("field", ["guarded", "guardedLater", "guardedMixed", "silent", "silentLater"])
async def test_permissions_are_asked_as_in_stock(field: str, answer: str) -> None:
    stock: list[Any] = []
    text = f"{{ {field}(answer: {answer}) }}"
    await both(schema, text, context=stock)
    compiled: list[Any] = []
    await finished(plan_of(schema, text).run(compiled, None))
    assert compiled == stock[: len(compiled)]
    assert compiled


@pytest.mark.parametrize("odd", ["true", "false"])
@pytest.mark.parametrize("field", ["vague", "vagueLater"])
async def test_only_a_boolean_permits(field: str, odd: str) -> None:
    await both(schema, f"{{ {field}(odd: {odd}) }}")


async def test_a_plan_remembers_for_its_resolvers() -> None:
    @strawberry.type
    class Root:
        @strawberry.field
        def memo(self, info: strawberry.Info) -> int:
            memo: dict[str, int] = info.memo  # type: ignore[attr-defined]  # infos of plans have it
            memo["count"] = memo.get("count", 0) + 1
            return memo["count"]

    plan = plan_of(strawberry.Schema(Root), "{ memo again: memo }")
    await finished(plan.run(None, None))
    assert (await finished(plan.run(None, None))).data == {"memo": 2, "again": 2}


class Told(strawberry.Info):
    @property
    def context(self) -> str:
        return f"told {self._raw_info.context}"


@dataclass
class Ready(strawberry.Info):
    def __post_init__(self) -> None:
        self.name = self._raw_info.field_name


@pytest.mark.parametrize(("kind", "shown"), [(Told, "told here"), (Ready, "here name")])
async def test_infos_of_ones_own_are_made(kind: Any, shown: str) -> None:
    @strawberry.type
    class Root:
        @strawberry.field
        def name(self, info: strawberry.Info) -> str:
            assert isinstance(info, kind)
            assert getattr(info, "memo", None) == {}
            return f"{info.context} {getattr(info, 'name', '')}".strip()

    root = strawberry.Schema(Root, config=StrawberryConfig(info_class=kind))
    result = await finished(plan_of(root, "{ name }").run("here", None))
    assert (result.data, result.errors) == ({"name": shown}, None)
