"""Operations: what openapi.yaml says of each legacy endpoint."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from compat_rest.contract.bundle import check_names, check_paths
from compat_rest.contract.findings import Collector
from compat_rest.contract.source import Node, Source, read
from compat_rest.contract.surfaces import Surface, check_stages, read_surfaces

FORM = "multipart/form-data"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True, eq=False)
class Operation:
    """One legacy endpoint of one surface."""

    id: str
    surface: Surface
    method: str
    path: str
    node: Node
    parameters: tuple[Node, ...]
    stages: tuple[str, ...]
    anonymous: bool

    @property
    def name(self) -> str:
        """The name inside the surface, which is also the file of its document."""
        return self.id.partition(".")[2]

    @property
    def document(self) -> str:
        """The path of the prepared document, below the folder of the contract."""
        return f"operations/{self.surface.name}/{self.name}.graphql"

    @cached_property
    def _responses(self) -> dict[str, Node]:
        return self.node.members("responses")

    def responses(self) -> dict[str, Node]:
        """The documented answers by status."""
        return self._responses

    def body(self) -> Node | None:
        """The schema of a JSON request body."""
        return schema_of(self.node.get("requestBody"), "application/json")

    def form(self) -> Node | None:
        """The schema of a request body that uploads files."""
        return schema_of(self.node.get("requestBody"), FORM)


@dataclass(frozen=True)
class Contract:
    """openapi.yaml, read: its surfaces, its operations and the folder it stands in."""

    source: Source
    folder: Path
    surfaces: Mapping[str, Surface]
    operations: tuple[Operation, ...]
    environ: Mapping[str, str]

    @property
    def root(self) -> Node:
        """The whole file."""
        return Node.root(self.source)

    def of(self, surface: str) -> Iterator[Operation]:
        """The operations of one surface."""
        return (operation for operation in self.operations if operation.surface.name == surface)


def schema_of(node: Node | None, media_type: str) -> Node | None:
    """The schema of a body or an answer in a media type."""
    for key in ("content", media_type, "schema"):
        node = node.get(key) if node else None
    return node


def read_contract(path: Path, environ: Mapping[str, str], found: Collector) -> Contract:
    """The contract at a path; raises ContractError where it cannot be read at all."""
    source = read(path)
    root = Node.root(source)
    version = str(source.data.get("openapi", ""))
    if not version.startswith("3.1"):
        found.add(
            root, "", f"The contract is OpenAPI {version or 'of no version'}.", "Write `openapi: 3.1.0`."
        )
    # The other files are read where a path leads to them.
    if isinstance(root.plain("paths"), dict):
        root.members("paths")
        check_paths(root, found)
    check_names(root, found)
    surfaces = read_surfaces(root, environ, found)
    operations = tuple(_operations(root, surfaces, found))
    return Contract(source, path.parent, surfaces, operations, environ)


def _operations(root: Node, surfaces: Mapping[str, Surface], found: Collector) -> Iterator[Operation]:
    seen: dict[str, Node] = {}
    for path, item in root.members("paths").items():
        for method in METHODS:
            node = item.get(method)
            operation = _operation(path, method, item, node, root, surfaces, found) if node else None
            if operation is None or node is None:
                continue
            if operation.id in seen:
                other = seen[operation.id]
                found.add(
                    node, operation.id, f"The operationId stands at {other.pointer} too.", "Rename one."
                )
                continue
            seen[operation.id] = node
            yield operation


def _operation(
    path: str,
    method: str,
    item: Node,
    node: Node,
    root: Node,
    surfaces: Mapping[str, Surface],
    found: Collector,
) -> Operation | None:
    identifier = str(node.plain("operationId", ""))
    name, separator, rest = identifier.partition(".")
    surface = surfaces.get(name)
    if surface is None or not separator or not rest.isidentifier():
        known = ", ".join(surfaces) or "none"
        found.add(node, identifier, "The operationId is not <surface>.<name>.", f"Known surfaces: {known}.")
        return None
    if not path.startswith(f"{surface.prefix}/"):
        found.add(
            node, identifier, f"The path is not below {surface.prefix}/.", "Put the surface's prefix first."
        )
        return None
    stages = tuple(node.plain("x-stages", surface.stages))
    check_stages(stages, surface.limits, node, identifier, found)
    security: list[Any] = node.plain("security", root.plain("security", []))
    return Operation(
        id=identifier,
        surface=surface,
        method=method.upper(),
        path=path.removeprefix(surface.prefix),
        node=node,
        parameters=tuple(_parameters(item, node)),
        stages=stages,
        anonymous=not security or {} in security,
    )


def _parameters(item: Node, node: Node) -> Iterator[Node]:
    own = [*item.elements("parameters"), *node.elements("parameters")]
    last = {(parameter.plain("in"), parameter.plain("name")): parameter for parameter in own}
    yield from last.values()
