"""Abstract types that cannot tell which object type stands behind them, and objects that deny their type."""

from typing import Any

import pytest

from tests.schema.execution.cases.runner import Case, check, schema_of
from tests.schema.execution.cases.test_abstract import SDL, Cat, Dog, fails, fails_later, later

MUST = "Abstract type 'Pet' must resolve to an Object type at runtime for field 'Query.pet'"
NO_WAY = (
    f"{MUST}. Either the 'Pet' type should provide a 'resolve_type' function"
    " or each possible type should provide an 'is_type_of' function."
)
# What the resolver of the union's type returns, and the message.
NAMES: list[tuple[Any, str]] = [
    (None, NO_WAY),
    ("", "Abstract type 'Pet' was resolved to a type '' that does not exist inside the schema."),
    ("Bird", "Abstract type 'Pet' was resolved to a type 'Bird' that does not exist inside the schema."),
    ("Named", "Abstract type 'Pet' was resolved to a non-object type 'Named'."),
    ("String", "Abstract type 'Pet' was resolved to a non-object type 'String'."),
    ("Stone", "Runtime Object type 'Stone' is not a possible type for 'Pet'."),
    ("Person", "Runtime Object type 'Person' is not a possible type for 'Pet'."),
    (7, f"{MUST} with value {{}}, received '7', which is not a valid Object type name."),
    (["Dog"], f"{MUST} with value {{}}, received '['Dog']', which is not a valid Object type name."),
    (False, f"{MUST} with value {{}}, received 'False', which is not a valid Object type name."),
]


def case_of(root: Any, message: str, field: str = "pet", data: Any = None) -> Case:
    """A union, or a list of one, behind which there is no type."""
    keys = [f"{field}.{index}" for index in range(len(root))] if isinstance(root, list) else [field]
    return Case(
        id=message,
        document=f"{{ {field} {{ __typename }} }}",
        root={field: root},
        data=data,
        errors=[f"{key} 1:3 {message}" for key in keys],
    )


@pytest.mark.parametrize("when", ["now", "later"])
@pytest.mark.parametrize("name, message", NAMES)
async def test_a_name_that_is_no_possible_type(name: Any, message: str, when: str) -> None:
    schema = schema_of(SDL, {"Pet": lambda *_: later(name) if when == "later" else name})
    await check(schema, case_of({}, message, data={"pet": None}))
    must = message.replace("Query.pet", "Query.mustPet")
    await check(schema, case_of({}, must, "mustPet"))


@pytest.mark.parametrize("fail", [fails, fails_later])
@pytest.mark.parametrize("parts", [["Pet"], ["Dog"], ["Cat"], ["Dog", "Cat"]], ids=" ".join)
async def test_the_search_for_a_type_fails(parts: list[str], fail: Any) -> None:
    schema = schema_of(SDL, dict.fromkeys(parts, fail))
    await check(schema, case_of([{}, {}], "No idea.", "pets", {"pets": [None, None]}))
    await check(schema, case_of({}, "No idea.", "mustPet"))


async def test_a_failure_behind_the_type_that_was_found() -> None:
    """The search ends at the first type that says yes at once."""
    schema = schema_of(SDL, {"Dog": lambda *_: True, "Cat": fails})
    case = Case(
        id="", document="{ pet { __typename } }", root={"pet": {}}, data={"pet": {"__typename": "Dog"}}
    )
    await check(schema, case)


async def test_an_answer_at_once_goes_before_an_awaited_one() -> None:
    schema = schema_of(SDL, {"Dog": lambda *_: later(True), "Cat": lambda *_: True})
    case = Case(
        id="", document="{ pet { __typename } }", root={"pet": {}}, data={"pet": {"__typename": "Cat"}}
    )
    await check(schema, case)


@pytest.mark.parametrize("no", [lambda *_: False, lambda *_: later(False), lambda *_: None])
async def test_no_type_says_yes(no: Any) -> None:
    schema = schema_of(SDL, {"Dog": no, "Cat": no})
    await check(schema, case_of({}, NO_WAY, data={"pet": None}))


@pytest.mark.parametrize("when", ["now", "later"])
@pytest.mark.parametrize(
    "field, values, data, errors",
    [
        ("dog", Cat("Tom"), {"dog": None}, ["dog 1:3 Expected value of type 'Dog' but got: <Cat instance>."]),
        (
            "dog",
            {"name": "Odie"},
            {"dog": None},
            ["dog 1:3 Expected value of type 'Dog' but got: {'name': 'Odie'}."],
        ),
        ("dog", 5, {"dog": None}, ["dog 1:3 Expected value of type 'Dog' but got: 5."]),
        ("dog", Dog("Odie"), {"dog": {"name": "Odie"}}, []),
        (
            "dogs",
            [Dog("Odie"), Cat("Tom")],
            {"dogs": None},
            ["dogs.1 1:3 Expected value of type 'Dog' but got: <Cat instance>."],
        ),
        ("dogs", [Dog("a"), Dog("b")], {"dogs": [{"name": "a"}, {"name": "b"}]}, []),
    ],
)
async def test_an_object_of_another_type(
    when: str, field: str, values: Any, data: Any, errors: list[str]
) -> None:
    def is_dog(value: Any, info: Any) -> Any:
        found = isinstance(value, Dog)
        return later(found) if when == "later" else found

    case = Case(
        id=field, document=f"{{ {field} {{ name }} }}", root={field: values}, data=data, errors=errors
    )
    await check(schema_of(SDL, {"Dog": is_dog}), case)


@pytest.mark.parametrize("fail", [fails, fails_later])
async def test_an_object_whose_type_fails(fail: Any) -> None:
    case = Case(
        id="",
        document="{ dog { name } dogs { name } }",
        root={"dog": {}, "dogs": [{}]},
        data={"dog": None, "dogs": None},
        errors=["dog 1:3 No idea.", "dogs.0 1:16 No idea."],
    )
    await check(schema_of(SDL, {"Dog": fail}), case)


async def test_a_name_is_believed_but_its_type_is_asked() -> None:
    """The type that the name leads to checks the value once more."""
    schema = schema_of(SDL, {"Pet": lambda *_: "Dog", "Dog": lambda value, info: isinstance(value, Dog)})
    case = Case(
        id="",
        document="{ pets { __typename } }",
        root={"pets": [Dog("Odie"), Cat("Tom")]},
        data={"pets": [{"__typename": "Dog"}, None]},
        errors=["pets.1 1:3 Expected value of type 'Dog' but got: <Cat instance>."],
    )
    await check(schema, case)


async def test_what_the_search_is_told() -> None:
    """The resolver of a type sees the value, the field that is completed, and the abstract type."""

    def resolve_type(value: Any, info: Any, type_: Any) -> str:
        info.context.append(
            (value.name, info.field_name, info.path.as_list(), info.parent_type.name, type_.name)
        )
        return "Dog"

    def is_type_of(value: Any, info: Any) -> bool:
        info.context.append((value.name, info.field_name, info.path.as_list(), str(info.return_type)))
        return True

    case = Case(
        id="",
        document="{ a: pets { __typename } }",
        root={"pets": [Dog("Odie")]},
        data={"a": [{"__typename": "Dog"}]},
        effects=[("Odie", "pets", ["a"], "Query", "Pet"), ("Odie", "pets", ["a"], "[Pet]")],
    )
    await check(schema_of(SDL, {"Pet": resolve_type, "Dog": is_type_of}), case)
