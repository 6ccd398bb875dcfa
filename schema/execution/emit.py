"""Writes the source of a plan: one function for each selection, depth first.

What it writes may only skip what `complete` would do with the same result. `r` is the request, `s` the source
of the object, `p` its position, `out` the object in the answer.
"""

from types import CoroutineType
from typing import Any

from graphql import is_abstract_type, is_leaf_type, is_list_type
from strawberry.utils.await_maybe import await_maybe

from schema.execution.arguments import Variables
from schema.execution.bulk import Bulk
from schema.execution.columns import finish_rows
from schema.execution.complete import (
    arrive,
    complete,
    finish_abstract,
    finish_leaf,
    finish_object,
    is_known,
    written,
)
from schema.execution.kinds import AWAITED, PLAIN
from schema.execution.leaves import leaf_of
from schema.execution.request import failed
from schema.execution.resolvers import Resolvers
from schema.execution.selections import is_typename
from schema.execution.sites import Field, Selection, Site
from schema.execution.source import Source


async def broken(error: Exception) -> None:
    """Raises when it is awaited what was raised before."""
    raise error


KNOWN = {
    "AWAITED": AWAITED,
    "Coroutine": CoroutineType,
    "PLAIN": PLAIN,
    "arrive": arrive,
    "broken": broken,
    "complete": complete,
    "failed": failed,
    "finish_abstract": finish_abstract,
    "finish_object": finish_object,
    "finish_rows": finish_rows,
    "await_maybe": await_maybe,
    "written": written,
}


class Emitter:
    """Writes the functions of one tree of selections."""

    def __init__(self, info: Any, config: Any, variables: Variables, files: list[str]) -> None:
        self.source = Source(KNOWN)
        self.resolvers = Resolvers(self.source, info, config, variables)
        self.written: dict[Selection, str] = {}
        # The groups of fields whose values may have to be awaited.
        self.groups: set[Any] = set()
        # Places of objects that need no more than their selection's function.
        self.objects: list[Site] = []
        self.files = files

    def selection(self, selection: Selection) -> str:
        """Writes the function of a selection and of all below it; returns its name."""
        name = self.written.get(selection)
        if name is not None:
            return name
        self.written[selection] = name = f"o{len(self.written)}"
        for site in selection.fields:
            self._below(site)
        self._open(name, selection)
        for site in selection.fields:
            if not is_typename(site):
                self._field(site)
        self.source.add(1, "return out")
        return name

    def compile(self) -> dict[str, Any]:
        """The functions by name; selections know theirs from now on."""
        names = self.source.compile(self.files)
        for selection, name in self.written.items():
            selection.make = names[name]
        for site in self.objects:
            site.finish = site.selection.make
        return names

    def serial(self, selection: Selection) -> list[str]:
        """Writes one function for each field of a root whose fields run one after the other."""
        names = []
        for number, site in enumerate(selection.fields):
            self._below(site)
            names.append(f"m{number}")
            self.source.add(0, f"def m{number}(r, s, p, out):")
            self.source.add(1, "pass")
            self._field(site)
        return names

    def _open(self, name: str, selection: Selection) -> None:
        fresh = self.source.constant(blank(selection).copy, "t")
        self.source.add(0, f"def {name}(r, s, p):")
        self.source.add(1, f"out = {fresh}()")

    def _below(self, site: Site) -> None:
        """Decides how values are completed, and writes the selections that are needed for it."""
        type_ = site.type
        if is_list_type(type_):
            site.finish = finish_rows
            self._below(site.item)
            site.item.bulk = Bulk(site.item, self.files, many=True)
        elif is_abstract_type(type_):
            site.finish = finish_abstract
            site.known = {} if is_known(type_.resolve_type) else None
            for selection in site.possible.values():
                self.selection(selection)
        elif is_leaf_type(type_):
            site.finish = finish_leaf
            site.leaf, site.serialize = leaf_of(type_, site.print_)
        else:
            site.finish = finish_object
            self.selection(site.selection)
            if site.selection.type.is_type_of is None:
                self.objects.append(site)

    def _field(self, site: Field) -> None:
        call = site.call = self.resolvers.call(site)
        if call.relation is not None:
            site.bulk = Bulk(site, self.files, many=True)
        if call.name is None:
            self.groups.add(site.group)
        add, place = self.source.add, self.source.constant(site, "F")
        add(1, "try:")
        add(2, *call.before)
        position = f"(p, {site.slot!r}, out, {place})"
        if call.is_async:
            add(2, "try:", f"    v = {call.value}", "except Exception as e:", "    v = broken(e)")
            add(2, "if type(v) is not Coroutine:", "    v = await_maybe(v)")
            add(2, f"r.holes.append((v, {position}, complete))")
        else:
            add(2, f"v = {call.value}")
            self._value(site, position)
            if call.name is None:
                add(2, "elif type(v) in AWAITED:", f"    r.holes.append((v, {position}, complete))")
            self._exactly(site)
        add(1, "except Exception as e:", f"    failed(r, e, {place}, p, out)")

    def _value(self, site: Field, position: str) -> None:
        """Completes v: quickly where its class shows that nothing can go wrong, or exactly."""
        slot = f"out[{site.slot!r}]"
        if is_leaf_type(site.type):
            self._leaf(site, slot, position)
        elif is_list_type(site.type):
            self.source.add(2, "if type(v) is list:", f"    {slot} = finish_rows(r, v, {position})")
        elif is_abstract_type(site.type):
            self.source.add(2, "if type(v) in PLAIN:", f"    {slot} = finish_abstract(r, v, {position})")
        else:
            is_open = site.selection.type.is_type_of is None
            make = self.written[site.selection] if is_open else "finish_object"
            self.source.add(2, "if type(v) in PLAIN:", f"    {slot} = {make}(r, v, {position})")

    def _exactly(self, site: Field) -> None:
        # Null is final where it is allowed: the blank object has it already.
        self.source.add(2, "else:" if site.non_null else "elif v is not None:")
        self.source.add(3, f"out[{site.slot!r}] = arrive(r, v, {self.source.constant(site, 'F')}, p, out)")

    def _leaf(self, site: Field, slot: str, position: str) -> None:
        leaf = site.leaf
        if leaf.final is None:
            serialize = self.source.constant(site.serialize, "w")
            self.source.add(
                2,
                "if type(v) in PLAIN:",
                f"    w = {serialize}(v)",
                f"    {slot} = w if type(w) in PLAIN else written(r, w, v, {position})",
            )
        else:
            final, output = leaf.written(self.source, "v", "w")
            self.source.add(2, f"if {final}:", f"    {slot} = {output}")


def blank(selection: Selection) -> dict[str, Any]:
    """An object as it is before anything was read: its keys in order, null but for the name of its type."""
    return {site.slot: selection.type.name if is_typename(site) else None for site in selection.fields}
