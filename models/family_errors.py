"""What may stand in the way of who works on a family tree."""

from models.errors import DomainError

# So much of what somebody gave is repeated to them.
LONGEST = 60


def shown(text: str) -> str:
    """A text as a message names it: not more of it than tells it from others."""
    return f"{text[:LONGEST]!r}{'…' if len(text) > LONGEST else ''}"


def words(name: str) -> str:
    """The words of a name: BIOLOGICAL_MOTHER is a biological mother."""
    return name.replace("_", " ").lower()


class TreeNotFound(DomainError):
    """No such tree."""

    code = "TREE_NOT_FOUND"
    sentence = "There is no family tree with this id; `myTrees` lists those that you can open."


class TreeForbidden(DomainError):
    """Somebody else's tree; details: need."""

    code = "TREE_FORBIDDEN"
    sentence = "You may not do this with this family tree; ask its owner for a role that allows it."


class PersonNotFound(DomainError):
    """No such person, or in another tree."""

    code = "PERSON_NOT_FOUND"
    sentence = (
        "There is no person with this id in the family tree; they may be deleted, or merged with another."
    )


class RelationshipNotFound(DomainError):
    """No such relationship, or in another tree."""

    code = "RELATIONSHIP_NOT_FOUND"
    sentence = "There is no relationship with this id in the family tree; it may have been deleted."


class NotificationNotFound(DomainError):
    """No such notification, or somebody else's."""

    code = "NOTIFICATION_NOT_FOUND"
    sentence = "You have no notification with this id; `notifications` lists those that you have."


class EventNotFound(DomainError):
    """No such event, or in another tree."""

    code = "EVENT_NOT_FOUND"
    sentence = (
        "There is no event with this id in the family tree; `events` of the tree lists those there are."
    )


class SourceNotFound(DomainError):
    """No such source, or in another tree."""

    code = "SOURCE_NOT_FOUND"
    sentence = (
        "There is no source with this id in the family tree; `sources` of the tree lists those there are."
    )


class VersionNotFound(DomainError):
    """No such version of a person; details: version."""

    code = "VERSION_NOT_FOUND"
    sentence = "This person has no version with this number."

    def __init__(self, *, version: int) -> None:
        super().__init__(
            f"This person has no version {version}; `history` lists those there are.",
            version=version,
        )


class VersionUnreadable(DomainError):
    """A version that an import brought and that does not tell a whole person; details: version."""

    code = "VERSION_UNREADABLE"
    sentence = "This version was imported and does not tell a whole person; change the person instead."

    def __init__(self, *, version: int) -> None:
        super().__init__(
            f"Version {version} was imported and does not tell a whole person; change the person instead.",
            version=version,
        )


class NameMissing(DomainError):
    """Nobody can be told from others without any name."""

    code = "NAME_MISSING"
    sentence = "Give a name, a first or last name, or a nickname."


class NothingToChange(DomainError):
    """A change that changes nothing."""

    code = "NOTHING_TO_CHANGE"
    sentence = "Give at least one field to change."


class PeopleNotFound(DomainError):
    """One of two people, or both, does not exist."""

    code = "PEOPLE_NOT_FOUND"
    sentence = "One of these two people does not exist, or neither does; enter them into the tree first."


class EndNotFound(DomainError):
    """One of the two people is not in the tree; details: id."""

    code = "END_NOT_FOUND"
    sentence = "A person of this relationship is not in the family tree."

    def __init__(self, *, id: str) -> None:
        super().__init__(
            f"The person {id} of this relationship is not in the family tree; enter them into it first.",
            id=id,
        )


class SelfRelation(DomainError):
    """Both ends of a relationship are the same person."""

    code = "SELF_RELATION"
    sentence = (
        "A relationship needs two people, and both ids name the same one; give the id of somebody else."
    )


class RelationshipExists(DomainError):
    """The two are related in this way already."""

    code = "RELATIONSHIP_EXISTS"
    sentence = "These two people are related in this way already; change that relationship instead."


class SiblingsAlready(DomainError):
    """The two are siblings of this kind already."""

    code = "SIBLINGS_ALREADY"
    sentence = "These two people are siblings of this kind already; change that relationship instead."


class BiologicalParentTaken(DomainError):
    """The child has a biological mother or father already; details: role."""

    code = "BIOLOGICAL_PARENT_TAKEN"
    sentence = "This child has a biological parent with this role already; delete that relationship first."

    def __init__(self, *, role: str | None) -> None:
        super().__init__(
            f"This child has a {words(role or 'biological parent')} already; delete that relationship first.",
            role=role,
        )


class RoleMissing(DomainError):
    """A parent without a role."""

    code = "ROLE_MISSING"
    sentence = "Say what this parent is to the child: give a role."


class StatusMissing(DomainError):
    """Spouses without a status."""

    code = "STATUS_MISSING"
    sentence = "Say where these two spouses stand: give a status."


class KindFixed(DomainError):
    """A relationship keeps its kind."""

    code = "KIND_FIXED"
    sentence = "The kind of a relationship does not change; delete it and make another one."


class NotApplicable(DomainError):
    """Something that a relationship of this kind does not have; details: name, kind."""

    code = "NOT_APPLICABLE"
    sentence = "A relationship of this kind has no such field."

    def __init__(self, *, name: str, kind: str) -> None:
        super().__init__(
            f"A relationship of the kind {kind} has no {name}; leave it out.",
            name=name,
            kind=kind,
        )


class ParentNotFound(DomainError):
    """A parent who is not in the tree; details: role, id."""

    code = "PARENT_NOT_FOUND"
    sentence = "A parent with this id is not in the family tree."

    def __init__(self, *, role: str, id: str) -> None:
        super().__init__(
            f"The {words(role)} {id} is not in the family tree; enter them into it first.",
            role=role,
            id=id,
        )


class ReferenceTaken(DomainError):
    """Another person has this reference; details: reference."""

    code = "REFERENCE_TAKEN"
    sentence = "Another person has this reference already."

    def __init__(self, *, reference: str) -> None:
        super().__init__(
            f"Another person has the reference {shown(reference)} already; give another one, or none.",
            reference=reference,
        )


class CollaboratorSelf(DomainError):
    """Somebody invites themselves."""

    code = "COLLABORATOR_SELF"
    sentence = "You work on this tree already; invite somebody else."


class CollaboratorOwner(DomainError):
    """The owner is no collaborator; details: doing."""

    code = "COLLABORATOR_OWNER"
    sentence = (
        "The owner of a tree keeps every right and cannot be managed as a collaborator; name somebody else."
    )


class CollaboratorNotFound(DomainError):
    """Nobody with this account works on the tree."""

    code = "COLLABORATOR_NOT_FOUND"
    sentence = "Nobody with this account collaborates on the tree; invite them first."


class CollaboratorPending(DomainError):
    """Somebody who has not accepted the invitation."""

    code = "COLLABORATOR_PENDING"
    sentence = (
        "This collaborator has not accepted the invitation yet; the role can be changed once they have."
    )


class AdminSelf(DomainError):
    """An admin would change or remove themselves; details: doing."""

    code = "ADMIN_SELF"
    sentence = "Admins do not change or remove themselves; ask the owner of the tree."


class FollowedTooSlowly(DomainError):
    """Changes come faster than a follower reads them."""

    code = "FOLLOWED_TOO_SLOWLY"
    sentence = (
        "The tree changes faster than you read its changes. Follow it again, with the cursor of the last one "
        "as `after`."
    )


class PatternInvalid(DomainError):
    """A pattern that cannot be searched for; details: reason."""

    code = "PATTERN_INVALID"
    sentence = "This pattern cannot be searched for; take a simpler one."

    def __init__(self, *, reason: str) -> None:
        super().__init__(
            f"This pattern cannot be searched for: {reason}. Take a simpler one.",
            reason=reason,
        )


class GedcomRefused(DomainError):
    """A GEDCOM file that cannot be taken in; details: reason."""

    code = "GEDCOM_REFUSED"
    sentence = "This GEDCOM file cannot be imported."

    def __init__(self, reason: str | None = None) -> None:
        super().__init__(reason, reason=reason or self.sentence)


class FileMissing(DomainError):
    """No file came in."""

    code = "FILE_MISSING"
    sentence = "Choose a file to import."


class ImportNotFound(DomainError):
    """No such import, or of a tree that somebody else edits."""

    code = "IMPORT_NOT_FOUND"
    sentence = "There is no import with this id."
