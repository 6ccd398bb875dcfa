"""Characters: what a review asks for."""

import strawberry

from schema.directives import INTEGER_ID


@strawberry.type(description="A Chinese character, how it sounds and what it means.")
class Character:
    """A Chinese character."""

    id: strawberry.ID = strawberry.field(directives=[INTEGER_ID])
    hanzi: str | None
    pinyin: str | None
    meaning: str | None
