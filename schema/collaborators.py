"""Collaborators: who else works on a tree, and as what."""

import strawberry

from models import collaborators
from models.family_errors import (
    AdminSelf,
    CollaboratorNotFound,
    CollaboratorOwner,
    CollaboratorPending,
    CollaboratorSelf,
)
from models.keys import key
from models.trees import StoredCollaborator
from schema.context import Info
from schema.directives import raises
from schema.kinds import Role
from schema.permissions import SignedIn
from schema.tree_types import Collaborator
from schema.trees import CALLER, TREE, caller


@strawberry.type
class CollaboratorMutations:
    """Inviting, and answering an invitation."""

    @strawberry.mutation(
        graphql_type=Collaborator,
        description="Invites an account to a tree, or gives who was invited another role.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, *TREE, CollaboratorSelf, CollaboratorOwner)],
    )
    async def add_collaborator(
        self, info: Info, tree_id: strawberry.ID, account: strawberry.ID, role: Role = Role.VIEWER
    ) -> StoredCollaborator:
        """Who was invited."""
        context, by = info.context, await caller(info.context)
        with context.reads.written():
            return await collaborators.add(key(tree_id), account, role, by, context.now)

    @strawberry.mutation(
        graphql_type=Collaborator,
        description="Gives a collaborator who has accepted another role.",
        permission_classes=[SignedIn],
        directives=[
            raises(*CALLER, *TREE, CollaboratorOwner, AdminSelf, CollaboratorNotFound, CollaboratorPending)
        ],
    )
    async def change_collaborator(
        self, info: Info, tree_id: strawberry.ID, account: strawberry.ID, role: Role
    ) -> StoredCollaborator:
        """The collaborator in the new role."""
        context, by = info.context, await caller(info.context)
        with context.reads.written():
            return await collaborators.change(key(tree_id), account, role, by, context.now)

    @strawberry.mutation(
        description="Takes a collaborator, or an invitation, away from a tree. Always true.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, *TREE, CollaboratorOwner, AdminSelf, CollaboratorNotFound)],
    )
    async def remove_collaborator(self, info: Info, tree_id: strawberry.ID, account: strawberry.ID) -> bool:
        """The end of a collaboration."""
        context, by = info.context, await caller(info.context)
        with context.reads.written():
            await collaborators.remove(key(tree_id), account, by, context.now)
        return True

    @strawberry.mutation(
        graphql_type=Collaborator,
        description="The caller accepts an invitation to a tree.",
        permission_classes=[SignedIn],
        directives=[raises(*CALLER, *TREE, CollaboratorNotFound)],
    )
    async def accept_invitation(self, info: Info, tree_id: strawberry.ID) -> StoredCollaborator:
        """The caller as a collaborator."""
        context, account = info.context, await caller(info.context)
        with context.reads.written():
            return await collaborators.accept(key(tree_id), account, context.now)
