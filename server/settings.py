"""The settings of a server, read once from the environment and handed on."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Self, get_args

from limits import parse_many
from starlette.config import Config

from schema.execution.seams import ROOM, Execution
from schema.limits import Limits

GENERATED = ("SECRET_KEY", "JWT_SECRET_KEY", "JWT_SECRET", "JWT_REFRESH_SECRET")
# Instead of a rate: nothing is counted.
OFF = "off"


class BadSetting(Exception):
    """A setting that cannot be used; the message names it and says what would do."""


@dataclass(frozen=True)
class Settings:
    """What an operator may choose; every field has its row in the README."""

    host: str = "127.0.0.1"
    port: int = 8000
    data: Path = Path(".lockstep")
    contract: Path = Path("openapi.yaml")
    mongodb_uri: str | None = None
    mongodb_database: str = "lockstep"
    redis_url: str | None = None
    hosts: Mapping[str, str] = field(default_factory=dict)
    demo: bool = True
    # The legacy form lets the old server be rolled back to; argon2 is for after the switch.
    password_form: str = "werkzeug"
    log_level: str = "INFO"
    metrics_enabled: bool = True
    # No body of the recorded clients is above 4 KB; 1 MB leaves room for long texts.
    max_body_bytes: int = 1_000_000
    request_timeout: float = 30.0
    graphql_rate: str = "600/minute"
    execution: Execution = "compiled"
    graphql_cache_bytes: int = ROOM
    graphql_cost: int = Limits.cost
    otlp_endpoint: str | None = None
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Settings out of environment variables; raises BadSetting for a value that cannot be used."""
        read = Config(environ=environ)
        try:
            return cls(
                host=read("HOST", default=cls.host),
                port=read("PORT", cast=int, default=cls.port),
                data=read("LOCKSTEP_DATA", cast=Path, default=cls.data),
                contract=read("LOCKSTEP_CONTRACT", cast=Path, default=cls.contract),
                mongodb_uri=read("MONGODB_URI", default=None) or None,
                mongodb_database=read("MONGODB_DATABASE", default=cls.mongodb_database),
                redis_url=read("REDIS_URL", default=None) or None,
                hosts=parse_hosts(read("LOCKSTEP_HOSTS", default="")),
                demo=read("LOCKSTEP_DEMO", cast=bool, default=cls.demo),
                password_form=read("LOCKSTEP_PASSWORD_FORM", cast=password_form, default=cls.password_form),
                log_level=read("LOG_LEVEL", default=cls.log_level).upper(),
                metrics_enabled=read("METRICS_ENABLED", cast=bool, default=cls.metrics_enabled),
                max_body_bytes=read("LOCKSTEP_MAX_BODY_BYTES", cast=int, default=cls.max_body_bytes),
                request_timeout=read("LOCKSTEP_REQUEST_TIMEOUT", cast=float, default=cls.request_timeout),
                graphql_rate=read("LOCKSTEP_GRAPHQL_RATE", cast=rates, default=cls.graphql_rate),
                execution=read("LOCKSTEP_EXECUTION", cast=execution, default=cls.execution),
                graphql_cache_bytes=read(
                    "LOCKSTEP_GRAPHQL_CACHE_BYTES", cast=int, default=cls.graphql_cache_bytes
                ),
                graphql_cost=read("LOCKSTEP_GRAPHQL_COST", cast=int, default=cls.graphql_cost),
                otlp_endpoint=read("OTEL_EXPORTER_OTLP_ENDPOINT", default=None) or None,
                environ=MappingProxyType(dict(environ)),
            )
        except ValueError as error:
            raise BadSetting(str(error)) from error

    def with_secrets(self) -> Self:
        """The same settings with the secrets that nobody chose, made once and kept in the data folder."""
        missing = [name for name in GENERATED if not self.environ.get(name)]
        if self.environ.get("JWT_SECRET"):
            # Who chose the one and not the other has refresh tokens that were signed with the one.
            missing = [name for name in missing if name != "JWT_REFRESH_SECRET"]
        if not missing:
            return self
        kept = keep_secrets(self.data / "secrets.json", missing)
        return replace(self, environ=MappingProxyType({**self.environ, **kept}))


def parse_hosts(text: str) -> dict[str, str]:
    """`api.old.example=shop,www.old.example=site` as host name to surface; raises ValueError."""
    hosts = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        host, separator, surface = (part.strip() for part in pair.partition("="))
        if not (host and separator and surface):
            raise ValueError(f"LOCKSTEP_HOSTS: {pair!r} is not host=surface.")
        hosts[host.lower()] = surface
    return hosts


def rates(text: str) -> str:
    """Rates such as `600/minute; 20/second`, or `off`; raises ValueError for what is none."""
    if text == OFF:
        return text
    try:
        parse_many(text)
    except ValueError:
        raise ValueError(
            f"LOCKSTEP_GRAPHQL_RATE: {text!r} is neither a rate such as 600/minute nor {OFF}."
        ) from None
    return text


def execution(name: str) -> Execution:
    """How documents are run; raises ValueError for an unknown word."""
    known: tuple[Execution, ...] = get_args(Execution)
    for word in known:
        if name == word:
            return word
    raise ValueError(f"LOCKSTEP_EXECUTION: {name!r} is none of {', '.join(known)}.")


def password_form(name: str) -> str:
    """The form in which password hashes are written; raises ValueError for an unknown one."""
    if name not in ("werkzeug", "argon2"):
        raise ValueError(f"LOCKSTEP_PASSWORD_FORM: {name!r} is neither werkzeug nor argon2.")
    return name


def keep_secrets(path: Path, names: list[str]) -> dict[str, str]:
    """Secrets by name from a file only its owner may read, made where they are missing."""
    stored: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    if not all(name in stored for name in names):
        stored = {**{name: secrets.token_urlsafe(48) for name in names}, **stored}
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.unlink(missing_ok=True)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(stored, file)
        partial.replace(path)
    return {name: stored[name] for name in names}
