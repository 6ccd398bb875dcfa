"""A route written by hand on the product's own models: what a prepared document is held against."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from pymongo import AsyncMongoClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import models
from benchmarks.peers.python.documents import key_of, setting, show_course
from models import courses
from models.errors import CourseNotFound

client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
    setting("MONGODB_URI"), serverSelectionTimeoutMS=5_000, w="majority", journal=True
)


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Ties the models to the database."""
    await models.connect(client[setting("MONGODB_DATABASE")])
    yield
    await client.close()


def answer(value: Any, status: int = 200) -> Response:
    """The value as JSON."""
    return Response(orjson.dumps(value), status, media_type="application/json")


async def hello(request: Request) -> Response:
    """A greeting."""
    return PlainTextResponse("Hello, world!")


async def course(request: Request) -> Response:
    """One course."""
    try:
        found = await courses.get(request.path_params["course_id"])
    except CourseNotFound:
        return answer({"error": "Course not found"}, 404)
    return answer({"course": show_course(dict(found))})


async def page(request: Request, limit: int) -> Response:
    """Published courses by id."""
    found = await courses.published(key_of(request.query_params.get("after")), limit)
    return answer({"courses": [show_course(dict(course)) for course in found]})


async def first(request: Request) -> Response:
    """A page of 20 published courses."""
    return await page(request, 20)


async def catalog(request: Request) -> Response:
    """A page of 1,000 published courses."""
    return await page(request, 1000)


app = Starlette(
    routes=[
        Route("/hello", hello),
        Route("/courses/{course_id:int}", course),
        Route("/courses/", first),
        Route("/catalog/", catalog),
    ],
    lifespan=lifespan,
)
