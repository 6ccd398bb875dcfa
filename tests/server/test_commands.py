"""The commands of a terminal: what they print, and how they end."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from click.testing import CliRunner
from pymongo.asynchronous.database import AsyncDatabase

from server.cli import main
from server.embedded import Services
from tests.compat_rest.contracts import ROOT, planted
from tests.serving import lockstep, process

MISTAKE = {"operations/mandarin/me.graphql": lambda text: text.replace("username", "userName")}
PROBLEM = "Cannot query field 'userName' on type 'User'. Did you mean 'username' or 'lastName'?"
LANDED = yaml.safe_load((ROOT / "openapi.yaml").read_text())
KNOWN = ", ".join(LANDED["x-surfaces"])


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    for name in ("LOCKSTEP_CONTRACT", "SECRET_KEY", "JWT_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    # Wide enough for a table whose cells stay on one line.
    return CliRunner(env={"COLUMNS": "400"})


def serve(**environ: str) -> "subprocess.CompletedProcess[str]":
    """A server that is expected to refuse."""
    return subprocess.run(
        lockstep("serve"),
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_every_command_explains_itself(runner: CliRunner) -> None:
    said = runner.invoke(main, ["--help"])
    assert said.exit_code == 0
    for command in ("serve", "check", "import", "replay"):
        assert f"\n  {command} " in said.output
        assert runner.invoke(main, [command, "--help"]).exit_code == 0
    assert runner.invoke(main, ["--version"]).output.startswith("main, version ")


def test_check_finds_nothing_in_the_landed_contract(runner: CliRunner) -> None:
    said = runner.invoke(main, ["check"])
    assert said.exit_code == 0
    told = re.match(r"No findings: (\d+) operation\(s\) on (\d+) surface\(s\) agree\.\n", said.output)
    assert told is not None, said.output
    assert (int(told[1]) >= len(LANDED["paths"]), int(told[2])) == (True, len(LANDED["x-surfaces"]))


def test_check_says_what_is_wrong_and_how_to_mend_it(runner: CliRunner, tmp_path: Path) -> None:
    said = runner.invoke(main, ["check", str(planted(tmp_path, MISTAKE))])
    assert said.exit_code == 1
    for part in ("1 finding(s): the server refuses to start", "mandarin.me", "Cannot query field"):
        assert part in said.output


def test_check_speaks_json(runner: CliRunner, tmp_path: Path) -> None:
    for name in ("wrong", "clean"):
        (tmp_path / name).mkdir()
    said = runner.invoke(main, ["check", "--json", str(planted(tmp_path / "wrong", MISTAKE))])
    assert said.exit_code == 1
    (finding,) = json.loads(said.output)["findings"]
    assert (finding["file"], finding["line"]) == ("operations/mandarin/me.graphql", 2)
    assert (finding["operation"], finding["problem"]) == ("mandarin.me", PROBLEM)
    assert finding["remedy"]
    clean = runner.invoke(main, ["check", "--json", str(planted(tmp_path / "clean", {}))])
    assert (clean.exit_code, json.loads(clean.output)) == (0, {"findings": [], "notes": []})


def test_check_counts_words(runner: CliRunner) -> None:
    said = runner.invoke(main, ["check", "--stats"])
    assert said.exit_code == 0
    assert "operations" in said.output
    stats = json.loads(runner.invoke(main, ["check", "--stats", "--json"]).output)["stats"]
    assert stats["mandarin"]["operations"] == 12
    assert stats["mandarin"]["Python handlers"] == 0


def test_check_notes_what_is_dropped(runner: CliRunner, tmp_path: Path) -> None:
    def with_parameter(text: str) -> str:
        me = "      operationId: mandarin.me\n"
        return text.replace(
            me, f"{me}      parameters: [{{name: since, in: query, schema: {{type: string}}}}]\n"
        )

    contract = planted(tmp_path, {"openapi.yaml": with_parameter})
    said = runner.invoke(main, ["check", str(contract)])
    assert (said.exit_code, "Worth knowing" in said.output) == (0, True)
    assert "query/since is accepted and dropped." in " ".join(said.output.split())


def test_check_takes_the_contract_of_the_settings(
    runner: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCKSTEP_CONTRACT", str(planted(tmp_path, MISTAKE)))
    assert runner.invoke(main, ["check"]).exit_code == 1


def test_check_refuses_a_setting_that_cannot_be_used(
    runner: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCKSTEP_HOSTS", "legacy.test")
    said = runner.invoke(main, ["check"])
    assert said.exit_code == 2
    assert "LOCKSTEP_HOSTS: 'legacy.test' is not host=surface." in said.output
    monkeypatch.setenv("LOCKSTEP_HOSTS", "old.example=rails")
    said = runner.invoke(main, ["check"])
    assert said.exit_code == 2
    assert f"LOCKSTEP_HOSTS: old.example names the surface 'rails'; known are {KNOWN}." in said.output


def test_a_contract_that_is_not_there_is_a_finding(runner: CliRunner, tmp_path: Path) -> None:
    said = runner.invoke(main, ["check", str(tmp_path / "missing.yaml")])
    assert (said.exit_code, "missing.yaml" in said.output) == (1, True)


def test_serve_refuses_a_contract_that_does_not_agree(services: Services, tmp_path: Path) -> None:
    refused = serve(
        LOCKSTEP_CONTRACT=str(planted(tmp_path, MISTAKE)),
        LOCKSTEP_DATA=str(tmp_path / "data"),
        MONGODB_URI=services.mongodb_uri,
        REDIS_URL=services.redis_url,
    )
    assert refused.returncode == 1
    assert refused.stderr.startswith("The contract cannot be served; 1 finding(s):\n")
    assert PROBLEM in refused.stderr


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PORT", "x", "lockstep: Config 'PORT' has value 'x'. Not a valid int.\n"),
        (
            "LOG_LEVEL",
            "loud",
            "lockstep: LOG_LEVEL: 'LOUD' is none of DEBUG, INFO, WARNING, ERROR, CRITICAL.\n",
        ),
        (
            "LOCKSTEP_HOSTS",
            "old.test=dzinza",
            f"lockstep: LOCKSTEP_HOSTS: old.test names the surface 'dzinza'; known are {KNOWN}.\n",
        ),
    ],
)
def test_serve_refuses_a_setting_that_cannot_be_used(
    services: Services, tmp_path: Path, name: str, value: str, message: str
) -> None:
    environ = {
        "LOCKSTEP_DATA": str(tmp_path),
        "MONGODB_URI": services.mongodb_uri,
        "REDIS_URL": services.redis_url,
    }
    refused = serve(**{**environ, name: value})
    assert (refused.returncode, refused.stderr) == (1, message)


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_serve_says_what_is_worth_opening_and_stops_in_order(
    services: Services, scratch: AsyncDatabase[dict[str, Any]], tmp_path: Path, sent: signal.Signals
) -> None:
    environ = {
        "LOCKSTEP_DATA": str(tmp_path / "data"),
        "LOCKSTEP_DEMO": "0",
        "MONGODB_URI": services.mongodb_uri,
        "MONGODB_DATABASE": scratch.name,
        "REDIS_URL": services.redis_url,
    }
    with process(environ, tmp_path / "log") as server:
        assert httpx.get(f"{server.address}/health").json()["status"] == "ok"
        server.popen.send_signal(sent)
        code = server.popen.wait(30)
    assert code in (0, -sent, 128 + sent)
    log = (tmp_path / "log").read_text()
    assert f"Lockstep serves on {server.address}\n" in log
    assert f"  GraphiQL            {server.address}/graphql\n" in log
    assert "Traceback" not in log


def test_a_server_carries_nothing_that_it_does_not_use() -> None:
    """Each would be megabytes of every worker, and part of every start."""
    program = """
import sys
import server.cli, server.commands.serve, server.workers
idle = (
    "rich", "server.tracing", "server.commands.check", "server.commands.replay", "server.commands.import_",
    "server.scratch", "compat_rest.parity.replay", "opentelemetry.exporter", "opentelemetry.sdk.trace",
    "opentelemetry.instrumentation", "hypothesis", "schemathesis", "httpx", "pytest", "flask",
)
print([name for name in idle if name in sys.modules])
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (said.stdout, said.stderr) == ("[]\n", "")
