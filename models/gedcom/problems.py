"""Problems: what was wrong with a file, line by line, as far as anybody would read."""

from typing import NamedTuple

from models.gedcom.structures import BANNED

# A file of a million mistakes is told of by its first ones and their number.
TOLD = 500
# Characters of a message, which may name what the file names.
MESSAGE = 300


class Problem(NamedTuple):
    """What was wrong with a line, and what became of it; line 0 is the file as a whole."""

    line: int
    message: str


class Problems:
    """The problems of one file."""

    def __init__(self) -> None:
        self.told: list[Problem] = []
        self.count = 0

    def add(self, line: int, message: str) -> None:
        """Notes a problem; what no text may hold is left out of the names in it."""
        self.count += 1
        if len(self.told) < TOLD:
            self.told.append(Problem(line, BANNED.sub("?", message[:MESSAGE])))
