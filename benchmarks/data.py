"""The data that every server is measured on: made by rule, always the same, and written once."""

import asyncio
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any
from uuid import UUID

from pymongo import AsyncMongoClient, MongoClient
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.write_concern import WriteConcern

import models

Document = dict[str, Any]

# Raise it when a rule below changes: data of another version is made anew.
VERSION = 2
COURSES = 12_000
LESSONS = 3
# Courses with a thousand lessons each; so many that requests at one time seldom ask for the same one.
LONG_COURSES = 64
LONG = 1_000
USERS = 2_000
# A learner takes 25 of the lower half; a measured write takes a course of the upper half.
ENROLLMENTS = 25
TAKEN = 6_000
REVIEWS = 10
CHARACTERS = 500
# The clock of the data; nothing in it depends on when it is made.
EPOCH = datetime(2025, 1, 6, 8, 30, tzinfo=UTC)
PASSWORD_HASH = f"scrypt:32768:8:1$measuredonly${'0' * 128}"
# What a user has on other surfaces, and a learner never does.
FAMILY: dict[str, Any] = {
    "first_name": None,
    "last_name": None,
    "phone": None,
    "date_of_birth": None,
    "gender": None,
    "profile_picture_url": None,
    "bio": None,
    "location": None,
    "language": "en",
    "timezone": "UTC",
    "email_verified": False,
    "two_factor_enabled": False,
    "subscription_tier": "free",
    "is_admin": False,
    "is_active": True,
    "failed_sign_ins": 0,
    "locked_until": None,
    "last_sign_in": None,
    "verification": None,
    "external": [],
}
HANZI = "一二三人大小中国我你他好水火山日月木口手心女子学书说吃喝看爱家天"
WORDS = """
first words tones greetings numbers family stories town market weekend radicals water speech grammar
reading writing listening letters poems travel kitchen weather animals colours music history seasons
""".split()
BATCH = 5_000


def moment(number: int, *, text: bool = True) -> Document:
    """An instant as the documents keep it; with the text that an import would have left, or without."""
    instant = EPOCH + timedelta(minutes=number, microseconds=number * 7919 % 999_983 + 17)
    us = instant.microsecond % 1000
    return {
        "at": instant.replace(microsecond=instant.microsecond - us),
        "us": us,
        "text": instant.replace(tzinfo=None).isoformat(timespec="microseconds") if text else None,
    }


def phrase(random: Random, words: int, signs: int) -> str:
    """Some words with some characters between them."""
    chosen = random.choices(WORDS, k=words) + random.choices(HANZI, k=signs)
    random.shuffle(chosen)
    return " ".join(chosen)


def course(number: int, *, published: bool | None = None) -> Document:
    """A course; one in ten is not published."""
    random = Random(number)
    return {
        "_id": number,
        "title": f"Course {number}: {phrase(random, 2, 1)}",
        "description": phrase(random, 12, 6),
        "published": number % 10 != 0 if published is None else published,
        "created_at": moment(number),
    }


def lesson(number: int, course_id: int, sequence: int) -> Document:
    """A lesson of a course."""
    random = Random(number)
    return {
        "_id": number,
        "course_id": course_id,
        "sequence": sequence,
        "title": phrase(random, 2, 1),
        "body": phrase(random, 10, 8),
    }


def user(number: int) -> Document:
    """A learner; every second one came before there was an import."""
    return {
        "_id": number,
        "email": f"learner{number}@example.com",
        "username": f"learner{number}",
        "password_hash": PASSWORD_HASH,
        "created_at": moment(number, text=number % 2 == 1),
        "uuid": str(UUID(int=number, version=4)),
        **FAMILY,
    }


def enrollment(number: int, user_id: int, course_id: int) -> Document:
    """A learner takes a course."""
    return {
        "_id": number,
        "user_id": user_id,
        "course_id": course_id,
        "enrolled_at": moment(number),
        "progress": number % 101,
    }


def review(number: int, user_id: int) -> Document:
    """A card of a learner."""
    return {
        "_id": number,
        "user_id": user_id,
        "character_id": number % CHARACTERS + 1,
        "repetition": number % 5,
        "easiness": 1.3 + number % 15 / 10,
        "interval": number % 30 + 1,
        "next_review": moment(number),
        "last_review": moment(number) if number % 3 else None,
        "revision": 0,
    }


def character(number: int) -> Document:
    """A character."""
    random = Random(number)
    return {
        "_id": number,
        "hanzi": random.choice(HANZI),
        "pinyin": random.choice(WORDS),
        "meaning": phrase(random, 2, 0),
    }


def long_courses() -> range:
    """The ids of the courses with a thousand lessons."""
    return range(COURSES + 1, COURSES + LONG_COURSES + 1)


def lessons() -> Iterator[Document]:
    """The lessons of every course."""
    number = 0
    for course_id in range(1, COURSES + LONG_COURSES + 1):
        for sequence in range(1, (LESSONS if course_id <= COURSES else LONG) + 1):
            number += 1
            yield lesson(number, course_id, sequence)


def enrollments() -> Iterator[Document]:
    """Every learner's enrollments."""
    number = 0
    for user_id in range(1, USERS + 1):
        for course_id in sorted(Random(user_id).sample(range(1, TAKEN + 1), ENROLLMENTS)):
            number += 1
            yield enrollment(number, user_id, course_id)


def collections() -> dict[str, Iterable[Document]]:
    """Every collection and its documents."""
    return {
        "courses": (
            course(number, published=False if number > COURSES else None)
            for number in range(1, COURSES + LONG_COURSES + 1)
        ),
        "course_content": lessons(),
        "users": (user(number) for number in range(1, USERS + 1)),
        "enrollments": enrollments(),
        "reviews": (review(number, (number - 1) // REVIEWS + 1) for number in range(1, USERS * REVIEWS + 1)),
        "characters": (character(number) for number in range(1, CHARACTERS + 1)),
    }


def batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """The documents, so many at a time."""
    source = iter(documents)
    while batch := list(islice(source, BATCH)):
        yield batch


def write(collection: Collection[Document], documents: Iterable[Document]) -> int:
    """Writes documents in any order; the highest id among them."""
    hasty = collection.with_options(write_concern=WriteConcern(w=1))
    highest = 0
    for batch in batches(documents):
        hasty.insert_many(batch, ordered=False)
        highest = max(highest, *(document["_id"] for document in batch))
    return highest


def load(uri: str, name: str) -> bool:
    """Whether the data had to be made; one that is there in this version is kept."""
    with MongoClient[Document](uri) as client:
        database = client[name]
        if (database["measured"].find_one({"_id": "data"}) or {}).get("version") == VERSION:
            tidy(database)
            return False
        client.drop_database(name)
        index(uri, name)
        highest = {kind: write(database[kind], documents) for kind, documents in collections().items()}
        database["counters"].insert_many([{"_id": kind, "last": last} for kind, last in highest.items()])
        database["measured"].insert_one({"_id": "data", "version": VERSION, "highest": highest})
        return True


def index(uri: str, name: str) -> None:
    """Makes the indexes that the product's models declare; every server is measured with these."""
    asyncio.run(make_indexes(uri, name))


async def make_indexes(uri: str, name: str) -> None:
    """Makes the indexes that the product's models declare."""
    client: AsyncMongoClient[Document] = AsyncMongoClient(uri)
    try:
        await models.connect(client[name])
    finally:
        await client.close()


def tidy(database: Database[Document]) -> int:
    """Removes the enrollments that measured writes have made; how many."""
    note = database["measured"].find_one({"_id": "data"})
    if note is None:
        return 0
    last = note["highest"]["enrollments"]
    hasty = database["enrollments"].with_options(write_concern=WriteConcern(w=1))
    # The counter goes on, so that a write which comes late takes no id of a later one.
    return hasty.delete_many({"_id": {"$gt": last}}).deleted_count


def load_parse(uri: str, name: str) -> None:
    """Copies the courses into the form that Parse Server keeps them in, unless they are there."""
    with MongoClient[Document](uri) as client:
        courses = client[name]["Course"]
        if courses.estimated_document_count() == COURSES:
            return
        courses.drop()
        write_parse(courses)
        courses.create_index([("published", 1), ("_id", 1)])


def write_parse(courses: Collection[Document]) -> None:
    """Writes the courses with ids that are text and sort like the numbers."""
    documents = (course(number) for number in range(1, COURSES + 1))
    for batch in batches(documents):
        courses.insert_many(
            [
                {
                    "_id": str(each["_id"]).zfill(6),
                    "title": each["title"],
                    "description": each["description"],
                    "published": each["published"],
                    "_created_at": each["created_at"]["at"],
                    "_updated_at": each["created_at"]["at"],
                }
                for each in batch
            ]
        )
