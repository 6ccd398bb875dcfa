"""Kinship: who is whose parent, child and spouse in a file, with what is wrong with it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from models.gedcom.individuals import Child
from models.gedcom.outline import House, Outline, Person
from models.gedcom.unions import Member
from models.gedcom.words import FATHERS, MOTHERS, PEDIGREES
from models.kinds import Gender, ParentRole


@dataclass(slots=True)
class Parenthood:
    """Somebody is a parent of somebody; people are lines, and so is the place that tells it."""

    parent: int
    child: int
    slot: str
    line: int
    word: str | None
    role: ParentRole | None


@dataclass
class Kinship:
    """The kin of a file: of each person the lists in the order of the families."""

    parents: dict[int, dict[int, Parenthood]] = field(default_factory=dict)
    children: dict[int, list[int]] = field(default_factory=dict)
    spouses: dict[int, dict[int, None]] = field(default_factory=dict)


def kinship(outline: Outline) -> Kinship:
    """Who is whose kin."""
    for person in outline.people.values():
        placed(outline, person)
    found = Kinship()
    for house in outline.houses.values():
        pair = [each for each in (house.husband, house.wife) if each is not None]
        if len(pair) == 2:
            for one, other in (pair, pair[::-1]):
                found.spouses.setdefault(one, {})[other] = None
        for child, member in house.children.items():
            for parenthood in parenthoods(outline, house, child, member, found):
                found.parents.setdefault(child, {})[parenthood.parent] = parenthood
                found.children.setdefault(parenthood.parent, []).append(child)
    for circle in circles(found.parents):
        names = ", ".join(f"@{outline.people[line].xref}@" for line in circle[:10])
        said = f"{names}: everybody here is among their own ancestors; this was taken in as it stands."
        outline.problems.add(min(circle), said)
    return found


def placed(outline: Outline, person: Person) -> None:
    """Puts somebody into the families that they name and that do not name them."""
    for place in person.child_of:
        line = outline.house(place.family)
        if line is None:
            outline.problems.add(
                place.line, f"FAMC points to @{place.family}@, which is no family of the file."
            )
        elif person.line not in (house := outline.houses[line]).children:
            if person.line in (house.husband, house.wife):
                continue
            house.children[person.line] = Member(person.xref or "", None, None, place.line)
            outline.problems.add(place.line, f"@{place.family}@ does not name this child; it was added.")
    for xref in person.parent_of:
        line = outline.house(xref)
        if line is None:
            outline.problems.add(person.line, f"FAMS points to @{xref}@, which is no family of the file.")
        elif person.line not in ((house := outline.houses[line]).husband, house.wife):
            seated(outline, house, person, xref)


def seated(outline: Outline, house: House, person: Person, xref: str) -> None:
    """Makes somebody a parent of a family that has room for them."""
    first = "wife" if person.gender is Gender.FEMALE else "husband"
    for slot in (first, "husband" if first == "wife" else "wife"):
        if getattr(house, slot) is None and person.line not in house.children:
            setattr(house, slot, person.line)
            outline.problems.add(person.line, f"@{xref}@ does not name this parent; they were added.")
            return
    outline.problems.add(person.line, f"@{xref}@ has two other parents; this one was left out.")


def parenthoods(
    outline: Outline, house: House, child: int, member: Member, found: Kinship
) -> Iterator[Parenthood]:
    """What the parents of a family are to a child of it, but for parents whom it has already."""
    person = outline.people[child]
    place = next((each for each in person.child_of if outline.house(each.family) == house.line), None)
    for slot, parent, own in (("husband", house.husband, member.father), ("wife", house.wife, member.mother)):
        known = found.parents.setdefault(child, {})
        if parent is None or parent in known:
            continue
        word = own or common(place, person, house, outline)
        is_father = is_man(outline.people[parent].gender, slot)
        yield Parenthood(parent, child, slot, member.line, word, role(word, is_father, known))


def common(place: Child | None, person: Person, house: House, outline: Outline) -> str | None:
    """What both parents of a family are to a child."""
    if place and place.pedigree:
        return PEDIGREES[place.pedigree]
    adopted = any(outline.house(xref) == house.line for xref in person.adopted_by)
    return "Adopted" if adopted else None


def is_man(gender: Gender, slot: str) -> bool:
    """Whether a parent is a father: what they are counts more than the place in which they stand."""
    if gender in (Gender.MALE, Gender.FEMALE):
        return gender is Gender.MALE
    return slot == "husband"


def role(word: str | None, is_father: bool, known: dict[int, Parenthood]) -> ParentRole | None:
    """The role of a parent; None where the child has such a parent by birth already."""
    if word is not None:
        return (FATHERS if is_father else MOTHERS).get(word, ParentRole.OTHER)
    born = ParentRole.BIOLOGICAL_FATHER if is_father else ParentRole.BIOLOGICAL_MOTHER
    return None if any(each.role is born for each in known.values()) else born


def circles(parents: dict[int, dict[int, Parenthood]]) -> list[list[int]]:
    """Groups of people each of whom is an ancestor of all of them: Tarjan's way, without recursion."""
    number: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    is_on: set[int] = set()
    found: list[list[int]] = []
    for start in parents:
        if start in number:
            continue
        work: list[tuple[int, Iterator[int]]] = [(start, iter(parents[start]))]
        number[start] = low[start] = len(number)
        stack.append(start)
        is_on.add(start)
        while work:
            node, rest = work[-1]
            up = next(rest, None)
            if up is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == number[node]:
                    circle = stack[rindex(stack, node) :]
                    del stack[len(stack) - len(circle) :]
                    is_on.difference_update(circle)
                    if len(circle) > 1:
                        found.append(circle)
            elif up not in number:
                number[up] = low[up] = len(number)
                stack.append(up)
                is_on.add(up)
                work.append((up, iter(parents.get(up, ()))))
            elif up in is_on:
                low[node] = min(low[node], number[up])
    return found


def rindex(stack: list[int], node: int) -> int:
    """Where somebody stands in a stack, looked for from its end."""
    for place in range(len(stack) - 1, -1, -1):
        if stack[place] == node:
            return place
    raise ValueError
