"""A small house: the pages over a graph that needs no database."""

import asyncio
from collections.abc import AsyncGenerator

import strawberry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from strawberry.asgi import GraphQL
from strawberry.types import Info

from server.pages import docs, graphiql, landing, redoc
from server.pages.assets import Assets

CONTRACT = {
    "openapi": "3.1.0",
    "info": {"title": "Courses", "version": "1"},
    "paths": {
        "/api/courses": {
            "get": {"summary": "List courses", "responses": {"200": {"description": "The courses"}}}
        },
        "/api/courses/{course}/lessons": {
            "get": {
                "summary": "Read the lessons of a course",
                "parameters": [
                    {"name": "course", "in": "path", "required": True, "schema": {"type": "integer"}}
                ],
                "responses": {
                    "200": {
                        "description": "The lessons",
                        "content": {"application/json": {"schema": {"properties": {"tones": {}}}}},
                    }
                },
            }
        },
    },
}


@strawberry.type
class Content:
    sequence: int
    title: str


@strawberry.type
class Course:
    id: strawberry.ID
    title: str
    content: list[Content]


@strawberry.type
class CourseEdge:
    node: Course


@strawberry.type
class Courses:
    edges: list[CourseEdge]


@strawberry.type
class Query:
    @strawberry.field
    def courses(self) -> Courses:
        course = Course(
            id=strawberry.ID("1"), title="First steps", content=[Content(sequence=1, title="Tones")]
        )
        return Courses(edges=[CourseEdge(node=course)])

    @strawberry.field
    def authorization(self, info: Info) -> str | None:
        headers: dict[str, str] = info.context["request"].headers
        return headers.get("authorization")


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, info: Info, to: int) -> AsyncGenerator[str, None]:
        for number in range(1, to + 1):
            yield f"{number} for {(info.context.get('connection_params') or {}).get('Authorization')}"
            await asyncio.sleep(0.01)


def house() -> Starlette:
    """The application."""
    assets = Assets()
    graph: GraphQL[None, None] = GraphQL(
        strawberry.Schema(Query, subscription=Subscription), graphql_ide=None
    )

    async def contract(request: Request) -> Response:
        return JSONResponse(CONTRACT)

    async def courses(request: Request) -> Response:
        return JSONResponse([{"id": 1, "title": "First steps"}])

    async def start(request: Request) -> Response:
        return landing.page(assets=assets)

    async def explore(request: Request) -> Response:
        return graphiql.page("/graphql", assets=assets)

    async def read(request: Request) -> Response:
        return docs.page("/openapi.json", assets=assets)

    async def refer(request: Request) -> Response:
        return redoc.page("/openapi.json", assets=assets)

    return Starlette(
        routes=[
            Route("/", start),
            Route("/graphiql", explore),
            Route("/docs", read),
            Route("/redoc", refer),
            Route("/openapi.json", contract),
            Route("/api/courses", courses),
            Route("/graphql", graph),
            WebSocketRoute("/graphql", graph),
            assets.route(),
        ]
    )
