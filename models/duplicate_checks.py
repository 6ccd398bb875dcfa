"""Whether somebody who was added or changed is in their tree twice, and telling who did it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from bson import ObjectId

from models import jobs, raw
from models.job_kinds import Running, kind
from models.kinds import SuggestionStatus
from models.merges import BIRTH, ENOUGH, FIRST, LAST
from models.moments import Moment
from models.notifications import Notification
from models.people import Person
from models.suggestions import MergeSuggestion
from models.transactions import Session

CHECK = "check-duplicate"
TOLD, MESSAGE = "merge_suggestion", "Possible duplicate found"
# What is compared. Without both names nobody is alike enough.
NAMES, COMPARED = ("first_name", "last_name"), ("first_name", "last_name", "birth")
# Namesakes that are looked at.
MOST = 100


async def ask(
    person: Mapping[str, Any], changed: Mapping[str, Any], account: str, now: datetime, session: Session
) -> None:
    """Asks for a look at a person, with the write that may have made one of two of them."""
    if all(person.get(name) for name in NAMES) and any(name in changed for name in COMPARED):
        await jobs.ask(
            CHECK, {"newPersonId": str(person["_id"]), "createdBy": account}, session=session, now=now
        )


@kind(CHECK, attempts=5, timeout=30)
async def check(job: Running) -> None:
    """Suggests to make one of the person and each namesake who is alike enough, once for each two."""
    person = await raw.collection(Person).find_one({"_id": ObjectId(job.arguments["newPersonId"])})
    account = str(job.arguments["createdBy"])
    found = await alike(person) if person else []

    async def suggest(session: Session) -> dict[str, int]:
        now = Moment.of(datetime.now(UTC))
        made = 0
        for other, confidence in found:
            if person is not None and await new(person, other, confidence, account, now, session):
                made += 1
        return {"suggestions": made}

    await job.settle(suggest)


async def alike(person: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], float]]:
    """The others of the tree who may be this person, the oldest first, and how sure that is."""
    wanted = {"tree_id": person["tree_id"], "_id": {"$ne": person["_id"]}}
    if not all(person[name] for name in NAMES):
        return []
    namesakes = raw.collection(Person).find(
        {**wanted, **{name: person[name] for name in NAMES}}, {"birth": 1}, sort=[("_id", 1)], limit=MOST
    )
    scored = [(other, score(person, other)) for other in await namesakes.to_list()]
    return [(other, confidence) for other, confidence in scored if confidence > ENOUGH]


def score(person: Mapping[str, Any], namesake: Mapping[str, Any]) -> float:
    """How much somebody of the same name is alike; another day of birth does not speak against it."""
    born, also = person["birth"], namesake["birth"]
    same = born is not None and also is not None and born["at"].date() == also["at"].date()
    return FIRST + LAST + BIRTH if same else FIRST + LAST


async def new(
    person: Mapping[str, Any],
    other: Mapping[str, Any],
    confidence: float,
    account: str,
    now: Moment,
    session: Session,
) -> bool:
    """Whether there was no suggestion yet to make one of two people; now there is one, and it was told."""
    two = [person["_id"], other["_id"]]
    known = {"new_person_id": {"$in": two}, "existing_person_id": {"$in": two}}
    suggestions = raw.collection(MergeSuggestion)
    if await suggestions.find_one({"tree_id": person["tree_id"], **known}, {"_id": 1}, session=session):
        return False
    suggestion = MergeSuggestion(
        # Of two who look at once, each from their own side, one finds that the other has suggested it.
        id=id_of(*two),
        tree_id=person["tree_id"],
        new_person_id=person["_id"],
        existing_person_id=other["_id"],
        confidence=confidence,
        status=SuggestionStatus.PENDING,
        created_by=account,
        notified=[account],
        created_at=now,
    )
    told = Notification(
        account=account,
        kind=TOLD,
        message=MESSAGE,
        data={
            "newPersonId": str(person["_id"]),
            "existingPersonId": str(other["_id"]),
            "confidence": confidence,
        },
        created_at=now,
    )
    await suggestions.insert_one(raw.stored_form(suggestion), session=session)
    await raw.collection(Notification).insert_one(raw.stored_form(told), session=session)
    return True


def id_of(one: ObjectId, other: ObjectId) -> ObjectId:
    """The id of what is suggested of two people, whichever of them comes first."""
    first, second = sorted((one, other))
    return ObjectId(sha256(first.binary + second.binary).digest()[:12])
