"""Flask and PyMongo, for gunicorn with one worker and threads."""

from typing import Any

from flask import Flask, Response, jsonify, request
from pymongo import MongoClient, ReturnDocument
from pymongo.errors import DuplicateKeyError

from benchmarks.peers.python.documents import (
    ONLY_ID,
    PUBLIC,
    Document,
    Refused,
    already_enrolled,
    course_not_found,
    key_of,
    moment_now,
    page_after,
    revocation_id,
    setting,
    show_course,
    show_enrollment,
    show_user,
    token_of,
    unauthorized,
    user_id_of,
    user_not_found,
)

app = Flask(__name__, static_folder=None)
client: MongoClient[Document] = MongoClient(setting("MONGODB_URI"), w="majority", journal=True)
database = client[setting("MONGODB_DATABASE")]


@app.get("/hello")
def hello() -> Response:
    """A greeting."""
    return Response("Hello, world!", mimetype="text/plain")


@app.get("/courses/<int:course_id>")
def course(course_id: int) -> Response:
    """One course."""
    return jsonify(course=show_course(existing(course_id)))


@app.get("/courses/")
def courses() -> Response:
    """A page of 20 published courses."""
    return listed(20)


@app.get("/catalog/")
def catalog() -> Response:
    """A page of 1,000 published courses."""
    return listed(1000)


@app.get("/auth/me")
def me() -> Response:
    """The caller's profile."""
    user = database["users"].find_one({"_id": caller()}, PUBLIC)
    if user is None:
        raise user_not_found()
    return jsonify(user=show_user(user))


@app.post("/courses/<int:course_id>/enroll")
def enroll(course_id: int) -> tuple[Response, int]:
    """The caller takes a course."""
    user_id = caller()
    existing(course_id)
    pair = {"user_id": user_id, "course_id": course_id}
    if database["enrollments"].find_one(pair, ONLY_ID) is not None:
        raise already_enrolled()
    if database["users"].find_one({"_id": user_id}, ONLY_ID) is None:
        raise user_not_found()
    counter: Any = database["counters"].find_one_and_update(
        {"_id": "enrollments"}, {"$inc": {"last": 1}}, upsert=True, return_document=ReturnDocument.AFTER
    )
    enrollment = {"_id": counter["last"], **pair, "enrolled_at": moment_now(), "progress": 0}
    try:
        database["enrollments"].insert_one(enrollment)
    except DuplicateKeyError as error:
        raise already_enrolled() from error
    return jsonify(enrollment=show_enrollment(enrollment)), 201


@app.errorhandler(Refused)
def refused(error: Refused) -> tuple[Response, int]:
    """An error as clients know it."""
    return jsonify(error=error.message), error.status


def existing(course_id: int) -> Document:
    """A course; raises Refused."""
    found = database["courses"].find_one({"_id": course_id})
    if found is None:
        raise course_not_found()
    return found


def listed(limit: int) -> Response:
    """Published courses by id, in one batch where the driver's first would end at 101."""
    wanted = page_after(key_of(request.args.get("after")))
    found = database["courses"].find(wanted, sort=[("_id", 1)], limit=limit, batch_size=limit + 1)
    return jsonify(courses=[show_course(course) for course in found])


def caller() -> int:
    """The user whom a valid token names; raises Refused."""
    token = token_of(request.headers.get("Authorization"))
    user_id = user_id_of(token)
    if database["revocations"].find_one({"_id": revocation_id(token)}, ONLY_ID) is not None:
        raise unauthorized()
    return user_id
