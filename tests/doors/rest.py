"""The old clients' door: REST as the Flask server spoke it, with its cookie or with a bearer token."""

import json
from collections.abc import Sequence
from typing import Any, ClassVar

import httpx

from tests.doors.door import Answer, Door, Outcome, moment

HOST = "legacy.test"
PAGE = "page"
CODES = {
    (400, "Missing required fields"): "INVALID",
    (400, "Email and password required"): "INVALID",
    (400, "Invalid or used invitation code"): "INVITATION_INVALID",
    (400, "Already enrolled"): "ALREADY_ENROLLED",
    (400, PAGE): "UNFIT",
    (401, "Invalid credentials"): "BAD_CREDENTIALS",
    (401, "Unauthorized"): "NOT_SIGNED_IN",
    (404, "Course not found"): "COURSE_NOT_FOUND",
    (404, "Review not found"): "REVIEW_NOT_FOUND",
    (404, "User not found"): "USER_NOT_FOUND",
}


class Rest(Door):
    """An old client: it knows nothing but its cookie."""

    name: ClassVar[str] = "REST with a cookie"

    def __init__(self, http: httpx.AsyncClient) -> None:
        super().__init__(http)
        self.credential: dict[str, str] = {}

    async def register(self, email: str, password: str, username: str, code: str) -> Outcome:
        body = {"email": email, "password": password, "username": username, "invitation_code": code}
        return self.signed_in(await self.call("POST", "/api/auth/register", 201, body))

    async def login(self, email: str, password: str) -> Outcome:
        body = {"email": email, "password": password}
        return self.signed_in(await self.call("POST", "/api/auth/login", 200, body))

    async def logout(self) -> Outcome:
        said = await self.call("POST", "/api/auth/logout", 200)
        return said if isinstance(said, str) else said == {"message": "Logout successful"}

    async def me(self) -> Outcome:
        said = await self.call("GET", "/api/auth/me", 200)
        return said if isinstance(said, str) else dated(said["user"], "created_at")

    async def courses(self) -> Outcome:
        said = await self.call("GET", "/api/courses/", 200)
        courses = [dated(course, "created_at") for course in said["courses"]]
        return sorted(courses, key=lambda course: int(course["id"]))

    async def course(self, course_id: int) -> Outcome:
        said = await self.call("GET", f"/api/courses/{course_id}", 200)
        return said if isinstance(said, str) else dated(said["course"], "created_at")

    async def enroll(self, course_id: int) -> Outcome:
        said = await self.call("POST", f"/api/courses/{course_id}/enroll", 201)
        return said if isinstance(said, str) else dated(said["enrollment"], "enrolled_at")

    async def due(self) -> Outcome:
        said = await self.call("GET", "/api/reviews/due", 200)
        if isinstance(said, str):
            return said
        assert said["count"] == len(said["reviews"])
        reviews = [dated(review, "next_review", "last_review") for review in said["reviews"]]
        for review in reviews:
            review["character"] = review.pop("characters")
        return sorted(reviews, key=lambda review: int(review["id"]))

    async def submit(self, review_id: int, quality: object) -> Outcome:
        body = {"review_id": review_id, "quality": quality}
        said = await self.call("POST", "/api/reviews/submit", 200, body)
        return said if isinstance(said, str) else said["interval_days"]

    async def sync(self, answers: Sequence[Answer]) -> Outcome:
        reviews = [
            {"id": id, "review_id": review, "quality": quality, "reviewed_at": at.isoformat()}
            for id, review, quality, at in answers
        ]
        said = await self.call("POST", "/api/reviews/sync", 200, {"reviews": reviews})
        if isinstance(said, str):
            return said
        return [
            (each["id"], each["outcome"], each["code"], each["interval_days"]) for each in said["results"]
        ]

    async def call(self, method: str, path: str, success: int, body: object = None) -> Any:
        """The JSON of a success, or the code of a refusal."""
        headers = {"Host": HOST, **self.credential}
        if body is not None:
            headers["Content-Type"] = "application/json"
        # In ASCII, since a text may hold half of a surrogate pair.
        content = None if body is None else json.dumps(body)
        answer = await self.http.request(method, path, content=content, headers=headers)
        if answer.status_code == success:
            self.keep(answer)
            return answer.json()
        if answer.headers["content-type"] != "application/json":
            return CODES[answer.status_code, PAGE]
        error = answer.json()["error"]
        if answer.status_code == 500 and "duplicate key value" in error:
            return "EMAIL_TAKEN"
        return CODES[answer.status_code, error]

    def keep(self, answer: httpx.Response) -> None:
        """Keeps a new credential; one that is taken back is kept too."""
        cookie = answer.cookies.get("session")
        if cookie:
            self.credential = {"Cookie": f"session={cookie}"}
        self.http.cookies.clear()

    def signed_in(self, said: Any) -> Outcome:
        """The user of a sign-in."""
        return said if isinstance(said, str) else said["user"]


class RestWithToken(Rest):
    """An old client that has learnt to keep the token instead of the cookie."""

    name = "REST with a token"

    def keep(self, answer: httpx.Response) -> None:
        """Keeps the bearer token of a sign-in."""
        if token := answer.json().get("access_token"):
            self.credential = {"Authorization": f"Bearer {token}"}
        self.http.cookies.clear()


def dated(row: dict[str, Any], *names: str) -> dict[str, Any]:
    """A row with its texts of instants read."""
    return {key: moment(value) if key in names else value for key, value in row.items()}
