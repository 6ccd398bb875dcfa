"""Characters: what a review asks for."""

from typing import Required, Self, TypedDict

from models.counters import Numbered
from models.lanes import Unique
from models.rows import Row


class Character(Numbered):
    """A Chinese character, how it sounds and what it means."""

    hanzi: str | None = None
    pinyin: str | None = None
    meaning: str | None = None

    class Settings:
        name = "characters"

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """The character in a legacy row; raises BadValue."""
        return cls(
            id=row.whole("id"),
            hanzi=row.text_or_none("hanzi"),
            pinyin=row.text_or_none("pinyin"),
            meaning=row.text_or_none("meaning"),
        )


class StoredCharacter(TypedDict, total=False):
    """A character as it is stored."""

    _id: Required[int]
    hanzi: str | None
    pinyin: str | None
    meaning: str | None


BY_ID: Unique[StoredCharacter] = Unique(Character)
