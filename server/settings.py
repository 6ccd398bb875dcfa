"""The settings of a server, read once from the environment and handed on."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self, get_args

from limits import parse_many
from starlette.config import Config

from models.blobs import Place
from models.uploads import FileLimits
from schema.execution.seams import ROOM, Execution
from schema.limits import Limits
from server.setting_files import Gathered, gathered

GENERATED = ("SECRET_KEY", "JWT_SECRET_KEY", "JWT_SECRET", "JWT_REFRESH_SECRET")
PRODUCTION = "production"
STAGES = ("development", "testing", "staging", PRODUCTION)
# Instead of a rate: nothing is counted.
OFF = "off"
SEARCHES = ("embedded", "mongodb", OFF)


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
    # Which of its stages a deployment is at; in production cookies go over TLS alone.
    environment: str = "development"
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
    # Where files are kept; None for an S3 in the data folder.
    files: Place | None = None
    max_file_bytes: int = FileLimits.file
    file_quota_bytes: int = FileLimits.quota
    # A file of the largest size may come in slowly, but not for ever.
    upload_timeout: float = 3600.0
    # How many jobs a worker does at once, at which port it tells how it is (0: none), after how many seconds
    # without a word its jobs are another's, and how many it has to end them when it is told to stop.
    worker_concurrency: int = 8
    worker_port: int = 0
    job_lease: float = 30.0
    job_grace: float = 20.0
    # What is searched with: an index in the data folder, the database itself, or nothing.
    search: str = "embedded"
    # Whether a start runs pending migrations; otherwise it says that there are some.
    migrate: bool = False
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Settings out of environment variables; raises BadSetting for a value that cannot be used."""
        try:
            environ = found = gathered(environ)
            read = Config(environ=found)
            return cls(
                host=read("HOST", default=cls.host),
                port=read("PORT", cast=int, default=cls.port),
                data=read("LOCKSTEP_DATA", cast=Path, default=cls.data),
                contract=read("LOCKSTEP_CONTRACT", cast=Path, default=cls.contract),
                mongodb_uri=read("MONGODB_URI", default=None) or None,
                mongodb_database=read("MONGODB_DATABASE", default=cls.mongodb_database),
                migrate=read("LOCKSTEP_MIGRATE", cast=bool, default=cls.migrate),
                redis_url=read("REDIS_URL", default=None) or None,
                hosts=parse_hosts(read("LOCKSTEP_HOSTS", default="")),
                # Nobody wants to find the demo's people where real ones are.
                demo=read("LOCKSTEP_DEMO", cast=bool, default=found.get("FLASK_ENV") != PRODUCTION),
                environment=read("FLASK_ENV", cast=stage, default=cls.environment),
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
                files=place_of(environ),
                max_file_bytes=read("LOCKSTEP_MAX_FILE_BYTES", cast=int, default=cls.max_file_bytes),
                file_quota_bytes=read("LOCKSTEP_FILE_QUOTA_BYTES", cast=int, default=cls.file_quota_bytes),
                upload_timeout=read("LOCKSTEP_UPLOAD_TIMEOUT", cast=float, default=cls.upload_timeout),
                worker_concurrency=read(
                    "LOCKSTEP_WORKER_CONCURRENCY", cast=int, default=cls.worker_concurrency
                ),
                worker_port=read("LOCKSTEP_WORKER_PORT", cast=int, default=cls.worker_port),
                job_lease=read("LOCKSTEP_JOB_LEASE", cast=float, default=cls.job_lease),
                job_grace=read("LOCKSTEP_JOB_GRACE", cast=float, default=cls.job_grace),
                search=read("LOCKSTEP_SEARCH", cast=search, default=cls.search),
                environ=found,
            )
        except ValueError as error:
            raise BadSetting(str(error)) from error

    @property
    def file_limits(self) -> FileLimits:
        """How large files may be, and how much room an account has for them."""
        return FileLimits(self.max_file_bytes, self.file_quota_bytes)

    def with_secrets(self) -> Self:
        """The same settings with the secrets that nobody chose, made once and kept in the data folder."""
        missing = [name for name in GENERATED if not self.environ.get(name)]
        if self.environ.get("JWT_SECRET"):
            # Who chose the one and not the other has refresh tokens that were signed with the one.
            missing = [name for name in missing if name != "JWT_REFRESH_SECRET"]
        if not missing:
            return self
        kept = keep_secrets(self.data / "secrets.json", missing)
        environ = self.environ
        return replace(
            self, environ=environ.also(kept) if isinstance(environ, Gathered) else {**environ, **kept}
        )


def place_of(environ: Mapping[str, str]) -> Place | None:
    """Where the environment has files kept, None where it names no bucket; raises ValueError."""

    def first(*names: str) -> str | None:
        return next((environ[name] for name in names if environ.get(name)), None)

    bucket, endpoint = first("AWS_S3_BUCKET", "S3_BUCKET"), first("AWS_ENDPOINT_URL", "S3_ENDPOINT")
    if bucket is None:
        if endpoint is not None:
            raise ValueError("AWS_ENDPOINT_URL: name the bucket too, as AWS_S3_BUCKET.")
        return None
    keys = first("AWS_ACCESS_KEY_ID"), first("AWS_SECRET_ACCESS_KEY")
    if keys[0] is None or keys[1] is None:
        raise ValueError("AWS_S3_BUCKET: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY too.")
    region = first("AWS_REGION", "AWS_DEFAULT_REGION") or Place.region
    return Place(bucket, keys[0], keys[1], region, endpoint, first("AWS_S3_PUBLIC_URL"))


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


def stage(name: str) -> str:
    """The stage of a deployment; raises ValueError for an unknown word."""
    if not name:
        return Settings.environment
    if name not in STAGES:
        raise ValueError(f"FLASK_ENV: {name!r} is none of {', '.join(STAGES)}.")
    return name


def search(name: str) -> str:
    """What is searched with; raises ValueError for an unknown word."""
    if name not in SEARCHES:
        raise ValueError(f"LOCKSTEP_SEARCH: {name!r} is none of {', '.join(SEARCHES)}.")
    return name


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
