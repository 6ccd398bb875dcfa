"""The words of genealogy: every kind that a person, a bond or a tree can be of."""

from enum import StrEnum


class Gender(StrEnum):
    """What somebody is known as."""

    MALE = "MALE"
    FEMALE = "FEMALE"
    NON_BINARY = "NON_BINARY"
    OTHER = "OTHER"
    UNKNOWN = "UNKNOWN"


class Kind(StrEnum):
    """How two people are related; of PARENT and GUARDIAN the first one is the elder."""

    SPOUSE = "SPOUSE"
    PARENT = "PARENT"
    SIBLING = "SIBLING"
    STEP_SIBLING = "STEP_SIBLING"
    HALF_SIBLING = "HALF_SIBLING"
    ADOPTIVE_SIBLING = "ADOPTIVE_SIBLING"
    FOSTER_SIBLING = "FOSTER_SIBLING"
    GUARDIAN = "GUARDIAN"
    OTHER = "OTHER"


PARENTAL = frozenset({Kind.PARENT, Kind.GUARDIAN})
SIBLINGS = frozenset(
    {
        Kind.SIBLING,
        Kind.STEP_SIBLING,
        Kind.HALF_SIBLING,
        Kind.ADOPTIVE_SIBLING,
        Kind.FOSTER_SIBLING,
    }
)


class ParentRole(StrEnum):
    """What a parent is to a child."""

    BIOLOGICAL_MOTHER = "BIOLOGICAL_MOTHER"
    BIOLOGICAL_FATHER = "BIOLOGICAL_FATHER"
    ADOPTIVE_MOTHER = "ADOPTIVE_MOTHER"
    ADOPTIVE_FATHER = "ADOPTIVE_FATHER"
    GUARDIAN = "GUARDIAN"
    STEP_MOTHER = "STEP_MOTHER"
    STEP_FATHER = "STEP_FATHER"
    FOSTER_PARENT = "FOSTER_PARENT"
    SURROGATE_MOTHER = "SURROGATE_MOTHER"
    SPERM_DONOR = "SPERM_DONOR"
    EGG_DONOR = "EGG_DONOR"
    OTHER = "OTHER"


# Of these a child has one each at most.
BIOLOGICAL = frozenset({ParentRole.BIOLOGICAL_MOTHER, ParentRole.BIOLOGICAL_FATHER})


class UnionStatus(StrEnum):
    """Where two spouses stand."""

    MARRIED = "MARRIED"
    DIVORCED = "DIVORCED"
    WIDOWED = "WIDOWED"
    SEPARATED = "SEPARATED"
    ANNULLED = "ANNULLED"
    DOMESTIC_PARTNERSHIP = "DOMESTIC_PARTNERSHIP"
    CUSTOMARY_UNION = "CUSTOMARY_UNION"
    LIVING_TOGETHER = "LIVING_TOGETHER"
    ENGAGED = "ENGAGED"
    OTHER = "OTHER"


class Privacy(StrEnum):
    """Who may see a tree: everybody, its family, or nobody but those invited."""

    PUBLIC = "PUBLIC"
    FAMILY = "FAMILY"
    PRIVATE = "PRIVATE"


class Role(StrEnum):
    """What a collaborator of a tree may do."""

    VIEWER = "VIEWER"
    EDITOR = "EDITOR"
    ADMIN = "ADMIN"


class TreeRole(StrEnum):
    """What somebody is to a tree."""

    OWNER = "OWNER"
    ADMIN = "ADMIN"
    EDITOR = "EDITOR"
    VIEWER = "VIEWER"


class Need(StrEnum):
    """What somebody wants to do with a tree."""

    VIEW = "view"
    EDIT = "edit"
    MANAGE = "manage"
    OWN = "own"


class IdentifierKind(StrEnum):
    """What sort of number or paper names a person."""

    NATIONAL_ID = "NATIONAL_ID"
    PASSPORT = "PASSPORT"
    DRIVER_LICENSE = "DRIVER_LICENSE"
    BIRTH_CERTIFICATE = "BIRTH_CERTIFICATE"
    EMAIL = "EMAIL"
    PHONE = "PHONE"
    OTHER = "OTHER"


class Verification(StrEnum):
    """Whether somebody has looked at the paper."""

    VERIFIED = "VERIFIED"
    UNVERIFIED = "UNVERIFIED"
    PENDING = "PENDING"


class LegalParentKind(StrEnum):
    """How somebody came to be a parent before the law."""

    ADOPTIVE = "ADOPTIVE"
    GUARDIAN = "GUARDIAN"
    FOSTER = "FOSTER"
    STEP_PARENT = "STEP_PARENT"
    OTHER = "OTHER"


class Visibility(StrEnum):
    """Who may see something of a person."""

    PUBLIC = "PUBLIC"
    TREE_ONLY = "TREE_ONLY"
    PRIVATE = "PRIVATE"


class Change(StrEnum):
    """What happened to a person."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    MERGED = "MERGED"
    DELETED = "DELETED"
    REVERTED = "REVERTED"


class SuggestionStatus(StrEnum):
    """What became of a suggestion to merge two people."""

    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
