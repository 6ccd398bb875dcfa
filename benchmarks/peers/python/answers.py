"""The answers of the FastAPI peers, as its documentation declares them."""

from pydantic import BaseModel

from benchmarks.peers.python.documents import Document, legacy


class Course(BaseModel):
    """A course as clients know it."""

    created_at: str | None
    description: str | None
    id: int
    published: bool
    title: str | None

    @classmethod
    def of(cls, course: Document) -> "Course":
        """The course in a document."""
        return cls(
            created_at=legacy(course["created_at"]),
            description=course["description"],
            id=course["_id"],
            published=course["published"],
            title=course["title"],
        )


class User(BaseModel):
    """A user as clients know it."""

    created_at: str | None
    email: str
    id: int
    username: str

    @classmethod
    def of(cls, user: Document) -> "User":
        """The user in a document."""
        return cls(
            created_at=legacy(user["created_at"]),
            email=user["email"],
            id=user["_id"],
            username=user["username"],
        )


class Enrollment(BaseModel):
    """An enrollment as clients know it."""

    course_id: int
    enrolled_at: str
    id: int
    progress: int
    user_id: int


class OneCourse(BaseModel):
    """The answer with one course."""

    course: Course


class Courses(BaseModel):
    """The answer with several courses."""

    courses: list[Course]


class OneUser(BaseModel):
    """The answer with one user."""

    user: User


class OneEnrollment(BaseModel):
    """The answer with one enrollment."""

    enrollment: Enrollment
