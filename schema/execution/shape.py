"""Answers in a form of one's own: objects written with other names, in another order, by other printers."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from graphql import is_abstract_type, is_leaf_type, is_list_type

from schema.execution.selections import Refused
from schema.execution.sites import Field, Selection, Site

Printer = Callable[[Any], Any]
Path = tuple[str, ...]


class Member(NamedTuple):
    """How a field is written: its key in GraphQL's answer, its name in the form, and what prints it."""

    key: str
    name: str
    print_: Printer | None = None


# The members of objects in their order, by the path of their place without the indices of lists.
Shape = Mapping[Path, tuple[Member, ...]]


def reshape(shape: Shape, root: Selection) -> None:
    """Gives the selections of an operation their form; raises Refused where one would need two."""
    Reshaping(shape).selection(root, ())


class Reshaping:
    """One walk through the selections of an operation."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.places: dict[Selection, Path] = {}

    def selection(self, selection: Selection, path: Path) -> None:
        """Reshapes a selection and all below it."""
        if self.places.setdefault(selection, path) != path:
            raise Refused("shape")
        for site in selection.fields:
            self._below(site, (*path, site.key))
        members = self.shape.get(path)
        if members is not None:
            fields = {site.key: site for site in selection.fields}
            selection.fields = [_named(fields[member.key], member) for member in members]

    def _below(self, site: Site, path: Path) -> None:
        if is_list_type(site.type):
            self._below(site.item, path)
        elif is_abstract_type(site.type):
            for selection in site.possible.values():
                self.selection(selection, path)
        elif not is_leaf_type(site.type):
            self.selection(site.selection, path)


def _named(site: Field, member: Member) -> Field:
    site.slot, site.print_ = member.name, member.print_
    return site
