"""How each operation of the old APIs is called on the planted family, and what it says to whom.

What an operation needs is what the fields of its document need; the few that differ are named here.
"""

from collections.abc import Mapping
from typing import Any

from graphql import FieldNode, OperationDefinitionNode, parse

from compat_rest.contract.operations import Contract, Operation
from tests.doors import family, rights
from tests.doors.family import CHILD, ELDER, INVITED, LONELY, MARRIAGE, NOBODY, NOTICE, SPOUSE, TREE
from tests.doors.rights import OPEN, ROLES, SIGNED_IN, Right

# Learners have tests of their own.
LEARNERS = "mandarin"
REGISTERED = {
    "email": "new@example.test",
    "password": "Right!horse7",
    "firstName": "Rudo",
    "lastName": "Moyo",
}
WRONG = {"email": "unknown@example.test", "password": "wrong"}

# These have the caller's own tree before them, or make one.
OWN_TREE: Mapping[str, Right] = {"gateway.add_member": SIGNED_IN}

BODIES: Mapping[str, Mapping[str, Any]] = {
    "gateway.login": WRONG,
    "gateway.register": REGISTERED,
    "gateway.refresh": {"refreshToken": "x"},
    "gateway.add_member": {"firstName": "New"},
    "gateway.change_member": {"firstName": "Tsitsi"},
    "gateway.add_relationship": {
        "person1Id": family.uuid(int(str(SPOUSE), 16)),
        "person2Id": family.uuid(int(str(CHILD), 16)),
        "type": "PARENT_CHILD",
    },
    "auth.login": WRONG,
    "auth.register": {**REGISTERED, "preferredLanguage": "en"},
    "auth.refresh": {"refreshToken": "x"},
    "platform.login": WRONG,
    "platform.refresh": {"refresh_token": "x"},
    "platform.create_resource": {"name": "Another"},
    "platform.replace_resource": {"name": "Another"},
    "search.search": {"query": "moyo"},
    "search.people": {"firstName": "Sekuru"},
    "search.put": {
        "id": "d1",
        "type": "record",
        "title": "The register",
        "content": "",
        "metadata": {},
        "privacy": "private",
    },
    "search.change": {"title": "Another"},
    "storage.change_file": {"description": "told"},
    "storage.link_event": {"eventId": "e1"},
    "storage.unlink_event": {"eventId": "e1"},
    "genealogy.add_tree": {"name": "Second"},
    "genealogy.change_tree": {"name": "Moyo-Dube"},
    "genealogy.add_collaborator": {"userId": "new"},
    "genealogy.change_collaborator": {"role": "editor"},
    "genealogy.add_person": {"firstName": "New"},
    "genealogy.change_person": {"firstName": "Tsitsi"},
    "genealogy.add_relationship": {"person1Id": str(SPOUSE), "person2Id": str(LONELY), "type": "Other"},
    "genealogy.change_relationship": {"notes": "told"},
}
PLACES: Mapping[str, str] = {
    "id": str(TREE),
    "treeId": str(TREE),
    "memberId": str(ELDER),
    "personId": str(CHILD),
    "relationshipId": str(MARRIAGE),
    "collaboratorUserId": INVITED,
    "token": "x",
    "importId": str(TREE),
    "jobId": str(TREE),
    "fileId": str(family.FILE),
}
# Requests that read, and yet write.
MAKES = frozenset({"gateway.family_tree", "storage.download"})
# Where the same name stands for something else.
OWN_PLACES: Mapping[str, Mapping[str, str]] = {
    "gateway.change_member": {"memberId": family.uuid(int(str(CHILD), 16))},
    "genealogy.delete_person": {"personId": str(LONELY)},
    "genealogy.read_notification": {"id": str(NOTICE)},
    "storage.file": {"id": str(family.FILE)},
    "storage.change_file": {"id": str(family.FILE)},
    "storage.delete_file": {"id": str(family.FILE)},
    "storage.download": {"id": str(family.FILE)},
    "platform.resource": {"id": str(family.RESOURCE)},
    "platform.replace_resource": {"id": str(family.RESOURCE)},
    "platform.delete_resource": {"id": str(family.RESOURCE)},
    "platform.job": {"id": str(LONELY)},
}
# What an operation says to somebody who may call it, where the family has nothing for them.
SAYS: Mapping[str, frozenset[int]] = {
    "gateway.login": frozenset({401}),
    "gateway.refresh": frozenset({401}),
    "auth.login": frozenset({401}),
    "platform.login": frozenset({401}),
    "platform.refresh": frozenset({400}),
    "platform.job": frozenset({404}),
    "auth.refresh": frozenset({401}),
    "auth.verify_email": frozenset({400}),
    "auth.google": frozenset({500}),
    "auth.google_callback": frozenset({500}),
    "auth.facebook": frozenset({500}),
    "auth.facebook_callback": frozenset({500}),
    "genealogy.import_gedcom": frozenset({400}),
    "genealogy.gedcom_import": frozenset({404}),
    "genealogy.job": frozenset({404}),
    # Tests of files have a store, and files to send.
    "storage.upload": frozenset({400}),
    "storage.upload_media": frozenset({400}),
    "storage.download": frozenset({500}),
    # Tests of search have an index; these have none, and no entries.
    "search.search": frozenset({500}),
    "search.people": frozenset({500}),
    "search.suggestions": frozenset({400}),
    "search.change": frozenset({500}),
    "search.remove": frozenset({500}),
}
# What it says to those who have no part in the tree, or too small a one.
REFUSED = frozenset({403, 404})


def needs(contract: Contract, operation: Operation) -> Right:
    """What an operation asks of who calls it: the most that a field of its document asks for."""
    if operation.id in OWN_TREE:
        return OWN_TREE[operation.id]
    document = parse((contract.folder / operation.document).read_text(encoding="utf-8"))
    found = [
        rights.RIGHTS[node.name.value]
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode)
        for node in definition.selection_set.selections
        if isinstance(node, FieldNode)
    ]
    return min(found, key=lambda right: len(ROLES[right]))


def path(operation: Operation) -> str:
    """The path of an operation on the planted family."""
    return operation.path.format(**{**PLACES, **OWN_PLACES.get(operation.id, {})})


def expected(operation: Operation, right: Right, who: str) -> frozenset[int]:
    """The statuses of which one must come."""
    if who in ROLES[right] or right is OPEN:
        said = SAYS.get(operation.id)
        return said or frozenset(int(status) for status in operation.responses() if int(status) < 300)
    return frozenset({401}) if who == NOBODY else REFUSED
