"""Words: what GEDCOM's tags are in the words of the models, and the other way round."""

from models.kinds import Gender, IdentifierKind, Kind, LegalParentKind, ParentRole, UnionStatus

# What happens to one person. Of attributes the value says what; events say it in a note.
EVENTS = {
    "ADOP": "Adoption",
    "BAPM": "Baptism",
    "BARM": "Bar mitzvah",
    "BASM": "Bat mitzvah",
    "BLES": "Blessing",
    "BURI": "Burial",
    "CENS": "Census",
    "CHR": "Christening",
    "CHRA": "Adult christening",
    "CONF": "Confirmation",
    "CREM": "Cremation",
    "EMIG": "Emigration",
    "FCOM": "First communion",
    "GRAD": "Graduation",
    "IMMI": "Immigration",
    "NATU": "Naturalization",
    "ORDN": "Ordination",
    "PROB": "Probate",
    "RETI": "Retirement",
    "WILL": "Will",
}
ATTRIBUTES = {
    "CAST": "Caste",
    "DSCR": "Description",
    "EDUC": "Education",
    "NATI": "Nationality",
    "NCHI": "Number of children",
    "PROP": "Possessions",
    "RELI": "Religion",
    "RESI": "Residence",
}
# What happens to two people.
UNIONS = {
    "MARR": "Marriage",
    "DIV": "Divorce",
    "ANUL": "Annulment",
    "ENGA": "Engagement",
    "MARB": "Marriage banns",
    "MARC": "Marriage contract",
    "MARL": "Marriage licence",
    "MARS": "Marriage settlement",
    "DIVF": "Divorce filed",
    "CENS": "Census",
}
PERSONAL = {**EVENTS, **ATTRIBUTES}
PERSONAL_TAGS = {kind: tag for tag, kind in PERSONAL.items()}
UNION_TAGS = {kind: tag for tag, kind in UNIONS.items()}

SEX = {Gender.MALE: "M", Gender.FEMALE: "F", Gender.UNKNOWN: "U"}
GENDERS = {"M": Gender.MALE, "F": Gender.FEMALE, "X": Gender.OTHER}

# A status, and the event that tells it by itself.
TELLING = {
    UnionStatus.ANNULLED: "ANUL",
    UnionStatus.DIVORCED: "DIV",
    UnionStatus.MARRIED: "MARR",
    UnionStatus.ENGAGED: "ENGA",
}
STATUS = "Relationship Status: "

# What a parent is to a child, in the words of programs that say it for each parent.
PARENTS = {
    ParentRole.ADOPTIVE_MOTHER: "Adopted",
    ParentRole.ADOPTIVE_FATHER: "Adopted",
    ParentRole.FOSTER_PARENT: "Foster",
    ParentRole.OTHER: "Other",
    ParentRole.STEP_MOTHER: "Step",
    ParentRole.STEP_FATHER: "Step",
    ParentRole.GUARDIAN: "Guardian",
    ParentRole.SURROGATE_MOTHER: "Surrogate",
    ParentRole.SPERM_DONOR: "Donor",
    ParentRole.EGG_DONOR: "Donor",
}
FATHERS = {
    "Adopted": ParentRole.ADOPTIVE_FATHER,
    "Step": ParentRole.STEP_FATHER,
    "Donor": ParentRole.SPERM_DONOR,
    "Foster": ParentRole.FOSTER_PARENT,
    "Guardian": ParentRole.GUARDIAN,
    "Surrogate": ParentRole.OTHER,
    "Other": ParentRole.OTHER,
}
MOTHERS = {
    **FATHERS,
    "Adopted": ParentRole.ADOPTIVE_MOTHER,
    "Step": ParentRole.STEP_MOTHER,
    "Donor": ParentRole.EGG_DONOR,
    "Surrogate": ParentRole.SURROGATE_MOTHER,
}
# What both parents are to a child.
PEDIGREES = {"ADOPTED": "Adopted", "FOSTER": "Foster", "OTHER": "Other", "SEALING": "Other"}
PEDIGREE_OF = {"Adopted": "ADOPTED", "Foster": "FOSTER", "Other": "OTHER"}
LEGAL = {
    "Adopted": LegalParentKind.ADOPTIVE,
    "Foster": LegalParentKind.FOSTER,
    "Guardian": LegalParentKind.GUARDIAN,
    "Step": LegalParentKind.STEP_PARENT,
    "Other": LegalParentKind.OTHER,
}
LEGAL_WORDS = {kind: word for word, kind in LEGAL.items()}

# What else ties two people.
TIES = {
    Kind.GUARDIAN: "Guardian",
    Kind.SIBLING: "Sibling",
    Kind.STEP_SIBLING: "Step-sibling",
    Kind.HALF_SIBLING: "Half-sibling",
    Kind.ADOPTIVE_SIBLING: "Adoptive sibling",
    Kind.FOSTER_SIBLING: "Foster sibling",
    Kind.OTHER: "Other relation",
}
TIE_KINDS = {word: kind for kind, word in TIES.items()}


def spelled(word: str) -> str:
    """A word of ours as the old service spelled it: `NationalID`, `CustomaryUnion`."""
    return "".join("ID" if part == "ID" else part.capitalize() for part in word.split("_"))


IDENTIFIERS = {spelled(kind): kind for kind in IdentifierKind}
STATUSES = {spelled(status): status for status in UnionStatus}
