"""What may be said of two people, and what it makes of what is stored."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, cast

from models.family_errors import KindFixed, NotApplicable, RoleMissing, StatusMissing
from models.kinds import PARENTAL, Kind, ParentRole, UnionStatus
from models.moments import Moment
from models.person_fields import told
from models.relationships import RelationshipEvent


class EventFields(TypedDict, total=False):
    """Something that happened between two people, as somebody tells it."""

    kind: str | None
    date: Moment | None
    place: str | None
    description: str | None


class RelationFields(TypedDict, total=False):
    """What somebody says of two people; a missing key says nothing, None that there is nothing."""

    kind: Kind
    role: ParentRole | None
    status: UnionStatus | None
    started: Moment | None
    ended: Moment | None
    notes: str | None
    events: Sequence[EventFields]


def event(given: EventFields) -> RelationshipEvent:
    """Something that happened, with an id of its own."""
    return RelationshipEvent(
        kind=told(given.get("kind"), "events", narrow=False),
        date=given.get("date"),
        place=told(given.get("place"), "events", narrow=False),
        description=told(given.get("description"), "events", narrow=False),
    )


def judge(fields: RelationFields, kind: Kind) -> None:
    """Raises KindFixed, NotApplicable, RoleMissing and StatusMissing for what a kind cannot become."""
    if fields.get("kind", kind) != kind:
        raise KindFixed
    if "role" in fields and kind not in PARENTAL:
        raise NotApplicable(name="role", kind=kind.value)
    if "status" in fields and kind is not Kind.SPOUSE:
        raise NotApplicable(name="status", kind=kind.value)
    if "role" in fields and fields["role"] is None:
        raise RoleMissing
    if "status" in fields and fields["status"] is None:
        raise StatusMissing


def changed(fields: RelationFields, stored: Mapping[str, Any]) -> dict[str, Any]:
    """What of the fields is not so already; events are always new."""
    given = cast(dict[str, Any], fields)
    update: dict[str, Any] = {name: given[name] for name in ("role", "status") if name in given}
    if "notes" in given:
        update["notes"] = told(given["notes"], "notes", narrow=False)
    for name in ("started", "ended"):
        if name in given:
            update[name] = given[name] and given[name].model_dump()
    update = {name: value for name, value in update.items() if stored.get(name) != value}
    if "events" in fields:
        update["events"] = [event(each).model_dump(by_alias=True) for each in fields["events"]]
    return update
