"""Strawberry as it comes, on Starlette, with its caches of parsed and validated documents and DataLoaders."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, NewType, Self, TypeVar

import strawberry
from pymongo import AsyncMongoClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig

from benchmarks.peers.python.asynchronous import Store
from benchmarks.peers.python.documents import PUBLIC, Document, cursor_of, instant, setting

Node = TypeVar("Node")
Instant = NewType("Instant", dict)  # type: ignore[type-arg]  # an instant as the documents keep it


@dataclass
class Context:
    """What one request brings along; the loaders are made where they are used."""

    store: Store
    authorization: str | None

    async def caller(self) -> int:
        """The caller; raises Refused."""
        return await self.store.caller(self.authorization)

    @cached_property
    def users(self) -> DataLoader[int, Document | None]:
        """Users by id."""
        return DataLoader(lambda ids: self.store.by_id(self.store.users, ids, PUBLIC))

    @cached_property
    def courses(self) -> DataLoader[int, Document | None]:
        """Courses by id."""
        return DataLoader(lambda ids: self.store.by_id(self.store.courses, ids))

    @cached_property
    def content(self) -> DataLoader[int, list[Document]]:
        """Lessons by course."""
        return DataLoader(self.store.content_by_course)


Info = strawberry.Info[Context, None]


@strawberry.type
class User:
    """Somebody who can sign in."""

    id: strawberry.ID
    email: str
    username: str
    created_at: Instant | None

    @classmethod
    def of(cls, user: Document) -> Self:
        """The type that shows a document."""
        return cls(
            id=user["_id"], email=user["email"], username=user["username"], created_at=user["created_at"]
        )


@strawberry.type
class CourseContent:
    """One lesson of a course."""

    id: strawberry.ID
    course_id: strawberry.ID
    sequence: int | None
    title: str | None
    body: str | None

    @classmethod
    def of(cls, lesson: Document) -> Self:
        """The type that shows a document."""
        return cls(
            id=lesson["_id"],
            course_id=lesson["course_id"],
            sequence=lesson["sequence"],
            title=lesson["title"],
            body=lesson["body"],
        )


@strawberry.type
class Course:
    """Something to learn."""

    id: strawberry.ID
    title: str | None
    description: str | None
    published: bool
    created_at: Instant | None
    key: strawberry.Private[int]

    @classmethod
    def of(cls, course: Document) -> Self:
        """The type that shows a document."""
        return cls(
            id=course["_id"],
            title=course["title"],
            description=course["description"],
            published=course["published"],
            created_at=course["created_at"],
            key=course["_id"],
        )

    @strawberry.field
    async def content(self, info: Info) -> list[CourseContent]:
        """The lessons in their sequence."""
        return [CourseContent.of(lesson) for lesson in await info.context.content.load(self.key)]


@strawberry.type
class Enrollment:
    """A learner takes a course."""

    id: strawberry.ID
    user_id: strawberry.ID
    course_id: strawberry.ID
    enrolled_at: Instant
    progress: int
    user_key: strawberry.Private[int]
    course_key: strawberry.Private[int]

    @classmethod
    def of(cls, enrollment: Document) -> Self:
        """The type that shows a document."""
        return cls(
            id=enrollment["_id"],
            user_id=enrollment["user_id"],
            course_id=enrollment["course_id"],
            enrolled_at=enrollment["enrolled_at"],
            progress=enrollment["progress"],
            user_key=enrollment["user_id"],
            course_key=enrollment["course_id"],
        )

    @strawberry.field
    async def user(self, info: Info) -> User | None:
        """The learner."""
        user = await info.context.users.load(self.user_key)
        return User.of(user) if user else None

    @strawberry.field
    async def course(self, info: Info) -> Course | None:
        """The course."""
        course = await info.context.courses.load(self.course_key)
        return Course.of(course) if course else None


@strawberry.type
class PageInfo:
    """Where a page stands in its list."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type
class Edge(Generic[Node]):
    """One item of a list, and its place."""

    node: Node
    key: strawberry.Private[int]

    @strawberry.field
    def cursor(self) -> str:
        """The place as text."""
        return cursor_of(self.key)


@strawberry.type
class Connection(Generic[Node]):
    """A page of a list that grows."""

    edges: list[Edge[Node]]
    page_info: PageInfo


def connection(found: list[Document], first: int, show: Any) -> Connection[Any]:
    """A page; one document more than wanted tells whether there is another."""
    shown = found[:first]
    return Connection(
        edges=[Edge(node=show(document), key=document["_id"]) for document in shown],
        page_info=PageInfo(
            has_next_page=len(found) > len(shown),
            has_previous_page=False,
            start_cursor=cursor_of(shown[0]["_id"]) if shown else None,
            end_cursor=cursor_of(shown[-1]["_id"]) if shown else None,
        ),
    )


@strawberry.type
class Query:
    """What the benchmarks ask for."""

    @strawberry.field
    async def me(self, info: Info) -> User:
        """The caller."""
        return User.of(await info.context.store.user(await info.context.caller()))

    @strawberry.field
    async def course(self, info: Info, id: strawberry.ID) -> Course:
        """One course."""
        return Course.of(await info.context.store.course(int(id)))

    @strawberry.field
    async def courses(self, info: Info, first: int = 50) -> Connection[Course]:
        """The published courses by id."""
        return connection(await info.context.store.published(first + 1), first, Course.of)

    @strawberry.field
    async def my_enrollments(self, info: Info, first: int = 50) -> Connection[Enrollment]:
        """The caller's enrollments by id."""
        found = await info.context.store.enrollments_of(await info.context.caller(), first + 1)
        return connection(found, first, Enrollment.of)


class Door(GraphQL[Context, None]):
    """Strawberry's own application, with a context of one store."""

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        """What one request brings along."""
        return Context(store, request.headers.get("authorization"))


async def hello(request: Request) -> Response:
    """A greeting."""
    return PlainTextResponse("Hello, world!")


client: AsyncMongoClient[Document] = AsyncMongoClient(setting("MONGODB_URI"), w="majority", journal=True)
store = Store(client[setting("MONGODB_DATABASE")])
schema = strawberry.Schema(
    query=Query,
    config=StrawberryConfig(
        scalar_map={
            Instant: strawberry.scalar(name="DateTime", serialize=lambda moment: f"{instant(moment)}Z")
        }
    ),
    extensions=[lambda: ParserCache(maxsize=512), lambda: ValidationCache(maxsize=512)],
)
app = Starlette(routes=[Route("/hello", hello), Route("/graphql", Door(schema, graphql_ide=None))])
