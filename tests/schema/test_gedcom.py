"""The graph takes GEDCOM files in, tells of them, and shows in them no more than elsewhere."""

import pytest

from models import gedcom
from tests.schema.conftest import Graph
from tests.schema.test_sight import EDITOR, OWNER, STRANGER, VIEWER, enter, plant

TAKE = """mutation ($id: ID!, $text: String) {
  said: importGedcom(treeId: $id, text: $text) {
    __typename
    ... on GedcomTaken { report { id state people problems { line message } problemCount jobId } }
  }
}"""
FILE = "0 HEAD\n1 CHAR UTF-8\n0 @I1@ INDI\n1 NAME Rudo /Moyo/\n1 SOUR @S@\n0 TRLR\n"
WRITE = "query ($id: ID!) { said: tree(id: $id) { gedcom legacyGedcom modern: gedcom(version: V7_0) } }"


async def test_a_text_is_taken_in_and_told_of(graph: Graph) -> None:
    tree = await plant("FAMILY")
    said = (await graph.data(TAKE, EDITOR, id=tree, text=FILE))["said"]
    assert said["__typename"] == "GedcomTaken"
    report = said["report"]
    assert (report["state"], report["people"], report["problemCount"], report["jobId"]) == (
        "DONE",
        1,
        1,
        None,
    )
    assert report["problems"] == [{"line": 5, "message": "SOUR points to @S@, which is not in the file."}]
    ask = "query ($id: ID!) { said: gedcomImport(id: $id) { people treeId version encoding } }"
    told = (await graph.data(ask, OWNER, id=report["id"]))["said"]
    assert told == {"people": 1, "treeId": tree, "version": "5.5.1", "encoding": "utf-8"}
    assert await graph.codes(ask, VIEWER, id=report["id"]) == ["TREE_FORBIDDEN"]
    assert await graph.codes(ask, OWNER, id=tree) == ["IMPORT_NOT_FOUND"]


async def test_a_file_is_refused_where_it_must_be(graph: Graph) -> None:
    tree = await plant("FAMILY")
    assert await graph.codes(TAKE, EDITOR, id=tree) == ["FILE_MISSING"]
    assert await graph.codes(TAKE, EDITOR, id=tree, text="hello") == ["GEDCOM_REFUSED"]
    assert await graph.codes(TAKE, VIEWER, id=tree, text=FILE) == ["TREE_FORBIDDEN"]


async def test_a_tree_is_written_in_both_versions(graph: Graph) -> None:
    tree = await plant("FAMILY")
    await enter(graph, tree, firstName="Sekuru", lastName="Moyo")
    said = (await graph.data(WRITE, OWNER, id=tree))["said"]
    assert "1 NAME Sekuru /Moyo/" in said["gedcom"] and "2 VERS 7.0" in said["modern"]
    assert said["gedcom"] == said["legacyGedcom"] + "\n"


async def test_a_file_shows_strangers_no_more_than_the_tree_does(graph: Graph) -> None:
    tree = await plant("PUBLIC")
    await graph.data(
        TAKE, OWNER, id=tree, text=FILE.replace("1 SOUR @S@", "1 NOTE secret\n1 BIRT\n2 DATE 1990\n1 _X y")
    )
    said = (await graph.data(WRITE, STRANGER, id=tree))["said"]
    for text in said.values():
        assert "Rudo" in text
        assert "secret" not in text and "1990" not in text and "_X" not in text
    assert "secret" in (await graph.data(WRITE, OWNER, id=tree))["said"]["gedcom"]


async def test_what_only_the_hidden_point_to_is_hidden_with_them(graph: Graph) -> None:
    tree = await plant("FAMILY")
    text = (
        "0 HEAD\n0 @I1@ INDI\n1 NAME Rudo //\n1 RESN confidential\n1 NOTE @N1@\n1 OBJE @O1@\n"
        "0 @I2@ INDI\n1 NAME Ann //\n1 NOTE @N2@\n0 @N1@ NOTE secret\n1 SOUR @S1@\n0 @N2@ NOTE known\n"
        "0 @O1@ OBJE\n1 FILE secret.jpg\n"
        "0 @F1@ FAM\n1 WIFE @I1@\n1 NOTE secret of theirs\n1 _X secret\n0 TRLR\n"
    )
    await graph.data(TAKE, OWNER, id=tree, text=text)
    for account, shown in ((OWNER, True), (VIEWER, False)):
        said = (await graph.data(WRITE, account, id=tree))["said"]
        for written in said.values():
            assert "Rudo" in written and "known" in written
            assert ("secret" in written) is shown


async def test_a_tree_that_is_too_large_for_an_answer_is_for_a_job(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = await plant("FAMILY")
    await graph.data(TAKE, OWNER, id=tree, text=FILE)
    monkeypatch.setattr(gedcom, "LARGEST", 3)
    assert (await graph.data(WRITE, OWNER, id=tree))["said"]["gedcom"]
    await enter(graph, tree, firstName="Sekuru")
    write = "query ($id: ID!) { tree(id: $id) { gedcom } }"
    assert await graph.codes(write, OWNER, id=tree) == ["UNFIT"]


async def test_a_whole_file_is_for_who_manages_the_tree(graph: Graph) -> None:
    tree = await plant("FAMILY")
    write = "mutation ($id: ID!) { said: exportGedcom(treeId: $id) { kind state } }"
    assert (await graph.data(write, OWNER, id=tree))["said"] == {"kind": "export_gedcom", "state": "QUEUED"}
    assert await graph.codes(write, EDITOR, id=tree) == ["TREE_FORBIDDEN"]
