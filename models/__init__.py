"""The documents in MongoDB, and the verbs on them: the rules of the domain."""

from typing import Any

from beanie import Document, init_beanie
from bson.codec_options import CodecOptions
from pymongo.asynchronous.database import AsyncDatabase

from models.characters import Character
from models.counters import Counter, Numbered
from models.courses import Course, CourseContent
from models.demo import DemoData
from models.enrollments import Enrollment
from models.invitations import Invitation
from models.reviews import Review
from models.revocations import Revocation
from models.transactions import DURABLE
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
DOCUMENTS: list[type[Document]] = [*NUMBERED, Revocation, Counter, DemoData]


async def connect(database: AsyncDatabase[dict[str, Any]]) -> None:
    """Ties the documents to a database and makes its indexes; a write is answered once it is durable."""
    options: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True)
    durable = database.with_options(codec_options=options, write_concern=DURABLE)
    await init_beanie(durable, document_models=DOCUMENTS)
