"""Characters: what a review asks for."""

from typing import Self

import strawberry

from models import characters
from schema.context import Info
from schema.directives import INTEGER_ID


@strawberry.type(description="A Chinese character, how it sounds and what it means.")
class Character:
    """A Chinese character."""

    id: strawberry.ID = strawberry.field(directives=[INTEGER_ID])
    hanzi: str | None
    pinyin: str | None
    meaning: str | None

    @classmethod
    def of(cls, character: characters.Character) -> Self:
        """The type that shows a character."""
        return cls(
            id=strawberry.ID(str(character.id)),
            hanzi=character.hanzi,
            pinyin=character.pinyin,
            meaning=character.meaning,
        )


async def character_by_id(character_id: int | None, info: Info) -> Character | None:
    """The character at the other end of an edge."""
    if character_id is None:
        return None
    character = await info.context.loaders.characters.load(character_id)
    return Character.of(character) if character else None
