"""The documents in MongoDB, and the verbs on them: the rules of the domain."""

from typing import Any

from beanie import Document, init_beanie
from bson.codec_options import CodecOptions
from pymongo.asynchronous.database import AsyncDatabase

from models import accounts, changes
from models.characters import Character
from models.counters import Counter, Numbered
from models.courses import Course, CourseContent
from models.demo import DemoData
from models.enrollments import Enrollment
from models.events import Event
from models.history import PersonHistory
from models.invitations import Invitation
from models.notifications import Notification
from models.people import Person
from models.relationships import Relationship
from models.reviews import Review
from models.revocations import Revocation
from models.sign_ins import SignIn
from models.sources import Source
from models.suggestions import MergeSuggestion
from models.transactions import DURABLE
from models.trees import Tree
from models.users import User

NUMBERED: list[type[Numbered]] = [
    User,
    Invitation,
    Course,
    CourseContent,
    Character,
    Enrollment,
    Review,
]
FAMILY: list[type[Document]] = [
    Tree,
    Person,
    Relationship,
    PersonHistory,
    MergeSuggestion,
    Event,
    Source,
    Notification,
]
DOCUMENTS: list[type[Document]] = [*NUMBERED, *FAMILY, Revocation, SignIn, Counter, DemoData]


async def connect(database: AsyncDatabase[dict[str, Any]]) -> None:
    """Ties the documents to a database, makes its indexes, and gives users of older ones what they lack.

    A write is answered once it is durable.
    """
    options: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True)
    durable = database.with_options(codec_options=options, write_concern=DURABLE)
    await init_beanie(durable, document_models=DOCUMENTS)
    await accounts.name_all()
    await changes.remember(durable)
