"""What each field of the graph asks of who calls it, and how it is called on the planted family.

Whoever adds a field says here what it needs: `test_matrix` finds the one that is missing.
"""

from collections.abc import Mapping
from typing import Any

from models.kinds import Need
from models.roles import Permission
from tests.doors import family
from tests.doors.family import CAST, CHILD, ELDER, INVITED, LONELY, MARRIAGE, NOBODY, NOTICE, SPOUSE, TREE

# For everybody, for who has signed in, or for what somebody is to the tree.
OPEN, SIGNED_IN = "open", "signed in"
Right = Need | Permission | str

ROLES: Mapping[Right, tuple[str, ...]] = {
    OPEN: (*CAST, NOBODY),
    SIGNED_IN: CAST,
    Need.VIEW: ("owner", "admin", "editor", "viewer"),
    Need.EDIT: ("owner", "admin", "editor"),
    Need.MANAGE: ("owner", "admin"),
    Need.OWN: ("owner",),
    # On the platform the owner is a manager, and who has no role there may read.
    Permission.READ: CAST,
    Permission.WRITE: ("owner", "admin", "editor"),
    Permission.DELETE: ("owner", "admin"),
    Permission.ADMIN: ("admin",),
}

# Fields of learners: their own tests tell them.
LEARNING = frozenset(
    {
        "courses",
        "course",
        "register",
        "login",
        "logout",
        "myEnrollments",
        "dueReviews",
        "enroll",
        "submitReview",
        "syncReviews",
        "publishedCourse",
        "enrolled",
    }
)

RIGHTS: Mapping[str, Right] = {
    "me": SIGNED_IN,
    "myAccount": SIGNED_IN,
    "account": SIGNED_IN,
    "signUp": OPEN,
    "signIn": OPEN,
    "refreshTokens": OPEN,
    "signOut": SIGNED_IN,
    "requestVerification": SIGNED_IN,
    "verifyEmail": OPEN,
    "beginSignIn": OPEN,
    "finishSignIn": OPEN,
    "openTree": SIGNED_IN,
    "createTree": SIGNED_IN,
    "myTrees": SIGNED_IN,
    "treePage": SIGNED_IN,
    "notifications": SIGNED_IN,
    "allNotifications": SIGNED_IN,
    "readNotification": SIGNED_IN,
    "tree": Need.VIEW,
    "changeTree": Need.EDIT,
    "deleteTree": Need.OWN,
    "addCollaborator": Need.MANAGE,
    "changeCollaborator": Need.MANAGE,
    "removeCollaborator": Need.MANAGE,
    "acceptInvitation": SIGNED_IN,
    "person": Need.VIEW,
    "addPerson": Need.EDIT,
    "changePerson": Need.EDIT,
    "deletePerson": Need.EDIT,
    "relationship": Need.VIEW,
    "relate": Need.EDIT,
    "changeRelationship": Need.EDIT,
    "deleteRelationship": Need.EDIT,
    "kinship": Need.VIEW,
    "duplicates": Need.VIEW,
    "mergePeople": Need.EDIT,
    "revertPerson": Need.EDIT,
    "addEvent": Need.EDIT,
    "changeEvent": Need.EDIT,
    "deleteEvent": Need.EDIT,
    "addSource": Need.EDIT,
    "changeSource": Need.EDIT,
    "deleteSource": Need.EDIT,
    "importGedcom": Need.EDIT,
    "exportGedcom": Need.MANAGE,
    "gedcomImport": SIGNED_IN,
    "treeChanges": Need.VIEW,
    "job": SIGNED_IN,
    "jobs": SIGNED_IN,
    "cancelJob": SIGNED_IN,
    "jobProgress": SIGNED_IN,
    "search": SIGNED_IN,
    "searchPeople": SIGNED_IN,
    "searchSuggestions": SIGNED_IN,
    "putSearchEntry": SIGNED_IN,
    "changeSearchEntry": SIGNED_IN,
    "removeSearchEntry": SIGNED_IN,
    "searchAnalytics": SIGNED_IN,
    "popularSearches": SIGNED_IN,
    "searchTrends": SIGNED_IN,
    "searchPerformance": SIGNED_IN,
    "file": Need.OWN,
    "files": SIGNED_IN,
    "filePage": SIGNED_IN,
    "gallery": SIGNED_IN,
    "newestGallery": SIGNED_IN,
    "fileTags": SIGNED_IN,
    "storageUsage": SIGNED_IN,
    "treeFiles": Need.VIEW,
    "keepFile": SIGNED_IN,
    "keepFiles": SIGNED_IN,
    "keepMedia": SIGNED_IN,
    "changeFile": Need.OWN,
    "linkFile": Need.OWN,
    "deleteFile": Need.OWN,
    "downloadFile": Need.OWN,
    "membership": SIGNED_IN,
    "openSession": OPEN,
    "assignRole": Permission.ADMIN,
    "resource": Permission.READ,
    "resources": Permission.READ,
    "createResource": Permission.WRITE,
    "replaceResource": Permission.WRITE,
    "deleteResource": Permission.DELETE,
}

# To others there is no such file.
OWN_FILES = frozenset({"file", "changeFile", "linkFile", "deleteFile", "downloadFile"})
# Fields that look for a caller by themselves, as what they show may be public.
PUBLIC = frozenset({"tree", "person", "relationship", "kinship"})
# What a field says to somebody who may call it, where the planted family has nothing for them.
SAYS: Mapping[str, frozenset[str]] = {
    "signIn": frozenset({"BAD_CREDENTIALS"}),
    "refreshTokens": frozenset({"REFRESH_MISSING"}),
    "verifyEmail": frozenset({"VERIFICATION_INVALID"}),
    "beginSignIn": frozenset({"PROVIDER_MISSING"}),
    "finishSignIn": frozenset({"PROVIDER_MISSING"}),
    "readNotification": frozenset({"NOTIFICATION_NOT_FOUND"}),
    "acceptInvitation": frozenset({"COLLABORATOR_NOT_FOUND"}),
    "importGedcom": frozenset({"FILE_MISSING"}),
    "gedcomImport": frozenset({"IMPORT_NOT_FOUND"}),
    "openSession": frozenset({"BAD_CREDENTIALS"}),
    # Tests of files have a store; these have none.
    "keepFile": frozenset({"FILE_MISSING"}),
    "keepFiles": frozenset({"FILE_MISSING"}),
    "keepMedia": frozenset({"FILE_MISSING"}),
    "downloadFile": frozenset({"STORAGE_AWAY"}),
    # Tests of search have an index; these have none.
    "search": frozenset({"SEARCH_AWAY"}),
    "searchPeople": frozenset({"SEARCH_AWAY"}),
    "searchSuggestions": frozenset({"SEARCH_AWAY"}),
    "changeSearchEntry": frozenset({"SEARCH_ENTRY_NOT_FOUND"}),
    "removeSearchEntry": frozenset({"SEARCH_ENTRY_NOT_FOUND"}),
    "job": frozenset({"JOB_NOT_FOUND"}),
    "cancelJob": frozenset({"JOB_NOT_FOUND"}),
    "jobProgress": frozenset({"JOB_NOT_FOUND"}),
}

# The arguments of each field; what is not here is called without any.
ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    "signUp": {"email": "new@example.test", "password": "Right-horse-7"},
    "signIn": {"email": "unknown@example.test", "password": "wrong"},
    "verifyEmail": {"token": "x"},
    "beginSignIn": {"provider": "GOOGLE"},
    "finishSignIn": {"provider": "GOOGLE"},
    "createTree": {"input": {"name": "Second"}},
    "readNotification": {"id": str(NOTICE)},
    "tree": {"id": str(TREE)},
    "changeTree": {"id": str(TREE), "input": {"name": "Moyo-Dube"}},
    "deleteTree": {"id": str(TREE)},
    "addCollaborator": {"treeId": str(TREE), "account": "new", "role": "VIEWER"},
    "changeCollaborator": {"treeId": str(TREE), "account": INVITED, "role": "EDITOR"},
    "removeCollaborator": {"treeId": str(TREE), "account": INVITED},
    "acceptInvitation": {"treeId": str(TREE)},
    "person": {"id": str(ELDER)},
    "addPerson": {"treeId": str(TREE), "input": {"firstName": "New"}},
    "changePerson": {"id": str(CHILD), "input": {"firstName": "Tsitsi"}},
    "deletePerson": {"id": str(LONELY)},
    "relationship": {"id": str(MARRIAGE)},
    "relate": {"treeId": str(TREE), "from": str(SPOUSE), "to": str(CHILD), "kind": "OTHER"},
    "changeRelationship": {"id": str(MARRIAGE), "input": {"notes": "told"}},
    "deleteRelationship": {"id": str(MARRIAGE)},
    "kinship": {"from": str(ELDER), "to": str(CHILD)},
    "duplicates": {"treeId": str(TREE)},
    "mergePeople": {"keep": str(CHILD), "drop": str(LONELY)},
    "revertPerson": {"id": str(CHILD), "version": 0},
    "addEvent": {"treeId": str(TREE), "input": {"kind": "wedding"}},
    "changeEvent": {"id": str(family.EVENT), "input": {"kind": "feast"}},
    "deleteEvent": {"id": str(family.EVENT)},
    "addSource": {"treeId": str(TREE), "input": {"title": "A letter"}},
    "changeSource": {"id": str(family.SOURCE), "input": {"title": "A diary"}},
    "deleteSource": {"id": str(family.SOURCE)},
    "importGedcom": {"treeId": str(TREE)},
    "exportGedcom": {"treeId": str(TREE)},
    "gedcomImport": {"id": str(TREE)},
    "openSession": {"email": "unknown@example.test", "password": "wrong"},
    "file": {"id": str(family.FILE)},
    "treeFiles": {"treeId": str(TREE)},
    "changeFile": {"id": str(family.FILE), "input": {"description": "told"}},
    "linkFile": {"id": str(family.FILE), "eventId": "e1"},
    "deleteFile": {"id": str(family.FILE)},
    "downloadFile": {"id": str(family.FILE)},
    "search": {"words": "moyo"},
    "searchSuggestions": {"text": "mo"},
    "putSearchEntry": {
        "input": {
            "name": "d1",
            "kind": "RECORD",
            "title": "The register",
            "content": "",
            "metadata": {},
            "privacy": "PRIVATE",
        }
    },
    "changeSearchEntry": {"name": "d1", "input": {"title": "Another"}},
    "removeSearchEntry": {"name": "d1"},
    "assignRole": {"account": INVITED, "role": "EDITOR"},
    "resource": {"id": str(family.RESOURCE)},
    "createResource": {"input": {"name": "Another"}},
    "replaceResource": {"id": str(family.RESOURCE), "input": {"name": "Another"}},
    "deleteResource": {"id": str(family.RESOURCE)},
    "job": {"id": str(LONELY)},
    "cancelJob": {"id": str(LONELY)},
    "jobProgress": {"id": str(LONELY)},
    "treeChanges": {"treeId": str(TREE)},
}


def expected(name: str, who: str) -> tuple[frozenset[str], bool]:
    """The codes that may come when somebody calls a field, and whether one of them must."""
    right = RIGHTS[name]
    if who in ROLES[right]:
        return SAYS.get(name, frozenset()), False
    if who == NOBODY and name not in PUBLIC:
        return frozenset({"NOT_SIGNED_IN"}), True
    if name in OWN_FILES:
        return frozenset({"FILE_NOT_FOUND"}), True
    return frozenset({"PERMISSION_MISSING" if isinstance(right, Permission) else "TREE_FORBIDDEN"}), True
