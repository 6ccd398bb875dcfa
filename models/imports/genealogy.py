"""Documents of the genealogy service: trees, people, relationships and what belongs to them."""

from typing import Any

from beanie import PydanticObjectId
from bson import ObjectId

from models.imports import values
from models.imports.known import Known
from models.imports.values import instant, instant_or_none, object_id, object_id_or_none, text_or_none
from models.kinds import (
    Gender,
    IdentifierKind,
    Kind,
    LegalParentKind,
    ParentRole,
    Privacy,
    Role,
    SuggestionStatus,
    UnionStatus,
    Verification,
    Visibility,
)
from models.notifications import Notification
from models.people import Identifier, LegalParent, Person, PersonPrivacy
from models.relating import claims
from models.relationships import Relationship, RelationshipEvent
from models.rows import Row
from models.suggestions import MergeSuggestion
from models.trees import Collaborator, Tree, TreeSettings

KINDS = {"ParentChild": Kind.PARENT, "Spousal": Kind.SPOUSE, "GuardianChild": Kind.GUARDIAN}
VISIBLE = {"FamilyTreeOnly": Visibility.TREE_ONLY}


def own_id(row: Row) -> PydanticObjectId:
    """The id of a document, or of something inside one."""
    return PydanticObjectId(object_id(row, "_id"))


def some_id(row: Row, column: str) -> PydanticObjectId | None:
    """An id, or None."""
    found = object_id_or_none(row, column)
    return PydanticObjectId(found) if found else None


def tree(row: Row, known: Known) -> Tree:
    """A document of familytrees."""
    id, made = own_id(row), instant(row, "createdAt")
    changed = instant_or_none(row, "updatedAt") or made
    statistics = values.inside(row, "statistics")
    return Tree(
        id=id,
        uuid=known.uuid(Tree, id),
        name=row.text("name"),
        description=text_or_none(row, "description"),
        description_given=row.has("description"),
        owner=values.account(row, "ownerId"),
        privacy=values.word(row, "privacy", Privacy) if row.has("privacy") else Privacy.FAMILY,
        settings=settings(values.inside(row, "settings"), id),
        statistics_id=(statistics and some_id(statistics, "_id")) or values.derived(f"{id} statistics", made),
        root_person=some_id(row, "rootPersonId"),
        collaborators=[collaborator(each) for each in values.rows(row, "collaborators")],
        created_at=made,
        updated_at=changed,
        active_at=changed,
        revision=values.whole(row, "__v"),
    )


def settings(row: Row | None, tree_id: ObjectId) -> TreeSettings | None:
    """The settings of a tree."""
    if row is None:
        return None
    return TreeSettings(
        id=some_id(row, "_id") or values.derived(f"{tree_id} settings", None),
        allow_collaboration=values.truth(row, "allowCollaboration", True),
        show_living=values.truth(row, "showLivingPersons", True),
        default_person_privacy=text_or_none(row, "defaultPersonPrivacy") or "family",
        theme=text_or_none(row, "theme") or "modern",
    )


def collaborator(row: Row) -> Collaborator:
    """Somebody who was invited to a tree."""
    return Collaborator(
        id=own_id(row),
        account=values.account(row, "userId"),
        role=values.word(row, "role", Role),
        added_at=instant(row, "addedAt"),
        accepted_at=instant_or_none(row, "acceptedAt"),
    )


def person(row: Row, known: Known) -> Person:
    """A document of people; whom they are tied to follows from the relationships."""
    id, made = own_id(row), instant(row, "createdAt")
    for column in ("spouses", "siblings"):
        row.take(column)
    return Person(
        id=id,
        uuid=known.uuid(Person, id),
        reference=text_or_none(row, "uniqueId") or str(id),
        tree_id=PydanticObjectId(object_id(row, "familyTreeId")),
        **facts(row),
        legal_parents=[legal_parent(each) for each in values.rows(row, "legalParents")],
        mother_id=some_id(row, "biologicalMother"),
        father_id=some_id(row, "biologicalFather"),
        created_by=text_or_none(row, "createdBy"),
        created_at=made,
        updated_at=instant_or_none(row, "updatedAt") or made,
        revision=values.whole(row, "__v"),
    )


def facts(row: Row) -> dict[str, Any]:
    """What a document of people tells of somebody by themselves."""
    names = [text_or_none(row, column) for column in ("firstName", "middleName", "lastName", "nickName")]
    death = instant_or_none(row, "dateOfDeath")
    return {
        "name": " ".join(part for part in names[:3] if part) or names[3] or None,
        "first_name": names[0],
        "middle_name": names[1],
        "last_name": names[2],
        "nickname": names[3],
        "gender": values.word(row, "gender", Gender) if row.has("gender") else Gender.UNKNOWN,
        "birth": instant_or_none(row, "dateOfBirth"),
        "birth_unknown": unknown(row, "dateOfBirth"),
        "birth_estimated": values.truth(row, "isBirthDateEstimated", False),
        "birth_place": text_or_none(row, "placeOfBirth"),
        "death": death,
        "death_unknown": unknown(row, "dateOfDeath"),
        "death_estimated": values.truth(row, "isDeathDateEstimated", False),
        "death_place": text_or_none(row, "placeOfDeath"),
        "death_cause": text_or_none(row, "causeOfDeath"),
        "living": values.truth(row, "isLiving", death is None),
        "notes": text_or_none(row, "notes"),
        "photo_url": text_or_none(row, "profilePhotoUrl"),
        "clan": text_or_none(row, "clan"),
        "tribe": text_or_none(row, "tribe"),
        "titles": values.texts(row, "traditionalTitles"),
        "identifiers": [identifier(each) for each in values.rows(row, "identifiers")],
        "privacy": privacy(values.inside(row, "privacySettings")),
    }


def unknown(row: Row, column: str) -> bool | None:
    """Whether somebody said that there is nothing to say."""
    return True if row.has(column) and row.values[column] is None else None


def identifier(row: Row) -> Identifier:
    """A number or paper."""
    return Identifier(
        id=own_id(row),
        kind=values.word(row, "type", IdentifierKind),
        value=text_or_none(row, "value") or "",
        verification=values.word_or_none(row, "verificationStatus", Verification) or Verification.UNVERIFIED,
        notes=text_or_none(row, "notes"),
    )


def legal_parent(row: Row) -> LegalParent:
    """A parent before the law."""
    kind = values.word(row, "relationshipType", LegalParentKind)
    return LegalParent(id=own_id(row), parent_id=PydanticObjectId(object_id(row, "parentId")), kind=kind)


def privacy(row: Row | None) -> PersonPrivacy:
    """Who may see what of a person."""
    if row is None:
        return PersonPrivacy()
    shown = [
        values.word_or_none(row, column, Visibility, VISIBLE) or Visibility.TREE_ONLY
        for column in ("showProfile", "showBirthDate", "showDeathDate")
    ]
    return PersonPrivacy(profile=shown[0], birth=shown[1], death=shown[2])


def relationship(row: Row, known: Known) -> Relationship:
    """A document of relationships."""
    id, made = own_id(row), instant(row, "createdAt")
    ends = [PydanticObjectId(object_id(row, column)) for column in ("person1Id", "person2Id")]
    found = Relationship(
        id=id,
        uuid=known.uuid(Relationship, id),
        tree_id=PydanticObjectId(object_id(row, "familyTreeId")),
        from_id=ends[0],
        to_id=ends[1],
        people=ends,
        kind=values.word(row, "type", Kind, KINDS),
        role=values.word_or_none(row, "parentalRole", ParentRole),
        status=values.word_or_none(row, "status", UnionStatus),
        started=instant_or_none(row, "startDate"),
        ended=instant_or_none(row, "endDate"),
        notes=text_or_none(row, "notes"),
        events=[event(each) for each in values.rows(row, "events")],
        created_by=text_or_none(row, "createdBy"),
        created_at=made,
        updated_at=instant_or_none(row, "updatedAt") or made,
        revision=values.whole(row, "__v"),
    )
    found.claims = claims(found, strict=True)
    return found


def event(row: Row) -> RelationshipEvent:
    """Something that happened between two people."""
    return RelationshipEvent(
        id=own_id(row),
        kind=text_or_none(row, "eventType"),
        date=instant_or_none(row, "date"),
        place=text_or_none(row, "place"),
        description=text_or_none(row, "description"),
    )


def notification(row: Row, known: Known) -> Notification:
    """A document of notifications."""
    id = own_id(row)
    return Notification(
        id=id,
        uuid=known.uuid(Notification, id),
        account=values.account(row, "userId"),
        kind=text_or_none(row, "type") or "info",
        message=text_or_none(row, "message") or "",
        data=values.plain(row.take("data")),
        read=values.truth(row, "read", False),
        created_at=instant(row, "createdAt"),
        revision=values.whole(row, "__v"),
    )


def suggestion(row: Row, known: Known) -> MergeSuggestion:
    """A document of mergesuggestions; its tree is that of the new person."""
    id, new = own_id(row), PydanticObjectId(object_id(row, "newPersonId"))
    return MergeSuggestion(
        id=id,
        uuid=known.uuid(MergeSuggestion, id),
        tree_id=known.tree_of(new, "newPersonId"),
        new_person_id=new,
        existing_person_id=PydanticObjectId(object_id(row, "existingPersonId")),
        confidence=float(row.number_or_none("confidence") or 0),
        status=values.word_or_none(row, "status", SuggestionStatus) or SuggestionStatus.PENDING,
        created_by=text_or_none(row, "createdBy"),
        notified=values.texts(row, "notifiedUsers"),
        preview=values.plain(row.take("previewTree")),
        created_at=instant(row, "createdAt"),
    )
