"""FastAPI and Motor, for uvicorn."""

from typing import Annotated

from fastapi import Depends, FastAPI, Header, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from motor.motor_asyncio import AsyncIOMotorClient

from benchmarks.peers.python.answers import (
    Course,
    Courses,
    Enrollment,
    OneCourse,
    OneEnrollment,
    OneUser,
    User,
)
from benchmarks.peers.python.asynchronous import Store
from benchmarks.peers.python.documents import Refused, key_of, setting, show_enrollment

app = FastAPI()
client = AsyncIOMotorClient(setting("MONGODB_URI"), w="majority", journal=True)
store = Store(client[setting("MONGODB_DATABASE")])


async def caller(authorization: Annotated[str | None, Header()] = None) -> int:
    """The user whom a valid token names."""
    return await store.caller(authorization)


Caller = Annotated[int, Depends(caller)]


@app.exception_handler(Refused)
async def refused(request: Request, error: Refused) -> JSONResponse:
    """An error as clients know it."""
    return JSONResponse({"error": error.message}, error.status)


async def page(limit: int, after: str | None) -> Courses:
    """Published courses by id."""
    return Courses(courses=[Course.of(course) for course in await store.published(limit, key_of(after))])


@app.get("/hello", response_class=PlainTextResponse)
async def hello() -> str:
    """A greeting."""
    return "Hello, world!"


@app.get("/courses/{course_id}")
async def course(course_id: int) -> OneCourse:
    """One course."""
    return OneCourse(course=Course.of(await store.course(course_id)))


@app.get("/courses/")
async def courses(after: str | None = None) -> Courses:
    """A page of 20 published courses."""
    return await page(20, after)


@app.get("/catalog/")
async def catalog(after: str | None = None) -> Courses:
    """A page of 1,000 published courses."""
    return await page(1000, after)


@app.get("/auth/me")
async def me(user_id: Caller) -> OneUser:
    """The caller's profile."""
    return OneUser(user=User.of(await store.user(user_id)))


@app.post("/courses/{course_id}/enroll", status_code=201)
async def enroll(course_id: int, user_id: Caller) -> OneEnrollment:
    """The caller takes a course."""
    made = show_enrollment(await store.enroll(course_id, user_id))
    return OneEnrollment(enrollment=Enrollment(**made))
