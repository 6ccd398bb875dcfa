"""schema.graphql is the schema, and every field declares what may go wrong."""

import runpy
from pathlib import Path

import pytest
from graphql import GraphQLObjectType, get_named_type

import schema
from models.errors import NotSignedIn
from schema.directives import declared_codes, is_integer_id

EXPORTED = Path(__file__).resolve().parent.parent.parent / "schema.graphql"


def test_the_exported_schema_is_the_one_that_is_served() -> None:
    assert EXPORTED.read_text(encoding="utf-8") == schema.build().as_str() + "\n", (
        "Run `python -m schema > schema.graphql`."
    )


def test_both_forms_of_leaves_have_one_schema() -> None:
    assert schema.build(leaves="raw").as_str() == schema.build().as_str()


def test_what_needs_a_caller_says_so() -> None:
    built = schema.build()._schema
    open_to_all = {"courses", "course", "publishedCourse", "register", "login"}
    # Trees may be public.
    open_to_all |= {"tree", "person", "relationship", "kinship"}
    open_to_all |= {
        "signUp",
        "signIn",
        "refreshTokens",
        "verifyEmail",
        "beginSignIn",
        "finishSignIn",
        "openSession",
    }
    for root in (built.query_type, built.mutation_type, built.subscription_type):
        assert root is not None
        for name, field in root.fields.items():
            assert (NotSignedIn.code in declared_codes(field)) == (name not in open_to_all), name


def test_the_module_prints_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_module("schema", run_name="__main__")
    assert capsys.readouterr().out == EXPORTED.read_text(encoding="utf-8")


# What was numbered by the old servers; what came later is named by ObjectIds, UUIDs and accounts.
NUMBERED = {"User", "Course", "CourseContent", "Character", "Enrollment", "Review"}


def test_every_id_of_what_is_numbered_is_an_integer_and_nothing_else_is() -> None:
    for name, type in schema.build()._schema.type_map.items():
        fields = type.fields if isinstance(type, GraphQLObjectType) and not name.startswith("__") else {}
        for key, field in fields.items():
            is_id = get_named_type(field.type).name == "ID"
            assert is_integer_id(field) == (is_id and name in NUMBERED and key != "uuid"), f"{name}.{key}"
            if is_integer_id(field):
                assert declared_codes(field) == frozenset()
