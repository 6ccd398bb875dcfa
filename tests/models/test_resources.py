"""Resources as they are stored: every list is read in the order in which an index holds it."""

from typing import Any

import pytest

from models import raw
from models.resources import Direction, Resource, Sort, Wanted, ordered

pytestmark = pytest.mark.usefixtures("database")


def stages(plan: dict[str, Any]) -> list[str]:
    """What the store does, the last thing first."""
    return [plan["stage"], *(stages(plan["inputStage"]) if "inputStage" in plan else [])]


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize(
    ("filter", "sort"),
    [({}, Sort.CREATED), ({}, Sort.UPDATED), ({}, Sort.NAME), ({"owner": "ada"}, Sort.CREATED)],
)
async def test_no_list_is_sorted_while_it_is_read(
    filter: dict[str, str], sort: Sort, direction: Direction
) -> None:
    cursor = raw.collection(Resource).find(filter, sort=ordered(Wanted(sort=sort, direction=direction)))
    plan = (await cursor.explain())["queryPlanner"]["winningPlan"]
    assert stages(plan) == ["FETCH", "IXSCAN"]
