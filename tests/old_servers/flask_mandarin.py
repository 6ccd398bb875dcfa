"""The old Mandarin server on the real Flask: nine routes, written anew after what the original does.

Run as `python -m tests.old_servers.flask_mandarin --rows FILE --secret S`; it starts empty, prints its port,
then goes back to the start state that each line of its input names and answers "ready", until its input ends.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import wraps
from pathlib import Path
from threading import Thread
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify, request, session
from werkzeug.security import check_password_hash, generate_password_hash
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.old_servers.store import Filter, Row, Store, read_state

Answer = tuple[Response, int]
auth = Blueprint("auth", __name__, url_prefix="/api/auth")
courses = Blueprint("courses", __name__, url_prefix="/api/courses")
reviews = Blueprint("reviews", __name__, url_prefix="/api/reviews")


def create(store: Store, secret: str) -> Flask:
    """The application over a store, with a production server's settings."""
    app = Flask("old_mandarin")
    app.secret_key = secret
    app.extensions["store"] = store
    for blueprint in (auth, courses, reviews):
        app.register_blueprint(blueprint)
    return app


def store() -> Store:
    kept: Store = current_app.extensions["store"]
    return kept


def clock() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def refused(text: str, status: int) -> Answer:
    return jsonify(error=text), status


def signed_in(view: Callable[..., Answer]) -> Callable[..., Answer]:
    """Refuse a session without a user_id; any value counts, also null."""

    @wraps(view)
    def guarded(**arguments: Any) -> Answer:
        if "user_id" not in session:
            return refused("Unauthorized", 401)
        return view(**arguments)

    return guarded


@auth.post("/register")
def register() -> Answer:
    body: Any = request.get_json()
    wanted = {name: body.get(name) for name in ("email", "password", "username", "invitation_code")}
    if not all(wanted.values()):
        return refused("Missing required fields", 400)
    code = Filter("code", wanted["invitation_code"])
    if not store().select("invitation_codes", code, Filter("used", False)):
        return refused("Invalid or used invitation code", 400)
    # Outside the net below: a password that is not text ends in the framework's page.
    password_hash = generate_password_hash(wanted["password"])
    try:
        return welcome(wanted, password_hash, code)
    except Exception as error:  # the old server showed whatever went wrong from here on
        return refused(str(error), 500)


def welcome(wanted: Mapping[str, Any], password_hash: str, code: Filter) -> Answer:
    user = store().insert(
        "users",
        {
            "email": wanted["email"],
            "username": wanted["username"],
            "password_hash": password_hash,
            "created_at": clock().isoformat(),
        },
    )
    store().update(
        "invitation_codes", {"used": True, "used_by": user["id"], "used_at": clock().isoformat()}, code
    )
    session.update(user_id=user["id"], email=wanted["email"])
    # What was sent comes back, not what was stored: a number stays a number here.
    shown = {"id": user["id"], "email": wanted["email"], "username": wanted["username"]}
    return jsonify(message="Registration successful", user=shown), 201


@auth.post("/login")
def login() -> Answer:
    body: Any = request.get_json()
    email, password = body.get("email"), body.get("password")
    if not email or not password:
        return refused("Email and password required", 400)
    found = store().select("users", Filter("email", email))
    if not found or not check_password_hash(found[0]["password_hash"], password):
        return refused("Invalid credentials", 401)
    user = {name: found[0][name] for name in ("id", "email", "username")}
    session.update(user_id=user["id"], email=user["email"])
    return jsonify(message="Login successful", user=user), 200


@auth.post("/logout")
@signed_in
def logout() -> Answer:
    session.clear()
    return jsonify(message="Logout successful"), 200


@auth.get("/me")
@signed_in
def me() -> Answer:
    found = store().select("users", Filter("id", session["user_id"]))
    if not found:
        return refused("User not found", 404)
    return jsonify(user={name: found[0][name] for name in ("id", "email", "username", "created_at")}), 200


@courses.get("/")
def list_courses() -> Answer:
    return jsonify(courses=store().select("courses", Filter("published", True))), 200


@courses.get("/<int:course_id>")
def show_course(course_id: int) -> Answer:
    found = store().select("courses", Filter("id", course_id))
    if not found:
        return refused("Course not found", 404)
    content = store().select("course_content", Filter("course_id", course_id), order="sequence")
    return jsonify(course=found[0] | {"content": content}), 200


@courses.post("/<int:course_id>/enroll")
@signed_in
def enroll(course_id: int) -> Answer:
    if not store().select("courses", Filter("id", course_id)):
        return refused("Course not found", 404)
    pair = {"user_id": session["user_id"], "course_id": course_id}
    if store().select("enrollments", *(Filter(column, value) for column, value in pair.items())):
        return refused("Already enrolled", 400)
    row = store().insert("enrollments", pair | {"enrolled_at": clock().isoformat(), "progress": 0})
    return jsonify(message="Enrollment successful", enrollment=row), 201


@reviews.get("/due")
@signed_in
def due() -> Answer:
    before = Filter("next_review", clock().isoformat(), "lte")
    rows = store().select("reviews", Filter("user_id", session["user_id"]), before)
    characters = {row["id"]: row for row in store().select("characters")}
    shown = [row | {"characters": characters.get(row["character_id"])} for row in rows]
    return jsonify(reviews=shown, count=len(shown)), 200


@reviews.post("/submit")
@signed_in
def submit() -> Answer:
    body: Any = request.get_json()
    review_id, quality = body.get("review_id"), body.get("quality")
    if not review_id or quality is None:
        return refused("Missing required fields", 400)
    found = store().select("reviews", Filter("id", review_id), Filter("user_id", session["user_id"]))
    if not found:
        return refused("Review not found", 404)
    learned = repeat(found[0], quality)
    next_review = (clock() + timedelta(days=learned["interval"])).isoformat()
    learned |= {"next_review": next_review, "last_review": clock().isoformat()}
    store().update("reviews", learned, Filter("id", review_id))
    return (
        jsonify(
            message="Review submitted successfully",
            next_review=next_review,
            interval_days=learned["interval"],
        ),
        200,
    )


def repeat(review: Row, quality: Any) -> Row:
    """One step of the old server's SM-2, in its order of evaluation; a null or a wrong type crashes."""
    repetition = review["repetition"] + 1
    easiness = review["easiness"] + (0.1 - (5 - quality) * (0.08 + (5 - quality) * 0.02))
    easiness = max(1.3, easiness)
    if quality < 3:
        return {"repetition": 0, "easiness": easiness, "interval": 1}
    interval = {1: 1, 2: 6}.get(repetition)
    if interval is None:
        interval = review["interval"] * easiness
    return {"repetition": repetition, "easiness": easiness, "interval": interval}


class Quiet(WSGIRequestHandler):
    """The development server's own handler without its log."""

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


def main() -> None:
    """Serve until the input ends."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--secret", required=True)
    options = parser.parse_args()
    kept = Store({})
    app = create(kept, options.secret)
    app.logger.disabled = True
    server = make_server("127.0.0.1", options.port, app, threaded=True, request_handler=Quiet)
    Thread(target=server.serve_forever, daemon=True).start()
    print(server.port, flush=True)
    for line in sys.stdin:
        kept.reset(read_state(options.rows, line.strip()))
        print("ready", flush=True)


if __name__ == "__main__":
    main()
