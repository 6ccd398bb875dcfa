"""The graph: types, resolvers and permissions, for both doors."""

import strawberry
from strawberry.extensions import ValidationCache
from strawberry.schema.config import StrawberryConfig

from schema.courses import CourseQueries
from schema.documents import Documents
from schema.enrollments import EnrollmentMutations, EnrollmentQueries, EnrollmentSubscriptions
from schema.errors import Codes, Schema
from schema.limits import Limits
from schema.reviews import ReviewMutations, ReviewQueries
from schema.scalars import Leaves, scalars
from schema.users import UserMutations, UserQueries

# Documents whose parse and validation are kept; frontends have some dozens.
KEPT = 512


@strawberry.type
class Query(UserQueries, CourseQueries, EnrollmentQueries, ReviewQueries):
    """Everything that can be asked."""


@strawberry.type
class Mutation(UserMutations, EnrollmentMutations, ReviewMutations):
    """Everything that can be done."""


@strawberry.type
class Subscription(EnrollmentSubscriptions):
    """Everything that can be followed."""


def build(*, leaves: Leaves = "wire", limits: Limits | None = None) -> Schema:
    """The schema; "raw" leaves hand moments and numbers to the caller as Python values."""
    allowed = limits or Limits()

    return Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        config=StrawberryConfig(scalar_map=scalars(leaves)),
        extensions=[
            Codes,
            allowed.parser,
            allowed.rules,
            lambda: Documents(KEPT),
            lambda: ValidationCache(KEPT),
        ],
    )
