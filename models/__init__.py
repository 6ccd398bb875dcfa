"""The documents in MongoDB, and the verbs on them: the rules of the domain."""

from typing import Any

from beanie import Document, init_beanie
from bson.codec_options import CodecOptions
from pymongo.asynchronous.database import AsyncDatabase

from models import accounts, changes, migrations
from models.answers import ReviewAnswer
from models.characters import Character
from models.counters import Counter, Numbered
from models.courses import Course, CourseContent
from models.demo import DemoData
from models.enrollments import Enrollment
from models.events import Event
from models.gedcom.kept import GedcomRecord
from models.gedcom.reports import GedcomImport
from models.history import PersonHistory
from models.import_records import Import, ImportBatch
from models.invitations import Invitation
from models.jobs import Job
from models.leases import Lease
from models.notifications import Notification
from models.people import Person
from models.relationships import Relationship
from models.resources import Resource
from models.restores import refuse_unfinished
from models.reviews import Review
from models.revocations import Revocation
from models.roles import Grant
from models.search.entries import SearchEntry
from models.search.feeder import SearchState
from models.search.log import SearchLog
from models.sign_ins import SignIn
from models.sources import Source
from models.stored_files import StoredFile
from models.suggestions import MergeSuggestion
from models.transactions import DURABLE
from models.trees import Tree
from models.usage import StorageUsage
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
    GedcomRecord,
    GedcomImport,
    Notification,
]
DOCUMENTS: list[type[Document]] = [
    *NUMBERED,
    ReviewAnswer,
    *FAMILY,
    Revocation,
    SignIn,
    Resource,
    Grant,
    Counter,
    DemoData,
    Job,
    StoredFile,
    StorageUsage,
    SearchEntry,
    SearchLog,
    SearchState,
    Import,
    ImportBatch,
    Lease,
]


async def connect(database: AsyncDatabase[dict[str, Any]]) -> None:
    """Ties the documents to a database, makes its indexes, and gives users of older ones what they lack.

    A write is answered once it is durable. Raises Unfinished.
    """
    await refuse_unfinished(database)
    options: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True)
    durable = database.with_options(codec_options=options, write_concern=DURABLE)
    await init_beanie(durable, document_models=DOCUMENTS)
    # Whoever has taken a migration back keeps what it gave for the next time.
    if not await migrations.taken_back(durable, "m0001_accounts.py"):
        await accounts.name_all()
    await changes.remember(durable)
