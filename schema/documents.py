"""Documents that were parsed before."""

from collections.abc import Iterator
from contextlib import suppress

from graphql import GraphQLError
from strawberry.extensions import ParserCache


class Documents(ParserCache):
    """Keeps parsed documents by their text."""

    def on_parse(self) -> Iterator[None]:
        """Hands over the document; what cannot be parsed is left to the schema, which reports it."""
        asked = self.execution_context
        with suppress(GraphQLError):
            asked.graphql_document = self.cached_parse_document(asked.query, **asked.parse_options)
        yield
