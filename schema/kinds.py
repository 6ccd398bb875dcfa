"""The words of genealogy as the graph has them."""

from enum import StrEnum

import strawberry

from models.kinds import (
    Change,
    Gender,
    IdentifierKind,
    Kind,
    LegalParentKind,
    ParentRole,
    Privacy,
    Role,
    TreeRole,
    UnionStatus,
    Verification,
    Visibility,
)

__all__ = [
    "Change",
    "Gender",
    "IdentifierKind",
    "Kind",
    "LegalParentKind",
    "ParentLinkKind",
    "ParentRole",
    "Privacy",
    "Role",
    "TreeRole",
    "UnionStatus",
    "Verification",
    "Visibility",
]

DESCRIPTIONS: dict[type[StrEnum], str] = {
    Gender: "What somebody is known as.",
    Kind: "How two people are related; of PARENT and GUARDIAN the first is the elder.",
    ParentRole: "What a parent is to a child.",
    UnionStatus: "Where two spouses stand.",
    Privacy: "Who may see a tree besides those invited.",
    Role: "What a collaborator of a tree may do.",
    TreeRole: "What somebody is to a tree.",
    IdentifierKind: "What sort of paper names a person.",
    Verification: "Whether somebody has looked at the paper.",
    LegalParentKind: "How somebody came to be a parent before the law.",
    Visibility: "Who may see something of a person.",
    Change: "What happened to a person.",
}

for _kind, _description in DESCRIPTIONS.items():
    strawberry.enum(_kind, description=_description)


@strawberry.enum(description="What a parent is known as: by birth, or before the law.")
class ParentLinkKind(StrEnum):
    """What a parent is known as."""

    BIOLOGICAL_MOTHER = "BIOLOGICAL_MOTHER"
    BIOLOGICAL_FATHER = "BIOLOGICAL_FATHER"
    ADOPTIVE = "ADOPTIVE"
    GUARDIAN = "GUARDIAN"
    FOSTER = "FOSTER"
    STEP_PARENT = "STEP_PARENT"
    OTHER = "OTHER"
