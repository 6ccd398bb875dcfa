"""The variables that old deployments set are honoured, wherever they stand."""

from pathlib import Path

import pytest

import schema
from compat_rest.contract.findings import ContractError
from compat_rest.engine import compile_engine
from server.sessions import secrets_of
from server.settings import Settings
from tests.serving import EXECUTION

OLD = {
    "FLASK_APP": "app.py",
    "FLASK_ENV": "production",
    "SECRET_KEY": "the secret of the old server",
    "MONGODB_URI": "mongodb://db.test/",
    "REDIS_URL": "redis://cache.test/0",
    "JWT_SECRET_KEY": "the secret of the tokens, which is long",
    "AUTH0_DOMAIN": "tenant.example",
    "AUTH0_CLIENT_ID": "client",
    "AWS_ACCESS_KEY_ID": "id",
    "AWS_SECRET_ACCESS_KEY": "key",
    "AWS_S3_BUCKET": "bucket",
    "LOG_LEVEL": "debug",
    "METRICS_ENABLED": "false",
    "DATABASE_URL": "postgresql://old.test/",
}


@pytest.fixture(params=["environment", "files", "secrets", "shared folder"])
def environ(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """The old variables in one of the places where they may stand."""
    if request.param == "environment":
        return OLD
    for name, value in OLD.items():
        (tmp_path / name.lower()).write_text(f"{value}\n")
    if request.param == "files":
        return {f"{name}_FILE": str(tmp_path / name.lower()) for name in OLD}
    if request.param == "secrets":
        return {"LOCKSTEP_SECRETS": str(tmp_path)}
    (tmp_path / "old.env").write_text("".join(f"{name}={value}\n" for name, value in OLD.items()))
    return {"LOCKSTEP_CONFIG": str(tmp_path)}


def test_every_old_variable_is_honoured(environ: dict[str, str], contract: Path, tmp_path: Path) -> None:
    settings = Settings.from_env(
        {**environ, "LOCKSTEP_CONTRACT": str(contract), "LOCKSTEP_DATA": str(tmp_path / "data")}
    ).with_secrets()
    assert (settings.environment, settings.demo) == ("production", False)
    assert (settings.mongodb_uri, settings.redis_url) == (OLD["MONGODB_URI"], OLD["REDIS_URL"])
    assert (settings.log_level, settings.metrics_enabled) == ("DEBUG", False)
    assert settings.files is not None and settings.files.bucket == "bucket"
    assert secrets_of(settings.environ) == [OLD["SECRET_KEY"]]
    assert settings.environ["DATABASE_URL"] == OLD["DATABASE_URL"]
    built = schema.build(leaves="raw", execution=EXECUTION)
    engine = compile_engine(settings.contract, built, settings.environ)
    schemes = {scheme.name: scheme for scheme in engine.surfaces["platform"].surface.identity}
    assert (schemes["auth0"].issuer, schemes["auth0"].audience) == ("https://tenant.example", ("client",))
    assert schemes["house"].secret == OLD["JWT_SECRET_KEY"]
    assert not any(value in repr(settings) for value in (OLD["SECRET_KEY"], OLD["JWT_SECRET_KEY"]))


def test_an_issuer_without_an_audience_is_not_believed(contract: Path, tmp_path: Path) -> None:
    environ = {name: value for name, value in OLD.items() if name != "AUTH0_CLIENT_ID"}
    settings = Settings.from_env(
        {**environ, "LOCKSTEP_CONTRACT": str(contract), "LOCKSTEP_DATA": str(tmp_path / "data")}
    ).with_secrets()
    built = schema.build(leaves="raw", execution=EXECUTION)
    with pytest.raises(ContractError, match="would be taken from every application"):
        compile_engine(settings.contract, built, settings.environ)
