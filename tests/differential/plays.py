"""Documents of the station, each with what there is to see in it."""

from collections.abc import Mapping

# Each document with a reason to look at it.
PLAYS: Mapping[str, str] = {
    "a null does not wait for what is beside it": "{ child { boomLater slower } }",
    "nor for what ends late when cancelled": "{ child { stubborn boomLater } quick }",
    "what fails in its first step comes first": "{ child { boomFirst slower } }",
    "what fails in its first step comes last": "{ child { slower boomFirst } slow }",
    "a task that runs already is given up": "{ child { task(seconds: 0.5) boomLater } }",
    "a loader fails": "{ child { slower boomLoaded } }",
    "what was begun before a synchronous failure is brought to its end": "{ child { slow boomNow } quick }",
    "the same with a task": "{ child { slow task later { slow } boomNow } slow(seconds: 0.1) }",
    "a null goes up": """{
      child { sure { sure { boomLater slower } slower } slower } slow quick
    }""",
    "a null goes up to the top": "{ sureMany { boomLater slower } slower }",
    "a null of an item stays there": "{ many { boomLater slower quick } slow }",
    "a null late in a stream": "{ streamed { quick sure { boomLater slower } } slow }",
    "several nulls at several times": """{
      a: child { x: boomLater(seconds: 0.01) y: boomLater(seconds: 0.03) slower }
      b: later { sure { boomLater(seconds: 0.05) slower } } soft slow
    }""",
    "siblings run at the same time": "{ a: slow b: slow c: child { slow child { slow } } many { slow } }",
    "so do those below what came later": """{
      a: later { slow b: later { slow } } c: later { slow d: later { slow } } e: many { later { slow } }
    }""",
    "items of a stream": "{ streamed(count: 4) { slow } slow(seconds: 0.1) }",
    "one waits for the other": "{ wait give }",
    "one waits for the other, elsewhere": "{ child { wait } many { child { wait } } streamed { give } }",
    "one waits for the other, below something late": "{ later { wait } b: later { c: later { give } } }",
    "loads are joined": "{ many(count: 5) { loaded a: loaded(key: 2) child { loaded(key: 3) } } }",
    "loads below something late are joined": "{ a: later { loaded } b: later { loaded(key: 2) } }",
    "loads below loads are joined": "{ a: later { many { loaded } } b: later { many { loaded(key: 2) } } }",
    "mutations follow each other": "mutation { a: slow b: slow c: child { slow d: slow } quick }",
    "a mutation fails, another is tried": "mutation { a: soft b: slow child { boomLater slow } c: slow }",
    "a mutation fails, no other is tried": "mutation { a: slow b: boomLater c: slow }",
    "a mutation leaves something behind": "mutation { child { slow(seconds: 0.1) boomNow } b: slow }",
    "a limit of time is that of its resolver": "{ timed }",
    "a limit of time is of one of several": "{ timed slow child { timed quick } many { timed a: timed } }",
    "a group of tasks fails": "{ grouped slow child { grouped timed } }",
    "a limit of time in a mutation": "mutation { timed a: slow b: timed grouped }",
}  # fmt: skip
STOPS = ("cancelled", "interrupt", "exit", "generator", "halt")
STOPPED = (
    '{{ stop(kind: "{}") }}',
    '{{ quick many {{ child {{ stop(kind: "{}") }} }} }}',
    'mutation {{ stop(kind: "{}") }}',
)
STOPPED_LATER = (
    '{{ stopLater(kind: "{}") }}',
    '{{ quick slow many {{ child {{ stopLater(kind: "{}") }} }} }}',
)
CANCELLED: Mapping[str, str] = {
    "a lone field": "{ slower }",
    "many fields": """{
      slower child { slower many { slower task(seconds: 0.5) } }
      later(seconds: 0.5) { slow } loaded timed
    }""",
    "below something late": "{ later(seconds: 0.01) { slower child { slower } } }",
    "a mutation": "mutation { a: slow(seconds: 0.01) b: slower c: slow }",
    "a stream": "{ streamed { slower } }",
}  # fmt: skip
