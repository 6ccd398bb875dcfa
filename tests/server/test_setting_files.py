"""Settings from files: which of several counts, what is refused, and that no secret is ever told."""

from pathlib import Path

import pytest

from server.setting_files import BadFile, gathered
from server.settings import BadSetting, Settings

SECRET = "nobody may read this"


def written(path: Path, text: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_variable_may_stand_in_a_file(tmp_path: Path) -> None:
    file = written(tmp_path / "key", f"{SECRET}\n")
    settings = Settings.from_env(
        {"SECRET_KEY_FILE": str(file), "PORT_FILE": str(written(tmp_path / "p", "81\r\n"))}
    )
    assert (settings.environ["SECRET_KEY"], settings.port) == (SECRET, 81)


def test_the_environment_comes_first_then_its_file_then_secrets_then_the_shared_folder(
    tmp_path: Path,
) -> None:
    places = {
        "LOCKSTEP_SECRETS": str(tmp_path / "secrets"),
        "LOCKSTEP_CONFIG": str(tmp_path / "config"),
        "B_FILE": str(written(tmp_path / "b", "file")),
    }
    written(tmp_path / "config/all.yaml", "A: shared\nB: shared\nC: shared\nD: shared\n")
    for name in ("A", "B", "c"):
        written(tmp_path / "secrets" / name, "secret")
    found = gathered({**places, "A": "environment"})
    assert [found[name] for name in "ABCD"] == ["environment", "file", "secret", "shared"]
    assert "E" not in found and found.get("E", "default") == "default"


def test_a_folder_of_secrets_holds_files_named_like_variables_in_either_case(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    written(folder / "jwt_secret_key", f"{SECRET}\n")
    written(folder / "SECRET_KEY", "two\nlines\n")
    written(folder / "not-a-name", "x")
    written(folder / "below/NAME", "x")
    found = gathered({"LOCKSTEP_SECRETS": str(folder)})
    assert {name: found[name] for name in found if name != "LOCKSTEP_SECRETS"} == {
        "JWT_SECRET_KEY": SECRET,
        "SECRET_KEY": "two\nlines",
    }
    written(folder / "secret_key", "another")
    with pytest.raises(BadFile, match="SECRET_KEY twice"):
        gathered({"LOCKSTEP_SECRETS": str(folder)})


def test_a_shared_folder_holds_yaml_and_env_files(tmp_path: Path) -> None:
    written(tmp_path / "a.yaml", "LOG_LEVEL: debug\nMETRICS_ENABLED: off\nVERSION: 1.10\n")
    written(tmp_path / "b.yml", "# nothing yet\n")
    written(
        tmp_path / "c.env",
        '# a comment\n\nexport HOST=0.0.0.0\nPASSWORD = "a = b # c"\nEMPTY=\nLOG_LEVEL=debug\n',
    )
    written(tmp_path / "README", "not read")
    found = gathered({"LOCKSTEP_CONFIG": str(tmp_path)})
    assert {name: found[name] for name in found if name != "LOCKSTEP_CONFIG"} == {
        "LOG_LEVEL": "debug",
        "METRICS_ENABLED": "off",
        "VERSION": "1.10",
        "HOST": "0.0.0.0",
        "PASSWORD": "a = b # c",
        "EMPTY": "",
    }


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.yaml", "LOG_LEVEL: {deep: secret}\n", "'LOG_LEVEL' in"),
        ("a.yaml", "- LOG_LEVEL\n", "is no list of NAME: value"),
        ("a.yaml", "LOG_LEVEL: [1\nsecret", "a.yaml, line"),
        ("a.yaml", "not a name: x\n", "'not a name' in"),
        ("a.env", "HOST=x\nsecret\n", "a.env, line 2 is no NAME=value"),
        ("a.env", "1HOST=secret\n", "a.env, line 1 is no NAME=value"),
        ("a.env", b"HOST=\xffsecret", "a.env is no text in UTF-8"),
        ("a.env", "HOST=secret\0", "a.env holds a NUL character"),
        ("a.env", "#" * 70_000, "a.env is larger than 65536 bytes"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_and_not_told(
    tmp_path: Path, name: str, text: str | bytes, said: str
) -> None:
    written(tmp_path / name, text)
    with pytest.raises(BadSetting) as refused:
        Settings.from_env({"LOCKSTEP_CONFIG": str(tmp_path)})
    assert said in str(refused.value) and str(tmp_path) in str(refused.value)
    assert "secret" not in str(refused.value)


def test_two_files_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    written(tmp_path / "a.yaml", "HOST: one\n")
    written(tmp_path / "b.env", "HOST=two\n")
    with pytest.raises(BadFile, match=r"HOST stands in .*a\.yaml and otherwise in .*b\.env"):
        gathered({"LOCKSTEP_CONFIG": str(tmp_path)})


def test_folders_that_are_named_have_to_be_there(tmp_path: Path) -> None:
    for name in ("LOCKSTEP_CONFIG", "LOCKSTEP_SECRETS"):
        with pytest.raises(BadFile, match=name):
            gathered({name: str(tmp_path / "nowhere")})


def test_who_sets_a_variable_and_another_file_for_it_is_asked_to_choose(tmp_path: Path) -> None:
    file = written(tmp_path / "url", "mongodb://file\n")
    given = {"MONGODB_URI_FILE": str(file)}
    with pytest.raises(BadSetting, match="MONGODB_URI and MONGODB_URI_FILE are both set"):
        Settings.from_env({**given, "MONGODB_URI": "mongodb://environment"})
    # A process that this one starts is told what this one has read.
    assert Settings.from_env({**given, "MONGODB_URI": "mongodb://file"}).mongodb_uri == "mongodb://file"
    assert Settings.from_env({**given, "MONGODB_URI": ""}).mongodb_uri == "mongodb://file"


def test_a_missing_file_is_named_by_who_asks_for_its_variable_and_by_nobody_else(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")
    with pytest.raises(BadSetting, match=f"REDIS_URL_FILE: {missing} cannot be read"):
        Settings.from_env({"REDIS_URL_FILE": missing})
    settings = Settings.from_env({"OF_ANOTHER_PROGRAM_FILE": missing, "LOCKSTEP_DATA": str(tmp_path)})
    whole = settings.with_secrets()
    for each in (settings, whole):
        with pytest.raises(BadFile, match="OF_ANOTHER_PROGRAM_FILE"):
            each.environ["OF_ANOTHER_PROGRAM"]
    assert whole.environ["SECRET_KEY"] and dict(whole.environ)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"nul \0", b"x" * 65_537])
def test_a_secret_that_is_no_text_is_told_to_who_asks_for_it_and_to_nobody_else(
    tmp_path: Path, content: bytes
) -> None:
    # Keystores of other programs stand beside.
    (tmp_path / "keystore").write_bytes(content)
    (tmp_path / "redis_url").write_bytes(content)
    written(tmp_path / "mongodb_uri", "mongodb://secret")
    given = {"LOCKSTEP_SECRETS": str(tmp_path)}
    with pytest.raises(BadSetting, match="LOCKSTEP_SECRETS: .*/redis_url "):
        Settings.from_env(given)
    # What is said in a nearer place counts.
    settings = Settings.from_env({**given, "REDIS_URL": "redis://environment"})
    assert (settings.redis_url, settings.mongodb_uri) == ("redis://environment", "mongodb://secret")


def test_secrets_in_files_are_not_made_anew(tmp_path: Path) -> None:
    file = written(tmp_path / "key", SECRET)
    given = {"LOCKSTEP_DATA": str(tmp_path / "data"), "JWT_SECRET_KEY_FILE": str(file)}
    settings = Settings.from_env(given).with_secrets()
    assert settings.environ["JWT_SECRET_KEY"] == SECRET
    assert SECRET not in (tmp_path / "data/secrets.json").read_text()
    assert SECRET not in repr(settings)


@pytest.mark.parametrize(("stage", "demo"), [("", True), ("development", True), ("production", False)])
def test_there_is_no_demo_in_production_unless_somebody_asks(stage: str, demo: bool) -> None:
    assert Settings.from_env({"FLASK_ENV": stage}).demo is demo
    assert Settings.from_env({"FLASK_ENV": stage, "LOCKSTEP_DEMO": "1"}).demo is True


def test_an_unknown_stage_is_refused() -> None:
    with pytest.raises(BadSetting, match="'FLASK_ENV' has value 'prod'"):
        Settings.from_env({"FLASK_ENV": "prod"})
