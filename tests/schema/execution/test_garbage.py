"""What a request leaves behind is gone at once: nobody has to search for garbage."""

import gc
from collections import Counter

import pytest

from tests.schema.conftest import Graph

ENROLL = "mutation ($id: ID!) { enroll(courseId: $id) { id } }"
DOCUMENTS = {
    "point": "{ course(id: 1) { id title } }",
    "list": "{ courses { edges { node { id content { id title } } } totalCount } }",
    "nested": "{ myEnrollments { edges { node { user { username } course { title content { body } } } } } }",
    "up and down": "{ course(id: 1) { content { course { content { course { title } } } } } }",
}


@pytest.mark.usefixtures("school")
@pytest.mark.parametrize("name", DOCUMENTS)
async def test_an_answer_leaves_no_cycles(graph: Graph, name: str) -> None:
    for id in ("1", "2"):
        await graph.data(ENROLL, 1, id=id)
    # What is learnt and compiled once is no garbage.
    for _ in range(5):
        await graph.data(DOCUMENTS[name], 1)
    gc.collect()
    gc.disable()
    try:
        for _ in range(10):
            await graph.data(DOCUMENTS[name], 1)
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        left = Counter(type(each).__name__ for each in gc.garbage)
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    # Less than one object an answer: the event loop and the driver make their own now and then.
    assert sum(left.values()) < 10, left
