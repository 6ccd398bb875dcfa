"""How the value of a field is got: read from its source, or by a call, with as little between as may be."""

from collections.abc import Callable, Mapping
from inspect import isasyncgenfunction, iscoroutinefunction
from typing import Any

from graphql import default_field_resolver, is_leaf_type, is_non_null_type
from graphql.pyutils import Undefined
from strawberry.permission import PermissionExtension
from strawberry.relay import GlobalID
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.base import StrawberryMaybe, StrawberryOptional
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from schema.execution.arguments import Arguments, Given, Variables
from schema.execution.info import raw_info
from schema.execution.kinds import made_by
from schema.execution.permissions import Guarded
from schema.execution.request import Request
from schema.execution.sites import Call, Field, Position
from schema.execution.source import Source, attribute


class Resolvers:
    """The calls of the fields of one schema."""

    def __init__(self, source: Source, info: Any, config: Any, variables: Variables) -> None:
        self.variables = variables
        self.source = source
        self.info = info
        self.config = config

    def call(self, site: Field) -> Call:
        """How the value of a field is got."""
        resolve = site.definition.resolve
        known = site.strawberry
        if resolve is not None and made_by(resolve, GraphQLCoreConverter.from_field):
            # The event of a subscription is the value of its field.
            return Call("s")
        if resolve is None or known is None or not made_by(resolve, GraphQLCoreConverter.from_resolver):
            return self._generic(site)
        if type(known).get_result is not StrawberryField.get_result:
            return self._generic(site)
        if resolve.__code__.co_name == "_get_basic_result":
            return self._basic(known)
        return self._function(site, known, resolve) or self._generic(site)

    def _generic(self, site: Field) -> Call:
        """The resolver as graphql-core calls it."""
        if site.definition.args or site.nodes[0].arguments:
            site.arguments = Arguments(site)
        caller = _read if site.definition.resolve is None else _call
        return Call(f"{self.source.constant(caller, 'f')}(r, s, {self.source.constant(site, 'F')}, p)")

    def _basic(self, known: StrawberryField) -> Call:
        name, default = known.python_name, known.default_resolver
        if default is getattr:
            return Call(attribute("s", name), name=name)
        if not hasattr(default, "key"):
            return Call(f"{self.source.constant(default, 'f')}(s, {name!r})")
        key = default.key(name)
        return Call(f"s.get({key!r}) if type(s) is dict else {attribute('s', name)}", name=name, key=key)

    def _function(self, site: Field, known: StrawberryField, resolve: Any) -> Call | None:
        """A resolver without what only the interpreter knows to do; None for the others."""
        resolver = known.base_resolver
        if type(resolver) is not StrawberryResolver or not callable(resolver.wrapped_func):
            return None
        function = resolver.wrapped_func
        names = parameters(site, self.config)
        if names is None or _handlers(resolve) or not _is_simple(known):
            return None
        if known.is_async and (isasyncgenfunction(function) or not iscoroutinefunction(function)):
            return None
        before, given = self._arguments(site, names)
        keywords = [
            f"{parameter.name}=s"
            for parameter in (resolver.parent_parameter, resolver.root_parameter)
            if parameter is not None
        ]
        return self._called(site, function, resolver, before, [*given, *dict.fromkeys(keywords)])

    def _called(
        self,
        site: Field,
        function: Callable[..., Any],
        resolver: StrawberryResolver[Any],
        before: tuple[str, ...],
        keywords: list[str],
    ) -> Call:
        known = site.strawberry
        asks = resolver.info_parameter
        if known.extensions:
            guard = Guarded(known.extensions[0], function, resolver, site, self.info)
            parts = ["r", "s", "p", *keywords]
            name = self.source.constant(guard.later if known.is_async else guard.now, "f")
        else:
            info = f"{self.source.constant(self.info, 'I')}(r, {self.source.constant(site, 'F')}, p)"
            asked = [f"{asks.name}={info}"] if asks is not None else []
            parts = [*(["s"] if resolver.self_parameter else []), *keywords, *asked]
            name = self.source.constant(function, "f")
        relation = None if known.extensions else getattr(function, "__relation__", None)
        return Call(f"{name}({', '.join(parts)})", before, known.is_async, relation=relation)

    def _arguments(self, site: Field, names: Mapping[str, str]) -> tuple[tuple[str, ...], list[str]]:
        if not site.definition.args and not site.nodes[0].arguments:
            return (), []
        site.arguments = Arguments(site, self.variables, names)
        constant, given = site.arguments.constant, site.arguments.given
        if constant is not None:
            return (), [f"{name}={self.source.constant(value, 'c')}" for name, value in constant.items()]
        if given is None:
            return (f"a = {self.source.constant(site.arguments.of, 'a')}(r)",), ["**a"]
        if not all(each.is_sure or each.variable is None for each in given):
            return (f"a = {self.source.constant(site.arguments.quick, 'a')}(r)",), ["**a"]
        return (), [
            f"{each.name}={self._given(each)}"
            for each in given
            if each.variable is not None or each.value is not Undefined
        ]

    def _given(self, argument: Given) -> str:
        """An expression for an argument that always has a value."""
        if argument.variable is None:
            return self.source.constant(argument.value, "c")
        return f"r.coerced[{argument.variable!r}]"


def parameters(site: Field, config: Any) -> Mapping[str, str] | None:
    """The parameters by their names in the graph; None where arguments have to be converted for each call."""
    names = {}
    for argument in site.strawberry.arguments:
        name = config.name_converter.from_argument(argument)
        definition = site.definition.args.get(name)
        if definition is None or not _is_handed_on(definition.type, argument.type):
            return None
        names[name] = argument.python_name
    # Strawberry takes an argument of this name for its own info.
    return None if "info" in names.values() else names


def _is_handed_on(type_: Any, declared: Any) -> bool:
    """Whether Strawberry hands on what graphql-core has coerced."""
    while isinstance(declared, StrawberryOptional):
        if isinstance(declared, StrawberryMaybe):
            return False
        declared = declared.of_type
    leaf = is_leaf_type(type_.of_type if is_non_null_type(type_) else type_)
    return leaf and declared is not GlobalID


def _handlers(resolve: Any) -> Any:
    """What turns exceptions of a resolver into values of a union."""
    variables = dict(zip(resolve.__code__.co_freevars, resolve.__closure__ or (), strict=True))
    return variables["field_exception_handlers"].cell_contents


def _is_simple(known: StrawberryField) -> bool:
    """Whether there are no extensions, or only permissions that wait for no more than the resolver does."""
    extensions = known.extensions
    return len(extensions) < 2 and all(
        type(each) is PermissionExtension and (known.is_async or each.supports_sync) for each in extensions
    )


def _call(request: Request, source: Any, site: Field, parent: Position | None) -> Any:
    arguments = {} if site.arguments is None else site.arguments.of(request)
    return site.definition.resolve(source, raw_info(request, site, parent), **arguments)  # type: ignore[misc]  # there is a resolver


def _read(request: Request, source: Any, site: Field, parent: Position | None) -> Any:
    """graphql-core's own resolver, which needs no info where it only reads."""
    arguments = {} if site.arguments is None else site.arguments.of(request)
    if type(source) is dict and not callable(value := source.get(site.name)):
        return value
    return default_field_resolver(source, raw_info(request, site, parent), **arguments)
