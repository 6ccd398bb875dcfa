"""What may stand in the way of a search."""

from models.errors import DomainError


class EntryNotFound(DomainError):
    """No such entry, or somebody else's."""

    code = "SEARCH_ENTRY_NOT_FOUND"
    sentence = "You have no entry of this id in the search index."


class SearchAway(DomainError):
    """There is no index, or none yet."""

    code = "SEARCH_AWAY"
    sentence = "Search is switched off on this server, or its index is not there yet."


class NotAdministrator(DomainError):
    """Only administrators may ask for what concerns everybody."""

    code = "NOT_ADMINISTRATOR"
    sentence = "Only administrators may ask for what everybody searches."
