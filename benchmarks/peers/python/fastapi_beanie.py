"""FastAPI and Beanie, for uvicorn."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any

from beanie import Document, init_beanie
from fastapi import Depends, FastAPI, Header, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel
from pymongo import AsyncMongoClient, IndexModel, ReturnDocument
from pymongo.errors import DuplicateKeyError

from benchmarks.peers.python import answers
from benchmarks.peers.python.documents import (
    Refused,
    already_enrolled,
    course_not_found,
    key_of,
    legacy,
    moment_now,
    page_after,
    revocation_id,
    setting,
    token_of,
    unauthorized,
    user_id_of,
    user_not_found,
)


class Moment(BaseModel):
    """An instant and the text it was imported with."""

    at: datetime
    us: int = 0
    text: str | None = None

    @property
    def legacy(self) -> str:
        """The text as clients know it."""
        return str(legacy({"at": self.at, "us": self.us, "text": self.text}))


class Course(Document):
    """Something to learn."""

    id: int  # type: ignore[assignment]  # Beanie's is an ObjectId
    title: str | None = None
    description: str | None = None
    published: bool = False
    created_at: Moment | None = None

    class Settings:
        name = "courses"
        indexes = [IndexModel([("published", 1), ("_id", 1)])]

    def show(self) -> answers.Course:
        """The course as clients know it."""
        return answers.Course(
            created_at=self.created_at.legacy if self.created_at else None,
            description=self.description,
            id=self.id,
            published=self.published,
            title=self.title,
        )


class User(Document):
    """Somebody who can sign in."""

    id: int  # type: ignore[assignment]  # Beanie's is an ObjectId
    email: str
    username: str
    created_at: Moment | None = None

    class Settings:
        name = "users"


class Enrollment(Document):
    """A learner takes a course, once."""

    id: int  # type: ignore[assignment]  # Beanie's is an ObjectId
    user_id: int
    course_id: int
    enrolled_at: Moment
    progress: int = 0

    class Settings:
        name = "enrollments"
        indexes = [IndexModel([("user_id", 1), ("course_id", 1)], unique=True)]


class Counter(Document):
    """The last id given out in one collection."""

    id: str  # type: ignore[assignment]  # Beanie's is an ObjectId
    last: int

    class Settings:
        name = "counters"


class Revocation(Document):
    """The digest of a token that was given back."""

    id: str  # type: ignore[assignment]  # Beanie's is an ObjectId
    expires: datetime

    class Settings:
        name = "revocations"


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Ties the documents to the database."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        setting("MONGODB_URI"), w="majority", journal=True
    )
    documents = [Course, User, Enrollment, Counter, Revocation]
    await init_beanie(client[setting("MONGODB_DATABASE")], document_models=documents)
    yield
    await client.close()


app = FastAPI(lifespan=lifespan)


async def caller(authorization: Annotated[str | None, Header()] = None) -> int:
    """The user whom a valid token names."""
    token = token_of(authorization)
    user_id = user_id_of(token)
    if await Revocation.get(revocation_id(token)) is not None:
        raise unauthorized()
    return user_id


Caller = Annotated[int, Depends(caller)]


@app.exception_handler(Refused)
async def refused(request: Request, error: Refused) -> JSONResponse:
    """An error as clients know it."""
    return JSONResponse({"error": error.message}, error.status)


async def published(limit: int, after: str | None) -> answers.Courses:
    """Published courses by id, in one batch where the driver's first would end at 101."""
    wanted = page_after(key_of(after))
    found = await Course.find(wanted, batch_size=limit + 1).sort("_id").limit(limit).to_list()
    return answers.Courses(courses=[course.show() for course in found])


@app.get("/hello", response_class=PlainTextResponse)
async def hello() -> str:
    """A greeting."""
    return "Hello, world!"


@app.get("/courses/{course_id}")
async def course(course_id: int) -> answers.OneCourse:
    """One course."""
    found = await Course.get(course_id)
    if found is None:
        raise course_not_found()
    return answers.OneCourse(course=found.show())


@app.get("/courses/")
async def courses(after: str | None = None) -> answers.Courses:
    """A page of 20 published courses."""
    return await published(20, after)


@app.get("/catalog/")
async def catalog(after: str | None = None) -> answers.Courses:
    """A page of 1,000 published courses."""
    return await published(1000, after)


@app.get("/auth/me")
async def me(user_id: Caller) -> answers.OneUser:
    """The caller's profile."""
    user = await User.get(user_id)
    if user is None:
        raise user_not_found()
    return answers.OneUser(
        user=answers.User(
            created_at=user.created_at.legacy if user.created_at else None,
            email=user.email,
            id=user.id,
            username=user.username,
        )
    )


@app.post("/courses/{course_id}/enroll", status_code=201)
async def enroll(course_id: int, user_id: Caller) -> answers.OneEnrollment:
    """The caller takes a course."""
    if await Course.get(course_id) is None:
        raise course_not_found()
    if await Enrollment.find_one({"user_id": user_id, "course_id": course_id}) is not None:
        raise already_enrolled()
    if await User.get(user_id) is None:
        raise user_not_found()
    counter: Any = await Counter.get_pymongo_collection().find_one_and_update(
        {"_id": "enrollments"}, {"$inc": {"last": 1}}, upsert=True, return_document=ReturnDocument.AFTER
    )
    enrollment = Enrollment(
        id=counter["last"], user_id=user_id, course_id=course_id, enrolled_at=Moment(**moment_now())
    )
    try:
        await enrollment.insert()
    except DuplicateKeyError as error:
        raise already_enrolled() from error
    return answers.OneEnrollment(
        enrollment=answers.Enrollment(
            course_id=course_id,
            enrolled_at=enrollment.enrolled_at.legacy,
            id=enrollment.id,
            progress=enrollment.progress,
            user_id=user_id,
        )
    )
