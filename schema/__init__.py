"""The graph: types, resolvers and permissions, for both doors."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema.courses import CourseQueries
from schema.enrollments import EnrollmentMutations, EnrollmentQueries, EnrollmentSubscriptions
from schema.execution.seams import ROOM, Execution, Schema
from schema.limits import Limits
from schema.raw import RAW
from schema.reviews import ReviewMutations, ReviewQueries
from schema.scalars import Leaves, scalars
from schema.users import UserMutations, UserQueries


@strawberry.type
class Query(UserQueries, CourseQueries, EnrollmentQueries, ReviewQueries):
    """Everything that can be asked."""


@strawberry.type
class Mutation(UserMutations, EnrollmentMutations, ReviewMutations):
    """Everything that can be done."""


@strawberry.type
class Subscription(EnrollmentSubscriptions):
    """Everything that can be followed."""


def build(
    *,
    leaves: Leaves = "wire",
    limits: Limits | None = None,
    execution: Execution = "compiled",
    room: int = ROOM,
) -> Schema:
    """The schema; "raw" leaves hand moments and numbers to the caller as Python values."""
    return Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        limits=limits,
        execution=execution,
        room=room,
        config=StrawberryConfig(scalar_map=scalars(leaves), default_resolver=RAW),
    )
