"""The promise: what the documentation lists is what the code has, and what it points at is there."""

import ast
import re
from pathlib import Path

import click
import pytest

from compat_rest.contract import before, surfaces
from compat_rest.contract.words import WORDS
from compat_rest.dialects.express import ExpressDialect
from compat_rest.dialects.flask import FlaskDialect
from compat_rest.dialects.plain import METHOD_UNKNOWN, PATH_UNKNOWN, PlainDialect
from compat_rest.errors import ALWAYS, BY_STAGE, LIMITED
from compat_rest.instead import KINDS as KINDS_INSTEAD
from compat_rest.judges import MAKERS, TYPED
from compat_rest.parity.tolerance import KINDS
from compat_rest.refusal import COARSER
from compat_rest.sanitize import JS, STEPS
from compat_rest.texts import INSTANTS, NUMBERS
from server import settings
from server.cli import main
from server.embedded import PROGRAMS
from tests.compat_rest.contracts import compiled

REPOSITORY = Path(__file__).resolve().parent.parent
PAGES = sorted(
    path for place in ("*.md", "docs/**/*.md", "server/**/*.md") for path in REPOSITORY.glob(place)
)
DECISIONS = sorted((REPOSITORY / "docs" / "decisions").glob("*.md"))
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
CONTRACT = (REPOSITORY / "docs" / "contract.md").read_text(encoding="utf-8")
# Roots of one machine's files; addresses of the server are lower down, as in `/health`.
LOCAL = re.compile(r"(?<![\w./])/(?:home|root|tmp|work|mnt|opt|srv|usr|var|Users)/|\b[A-Z]:\\|file://")


def section(page: str, heading: str) -> str:
    """What stands below a heading, up to the next heading of any level."""
    fenced = re.sub(r"^```.*?^```$", "", page, flags=re.MULTILINE | re.DOTALL)
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", fenced, re.MULTILINE | re.DOTALL)
    assert found is not None, f"there is no heading {heading!r}"
    return found[1]


def rows(text: str) -> list[list[str]]:
    """The cells of every table, without heads."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    heads = {index - 1 for index, line in enumerate(lines) if re.fullmatch(r"[|\s:-]+", line)}
    return [row for index, row in enumerate(cells) if index not in heads and index - 1 not in heads]


def names(text: str) -> list[str]:
    """What stands in backticks in the first columns."""
    return [name for row in rows(text) for name in re.findall(r"`([^`]+)`", row[0])]


def reads() -> dict[str, str]:
    """The environment variables that Settings.from_env reads, with the fields they fill."""
    source = ast.parse(Path(settings.__file__).read_text(encoding="utf-8"))
    return {
        call.args[0].value: keyword.arg
        for keyword in ast.walk(source)
        if isinstance(keyword, ast.keyword) and keyword.arg
        for call in ast.walk(keyword.value)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "read"
        if isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    }


def shown(default: object) -> str:
    """A default as the table writes it."""
    if isinstance(default, bool | float):
        return f"`{int(default)}`"
    return f"`{default}`" if default else ""


def test_every_setting_is_in_the_readme_with_its_default() -> None:
    defaults = settings.Settings()
    documented = {row[0].strip("`"): row[1] for row in rows(section(README, "Settings"))}
    assert documented == {name: shown(getattr(defaults, field)) for name, field in reads().items()}
    assert set(reads().values()) == set(settings.Settings.__dataclass_fields__) - {"environ", "files"}


def test_every_other_variable_is_in_the_readme() -> None:
    others = section(README, "Variables of the contract and the programs")
    assert names(others) == [*settings.GENERATED, *(program.override for program in PROGRAMS)]


def test_every_command_is_in_the_readme_with_options_that_it_has() -> None:
    commands = {row[0].strip("`").split()[1]: " ".join(row) for row in rows(section(README, "Commands"))}
    context = click.Context(main)
    assert list(commands) == main.list_commands(context)
    for name, text in commands.items():
        command = main.get_command(context, name)
        assert command is not None
        options = {
            option for parameter in command.params for option in [*parameter.opts, *parameter.secondary_opts]
        }
        assert set(re.findall(r"--[a-z-]+", text)) <= options, name


def test_every_word_of_the_contract_is_documented_and_no_other() -> None:
    assert names(section(CONTRACT, "The words")) == list(WORDS)
    assert set(re.findall(r"\bx-[a-z]+\b", CONTRACT)) == set(WORDS)
    for word in WORDS:
        assert section(CONTRACT, f"`{word}`").strip()
        assert re.search(rf"^### `{word}`\n(?:(?!^#).*\n)*?```yaml", CONTRACT, re.MULTILINE), word


@pytest.mark.parametrize(
    ("heading", "known"),
    [
        ("`x-stages`", [*surfaces.STAGES, surfaces.ACCOUNT]),
        ("`x-sanitize`", list(STEPS)),
        ("`x-parity`", list(KINDS)),
        ("The dialect flask", list(FlaskDialect.defaults)),
        ("`x-text`", [*INSTANTS, "stored", "stored, js", *NUMBERS]),
        ("`x-surfaces`", list(surfaces.KEYS)),
        ("Who calls", list(surfaces.IDENTITY_KEYS)),
        ("Before the routes", [*before.STEPS, f"{before.LIMIT}<name>"]),
        ("Limits", list(before.LIMIT_KEYS)),
        ("Origins", list(before.CORS_KEYS)),
        ("`x-instead`", list(KINDS_INSTEAD)),
        ("`x-messages`", list(MAKERS)),
        ("The dialect express", [*JS, TYPED, *ExpressDialect.defaults]),
        ("The dialect plain", list(PlainDialect.defaults)),
        ("`x-style`", list(surfaces.STYLES[1:])),
        (
            "Error codes",
            [
                PATH_UNKNOWN,
                METHOD_UNKNOWN,
                *COARSER,
                *COARSER.values(),
                *ALWAYS,
                LIMITED,
                *(code for codes in BY_STAGE.values() for code in codes),
            ],
        ),
    ],
)
def test_every_list_of_the_contract_is_the_code_s(heading: str, known: list[str]) -> None:
    assert set(names(section(CONTRACT, heading))) == set(known)


def test_the_whole_contract_of_the_documentation_is_served(tmp_path: Path) -> None:
    _, _, text = CONTRACT.partition("\n## A whole contract\n")
    files = re.findall(r"^`([\w./]+)`\n\n```\w+\n(.*?)^```$", text.partition("\n## ")[0], re.M | re.S)
    for name, content in files:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    engine = compiled(tmp_path / "openapi.yaml")
    assert list(engine.surfaces["learning"].endpoints) == ["learning.courses", "learning.enroll"]
    assert engine.notes == []


def test_every_decision_is_numbered_and_says_why_what_cost_and_refusals() -> None:
    assert [path.name[:4] for path in DECISIONS] == [
        f"{number:04}" for number in range(1, len(DECISIONS) + 1)
    ]
    for path in DECISIONS:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {path.name[:4]} ")
        headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert headings == ["Why", "What", "What it costs", "What was refused"], path.name


def slugs(page: str) -> set[str]:
    """The anchors of a page's headings, as they are usually made."""
    headings = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_links_lead_somewhere_and_no_page_names_a_place_on_one_machine(path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    assert LOCAL.findall(page) == []
    for link in re.findall(r"\]\(([^)\s]+)\)", page):
        if link.startswith(("https://", "http://")):
            continue
        name, _, anchor = link.partition("#")
        target = path.parent / name if name else path
        assert target.exists(), link
        if anchor:
            assert anchor in slugs(target.read_text(encoding="utf-8")), link


def test_what_shows_a_requirement_is_there() -> None:
    text = (REPOSITORY / "docs/requirements.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:tests|docs|benchmarks)/[\w./-]+)`", text))
    assert named and [path for path in sorted(named) if not (REPOSITORY / path).exists()] == []
