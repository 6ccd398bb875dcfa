"""Who may read a field, asked before it is read, and what a refusal looks like."""

import asyncio
from dataclasses import replace

from tests.schema.execution.cases.runner import Case, check, table
from tests.schema.execution.cases.things import NO, SCHEMA, YES, Log, Thing, of

CASES = [
    Case(
        id="allowed",
        document='{ thing { secret(word: "x") mustSecret coded hidden silent silentList guarded } }',
        root=of(YES),
        data={
            "thing": {
                "secret": "x",
                "mustSecret": "secret",
                "coded": "secret",
                "hidden": "secret",
                "silent": "secret",
                "silentList": ["secret"],
                "guarded": "attribute",
            }
        },
        effects=[
            "asked secret {'word': 'x'}",
            *[
                f"asked {name} {{}}"
                for name in ("mustSecret", "coded", "hidden", "silent", "silentList", "guarded")
            ],
        ],
    ),
    Case(
        id="not allowed",
        document="{ thing { secret coded hidden silent silentList guarded word } }",
        root=of(NO),
        data={
            "thing": {
                "secret": None,
                "coded": None,
                "hidden": None,
                "silent": None,
                "silentList": [],
                "guarded": None,
                "word": "word",
            }
        },
        errors=[
            "thing.secret 1:11 Not allowed.",
            "thing.coded 1:18 Not allowed. {'code': 'NO'}",
            "thing.hidden 1:24 'hidden'",
            "thing.guarded 1:49 Not allowed.",
        ],
    ),
    Case(
        id="not allowed where it must be",
        document="{ thing { word mustSecret later } }",
        root=of(NO),
        data=None,
        errors=["thing.mustSecret 1:16 Not allowed."],
        effects=["asked mustSecret {}"],
    ),
    Case(
        id="allowed row by row",
        document=(
            "{ thing { things(allowed: [true, false, true]) { word secret silent secretLater"
            " secretsLater } } }"
        ),
        root=of(YES),
        data={
            "thing": {
                "things": [
                    {
                        "word": "w0",
                        "secret": "w",
                        "silent": "secret",
                        "secretLater": "secret",
                        "secretsLater": "secret",
                    },
                    {"word": "w1", "secret": None, "silent": None, "secretLater": None, "secretsLater": None},
                    {
                        "word": "w2",
                        "secret": "w",
                        "silent": "secret",
                        "secretLater": "secret",
                        "secretsLater": "secret",
                    },
                ]
            }
        },
        errors=[
            "thing.things.1.secret 1:55 Not allowed.",
            "thing.things.1.secretLater 1:69 Not allowed later.",
            "thing.things.1.secretsLater 1:81 Not allowed.",
        ],
    ),
    Case(
        id="arguments as the resolver gets them",
        document="""query ($w: String!) {
            thing { parted(firstWord: $w, lastWords: "y") turns }
            things { parted(firstWord: "z") turns(to: 1) }
        }""",
        variables={"w": "x"},
        root=of(YES, NO),
        data={
            "thing": {"parted": "parted x ['y']", "turns": [0, 1]},
            "things": [{"parted": "parted z None", "turns": [0]}, {"parted": None, "turns": None}],
        },
        errors=["things.1.parted 3:22 Not allowed later.", "things.1.turns 3:45 Not allowed."],
    ),
    Case(
        id="a permission that fails",
        document="{ thing { broken } things { word broken } }",
        root=of(YES),
        data={"thing": {"broken": None}, "things": [{"word": "word", "broken": None}]},
        errors=["thing.broken 1:11 broken", "things.0.broken 1:34 broken"],
    ),
    *[
        Case(
            id=f"a permission that answers {answer!r}",
            document="{ thing { secret } }",
            root=of(Thing(allowed=answer)),  # type: ignore[arg-type]  # what is tested
            data={"thing": {"secret": None}},
            errors=[
                f"thing.secret 1:11 Permission 'Allowed' returned a value of type"
                f" '{type(answer).__name__}' from"
                " `has_permission`, but permissions must return a boolean."
                " Return `True` to grant access or `False` to deny it."
            ],
        )
        for answer in (1, None)
    ],
    Case(
        id="a permission that answers later where it must at once",
        document="{ thing { secret } }",
        root=lambda: of(Thing(allowed=asyncio.sleep(0, True))),  # type: ignore[arg-type]  # what is tested
        data={"thing": {"secret": None}},
        errors=[
            "thing.secret 1:11 Permission 'Allowed' returned an awaitable from `has_permission`"
            " but is being resolved"
            " synchronously, so the result cannot be awaited. Declare `has_permission` as `async"
            " def` so Strawberry runs"
            " it on the asynchronous path, or return a plain boolean."
        ],
    ),
    Case(
        id="a field extension asks a permission each time",
        document="{ thing { guardedTwice } }",
        root=of(NO),
        data={"thing": {"guardedTwice": None}},
        errors=["thing.guardedTwice 1:11 Not allowed."],
        effects=["asked guardedTwice {}"],
    ),
]


@table(CASES)
async def test_permissions(case: Case) -> None:
    await check(SCHEMA, replace(case, context=Log))
