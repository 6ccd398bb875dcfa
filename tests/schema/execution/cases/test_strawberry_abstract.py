"""Which of Strawberry's types stands behind an interface or a union, and what a cast does."""

from typing import Any

import strawberry
from graphql import parse

from tests.schema.execution.cases.runner import Case, Run, both_ways, check, finished, table, told
from tests.schema.execution.cases.test_strawberry_types import SCHEMA, TWO, Base, Cat, Dog, Other, Row, root

NOT_DOG = "Expected value of type 'Dog' but got: "


@table(
    [
        Case(
            id="unions by instance",
            document="{ pets { __typename ... on Dog { name barks } ... on Cat { name age lives } } }",
            root=root(pets=[Dog(name="Odie"), None, Cat(name="Tom", age=3)]),
            data={
                "pets": [
                    {"__typename": "Dog", "name": "Odie", "barks": True},
                    None,
                    {"__typename": "Cat", "name": "Tom", "age": 3, "lives": 9},
                ]
            },
        ),
        Case(
            id="interfaces by instance",
            document=(
                "{ named { __typename name length ... on Cat { lives } } aged { age ... on Named"
                " { length } } }"
            ),
            root=root(named=Cat(name="Tom"), aged=[Cat(name="Felix", age=2)]),
            data={
                "named": {"__typename": "Cat", "name": "Tom", "length": 3, "lives": 9},
                "aged": [{"age": 2, "length": 5}],
            },
        ),
        Case(
            id="a union without such a member",
            document="{ pet { __typename } }",
            root=root(pet=Other()),
            data={"pet": None},
            errors=[
                (
                    f'pet 1:3 The type "{Other}" cannot be resolved for the field "pet" , are you using a'
                    f" strawberry.field?"
                ),
            ],
        ),
        Case(
            id="another object where an instance is wanted",
            document="{ dog { name } dogs { name } }",
            root=root(dog=Other(), dogs=[Dog(name="Odie"), {"name": "dict"}]),
            data={"dog": None, "dogs": None},
            errors=[
                f"dog 1:3 {NOT_DOG}<Other instance>.",
                f"dogs.1 1:16 {NOT_DOG}{{'name': 'dict'}}.",
            ],
        ),
        Case(
            id="another object that is cast",
            document=(
                "{ dog { name barks } dogs { name } pet { __typename ... on Dog { name } } named { name } }"
            ),
            root=lambda: root(
                dog=strawberry.cast(Dog, Other()),
                dogs=[strawberry.cast(Dog, Other(name="cast")), Dog(name="Odie")],
                pet=strawberry.cast(Dog, Other()),
                named=strawberry.cast(Dog, Other()),
            ),
            data={
                "dog": {"name": "other", "barks": False},
                "dogs": [{"name": "cast"}, {"name": "Odie"}],
                "pet": {"__typename": "Dog", "name": "other"},
                "named": {"name": "other"},
            },
        ),
        Case(
            id="an instance that is cast to another type",
            document="{ dog { name } dogs { name } pet { __typename } named { __typename } }",
            root=lambda: root(
                dog=strawberry.cast(Cat, Dog(name="a")),
                dogs=[Dog(name="b"), strawberry.cast(Cat, Dog(name="c"))],
                pet=strawberry.cast(Cat, Dog(name="d")),
                named=strawberry.cast(Cat, Dog(name="e")),
            ),
            data={"dog": None, "dogs": None, "pet": {"__typename": "Cat"}, "named": {"__typename": "Cat"}},
            errors=[f"dog 1:3 {NOT_DOG}<Dog instance>.", f"dogs.1 1:16 {NOT_DOG}<Dog instance>."],
        ),
        Case(
            id="a type that knows its values",
            document="{ rows { __typename id } }",
            root=root(rows=[Row(id=strawberry.ID("1")), Row(id=TWO)]),
            data={"rows": [{"__typename": "Row", "id": "1"}, {"__typename": "Row", "id": "2"}]},
        ),
        Case(
            id="a type that denies a value",
            document="{ rows { id } }",
            root=root(rows=[Row(id=strawberry.ID("1")), 5]),
            data={"rows": None},
            errors=["rows.1 1:3 Expected value of type 'Row' but got: 5."],
        ),
    ]
)
async def test_abstract_types(case: Case) -> None:
    await check(SCHEMA, case)


@both_ways
async def test_an_instance_of_a_type_that_is_no_member(run: Run) -> None:
    result = await finished(run(SCHEMA, parse("{ pet { __typename } }"), root=root(pet=Base())))
    assert result.data == {"pet": None}
    (error,) = told(result.errors)
    # The names behind it come in any order.
    assert error.startswith(
        f'pet 1:3 The type "{Base}" of the field "pet" is not in the list of the types of the union: '
    )


async def test_what_was_agreed_to_before_is_looked_at_again() -> None:
    """A type that has taken a class of values still refuses those that are cast, and other classes."""

    def case(dogs: list[Any], data: Any, *errors: str) -> Case:
        return Case(
            id="",
            document="{ dog { name } dogs { name __typename } named { name } }",
            root=lambda: root(dog=Dog(name="a"), dogs=made(dogs), named=Dog(name="n")),
            data={"dog": {"name": "a"}, "dogs": data, "named": {"name": "n"}},
            errors=[f"dogs.{error}" for error in errors],
        )

    def made(dogs: list[Any]) -> list[Any]:
        return [dog() for dog in dogs]

    plain = case([lambda: Dog(name="b")] * 2, [{"name": "b", "__typename": "Dog"}] * 2)
    await check(
        SCHEMA,
        plain,
        plain,
        case(
            [lambda: Dog(name="b"), lambda: strawberry.cast(Cat, Dog(name="c"))],
            None,
            f"1 1:16 {NOT_DOG}<Dog instance>.",
        ),
        case(
            [lambda: Dog(name="b"), lambda: strawberry.cast(Dog, Other())],
            [{"name": "b", "__typename": "Dog"}, {"name": "other", "__typename": "Dog"}],
        ),
        case([Other, Other], None, f"0 1:16 {NOT_DOG}<Other instance>."),
        case([lambda: strawberry.cast(Dog, Other())] * 2, [{"name": "other", "__typename": "Dog"}] * 2),
        case([Other, Other], None, f"0 1:16 {NOT_DOG}<Other instance>."),
        plain,
    )


async def test_a_type_that_was_found_before_is_looked_for_again() -> None:
    """An instance of a known class may be cast to another type."""

    def case(made: Any, name: str) -> Case:
        return Case(
            id="",
            document="{ named { __typename } pet { __typename } }",
            root=lambda: root(named=made(), pet=made()),
            data={"named": {"__typename": name}, "pet": {"__typename": name}},
        )

    dog = case(lambda: Dog(name="a"), "Dog")
    await check(SCHEMA, dog, dog, case(lambda: strawberry.cast(Cat, Dog(name="b")), "Cat"), dog)
