"""Imports point one way, models <- schema <- compat_rest <- server, in no circle, and stand at the top."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

# Lowest first: a room may import from itself and from those before it.
ROOMS = ("models", "schema", "compat_rest", "server")
REPOSITORY = Path(__file__).resolve().parent.parent


class Import(NamedTuple):
    """One import statement between the rooms: who, whom, where, and whether it hides inside a function."""

    importer: str
    imported: str
    line: int
    hidden: bool


def modules(root: Path) -> dict[str, Path]:
    """Every module of the rooms by its dotted name."""
    found = {}
    for room in ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(root: Path) -> list[Import]:
    """Every import of one module of the rooms by another; `from room import module` counts as the module."""
    known = modules(root)
    found = []
    for importer, path in known.items():
        package = importer if path.name == "__init__.py" else importer.rpartition(".")[0]
        for node, hidden in statements(ast.parse(path.read_text(encoding="utf-8"), str(path)), False):
            for imported in targets(node, package, known):
                found.append(Import(importer, imported, node.lineno, hidden))
    return found


def statements(node: ast.AST, hidden: bool) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, hidden
        else:
            inside = hidden or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from statements(child, inside)


def targets(node: ast.Import | ast.ImportFrom, package: str, known: dict[str, Path]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (name for alias in node.names if (name := nearest(alias.name, known)))
        return
    base = node.module or ""
    if node.level:
        above = package.split(".")[: len(package.split(".")) - node.level + 1]
        base = ".".join([*above, base] if base else above)
    for alias in node.names:
        if name := nearest(f"{base}.{alias.name}", known):
            yield name


def nearest(name: str, known: dict[str, Path]) -> str | None:
    """The module that a dotted name lies in, if it is one of the rooms'."""
    while name and name not in known:
        name = name.rpartition(".")[0]
    return name or None


def upward(root: Path) -> list[str]:
    """The imports that point from a room to one above it."""
    return [
        f"{found.importer}:{found.line} imports {found.imported}"
        for found in imports(root)
        if ROOMS.index(found.importer.split(".")[0]) < ROOMS.index(found.imported.split(".")[0])
    ]


def hidden(root: Path) -> list[str]:
    """The imports of the rooms that stand inside a function."""
    return [
        f"{found.importer}:{found.line} imports {found.imported}" for found in imports(root) if found.hidden
    ]


def circle(root: Path) -> list[str]:
    """The modules of one import circle in order, or nothing."""
    graph: dict[str, set[str]] = {}
    for found in imports(root):
        if found.imported != found.importer:
            graph.setdefault(found.importer, set()).add(found.imported)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []


def test_the_rooms_are_all_there() -> None:
    assert {name.split(".")[0] for name in modules(REPOSITORY)} == set(ROOMS)
    assert len(imports(REPOSITORY)) > 20


def test_no_import_points_upward() -> None:
    assert upward(REPOSITORY) == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circle(REPOSITORY) == []


def test_no_import_hides_in_a_function() -> None:
    assert hidden(REPOSITORY) == []


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """A small house with one mistake of each kind."""
    files = {
        "models/__init__.py": "",
        "models/orders.py": "import json\nfrom schema.orders import Order\n",
        "schema/__init__.py": "from .orders import Order\n",
        "schema/orders.py": "if TYPE_CHECKING:\n    from . import customers\n",
        "schema/customers.py": "from schema import orders\nimport models as stored\n",
        "compat_rest/__init__.py": "async def load():\n    if True:\n        import schema.customers.inner\n",
        "server/__init__.py": "import compat_rest\nimport os.path\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_a_planted_mistake_of_each_kind_is_found(planted: Path) -> None:
    assert upward(planted) == ["models.orders:2 imports schema.orders"]
    assert hidden(planted) == ["compat_rest:3 imports schema.customers"]
    assert set(circle(planted)) == {"schema.orders", "schema.customers"}
    (planted / "schema" / "orders.py").write_text("")
    assert circle(planted) == []


def test_every_way_to_write_an_import_is_understood(planted: Path) -> None:
    assert [(found.importer, found.imported, found.line) for found in imports(planted)] == [
        ("models.orders", "schema.orders", 2),
        ("schema", "schema.orders", 1),
        ("schema.customers", "schema.orders", 1),
        ("schema.customers", "models", 2),
        ("schema.orders", "schema.customers", 2),
        ("compat_rest", "schema.customers", 3),
        ("server", "compat_rest", 1),
    ]
