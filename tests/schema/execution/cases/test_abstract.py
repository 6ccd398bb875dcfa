"""Which object type stands behind an interface or a union, and what happens when none does."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from graphql import GraphQLSchema

from tests.schema.execution.cases.runner import Case, check, schema_of, table

SDL = """
    interface Life { progeny: [Life] }
    interface Mammal implements Life { progeny: [Life] mother: Mammal }
    interface Named { name: String }
    type Dog implements Mammal & Life & Named { name: String barks: Boolean mother: Mammal progeny: [Life] }
    type Cat implements Mammal & Life & Named { name: String meows: Boolean mother: Mammal progeny: [Life] }
    type Person implements Named { name: String pets: [Pet] friends: [Named] }
    type Stone { weight: Int }
    union Pet = Dog | Cat
    type Query {
        pets: [Pet] pet: Pet mustPet: Pet! named: [Named] one: Named mustOne: Named! dog: Dog dogs: [Dog!]
        life: [Life] person: Person stone: Stone
    }
"""


@dataclass
class Dog:
    name: str
    barks: bool = True
    mother: Any = None
    progeny: Any = None


@dataclass
class Cat:
    name: str
    meows: bool = False
    mother: Any = None
    progeny: Any = None


@dataclass
class Person:
    name: str
    pets: Any = ()
    friends: Any = ()


async def later(value: Any) -> Any:
    """The value a moment later."""
    return value


def at_once(value: Any) -> Any:
    """The value."""
    return value


def fails(*_: Any) -> Any:
    """No type, but a failure."""
    raise RuntimeError("No idea.")


async def fails_later(*_: Any) -> Any:
    """The same, later."""
    raise RuntimeError("No idea.")


def by_class(when: Callable[[Any], Any]) -> GraphQLSchema:
    """Object types know their instances."""

    def is_type_of(cls: type, value: Any, info: Any) -> Any:
        return when(isinstance(value, cls))

    return schema_of(SDL, {cls.__name__: partial(is_type_of, cls) for cls in (Dog, Cat, Person)})


def by_name(when: Callable[[Any], Any]) -> GraphQLSchema:
    """Abstract types tell the name of the type."""

    def resolve_type(value: Any, info: Any, type_: Any) -> Any:
        return when(type(value).__name__)

    return schema_of(SDL, dict.fromkeys(("Pet", "Named", "Life", "Mammal"), resolve_type))


def mixed() -> GraphQLSchema:
    """One object type knows its instances later, one at once."""
    return schema_of(
        SDL,
        {
            "Dog": lambda value, info: later(isinstance(value, Dog)),
            "Cat": lambda value, info: isinstance(value, Cat),
            "Person": lambda value, info: isinstance(value, Person),
        },
    )


WAYS = {
    "instances": by_class(at_once),
    "instances later": by_class(later),
    "instances mixed": mixed(),
    "names": by_name(at_once),
    "names later": by_name(later),
}

ODIE = Dog("Odie", mother=Dog("Odie's mother", progeny=[Dog("Odie"), Cat("?")]))
GARFIELD = Cat("Garfield", mother=Cat("Garfield's mother", progeny=[Cat("Garfield")]))
LIZ = Person("Liz")
JOHN = Person("John", [GARFIELD, ODIE], [LIZ, ODIE])

TREES = [
    Case(
        id="a union by fragments",
        document="{ pets { __typename ... on Dog { name barks } ... on Cat { name meows } } }",
        root={"pets": [ODIE, GARFIELD]},
        data={
            "pets": [
                {"__typename": "Dog", "name": "Odie", "barks": True},
                {"__typename": "Cat", "name": "Garfield", "meows": False},
            ]
        },
    ),
    Case(
        id="an interface with fields of its own",
        document=(
            "{ named { name ... on Dog { barks } ... on Cat { meows } ... on Person { pets {"
            " __typename } } } }"
        ),
        root={"named": [ODIE, LIZ, GARFIELD, JOHN]},
        data={
            "named": [
                {"name": "Odie", "barks": True},
                {"name": "Liz", "pets": []},
                {"name": "Garfield", "meows": False},
                {"name": "John", "pets": [{"__typename": "Cat"}, {"__typename": "Dog"}]},
            ]
        },
    ),
    Case(
        id="an interface by named fragments",
        document="""
            { one { __typename ...Barks ...Meows } }
            fragment Barks on Dog { barks }
            fragment Meows on Cat { meows }
        """,
        root={"one": ODIE},
        data={"one": {"__typename": "Dog", "barks": True}},
    ),
    Case(
        id="fragments on abstract types",
        document="""
            { person { pets { ...Fields ... on Mammal { mother { ...Progeny } } } friends { ...Friend } } }
            fragment Fields on Pet { __typename ... on Dog { name barks } ... on Cat { name meows } }
            fragment Friend on Named { __typename name ... on Dog { barks } ...Kinds }
            fragment Kinds on Life { progeny { __typename } }
            fragment Progeny on Life { progeny { __typename } }
        """,
        root={"person": JOHN},
        data={
            "person": {
                "pets": [
                    {
                        "__typename": "Cat",
                        "name": "Garfield",
                        "meows": False,
                        "mother": {"progeny": [{"__typename": "Cat"}]},
                    },
                    {
                        "__typename": "Dog",
                        "name": "Odie",
                        "barks": True,
                        "mother": {"progeny": [{"__typename": "Dog"}, {"__typename": "Cat"}]},
                    },
                ],
                "friends": [
                    {"__typename": "Person", "name": "Liz"},
                    {"__typename": "Dog", "name": "Odie", "barks": True, "progeny": None},
                ],
            }
        },
    ),
    Case(
        id="the same key from different types",
        document=(
            "{ named { x: name ... on Person { __typename } ... on Named { name } ... on Dog { name"
            " y: name } } }"
        ),
        root={"named": [ODIE, LIZ]},
        data={
            "named": [
                {"x": "Odie", "name": "Odie", "y": "Odie"},
                {"x": "Liz", "__typename": "Person", "name": "Liz"},
            ]
        },
    ),
    Case(
        id="keys in the order of the type that matches",
        document="{ named { ... on Dog { barks name } ... on Cat { meows } name __typename } }",
        root={"named": [GARFIELD, ODIE, LIZ]},
        data={
            "named": [
                {"meows": False, "name": "Garfield", "__typename": "Cat"},
                {"barks": True, "name": "Odie", "__typename": "Dog"},
                {"name": "Liz", "__typename": "Person"},
            ]
        },
    ),
    Case(
        id="nothing of the selection is for this type",
        document="{ pets { ... on Dog { barks } } }",
        root={"pets": [GARFIELD, ODIE, None]},
        data={"pets": [{}, {"barks": True}, None]},
    ),
    Case(
        id="abstract below abstract",
        document="{ life { ... on Mammal { mother { ... on Cat { name mother { __typename } } } } } }",
        root={"life": [GARFIELD, ODIE]},
        data={"life": [{"mother": {"name": "Garfield's mother", "mother": None}}, {"mother": {}}]},
    ),
    Case(
        id="values that come later",
        document="{ pets { ... on Dog { name } } one { name } }",
        root=lambda: {"pets": later([later(ODIE), GARFIELD]), "one": later(LIZ)},
        data={"pets": [{"name": "Odie"}, {}], "one": {"name": "Liz"}},
    ),
    Case(
        id="a failure among the values",
        document="{ pets { __typename } mustOne { name } }",
        root={"pets": [ODIE, RuntimeError("gone"), GARFIELD], "mustOne": LIZ},
        data={"pets": [{"__typename": "Dog"}, None, {"__typename": "Cat"}], "mustOne": {"name": "Liz"}},
        errors=["pets.1 1:3 gone"],
    ),
]


@pytest.mark.parametrize("schema", WAYS.values(), ids=WAYS)
@table(TREES)
async def test_types_behind_abstract_types(schema: GraphQLSchema, case: Case) -> None:
    await check(schema, case)


def typename(value: str) -> Any:
    """An object that tells its type as the default resolver wants it."""
    return type("Thing", (), {"_Thing__typename": value, "name": "thing", "barks": True})


BY_TYPENAME = schema_of(SDL)
NO_WAY = (
    "Abstract type 'Pet' must resolve to an Object type at runtime for field 'Query.pet'. Either"
    " the 'Pet' type should"
    " provide a 'resolve_type' function or each possible type should provide an 'is_type_of' function."
)


@table(
    [
        Case(
            id="dicts",
            document="{ pets { __typename ... on Dog { name } ... on Cat { meows } } }",
            root={"pets": [{"__typename": "Dog", "name": "Odie"}, {"__typename": "Cat", "meows": 1}]},
            data={"pets": [{"__typename": "Dog", "name": "Odie"}, {"__typename": "Cat", "meows": True}]},
        ),
        Case(
            id="attributes",
            document="{ pet { ... on Dog { name barks } } one { name } }",
            root={"pet": typename("Dog")(), "one": type("Sub", (typename("Cat"),), {})()},
            data={"pet": {"name": "thing", "barks": True}, "one": {"name": "thing"}},
        ),
        Case(
            id="none",
            document="{ pet { __typename } }",
            root={"pet": {"name": "?"}},
            data={"pet": None},
            errors=[f"pet 1:3 {NO_WAY}"],
        ),
        Case(
            id="of a type that is not there",
            document="{ pet { __typename } }",
            root={"pet": {"__typename": "Bird"}},
            data={"pet": None},
            errors=[
                "pet 1:3 Abstract type 'Pet' was resolved to a type 'Bird' that does not exist"
                " inside the schema."
            ],
        ),
        Case(
            id="not a text",
            document="{ pet { __typename } }",
            root={"pet": {"__typename": 7}},
            data={"pet": None},
            errors=[f"pet 1:3 {NO_WAY}"],
        ),
    ]
)
async def test_typename_of_the_value(case: Case) -> None:
    await check(BY_TYPENAME, case)
