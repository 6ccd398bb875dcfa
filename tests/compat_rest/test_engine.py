"""What the engine reads off a selection."""

import strawberry
from graphql import parse

from compat_rest.making import raised_by
from compat_rest.selection import select
from models.errors import CourseNotFound, ReviewNotFound, Unfit
from schema.directives import raises


@strawberry.type
class Box:
    """One of two things."""

    @strawberry.field(directives=[raises(CourseNotFound)])
    def lid(self) -> str:
        """A field of this thing alone."""
        return "lid"


@strawberry.type
class Crate:
    """The other of two things."""

    @strawberry.field(directives=[raises(ReviewNotFound)])
    def plank(self) -> str:
        """A field of this thing alone."""
        return "plank"


@strawberry.type
class Query:
    """Both things."""

    @strawberry.field(directives=[raises(Unfit)])
    def thing(self) -> Box | Crate:
        """One of them."""
        return Box()


def test_the_codes_of_every_possible_type_count() -> None:
    schema = strawberry.Schema(Query)._schema
    document = parse("{ thing { ... on Box { lid } ... on Crate { plank } } }")
    assert raised_by(select(schema, document)) == {"UNFIT", "COURSE_NOT_FOUND", "REVIEW_NOT_FOUND"}
