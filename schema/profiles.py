"""Profiles: what people see of each other's accounts."""

import strawberry


@strawberry.type(description="What others see of an account.")
class Profile:
    """What others see of an account."""

    uuid: strawberry.ID
    first_name: str | None
    last_name: str | None
    profile_picture_url: str | None
    bio: str | None
