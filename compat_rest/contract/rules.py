"""Schemas of the contract as compiled validators."""

from jsonschema_rs import Draft202012Validator, ReferencingError, ValidationError

from compat_rest.contract.findings import Collector
from compat_rest.contract.source import Node, expanded


def validator(schema: Node | None, operation: str, found: Collector) -> Draft202012Validator:
    """The validator of a schema, formats included; a schema that is none becomes a finding."""
    if schema is not None:
        try:
            return Draft202012Validator(expanded(schema), validate_formats=True)
        except (ValidationError, ReferencingError, ValueError, TypeError) as error:
            problem = f"The schema is not JSON Schema 2020-12: {str(error).splitlines()[0]}"
            found.add(schema, operation, problem, "Correct the schema.")
    return Draft202012Validator({})
