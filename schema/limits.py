"""How much a document may ask for."""

from dataclasses import dataclass
from functools import lru_cache

from graphql import ASTValidationRule
from strawberry.extensions import AddValidationRules, MaxTokensLimiter
from strawberry.extensions.max_aliases import create_validator as alias_rule
from strawberry.extensions.query_depth_limiter import create_validator as depth_rule


@dataclass(frozen=True)
class Limits:
    """The largest document that is run."""

    depth: int = 12
    aliases: int = 30
    tokens: int = 2_000

    def rules(self) -> AddValidationRules:
        """The rules on a parsed document, for one request."""
        return AddValidationRules(rules(self))

    def parser(self) -> MaxTokensLimiter:
        """The limit on parsing, for one request."""
        return MaxTokensLimiter(self.tokens)


@lru_cache(maxsize=8)
def rules(limits: Limits) -> list[type[ASTValidationRule]]:
    """The validation rules; the same classes each time, or the cache of validations would never hit."""
    return [depth_rule(limits.depth, None, None), alias_rule(limits.aliases)]
