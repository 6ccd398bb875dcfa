"""Every kind of job that anybody asks for, or that a schedule names, is one that workers know."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from models import job_kinds, schedules

REPOSITORY = Path(__file__).resolve().parent.parent.parent


def asked() -> Iterator[tuple[str, str]]:
    """Where jobs are asked for in the rooms, and of which kind."""
    for room in ("models", "schema", "compat_rest", "server"):
        for path in sorted((REPOSITORY / room).rglob("*.py")):
            name = ".".join(path.relative_to(REPOSITORY).with_suffix("").parts)
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "jobs.ask":
                    yield f"{name}:{node.lineno}", kind_of(name, node.args[0])


def kind_of(module: str, argument: ast.expr) -> str:
    """What the first argument is: a text, or a constant of its module or of another one."""
    if isinstance(argument, ast.Constant):
        return str(argument.value)
    value: object = import_module(module.removesuffix(".__init__"))
    for part in ast.unparse(argument).split("."):
        value = getattr(value, part, None)
    return str(value) if isinstance(value, str) else ""


def test_every_kind_that_is_asked_for_is_known() -> None:
    found = dict(asked())
    assert any(kind == "check-duplicate" for kind in found.values())
    # The clock asks for whatever its schedules name.
    unknown = {place: kind for place, kind in found.items() if not place.startswith("models.schedules:")}
    known = job_kinds.load()
    assert {place: kind for place, kind in unknown.items() if kind not in known} == {}
    assert {schedule.kind for schedule in schedules.SCHEDULES} <= set(known)


def test_every_module_of_kinds_tells_some() -> None:
    told = {kind.verb.__module__ for kind in job_kinds.load().values()}
    assert set(job_kinds.MODULES) <= told


def test_every_kind_gives_up_at_some_time() -> None:
    for kind in job_kinds.load().values():
        assert 1 <= kind.attempts <= 50 and 0 < kind.timeout <= 24 * 3600
