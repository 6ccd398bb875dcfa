"""How far what is told of somebody reaches: nobody finds a person by what they may not see of them."""

from enum import IntEnum

from models.kinds import Visibility


class Level(IntEnum):
    """Who may find something by a text: all who may see it, who has a part in its tree, or its managers.

    Whoever entered it finds it by everything.
    """

    OPEN = 0
    INNER = 1
    FULL = 2


def of_level(name: str, level: Level) -> str:
    """The field of an index for what reaches so far."""
    return f"{name}_{level.value}"


def level(visibility: str, *, exposed: bool) -> Level:
    """Of facts that are for the living only: `exposed` while the person lives."""
    if visibility == Visibility.PRIVATE:
        return Level.FULL
    if exposed or visibility == Visibility.TREE_ONLY:
        return Level.INNER
    return Level.OPEN
