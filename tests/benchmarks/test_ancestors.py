"""The tree in which ancestors are measured is as large and as deep as is promised."""

import pytest
from bson import ObjectId

from benchmarks.ancestors import Figures, family, layers


def test_generations_are_as_even_as_can_be() -> None:
    assert layers(100_000, 10) == [9_091] * 10 + [9_090]
    assert layers(7, 2) == [3, 2, 2]


@pytest.mark.usefixtures("database")
async def test_everybody_but_the_first_generation_has_two_parents_who_know_them() -> None:
    tree = ObjectId()
    people = list(family(tree, 60, 3))
    assert len(people) == 60 and {person["tree_id"] for person in people} == {tree}
    assert [len(person["parents"]) for person in people] == [0] * 15 + [2] * 45
    by_id = {person["_id"]: person for person in people}
    for person in people:
        for parent in person["parents"]:
            assert person["_id"] in by_id[parent]["children"]
    assert list(family(tree, 60, 3))[-1]["name"] == "Person 60"


def test_nineteen_of_twenty_requests_are_within_the_figure() -> None:
    assert Figures(3, [0.01] * 19 + [1.0]).p95 > 0.01
    assert Figures(3, [0.02] * 100).p95 == 0.02
