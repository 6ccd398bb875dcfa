"""One invitation lets one person in, and one address belongs to one person, however many come at once."""

import asyncio
from collections import Counter
from typing import Any

import httpx
from pymongo.asynchronous.database import AsyncDatabase

from models.invitations import Invitation

CROWD = 100
REFUSED = {"error": "Invalid or used invitation code"}
REGISTER = """mutation($email: String!, $code: String!) {
  register(email: $email, password: "pass phrase", username: "crowd", invitationCode: $code) { user { id } }
}"""


async def over_rest(http: httpx.AsyncClient, email: str, code: str) -> tuple[int, Any]:
    body = {"email": email, "password": "pass phrase", "username": "crowd", "invitation_code": code}
    answer = await http.post("/api/auth/register", json=body, headers={"Host": "legacy.test"})
    return answer.status_code, answer.json()


async def over_graphql(http: httpx.AsyncClient, email: str, code: str) -> str:
    body = {"query": REGISTER, "variables": {"email": email, "code": code}}
    said = (await http.post("/graphql", json=body)).json()
    outcome: str = said["errors"][0]["extensions"]["code"] if "errors" in said else "registered"
    return outcome


def crowd(house: str) -> httpx.AsyncClient:
    """A client for everybody at once, each with a connection."""
    return httpx.AsyncClient(base_url=house, timeout=60, limits=httpx.Limits(max_connections=CROWD))


async def test_one_of_a_hundred_gets_in_with_one_invitation(
    house: str, database: AsyncDatabase[dict[str, Any]]
) -> None:
    await Invitation(id=1, code="ONE").insert()
    async with crowd(house) as http:
        answers = await asyncio.gather(
            *(over_rest(http, f"{number}@example.com", "ONE") for number in range(CROWD))
        )
    assert Counter(status for status, _ in answers) == {201: 1, 400: CROWD - 1}
    assert all(said == REFUSED for status, said in answers if status == 400)
    (user,) = [user async for user in database.users.find()]
    assert [said["user"]["id"] for status, said in answers if status == 201] == [user["_id"]]
    (invitation,) = [invitation async for invitation in database.invitations.find()]
    assert (invitation["used"], invitation["used_by"]) == (True, user["_id"])


async def test_one_of_many_gets_in_through_either_door(
    house: str, database: AsyncDatabase[dict[str, Any]]
) -> None:
    await Invitation(id=1, code="ONE").insert()
    async with crowd(house) as http:
        rest = [over_rest(http, f"rest-{number}@example.com", "ONE") for number in range(10)]
        graphql = [over_graphql(http, f"graphql-{number}@example.com", "ONE") for number in range(10)]
        answers = await asyncio.gather(*rest, *graphql)
    outcomes = Counter(answer if isinstance(answer, str) else answer[0] for answer in answers)
    assert outcomes["registered"] + outcomes[201] == 1
    assert outcomes["INVITATION_INVALID"] + outcomes[400] == 19
    assert await database.users.count_documents({}) == 1


async def test_one_address_is_registered_once_and_the_other_invitations_stay(
    house: str, database: AsyncDatabase[dict[str, Any]]
) -> None:
    codes = [f"CODE-{number}" for number in range(10)]
    for number, code in enumerate(codes, 1):
        await Invitation(id=number, code=code).insert()
    async with crowd(house) as http:
        answers = await asyncio.gather(*(over_rest(http, "same@example.com", code) for code in codes))
    assert Counter(status for status, _ in answers) == {201: 1, 500: 9}
    taken = "Key (email)=(same@example.com) already exists."
    assert all(taken in said["error"] for status, said in answers if status == 500)
    assert await database.users.count_documents({}) == 1
    assert await database.invitations.count_documents({"used": True}) == 1
