"""Settings that stand in files: `NAME_FILE`, mounted secrets, and a folder that several services share.

A variable of the environment comes first, then the file that `NAME_FILE` names, then a secret, then the
shared folder, and last the default. What a file holds is never told: errors name the file alone.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

SECRETS, SECRETS_FOLDER = "LOCKSTEP_SECRETS", "/run/secrets"
CONFIG = "LOCKSTEP_CONFIG"
SUFFIX = "_FILE"
# Larger files hold something else than a setting.
LARGEST = 65_536
NAME = re.compile("[A-Za-z_][A-Za-z0-9_]*")


class BadFile(ValueError):
    """A file of settings that cannot be used; the message names it, and not what it holds."""


class Gathered(Mapping[str, str]):
    """Variables, of which some stand in files that cannot be used: who asks for one of those is told.

    Other programs have variables that end so too, and what theirs lead to is theirs.
    """

    def __init__(self, values: Mapping[str, str], bad: Mapping[str, str]) -> None:
        self._values = {name: value for name, value in values.items() if name not in bad}
        self._bad = bad

    def __getitem__(self, name: str) -> str:
        if name in self._bad:
            raise BadFile(self._bad[name])
        return self._values[name]

    def __contains__(self, name: object) -> bool:
        return name in self._values or name in self._bad

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def also(self, values: Mapping[str, str]) -> "Gathered":
        """The same with some more values."""
        return Gathered({**self._values, **values}, self._bad)


def gathered(environ: Mapping[str, str]) -> Gathered:
    """The variables of an environment and of the files that it names; raises BadFile."""
    folder = environ.get(SECRETS) or SECRETS_FOLDER
    secrets, unusable = secrets_in(Path(folder), named=bool(environ.get(SECRETS)))
    shared = shared_in(Path(environ[CONFIG])) if environ.get(CONFIG) else {}
    bad: dict[str, str] = {}
    pointed: dict[str, str] = {}
    for name, value in environ.items():
        target = name.removesuffix(SUFFIX)
        if target in (name, "") or not value:
            continue
        try:
            text = text_of(Path(value), name)
        except BadFile as error:
            bad[target] = str(error)
            continue
        # A process that another one has started is told what that one has read.
        if environ.get(target, text) not in ("", text):
            bad[target] = f"{target} and {name} are both set, and differ; keep one of them."
        pointed[target] = text
    for name in unusable.keys() - environ.keys() - pointed.keys():
        bad.setdefault(name, unusable[name])
    return Gathered({**shared, **secrets, **environ, **pointed}, bad)


def secrets_in(folder: Path, *, named: bool) -> tuple[dict[str, str], dict[str, str]]:
    """The secrets of a folder by the variables that their files are called after, in upper or lower case.

    And why those cannot be used that cannot: certificates and keystores of other programs stand beside.
    """
    if not folder.is_dir():
        if named:
            raise BadFile(f"{SECRETS}: there is no folder {folder}.")
        return {}, {}
    found: dict[str, str] = {}
    unusable: dict[str, str] = {}
    for path in sorted(folder.iterdir()):
        if not NAME.fullmatch(path.name) or not path.is_file():
            continue
        name = path.name.upper()
        try:
            value = text_of(path, SECRETS)
        except BadFile as error:
            unusable[name] = str(error)
            continue
        if found.setdefault(name, value) != value:
            raise BadFile(f"{SECRETS}: {folder} holds {name} twice, in upper and in lower case.")
    return found, unusable


def shared_in(folder: Path) -> dict[str, str]:
    """The variables in the files of a shared folder."""
    if not folder.is_dir():
        raise BadFile(f"{CONFIG}: there is no folder {folder}.")
    found: dict[str, tuple[str, Path]] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix not in (".yaml", ".yml", ".env") or not path.is_file():
            continue
        text = text_of(path, CONFIG)
        for name, value in lines_of(text, path) if path.suffix == ".env" else members_of(text, path):
            if name in found and found[name][0] != value:
                raise BadFile(f"{CONFIG}: {name} stands in {found[name][1]} and otherwise in {path}.")
            found[name] = value, path
    return {name: value for name, (value, _) in found.items()}


def members_of(text: str, path: Path) -> Iterator[tuple[str, str]]:
    """The variables of a YAML file, each with its value as it is written."""
    try:
        # Every value stays text: `on`, `1.10` and `0644` are what somebody wrote.
        read = yaml.load(text, Loader=yaml.BaseLoader)  # nosec B506  # BaseLoader makes texts, lists and dicts only
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        raise BadFile(f"{CONFIG}: {path}{place} is no YAML.") from None
    if read in (None, ""):
        return
    if not isinstance(read, dict):
        raise BadFile(f"{CONFIG}: {path} is no list of NAME: value.")
    for name, value in read.items():
        if not isinstance(value, str) or not NAME.fullmatch(str(name)):
            raise BadFile(f"{CONFIG}: {name!r} in {path} is no NAME: value.")
        yield name, value


def lines_of(text: str, path: Path) -> Iterator[tuple[str, str]]:
    """The variables of a file of NAME=value lines."""
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip().removeprefix("export ")
        if not line or line.startswith("#"):
            continue
        name, separator, value = (part.strip() for part in line.partition("="))
        if not separator or not NAME.fullmatch(name):
            raise BadFile(f"{CONFIG}: {path}, line {number} is no NAME=value.")
        quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
        yield name, value[1:-1] if quoted else value


def text_of(path: Path, name: str) -> str:
    """The text of a file without its last newline; raises BadFile."""
    try:
        with path.open("rb") as file:
            read = file.read(LARGEST + 1)
    except OSError as error:
        raise BadFile(f"{name}: {path} cannot be read: {os.strerror(error.errno or 0)}.") from None
    if len(read) > LARGEST:
        raise BadFile(f"{name}: {path} is larger than {LARGEST} bytes.")
    try:
        text = read.decode()
    except UnicodeDecodeError:
        raise BadFile(f"{name}: {path} is no text in UTF-8.") from None
    if "\0" in text:
        raise BadFile(f"{name}: {path} holds a NUL character.")
    return text.removesuffix("\n").removesuffix("\r")
