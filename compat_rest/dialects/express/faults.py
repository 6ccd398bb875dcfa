"""What V8 says of a text that is no JSON, where Python's scanner has found the place.

It is read from the characters around that place. Positions count the units of UTF-16.
"""

import os.path
import re

# Characters on each side of the one that is wrong.
NEAR = 10
# Texts of their own kind: what JavaScript's other values become when they are made texts.
SPECIAL = ("[object Object]", "NaN", "Infinity", "undefined")
LITERALS = {"t": "true", "f": "false", "n": "null"}
BLANKS = " \t\n\r"
HEX = frozenset("0123456789abcdefABCDEF")
NUMBER_END = re.compile(r"(-?)(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?\Z")
BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|([\[{])|([\]}])', re.DOTALL)
IN_JSON = " in JSON at position "


def message(text: str, problem: str, place: int) -> str:
    """What V8 says where Python sees a problem at a place."""
    if problem.startswith("Expecting value"):
        return expecting_value(text, place)
    if problem.startswith("Illegal trailing comma"):
        # Newer Pythons say so at the comma.
        place = after_blanks(text, place + 1)
        return expecting_value(text, place) if text[place] == "]" else expecting_name(text, place)
    if problem.startswith("Expecting property name"):
        return expecting_name(text, place)
    if problem.startswith("Expecting ':'"):
        return after_name(text, place)
    if problem.startswith("Expecting ','"):
        return after_value(text, place)
    if problem == "Extra data":
        return number_problem(text, place) or at(
            "Unexpected non-whitespace character after JSON", text, place, " at position "
        )
    return in_string(text, problem, place)


def in_string(text: str, problem: str, place: int) -> str:
    """What is wrong inside a string."""
    if problem.startswith("Unterminated string"):
        return unterminated(text)
    if problem.startswith("Invalid control"):
        return at("Bad control character in string literal", text, place)
    if "uXXXX" in problem:
        begin = place = text.rindex("\\u", 0, place + 2) + 2
        while place < len(text) and text[place] in HEX:
            place += 1
        # Python wants to see what follows half a character.
        return at("Bad Unicode escape", text, place) if place < begin + 4 else unterminated(text)
    # V8 has one table for the characters of Latin-1, and nothing to say of others.
    latin = text[place + 1] < "\u0100"
    return at("Bad escaped character", text, place + 1) if latin else unexpected(text, place + 1)


def unterminated(text: str) -> str:
    """A string does not end."""
    if is_escaped(text, len(text)):
        return "Unexpected end of JSON input"
    return at("Unterminated string", text, len(text))


def is_escaped(text: str, place: int) -> bool:
    """Whether an odd number of backslashes stands before a place."""
    begin = place
    while begin and text[begin - 1] == "\\":
        begin -= 1
    return (place - begin) % 2 == 1


def expecting_name(text: str, place: int) -> str:
    """Something else stands where a property begins."""
    before = text[:place].rstrip(BLANKS)
    if before.endswith("{"):
        return at("Expected property name or '}'", text, place)
    return at("Expected double-quoted property name", text, place)


def after_name(text: str, place: int) -> str:
    """No colon follows a name; V8 has words for it only after the first name of an object."""
    begin = text.rfind('"', 0, text.rfind('"', 0, place))
    while is_escaped(text, begin):
        begin = text.rfind('"', 0, begin)
    if text[:begin].rstrip(BLANKS).endswith("{"):
        return at("Expected ':' after property name", text, place)
    return unexpected(text, place)


def expecting_value(text: str, place: int) -> str:
    """Something else stands where a value begins."""
    first = text[place : place + 1]
    if first == "-":
        return at("No number after minus sign", text, place + 1)
    literal = LITERALS.get(first)
    if literal:
        good = os.path.commonprefix([literal, text[place : place + len(literal)]])
        return unexpected(text, place + len(good))
    return unexpected(text, place)


def after_value(text: str, place: int) -> str:
    """A value is there, and what follows it is neither a comma nor an end."""
    wrong = number_problem(text, place)
    if wrong:
        return wrong
    if inside(text[:place]) == "[":
        return at("Expected ',' or ']' after array element", text, place)
    return at("Expected ',' or '}' after property value", text, place)


def number_problem(text: str, place: int) -> str | None:
    """What V8 says of a number that goes on otherwise than numbers do."""
    first = text[place : place + 1]
    if first not in ".eE0123456789" or not first:
        return None
    begin = place
    while begin and text[begin - 1] in "+-.eE0123456789":
        begin -= 1
    found = NUMBER_END.match(text, begin, place)
    if not found:
        return None
    if first.isdigit():
        return at("Unexpected number", text, place)
    if first == ".":
        return None if found[3] or found[4] else at("Unterminated fractional number", text, place + 1)
    if found[4]:
        return None
    sign = text[place + 1 : place + 2] in ("+", "-")
    return at("Exponent part is missing a number", text, place + 1 + sign)


def inside(text: str) -> str:
    """The bracket in which the end of a text stands."""
    level = 0
    for found in reversed(list(BRACKETS.finditer(text))):
        level += 1 if found[2] else -1 if found[1] else 0
        if level < 0:
            return str(found[1])
    return ""


def after_blanks(text: str, place: int) -> int:
    """The place of what follows the blanks at a place."""
    while text[place : place + 1] in tuple(BLANKS):
        place += 1
    return place


def at(problem: str, text: str, place: int, between: str = IN_JSON) -> str:
    """A problem and where it is."""
    return f"{problem}{between}{len(units(text[:place])) // 2}"


def unexpected(text: str, place: int) -> str:
    """A character that nothing here begins with, and what stands around it."""
    first = text[place : place + 1]
    if not first:
        return "Unexpected end of JSON input"
    if first in "-0123456789":
        return at("Unexpected number", text, place)
    if first == '"':
        return at("Unexpected string", text, place)
    if text in SPECIAL:
        return f'"{text}" is not valid JSON'
    raw, unit = units(text), len(units(text[:place])) // 2
    whole = len(raw) // 2
    token = text_of(raw[2 * unit : 2 * unit + 2])
    before = whole > 2 * NEAR and unit >= NEAR
    after = whole > 2 * NEAR and unit < whole - NEAR
    around = text_of(raw[2 * (unit - NEAR) * before : 2 * (unit + NEAR) if after else None])
    return (
        f"Unexpected token '{token}', "
        f'{"..." * before}"{around}"{"..." * after} is not valid JSON'
    )  # fmt: skip


def units(text: str) -> bytes:
    """A text in UTF-16, where each unit is two bytes."""
    return text.encode("utf-16-le", "surrogatepass")


def text_of(raw: bytes) -> str:
    """The text of such units, which may begin or end with half a character."""
    return raw.decode("utf-16-le", "surrogatepass")
