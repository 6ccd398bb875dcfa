"""Combining: what a file said of something, with what has become of it since.

A file says more than the models keep. What the models keep is exchanged where they have changed; all else
stays as it came.
"""

from collections import Counter
from collections.abc import Callable

from models.gedcom.structures import Structure, kept_text

Canonical = Callable[[Structure], Structure]
# Tags that say the same, of which the models know one.
GROUPS = {"SNOTE": "NOTE"}


def same(one: Structure, other: Structure) -> bool:
    """Whether two records say the same; structures of several tags may stand in any order."""
    return one.value == other.value and grouped(one.children) == grouped(other.children)


def grouped(structures: list[Structure]) -> dict[str, list[Structure]]:
    """Structures by their tags, in the order of both."""
    groups: dict[str, list[Structure]] = {}
    for structure in structures:
        groups.setdefault(group_of(structure), []).append(structure)
    return groups


def group_of(structure: Structure) -> str:
    """The tag under which a structure is compared."""
    return GROUPS.get(structure.tag, structure.tag)


def combined(kept: Structure, now: Structure, canonical: Canonical) -> Structure:
    """A record as it came, but for what the models say otherwise now than they did of it."""
    was = canonical(kept)
    if same(was, now):
        return kept
    had, has = grouped(was.children), grouped(now.children)
    groups = grouped(kept.children)
    for tag in {**had, **has}:
        before, after = had.get(tag, []), has.get(tag, [])
        if before != after:
            gone, come = Counter(map(said, before)), Counter(map(said, after))
            new = without(after, gone)
            groups[tag] = regrouped(groups.get(tag, []), gone - come, new, canonical, kept)
    return Structure(kept.tag, now.value, None, [each for group in groups.values() for each in group])


def regrouped(
    kept: list[Structure], gone: Counter[str], come: list[Structure], canonical: Canonical, record: Structure
) -> list[Structure]:
    """Structures of one tag, of which some that the models know have gone and others have come."""
    found = []
    for each in kept:
        known = [one for one in canonical(alone(record, each)).children if group_of(one) == group_of(each)]
        touched = Counter(map(said, known)) & gone
        if not touched:
            found.append(each)
            continue
        for text, number in touched.items():
            gone[text] -= number
        if [one.pointer for one in known] == [each.pointer]:
            at = next((at for at, one in enumerate(come) if is_alike(one, each)), None)
            if at is not None:
                found.append(merged(each, known[0], come.pop(at)))
    return [*found, *come]


def is_alike(one: Structure, other: Structure) -> bool:
    """Whether two structures tell of the same, be it other things."""
    return (one.tag, one.pointer) == (other.tag, other.pointer)


def said(structure: Structure) -> str:
    """All that a structure says, as one text."""
    return kept_text([structure])


def alone(record: Structure, structure: Structure) -> Structure:
    """A record of which only one structure is left."""
    return Structure(record.tag, None, None, [structure])


def merged(kept: Structure, was: Structure, now: Structure) -> Structure:
    """One structure as it came, but for what has changed in its value and directly below it."""
    had, has = grouped(was.children), grouped(now.children)
    groups = grouped(kept.children)
    for tag in {**had, **has}:
        before, after = had.get(tag, []), has.get(tag, [])
        if before != after:
            groups[tag] = after
    below = [each for group in groups.values() for each in group]
    return Structure(kept.tag, kept.value if was.value == now.value else now.value, kept.pointer, below)


def without(structures: list[Structure], others: Counter[str]) -> list[Structure]:
    """Structures but for others, each taken out once."""
    left, found = Counter(others), []
    for structure in structures:
        text = said(structure)
        if left[text] > 0:
            left[text] -= 1
        else:
            found.append(structure)
    return found
