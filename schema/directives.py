"""What the schema says about its fields beyond their types."""

from enum import Enum

import strawberry
from graphql import GraphQLField
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.schema_directive import Location

from models.errors import DomainError


@strawberry.enum
class IdKind(Enum):
    """How the text of an ID is made."""

    INTEGER = "INTEGER"


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="raises",
    description="The codes that `extensions.code` may have when this field is refused.",
)
class Raises:
    """The codes a field may raise."""

    codes: list[str]


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="id",
    description="How the text of this ID is made: an INTEGER has no plus sign and no leading zero.",
)
class Id:
    """The kind of an ID."""

    kind: IdKind


def raises(*errors: type[DomainError]) -> Raises:
    """Declares the errors of a field."""
    return Raises(codes=[error.code for error in errors])


INTEGER_ID = Id(kind=IdKind.INTEGER)


def is_integer_id(field: GraphQLField) -> bool:
    """Whether a field of the built schema is an ID whose text is a canonical integer."""
    definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    directives = getattr(definition, "directives", ())
    return any(isinstance(said, Id) and said.kind is IdKind.INTEGER for said in directives)


def declared_codes(field: GraphQLField) -> frozenset[str]:
    """The codes that a field of the built schema declares."""
    definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    directives = getattr(definition, "directives", ())
    return frozenset(code for said in directives if isinstance(said, Raises) for code in said.codes)
