"""One chain: the rules and steps that the values of one name go through."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from compat_rest.javascript import UNDEFINED, to_text
from compat_rest.judges import Judge
from compat_rest.places import Place, named, put, selected
from compat_rest.refusal import Refusal, too_large
from compat_rest.sanitize import Step

# More than anybody's lists hold: each item may be told of, and is judged while everybody else waits.
MOST = 10_000

Entry = dict[str, Any]


@dataclass(frozen=True)
class Item:
    """One thing that a chain does: it judges with a message, or it changes the value."""

    word: str
    judge: Judge | None = None
    message: str = ""
    step: Step | None = None


@dataclass(frozen=True)
class Chain:
    """What happens to the values of one name."""

    location: str
    steps: tuple[str, ...]
    items: tuple[Item, ...]
    # Whether the rest is left out for a value as it stands now.
    leaves_out: Callable[[Any], bool]
    hidden: bool

    def run(self, root: Any, entries: list[Entry]) -> Refusal | None:
        """Judges and changes every value that the chain names, rule by rule.

        Returns the first refusal of a step.
        """
        places = list(islice(selected(root, self.steps), MOST + 1))
        if len(places) > MOST or any(
            isinstance(place.value, list) and len(place.value) > MOST for place in places
        ):
            raise too_many()
        values = [place.value for place in places]
        refused: dict[int, Refusal] = {}
        for item in self.items:
            for at, place in enumerate(places):
                value = values[at]
                if at in refused or self.leaves_out(value):
                    continue
                if item.judge is not None:
                    self._judge(item, item.judge, value, place, entries)
                elif item.step is not None:
                    try:
                        changed = values[at] = item.step(value)
                    except Refusal as refusal:
                        refused[at] = refusal
                        continue
                    if changed is not value and changed is not UNDEFINED:
                        put(root, place.steps, changed)
        return next(iter(refused.values()), None)

    def _judge(self, item: Item, judge: Judge, value: Any, place: Place, entries: list[Entry]) -> None:
        if judge.whole or not isinstance(value, list):
            if not judge.fits(value if judge.whole else to_text(value)):
                entries.append(self._entry(item, value, place))
            return
        for each in value:
            if not judge.fits(to_text(each)):
                entries.append(self._entry(item, each, place))

    def _entry(self, item: Item, value: Any, place: Place) -> Entry:
        entry: Entry = {"type": "field", "value": value, "msg": item.message}
        if value is UNDEFINED or self.hidden:
            del entry["value"]
        entry["path"] = named(place.steps)
        entry["location"] = self.location
        return entry


def too_many() -> Refusal:
    """The refusal of a body with more items than are judged, in the words of one with too many bytes."""
    return too_large(type="entity.too.large")
