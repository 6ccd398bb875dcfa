"""The graph: types, resolvers and permissions, for both doors."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema.accounts import AccountMutations
from schema.answers import AnswerMutations
from schema.changes import ChangeSubscriptions
from schema.collaborators import CollaboratorMutations
from schema.courses import CourseQueries
from schema.enrollments import EnrollmentMutations, EnrollmentQueries, EnrollmentSubscriptions
from schema.execution.seams import ROOM, Execution, Schema
from schema.file_changes import FileMutations
from schema.files import FileQueries
from schema.gedcom import GedcomMutations, GedcomQueries
from schema.jobs import JobMutations, JobQueries, JobSubscriptions
from schema.limits import Limits
from schema.notifications import NotificationMutations, NotificationQueries
from schema.persons import PersonMutations, PersonQueries
from schema.raw import RAW
from schema.records import RecordMutations
from schema.relationships import RelationshipMutations, RelationshipQueries
from schema.research import ResearchMutations, ResearchQueries
from schema.resources import ResourceMutations, ResourceQueries
from schema.reviews import ReviewMutations, ReviewQueries
from schema.roles import RoleMutations, RoleQueries
from schema.scalars import Leaves, scalars
from schema.search import SearchMutations, SearchQueries
from schema.search_analytics import SearchAnalyticsQueries
from schema.session_starts import SessionMutations
from schema.sign_ins import SignInMutations
from schema.tree_lists import TreeListQueries
from schema.trees import TreeMutations, TreeQueries
from schema.users import UserMutations, UserQueries


@strawberry.type
class Query(
    UserQueries,
    CourseQueries,
    EnrollmentQueries,
    ReviewQueries,
    TreeQueries,
    TreeListQueries,
    PersonQueries,
    RelationshipQueries,
    NotificationQueries,
    ResearchQueries,
    GedcomQueries,
    SearchQueries,
    SearchAnalyticsQueries,
    FileQueries,
    ResourceQueries,
    RoleQueries,
    JobQueries,
):
    """Everything that can be asked."""


@strawberry.type
class Mutation(
    UserMutations,
    EnrollmentMutations,
    ReviewMutations,
    AnswerMutations,
    AccountMutations,
    SignInMutations,
    TreeMutations,
    CollaboratorMutations,
    PersonMutations,
    RelationshipMutations,
    NotificationMutations,
    ResearchMutations,
    RecordMutations,
    GedcomMutations,
    SearchMutations,
    FileMutations,
    ResourceMutations,
    RoleMutations,
    SessionMutations,
    JobMutations,
):
    """Everything that can be done."""


@strawberry.type
class Subscription(EnrollmentSubscriptions, ChangeSubscriptions, JobSubscriptions):
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
