"""The new clients' door: GraphQL, with a bearer token."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import httpx

from tests.doors.door import Answer, Door, Outcome, moment

USER = "id email username"
REGISTER = (
    "mutation($email: String!, $password: Secret!, $username: String!, $code: String!) {"
    " said: register(email: $email, password: $password, username: $username, invitationCode: $code)"
    f" {{ accessToken user {{ {USER} }} }} }}"
)
LOGIN = (
    "mutation($email: String!, $password: Secret!) {"
    f" said: login(email: $email, password: $password) {{ accessToken user {{ {USER} }} }} }}"
)
COURSE = "id title description published created_at: createdAt"
CONTENT = "content { id course_id: courseId sequence title body }"
REVIEW = (
    "id user_id: userId character_id: characterId repetition easiness interval"
    " next_review: nextReview last_review: lastReview character { id hanzi pinyin meaning }"
)
ENROLLMENT = "id user_id: userId course_id: courseId enrolled_at: enrolledAt progress"
IDS = ("id", "user_id", "course_id", "character_id")
MOMENTS = ("created_at", "enrolled_at", "next_review", "last_review")


class Graph(Door):
    """A new client."""

    name: ClassVar[str] = "GraphQL with a token"

    def __init__(self, http: httpx.AsyncClient) -> None:
        super().__init__(http)
        self.credential: dict[str, str] = {}

    async def register(self, email: str, password: str, username: str, code: str) -> Outcome:
        variables = {"email": email, "password": password, "username": username, "code": code}
        return self.signed_in(await self.call(REGISTER, variables))

    async def login(self, email: str, password: str) -> Outcome:
        return self.signed_in(await self.call(LOGIN, {"email": email, "password": password}))

    async def logout(self) -> Outcome:
        return await self.call("mutation { said: logout }")

    async def me(self) -> Outcome:
        return await self.call(f"{{ said: me {{ {USER} created_at: createdAt }} }}")

    async def courses(self) -> Outcome:
        said = await self.call(f"{{ said: courses {{ edges {{ node {{ {COURSE} }} }} }} }}")
        return [edge["node"] for edge in said["edges"]]

    async def course(self, course_id: int) -> Outcome:
        query = f"query($id: ID!) {{ said: course(id: $id) {{ {COURSE} {CONTENT} }} }}"
        return await self.call(query, {"id": course_id})

    async def enroll(self, course_id: int) -> Outcome:
        query = f"mutation($id: ID!) {{ said: enroll(courseId: $id) {{ {ENROLLMENT} }} }}"
        return await self.call(query, {"id": course_id})

    async def due(self) -> Outcome:
        said = await self.call(f"{{ said: dueReviews {{ edges {{ node {{ {REVIEW} }} }} }} }}")
        return said if isinstance(said, str) else [edge["node"] for edge in said["edges"]]

    async def submit(self, review_id: int, quality: object) -> Outcome:
        query = (
            "mutation($id: ID!, $quality: Quality!) { said: submitReview(id: $id, quality: $quality)"
            " { interval } }"
        )
        said = await self.call(query, {"id": review_id, "quality": quality})
        return said if isinstance(said, str) else said["interval"]

    async def sync(self, answers: Sequence[Answer]) -> Outcome:
        given = [
            {"id": id, "review": review, "quality": quality, "answeredAt": at.isoformat()}
            for id, review, quality, at in answers
        ]
        query = (
            "mutation($answers: [ReviewAnswerInput!]!) { said: syncReviews(answers: $answers)"
            " { answer: id outcome code review { interval } } }"
        )
        said = await self.call(query, {"answers": given})
        if isinstance(said, str):
            return said
        return [
            (each["answer"], each["outcome"], each["code"], each["review"] and each["review"]["interval"])
            for each in said
        ]

    async def call(self, query: str, variables: Mapping[str, object] | None = None) -> Any:
        """What stands under `said`, or the code of the refusal."""
        # In ASCII, since a text may hold half of a surrogate pair.
        body = json.dumps({"query": query, "variables": variables or {}})
        headers = {"Content-Type": "application/json", **self.credential}
        answer = await self.http.post("/graphql", content=body, headers=headers)
        assert answer.status_code == 200
        result = answer.json()
        if result.get("errors"):
            code: str = result["errors"][0]["extensions"]["code"]
            return code
        return legacy_forms(result["data"]["said"])

    def signed_in(self, said: Any) -> Outcome:
        """The user of a sign-in, whose token is kept."""
        if isinstance(said, str):
            return said
        self.credential = {"Authorization": f"Bearer {said['accessToken']}"}
        return said["user"]


def legacy_forms(value: Any) -> Any:
    """A value of the graph with ids as numbers and instants as instants."""
    if isinstance(value, list):
        return [legacy_forms(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: leaf(key, legacy_forms(member)) for key, member in value.items()}


def leaf(key: str, value: Any) -> Any:
    """A member of an object, read by its name."""
    if key in IDS and value is not None:
        return int(value)
    return moment(value) if key in MOMENTS else value
