"""GEDCOM: trees taken in from files."""

import strawberry

from models import gedcom
from models.family_errors import FileMissing, GedcomRefused
from models.keys import key
from schema.context import Info
from schema.directives import raises
from schema.permissions import SignedIn
from schema.trees import CALLER, TREE, caller


@strawberry.type
class GedcomMutations:
    """Taking files in."""

    @strawberry.mutation(
        description="Takes a GEDCOM file into a tree. Always true.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, *TREE, FileMissing, GedcomRefused)],
    )
    async def import_gedcom(self, info: Info, tree_id: strawberry.ID, file: str | None = None) -> bool:
        """Whether it was taken in."""
        account = await caller(info.context)
        with info.context.reads.written():
            await gedcom.take(key(tree_id), account, file)
        return True
