"""How Strawberry's resolvers are called: sources, arguments, field extensions, loaders."""

from dataclasses import replace

from tests.schema.execution.cases.runner import Case, check, table
from tests.schema.execution.cases.things import NO, SCHEMA, YES, Log, Thing, of

CASES = [
    Case(
        id="sources of every kind",
        document="{ thing { word outside byParent given method onlyNamed static infoByAnotherName } }",
        root=of(YES),
        data={
            "thing": {
                "word": "word",
                "outside": "word outside",
                "byParent": "word w",
                "given": "lambda",
                "method": "word w",
                "onlyNamed": "w",
                "static": "w",
                "infoByAnotherName": "info_by_another_name",
            }
        },
    ),
    Case(
        id="arguments and info in every order",
        document="""query ($w: String!) {
            things {
                a: infoFirst(word: $w) b: infoLast(word: "x") c: method(word: $w)
                byParent(word: $w) onlyNamed(word: $w) static(word: $w)
            }
        }""",
        variables={"w": "y"},
        root=of(YES, Thing(word="other")),
        data={
            "things": [
                {
                    "a": "infoFirst y",
                    "b": "b x",
                    "c": f"{word} y",
                    "byParent": f"{word} y",
                    "onlyNamed": "y",
                    "static": "y",
                }
                for word in ("word", "other")
            ]
        },
    ),
    Case(
        id="later",
        document="{ thing { later maybeLater a: later } things { maybeLater later } }",
        root=of(YES, NO),
        data={
            "thing": {"later": "word", "maybeLater": "awaited", "a": "word"},
            "things": [{"maybeLater": "awaited", "later": "word"}, {"maybeLater": "now", "later": "word"}],
        },
        effects=["later"] * 4,
    ),
    Case(
        id="failures",
        document="{ thing { word failsLater } things { fails } }",
        root=of(YES),
        data=None,
        errors=["things.0.fails 1:38 fails"],
    ),
    Case(
        id="failures later",
        document="{ thing { word failsLater } things { failsLater a: failsLater } }",
        root=of(YES),
        data={"thing": {"word": "word", "failsLater": None}, "things": [{"failsLater": None, "a": None}]},
        errors=[
            "thing.failsLater 1:16 fails later",
            "things.0.failsLater 1:38 fails later",
            "things.0.a 1:49 fails later",
        ],
    ),
    Case(
        id="field extensions",
        document='{ thing { shout a: shout(word: "x") shoutTwice(word: "y") guardedTwice replaced } }',
        root=of(YES),
        data={
            "thing": {
                "shout": "W!",
                "a": "X!",
                "shoutTwice": "Y shoutTwice! Y shoutTwice!",
                "guardedTwice": "g g",
                "replaced": None,
            }
        },
    ),
    Case(
        id="field extensions later",
        document="{ thing { shoutLater } things { shoutLater word } }",
        root=of(YES),
        data={"thing": {"shoutLater": "w!"}, "things": [{"shoutLater": "w!", "word": "word"}]},
    ),
    Case(
        id="loads of one turn are joined",
        document="{ thing { square b: square } things { square } }",
        root=of(Thing(number=3), Thing(number=5), Thing(number=3), Thing(number=9)),
        data={
            "thing": {"square": 4, "b": 4},
            "things": [{"square": 4}, {"square": 16}, {"square": 4}, {"square": 64}],
        },
        effects=["load [2, 4, 8]"],
    ),
    Case(
        id="loads that fail",
        document="{ things { squareAtOnce } }",
        root=of(Thing(number=3), Thing(number=-1), Thing(number=2)),
        data={"things": [{"squareAtOnce": 9}, {"squareAtOnce": None}, {"squareAtOnce": 4}]},
        errors=["things.1.squareAtOnce 1:12 -1 is negative"],
        effects=["load [3, -1, 2]"],
    ),
]


@table(CASES)
async def test_resolvers(case: Case) -> None:
    await check(SCHEMA, replace(case, context=Log))
