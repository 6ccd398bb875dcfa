"""Texts and chains by the thousand, from a seed, for what is held against the real express-validator."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

# One of these makes any of the pieces of a format, which are parted by blanks but where they are blank.
PIECES: dict[str, list[str]] = {
    "email": [*'a B . @ " 😀 ü - _ com gmail.com example.com + 1 \\ [ xn-- .c @d.co ſ 日本'.split(" ")]
    + ["x" * 64, "b" * 63, "\n", " ", "\u00a0", "\ud7ff", "\uff41"],
    "uri": [*"http:// https:// HTTP:// example.com a.b / ? # @ : 80 99999 user [::1] 127.0.0.1".split(" ")]
    + [*"256.1.1.1 < // mailto: data: ü.de - _ 😀.com 0 [fe80::1%25] . localhost a:b:c@".split(" "), " "],
    "iso8601": [*"1950 - 01 02 30 31 T 10 : 20 Z + 05 W 53 366 .5 ,5 24:00 19 ٣ 1950-02-30 T10:20".split(" ")]
    + [" ", "\n"],
    "uuid": [
        *"0 a F g - 00000000-0000-4000-8000-000000000001 00000000-0000-0000-0000-000000000000".split(" ")
    ],
    "objectid": [*"0x 0h a F g 685bc8000000000000001001 685bc80000000000000010".split(" ")],
    "range": [*"0 1 - + 9 . e 00 100 101 99999999999999999999 １".split(" "), " "],
    "length": ["a", "\ufe0f", "😀", "é", "\u200d", "x" * 48, " ", "\n"],
    "boolean": ["true", "false", "1", "0", "T", " "],
    "trim": [" ", "\u00a0", "\ufeff", "\u200b", "a", "\u180e", "\u2028", "\u0085", "\x1c", "\u3000"],
    "escape": [*"<>&\"'/\\`a"],
}
MAILBOXES = (
    "hotmail.com live.fr live.co.uk outlook.pt msn.com passport.com yahoo.de ymail.com rocketmail.com"
    " icloud.com me.com ya.ru yandex.by gmail.com googlemail.com GMAIL.com example.com"
    " hotmail.xx live.xx yahoo.xx yandex.xx"
).split()
USERS = ("a", "A.b", "a+b", "+b", "a-b", "-b", "a-b-c", "..", "a..b.c", ".", "", "İ", "a@b")
TYPES = {
    "string": ("type", "enum", "format", "pattern", "length", "empty", "absent"),
    "array": ("array", "length", "enum"),
    "object": ("object", "absent"),
    "boolean": ("boolean", "empty"),
    "integer": ("range", "enum"),
}
KEYWORDS: dict[str, dict[str, Any]] = {
    "range": {"minimum": 1, "maximum": 100},
    "enum": {"enum": ["a", "b", "1"]},
    "pattern": {"pattern": "^[a-z]+$"},
    "length": {"minLength": 1, "maxLength": 3},
    "empty": {"minLength": 1},
    "absent": {"not": {}},
}
STEPS = ("trim", "email", "boolean", "int", "escape", "lower")
TEXTS = (
    "", "a", "b", " a ", "abcd", "1", "01", "true", "false", "0", "A@B.cc", "a+b@gmail.com", "<x>", "x.yz",
    "😀", "685bc8000000000000001001", "1950-01-01", "00000000-0000-4000-8000-000000000001",
)  # fmt: skip
NUMBERS = (0, 1, 5, 101, 1.5, 1e21, -1, True, False)
PATHS = ("f", "l", "l.*", "l.*.k", "o.k", "g")


def texts(seed: int, each: int) -> list[list[Any]]:
    """Texts for every format, and numbers."""
    random = Random(seed)
    made: list[list[Any]] = [
        [name, "".join(random.choice(pieces) for _ in range(random.randint(0, 6)))]
        for name, pieces in PIECES.items()
        for _ in range(each)
    ]
    made += [["normal", f"{user}@{domain}"] for user in USERS for domain in MAILBOXES]
    made += [["number", random.uniform(-1, 1) * 10.0 ** random.randint(-12, 24)] for _ in range(each)]
    return made


@dataclass
class Case:
    """A few chains as schemas, the same for express-validator, and a body."""

    body: dict[str, Any]
    properties: dict[str, Any] = field(default_factory=dict)
    required: list[str] = field(default_factory=list)
    specs: list[dict[str, Any]] = field(default_factory=list)


class Cases:
    """Makes cases out of a seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def case(self) -> Case:
        """Chains on some paths, and a body that may have what they name."""
        sent = {name: self.value(0) for name in ("f", "l", "o", "g") if self.random.random() < 0.8}
        if self.random.random() < 0.5:
            sent["l"] = [self.value(1) for _ in range(self.random.randint(0, 3))]
        case = Case(sent)
        for path in PATHS:
            if self.random.random() < 0.6:
                self.add(case, path)
        return case

    def add(self, case: Case, path: str) -> None:
        """One more chain."""
        schema = self.schema()
        optional = self.random.choice([None, "undefined", "falsy", "null"])
        if "null" in schema["type"]:
            optional = optional if optional in ("falsy", "null") else "null"
        if optional in ("falsy", "null"):
            schema["x-absent"] = optional
        if path.endswith("*") and optional == "undefined":
            # An item of a list is never missing.
            optional = None
        case.specs.append({"path": path, "schema": schema, "optional": optional})
        place(case, path.split("."), schema, required=optional is None)

    def schema(self) -> dict[str, Any]:
        """A schema with rules and steps."""
        random = self.random
        kind = random.choice(list(TYPES))
        keys = random.sample(TYPES[kind], random.randint(1, min(3, len(TYPES[kind]))))
        schema: dict[str, Any] = {"type": [kind, "null"] if random.random() < 0.2 else kind}
        for key in keys:
            schema |= KEYWORDS.get(key, {})
        if "length" in keys:
            schema |= KEYWORDS["length"]
        if "format" in keys:
            schema["format"] = random.choice(["email", "uri", "uuid", "objectid", "iso8601"])
        schema["x-messages"] = {key: random.choice([None, f"{key}!"]) for key in keys}
        early = [f"rules:{key}" for key in keys if random.random() < 0.15]
        before = random.sample(STEPS, random.choice([0, 0, 1, 1, 2]))
        words = [*early, *before, "rules", *random.sample(STEPS, random.choice([0, 0, 1]))]
        if words != ["rules"]:
            schema["x-sanitize"] = words
        return schema

    def value(self, depth: int) -> Any:
        """A JSON value."""
        random = self.random
        kind = random.random()
        if kind < 0.35 or depth > 2:
            return random.choice(TEXTS)
        if kind < 0.5:
            return random.choice(NUMBERS)
        if kind < 0.58:
            return None
        if kind < 0.8:
            return [self.value(depth + 1) for _ in range(random.randint(0, 3))]
        return {random.choice("km0"): self.value(depth + 1) for _ in range(random.randint(0, 2))}


def place(case: Case, path: list[str], schema: dict[str, Any], *, required: bool) -> None:
    """Puts a schema where its path leads in the properties of a case."""
    names, needed, holder = case.properties, case.required, case.properties
    for step in path[:-1]:
        holder = names.setdefault(step, {}) if step != "*" else holder.setdefault("items", {})
        names, needed = holder.setdefault("properties", {}), holder.setdefault("required", [])
    if path[-1] == "*":
        holder.setdefault("items", {}).update(schema)
    else:
        names.setdefault(path[-1], {}).update(schema)
        needed += [path[-1]] if required else []
