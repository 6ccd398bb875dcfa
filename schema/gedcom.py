"""GEDCOM: trees taken in from files, and what came of them."""

from typing import Annotated, Any

import strawberry

from models import job_reads
from models.errors import Unfit
from models.family_errors import FileMissing, GedcomRefused, ImportNotFound
from models.file_errors import StorageAway
from models.gedcom import GedcomVersion, bringing, ending, sending
from models.gedcom.reports import ImportState, StoredImport
from models.job_reads import StoredJob
from models.keys import key
from models.moments import Moment
from schema.context import Info
from schema.directives import raises
from schema.jobs import Job
from schema.permissions import SignedIn
from schema.projection import keys, needing
from schema.scalars import Upload
from schema.trees import CALLER, TREE, caller

strawberry.enum(
    ImportState,
    name="GedcomImportState",
    description="Where an import stands; what was refused or cancelled has left nothing in the tree.",
)


@strawberry.type(description="What was wrong with a line of a file, and what became of it.")
class GedcomProblem:
    """What was wrong with a line."""

    line: int = strawberry.field(description="0 for the file as a whole.")
    message: str


@strawberry.type(description="A GEDCOM file that was brought into a tree.")
class GedcomImport:
    """A file that was brought into a tree."""

    id: strawberry.ID
    tree_id: strawberry.ID
    name: str
    size: int
    state: ImportState
    line: int = strawberry.field(description="Up to which line a file that a job takes in is stored.")
    version: str | None = strawberry.field(description="The version of GEDCOM that the file says it is of.")
    encoding: str | None = strawberry.field(description="How it was read.")
    people: int
    families: int
    relationships: int
    events: int
    sources: int
    media: int = strawberry.field(description="Links to media.")
    problems: list[GedcomProblem] = strawberry.field(description="The first 500 problems, by line.")
    problem_count: int
    error: str | None = strawberry.field(description="Why nothing of it is in the tree.")
    created_at: Moment
    finished_at: Moment | None

    @strawberry.field(description="The job that takes it in; null for a small file.")
    @needing("job_id")
    def job_id(root: StoredImport) -> strawberry.ID | None:
        """The job that takes it in."""
        return strawberry.ID(str(root["job_id"])) if root["job_id"] else None


@strawberry.type(description="All that the file holds is in the tree.")
class GedcomTaken:
    """All that the file holds is in the tree."""

    report: GedcomImport


@strawberry.type(description="A job takes the file in.")
class GedcomAccepted:
    """A job takes the file in."""

    report: GedcomImport
    job_id: strawberry.ID


Brought = Annotated[
    GedcomTaken | GedcomAccepted,
    strawberry.union("GedcomBrought", description="What becomes of a GEDCOM file."),
]


@strawberry.type
class GedcomQueries:
    """What became of files."""

    @strawberry.field(
        graphql_type=GedcomImport,
        description="An import into a tree that the caller may edit.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, *TREE, ImportNotFound)],
    )
    async def gedcom_import(self, info: Info, id: strawberry.ID) -> StoredImport:
        """One import."""
        return await ending.get(key(id), await caller(info.context), info.context.now)


@strawberry.type
class GedcomMutations:
    """Taking files in."""

    @strawberry.mutation(
        graphql_type=Brought,
        description="Takes a GEDCOM file, or its text, into a tree; a large one by a job.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, *TREE, FileMissing, GedcomRefused, StorageAway, Unfit)],
    )
    async def import_gedcom(
        self, info: Info, tree_id: strawberry.ID, file: Upload | None = None, text: str | None = None
    ) -> GedcomTaken | GedcomAccepted:
        """What becomes of it."""
        context, account = info.context, await caller(info.context)
        with context.reads.written():
            report: Any = await bringing.bring(key(tree_id), account, context.now, file, text)
        if report["state"] == ImportState.DONE:
            return GedcomTaken(report=report)
        return GedcomAccepted(report=report, job_id=strawberry.ID(str(report["job_id"])))

    @strawberry.mutation(
        graphql_type=Job,
        description="Writes a tree that the caller manages as a GEDCOM file among their files, by a job.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, *TREE)],
    )
    async def export_gedcom(
        self, info: Info, tree_id: strawberry.ID, version: GedcomVersion = GedcomVersion.V5_5_1
    ) -> StoredJob:
        """The job that writes it."""
        context, account = info.context, await caller(info.context)
        with context.reads.written():
            job = await sending.ask(key(tree_id), version, account, context.now, context.file_limits)
        return await job_reads.get(job.id, account, keys(info))
