"""Decides whether two answers to one request are the same.

`data` has to be equal as bytes, with the order of keys and the types of values. Errors outside of what a null
has swallowed have to be equal. Below a null that was propagated the specification leaves open which errors
are told: there has to be one at least, and none that the reference executor would never tell. A document
without asynchronous fields has one right order of everything.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from tests.differential.executors import Answer, Fault, Path

# So often the reference is asked again, with other sleeps, and tells nothing that was not heard before, until
# an error counts as one that it never tells; and so often at most.
RERUNS, MOST = 60, 1_000
Rerun = Callable[[int], Awaitable[Answer]]


class Outcome(Enum):
    """What became of one case."""

    EQUAL = "equal, errors in the same order"
    REORDERED = "equal, errors in another order"
    BELOW_NULL = "other errors below a propagated null"
    DIFFERENT = "different"


@dataclass(frozen=True)
class Verdict:
    """What became of one case, and why."""

    outcome: Outcome
    reason: str = ""

    def __bool__(self) -> bool:
        return self.outcome is not Outcome.DIFFERENT


def different(reason: str) -> Verdict:
    return Verdict(Outcome.DIFFERENT, reason)


async def judge(stock: Answer, plan: Answer, calm: bool, serial: bool, rerun: Rerun) -> Verdict:
    """The verdict; `calm`: nothing is asynchronous; `serial`: the fields of the root follow each other."""
    reason = unlike(stock, plan)
    if reason:
        return different(reason)
    if calm:
        return strict(stock, plan)
    nulled = regions(stock) | regions(plan)
    loose = bool(nulled) or any(astray(one, answer.data) for answer in (stock, plan) for one in answer.errors)
    reason = (calls(stock, plan) if loose else (same_calls(stock, plan) or complained(stock, plan))) or (
        out_of_turn(stock, plan, loose) if serial else ""
    )
    if reason:
        return different(reason)
    return await lenient(stock, plan, nulled, rerun)


def unlike(stock: Answer, plan: Answer) -> str:
    """What has to be equal in every case."""
    if stock.raised != plan.raised:
        return f"raised {plan.raised}, where the reference raises {stock.raised}"
    if stock.bytes != plan.bytes:
        return "other data"
    if stock.types != plan.types:
        return "data of other types"
    return ""


def strict(stock: Answer, plan: Answer) -> Verdict:
    if plan.awaited and not stock.awaited:
        return different("there is something to await, where the reference answers at once")
    if stock.errors != plan.errors:
        return different(f"other errors, or in another order: {first(stock.errors, plan.errors)}")
    reason = in_step(stock, plan) or complained(stock, plan)
    return different(reason) if reason else Verdict(Outcome.EQUAL)


def in_step(stock: Answer, plan: Answer) -> str:
    """Without anything asynchronous, one order of calls is right."""
    if stock.log != plan.log:
        return f"resolvers were called otherwise: {first(stock.log, plan.log)}"
    return afterwards(stock, plan)


def afterwards(stock: Answer, plan: Answer) -> str:
    same = stock.token == plan.token
    return "" if same else f"the context variable is {plan.token} afterwards, not {stock.token}"


def complained(stock: Answer, plan: Answer) -> str:
    """Where nothing was given up, nothing is left over."""
    extra = Counter(plan.complaints) - Counter(stock.complaints)
    return f"complaints: {', '.join(extra)}" if extra else ""


def first(stock: list[Any], plan: list[Any]) -> str:
    """The first place where two lists are not the same."""
    for index in range(max(len(stock), len(plan))):
        left, right = (one[index] if index < len(one) else None for one in (stock, plan))
        if left != right:
            return f"entry {index} is {right}, not {left}"
    return "nowhere"


async def lenient(stock: Answer, plan: Answer, nulled: set[Path], rerun: Rerun) -> Verdict:
    """Errors of a document with asynchronous fields."""
    outside, inside = [], []
    for answer in (stock, plan):
        inside.append(Counter(one for one in answer.errors if nulled and below(one, answer.data)))
        outside.append(Counter(answer.errors) - inside[-1])
    if outside[0] != outside[1]:
        return different(f"other errors: {changes(outside[0], outside[1])}")
    if inside[0] == inside[1] and set(plan.complaints) <= set(stock.complaints):
        return Verdict(Outcome.EQUAL if stock.errors == plan.errors else Outcome.REORDERED)
    for region in nulled:
        for answer, whose in ((stock, "the reference"), (plan, "the plan")):
            if not any(accounts(one, answer.data, region) for one in answer.errors):
                return different(f"no error of {whose} tells why {list(region)} is null")
    return await heard(inside[1], inside[1] - inside[0], set(plan.complaints) - set(stock.complaints), rerun)


async def heard(told: Counter[Fault], unheard: Counter[Fault], complaints: set[str], rerun: Rerun) -> Verdict:
    """Whether the reference, asked again, tells what the plan told: a long answer has much to tell."""
    quiet = 0
    for attempt in range(1, MOST + 1):
        if not unheard and not complaints:
            return Verdict(Outcome.BELOW_NULL)
        if quiet >= RERUNS:
            break
        before = len(unheard) + len(complaints)
        again = await rerun(attempt)
        errors = Counter(again.errors)
        unheard = Counter({one: count for one, count in unheard.items() if errors[one] < told[one]})
        complaints -= set(again.complaints)
        quiet = 0 if len(unheard) + len(complaints) < before else quiet + 1
    if unheard:
        return different(f"errors that the reference never tells: {[*map(str, unheard)]}")
    return different(f"complaints that the reference never makes: {', '.join(sorted(complaints))}")


def changes(stock: Counter[Any], plan: Counter[Any]) -> str:
    missing, extra = ([*map(str, one)][:3] for one in (stock - plan, plan - stock))
    return f"missing {missing}, too many {extra}"


def region_of(path: Path | None, data: Any) -> Path | None:
    """The position of the null that swallowed a position, if it is further up."""
    for depth, key in enumerate(path or ()):
        if data is None:
            return (path or ())[:depth]
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            # A path that the application made up, which leads nowhere in this answer.
            return None
    return None


def astray(one: Fault, data: Any) -> bool:
    """Whether an error's path leads nowhere: an application that sets one may do so below a null."""
    if one.path is None or region_of(one.path, data) is not None:
        return False
    for key in one.path:
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            return True
    return False


def below(one: Fault, data: Any) -> bool:
    """Whether it may depend on which of several errors came first that this one is told."""
    return region_of(one.path, data) is not None or astray(one, data)


def accounts(one: Fault, data: Any, region: Path) -> bool:
    """Whether an error tells why a position is null."""
    return region_of(one.path, data) == region or astray(one, data)


def regions(answer: Answer) -> set[Path]:
    """The positions that became null because of something further down."""
    paths = [one.path for one in answer.errors] + [entry[0] for entry in answer.log]
    found = {region_of(path, answer.data) for path in paths}
    return {one for one in found if one is not None}


def same_calls(stock: Answer, plan: Answer) -> str:
    """Each resolver is called as often, with the same arguments, and sees the same context variable."""
    before, after = (Counter(map(repr, answer.log)) for answer in (stock, plan))
    if before != after:
        return f"resolvers were called otherwise: {changes(before, after)}"
    return afterwards(stock, plan)


def calls(stock: Answer, plan: Answer) -> str:
    """The same of resolvers that are known not to be below a null."""
    before, after = (
        Counter(
            repr(entry)
            for entry in answer.log
            if entry[0] is not None and region_of(entry[0], answer.data) is None
        )
        for answer in (stock, plan)
    )
    return "" if before == after else f"resolvers were called otherwise: {changes(before, after)}"


def out_of_turn(stock: Answer, plan: Answer, loose: bool) -> str:
    """The fields of a mutation follow each other, and what is below one comes before the next."""
    turns = [list(by_turn(answer.log)) for answer in (stock, plan)]
    if loose:
        # What was given up may still come to its end meanwhile.
        turns = [[(root, Counter()) for root, _ in one] for one in turns]
    return "" if turns[0] == turns[1] else f"effects out of turn: {first(*turns)}"


def by_turn(log: list[tuple[Any, ...]]) -> Iterator[tuple[str, Counter[str]]]:
    """The calls of root fields, each with the calls up to the next one."""
    root, called = "", Counter[str]()
    for entry in log:
        if entry[0] is not None and len(entry[0]) == 1 and entry[1] >= 0:
            yield root, called
            root, called = repr(entry), Counter()
        else:
            called[repr(entry)] += 1
    yield root, called
