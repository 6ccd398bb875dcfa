"""Settings come from the environment, once; what cannot be used is named."""

import json
from dataclasses import fields
from pathlib import Path

import pytest

from models.blobs import Place
from server.settings import GENERATED, BadSetting, Settings


def test_without_an_environment_the_defaults_hold() -> None:
    settings = Settings.from_env({})
    assert settings == Settings(environ=settings.environ)
    assert (settings.host, settings.port, settings.data) == ("127.0.0.1", 8000, Path(".lockstep"))
    assert (settings.mongodb_uri, settings.redis_url, settings.otlp_endpoint) == (None, None, None)
    assert (settings.demo, settings.password_form, settings.max_body_bytes) == (True, "werkzeug", 1_000_000)


def test_every_setting_can_be_chosen() -> None:
    settings = Settings.from_env(
        {
            "HOST": "0.0.0.0",
            "PORT": "8123",
            "LOCKSTEP_DATA": "/var/lib/lockstep",
            "LOCKSTEP_CONTRACT": "contract/index.yaml",
            "MONGODB_URI": "mongodb://db.test/",
            "MONGODB_DATABASE": "learning",
            "REDIS_URL": "redis://cache.test/0",
            "LOCKSTEP_HOSTS": " Legacy.Test = mandarin , api.old.example=other,",
            "LOCKSTEP_DEMO": "0",
            "FLASK_ENV": "staging",
            "LOCKSTEP_PASSWORD_FORM": "argon2",
            "LOG_LEVEL": "debug",
            "METRICS_ENABLED": "false",
            "LOCKSTEP_MAX_BODY_BYTES": "2000",
            "LOCKSTEP_REQUEST_TIMEOUT": "2.5",
            "LOCKSTEP_GRAPHQL_RATE": "5/second",
            "LOCKSTEP_EXECUTION": "stock",
            "LOCKSTEP_GRAPHQL_CACHE_BYTES": "1000",
            "LOCKSTEP_GRAPHQL_COST": "50",
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector.test:4318",
            "AWS_S3_BUCKET": "family",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "af-south-1",
            "AWS_ENDPOINT_URL": "http://s3.test",
            "AWS_S3_PUBLIC_URL": "https://files.test",
            "LOCKSTEP_MAX_FILE_BYTES": "3000",
            "LOCKSTEP_FILE_QUOTA_BYTES": "4000",
            "LOCKSTEP_UPLOAD_TIMEOUT": "60",
            "LOCKSTEP_WORKER_CONCURRENCY": "3",
            "LOCKSTEP_WORKER_PORT": "9100",
            "LOCKSTEP_JOB_LEASE": "12.5",
            "LOCKSTEP_JOB_GRACE": "7",
            "LOCKSTEP_SEARCH": "mongodb",
            "LOCKSTEP_MIGRATE": "1",
        }
    )
    chosen = {field.name: getattr(settings, field.name) for field in fields(settings)}
    del chosen["environ"]
    assert chosen == {
        "host": "0.0.0.0",
        "port": 8123,
        "data": Path("/var/lib/lockstep"),
        "contract": Path("contract/index.yaml"),
        "mongodb_uri": "mongodb://db.test/",
        "mongodb_database": "learning",
        "redis_url": "redis://cache.test/0",
        "hosts": {"legacy.test": "mandarin", "api.old.example": "other"},
        "demo": False,
        "environment": "staging",
        "password_form": "argon2",
        "log_level": "DEBUG",
        "metrics_enabled": False,
        "max_body_bytes": 2000,
        "request_timeout": 2.5,
        "graphql_rate": "5/second",
        "execution": "stock",
        "graphql_cache_bytes": 1000,
        "graphql_cost": 50,
        "otlp_endpoint": "http://collector.test:4318",
        "files": Place(
            "family", "key", "secret", "af-south-1", "http://s3.test", public="https://files.test"
        ),
        "max_file_bytes": 3000,
        "file_quota_bytes": 4000,
        "upload_timeout": 60.0,
        "worker_concurrency": 3,
        "worker_port": 9100,
        "job_lease": 12.5,
        "job_grace": 7.0,
        "search": "mongodb",
        "migrate": True,
    }


def test_an_empty_address_is_none() -> None:
    settings = Settings.from_env({"MONGODB_URI": "", "REDIS_URL": "", "OTEL_EXPORTER_OTLP_ENDPOINT": ""})
    assert (settings.mongodb_uri, settings.redis_url, settings.otlp_endpoint) == (None, None, None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eight thousand"),
        ("LOCKSTEP_HOSTS", "legacy.test"),
        ("LOCKSTEP_HOSTS", "=mandarin"),
        ("LOCKSTEP_HOSTS", "legacy.test="),
        ("LOCKSTEP_PASSWORD_FORM", "md5"),
        ("LOCKSTEP_DEMO", "perhaps"),
        ("METRICS_ENABLED", "perhaps"),
        ("LOCKSTEP_MAX_BODY_BYTES", "1 MB"),
        ("LOCKSTEP_REQUEST_TIMEOUT", "soon"),
        ("LOCKSTEP_GRAPHQL_RATE", "often"),
        ("LOCKSTEP_EXECUTION", "fast"),
        ("LOCKSTEP_GRAPHQL_CACHE_BYTES", "32 MB"),
        ("LOCKSTEP_GRAPHQL_COST", "high"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(name: str, value: str) -> None:
    with pytest.raises(BadSetting) as refused:
        Settings.from_env({name: value})
    assert name in str(refused.value)
    assert value in str(refused.value)


def test_secrets_that_nobody_chose_are_made_once_and_kept_for_their_owner(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = Settings.from_env({"LOCKSTEP_DATA": str(data)}).with_secrets()
    again = Settings.from_env({"LOCKSTEP_DATA": str(data)}).with_secrets()
    assert [first.environ[name] for name in GENERATED] == [again.environ[name] for name in GENERATED]
    assert len({first.environ[name] for name in GENERATED}) == len(GENERATED)
    assert min(len(first.environ[name]) for name in GENERATED) >= 64
    assert (data / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_a_chosen_secret_is_used_and_not_kept(tmp_path: Path) -> None:
    environ = {"LOCKSTEP_DATA": str(tmp_path), "SECRET_KEY": "chosen"}
    settings = Settings.from_env(environ).with_secrets()
    assert settings.environ["SECRET_KEY"] == "chosen"
    kept = ["JWT_SECRET_KEY", "JWT_SECRET", "JWT_REFRESH_SECRET"]
    assert list(json.loads((tmp_path / "secrets.json").read_text())) == kept
    whole = Settings.from_env({**environ, "JWT_SECRET_KEY": "chosen too", "JWT_SECRET": "and this"})
    assert whole.with_secrets() is whole


def test_refresh_tokens_stay_signed_with_a_secret_that_was_chosen(tmp_path: Path) -> None:
    environ = {"LOCKSTEP_DATA": str(tmp_path), "JWT_SECRET": "chosen"}
    settings = Settings.from_env(environ).with_secrets()
    assert "JWT_REFRESH_SECRET" not in settings.environ
    assert sorted(json.loads((tmp_path / "secrets.json").read_text())) == ["JWT_SECRET_KEY", "SECRET_KEY"]


def test_a_secret_that_is_missing_later_joins_the_others(tmp_path: Path) -> None:
    environ = {"LOCKSTEP_DATA": str(tmp_path), "SECRET_KEY": "chosen"}
    token = Settings.from_env(environ).with_secrets().environ["JWT_SECRET_KEY"]
    later = Settings.from_env({"LOCKSTEP_DATA": str(tmp_path)}).with_secrets()
    assert later.environ["JWT_SECRET_KEY"] == token
    assert set(json.loads((tmp_path / "secrets.json").read_text())) == set(GENERATED)


def test_secrets_are_not_shown_with_the_settings(tmp_path: Path) -> None:
    settings = Settings.from_env({"SECRET_KEY": "chosen", "JWT_SECRET_KEY": "chosen too"})
    assert "chosen" not in repr(settings)
