"""The main job on the embedded authority, as a script uses it."""

import json
import os
import stat

import pytest

from conftest import wait_until


def test_request_status_exec_revoke(local):
    grant = local.json("request", "--role", "bastion", "--json")["grant"]
    assert grant["role"] == "bastion" and grant["seconds_left"] > 1790
    assert "self-issued: limits are advisory" in grant["notes"]
    held = local.json("status", "--json")["grants"]
    assert [g["id"] for g in held] == [grant["id"]]
    assert local.run("exec", "--", "true").stdout == ""
    assert local.run("exec", "--", "echo", "a", "", "--", "--json", "b c").stdout == "a  -- --json b c\n"
    revoked = local.json("revoke", grant["id"][:6], "--json")
    assert revoked["complete"] and revoked["revoked"][0]["keyring"]["erased"]
    refused = local.run("exec", "--", "true", status=125)
    assert "no active grant" in refused.stderr and "prodaccess request" in refused.stderr


def test_the_token_reaches_the_child_and_nothing_else(local):
    local.run("request", "--role", "service", "--reason", "x")
    shown = local.run("exec", "--role", "service", "--explain-env", "--", "true").stdout
    assert "set  SERVICE_TOKEN" in shown and "eyJ" not in shown
    length = local.run("exec", "--role", "service", "--", "sh", "-c",
                       'test "${#SERVICE_TOKEN}" -gt 100', status=None)
    assert length.returncode == 0, length.stderr
    for path in local.home.rglob("*"):
        if path.is_file() and path.name != "store.key":
            assert b"eyJ" not in path.read_bytes(), path


def test_bad_requests_say_what_to_do(local):
    cases = [
        (("request", "--role", "bastoin"), 1, "did you mean bastion?"),
        (("request", "--role", "bastion", "--ttl", "10h"), 2, "longer than role bastion allows (2h)"),
        (("request", "--role", "bastion", "--ttl", "0s"), 2, "longer than 0s"),
        (("request", "--role", "bastion", "--ttl", "3650d"), 2, "longer than role"),
        (("request", "--role", "bastion", "--ttl", "soon"), 2, "not a duration"),
        (("request", "--role", "service"), 2, "needs a reason"),
        (("request", "--role", "service", "--reason", "x", "--ticket", "ABC"), 2, "INC-[0-9]+"),
        (("request",), 2, "--role"),
        (("exec", "--role", "bastion", "--", "true"), 125, "no active grant for role bastion"),
        (("exec", "--once", "--", "true"), 2, "--once needs a role"),
        (("creds", "--once"), 2, "--once needs a role"),
        (("exec",), 2, "needs a command to run"),
        (("revoke",), 2, "say --all"),
        (("revoke", "beef"), 5, "no grant or role"),
        (("nonsense",), 2, "has no command"),
    ]
    for words, status, text in cases:
        result = local.run(*words, status=status)
        assert text in result.stderr, (words, result.stderr)
        assert result.stdout == ""
        assert result.stderr.startswith("prodaccess: error: "), result.stderr


def test_errors_have_a_stable_code_in_json(local):
    error = local.json("exec", "--json", "--role", "bastion", "--", "true", status=125)["error"]
    assert error["code"] == "no_grant" and error["hints"][0].startswith("prodaccess request")


@pytest.mark.parametrize("text, place", [
    ("[roles.x]\nprovider = 'local'\nttl_maxx = '1h'\n", ":3:1: unknown key 'ttl_maxx'"),
    ("[roles.x]\nprovider = 'local'\nttl_max = 'soon'\n", ":3:1: 'ttl_max' is not a duration"),
    ("[roles.x]\nprovider = 3\n", ":2:12: 'provider' must be a string"),
    ("[roles.x]\n", ":1:1: 'provider' is missing"),
    ("[roles.x\n", ":1:9: "),
    ("requires = '>= 99.0'\n", ":1:1: needs prodaccess"),
    ("[roles.x]\nprovider='local'\nttl_default='2h'\n", "is longer than 'ttl_max'"),
])
def test_wrong_configuration_is_named_by_place(prodaccess, text, place):
    prodaccess.configure(text)
    result = prodaccess.run("roles", status=1)
    assert place in result.stderr, result.stderr


def test_files_that_others_may_write_are_refused(local):
    path = local.config / "config.toml"
    path.chmod(0o666)
    result = local.run("roles", status=1)
    assert "chmod" in result.stderr and str(path) in result.stderr
    path.chmod(0o600)
    local.run("roles")


def test_state_is_private(local):
    local.run("request", "--role", "bastion")
    for path in [local.state, *local.state.rglob("*")]:
        mode = stat.S_IMODE(os.lstat(path).st_mode)
        assert mode & 0o077 == 0, (path, oct(mode))


def test_once_keeps_nothing(local):
    local.run("exec", "--once", "--role", "bastion", "--", "true")
    assert local.json("status", "--json")["grants"] == []
    assert not list((local.state / "grants").glob("*.json"))


def test_64_parallel_requests_are_one_issue(local):
    local.run("request", "--role", "service", "--reason", "warm")  # the authority's key is made once
    children = [local.start("request", "--role", "bastion", "--json") for _ in range(64)]
    grants = set()
    for child in children:
        out, err = child.communicate(timeout=120)
        assert child.returncode == 0, err
        grants.add(json.loads(out)["grant"]["id"])
    assert len(grants) == 1


def test_64_parallel_commands_all_run(local):
    local.run("request", "--role", "bastion")
    children = [local.start("exec", "--", "true") for _ in range(64)]
    for child in children:
        _, err = child.communicate(timeout=120)
        assert child.returncode == 0, err


def test_revoke_ends_what_runs_under_the_grant(local):
    local.run("request", "--role", "bastion")
    child = local.start("exec", "--", "sleep", "300")
    wait_until(lambda: local.json("status", "--json")["grants"][0]["running"])
    result = local.json("revoke", "--all", "--json")
    assert result["revoked"][0]["processes"]["ended"] >= 1
    child.wait(timeout=20)
    assert child.returncode != 0


def test_the_status_file_tells_refusals_from_the_commands_own_status(local):
    local.run("request", "--role", "reader")
    report = local.home / "report.json"
    local.run("exec", "--status-file", report, "--", "rm", "-rf", "/nowhere", status=126)
    told = json.loads(report.read_text())
    assert told["code"] == "denied" and told["status"] == 126 and told["child_status"] is None
    local.run("exec", "--status-file", report, "--", "false", status=1)
    told = json.loads(report.read_text())
    assert told["code"] == "ok" and told["child_status"] == 1 and told["ended_by"] == "itself"


def test_nothing_runs_when_the_ledger_cannot_be_written(local):
    local.run("request", "--role", "bastion")
    ledger = local.state / "ledger"
    moved = local.state / "moved"
    ledger.rename(moved)
    ledger.write_text("not a folder")
    result = local.run("exec", "--", "touch", "proof", status=125)
    assert "ledger" in result.stderr
    assert not (local.home / "proof").exists()


def test_destructive_commands_without_a_terminal_need_an_approval(local):
    local.run("request", "--role", "bastion")
    victim = local.home / "victim"
    victim.mkdir()
    result = local.run("exec", "--", "rm", "-r", "victim", status=126, stdin="victim\nyes\n")
    assert victim.exists() and "approval" in result.stderr


def test_once_needs_no_keyring(local):
    """Where add_key, keyctl and D-Bus all fail, as in a container."""
    import subprocess

    from conftest import BUILD
    jail = [str(BUILD / "bin/no_keyring")]
    ran = subprocess.run(
        jail + local.argv("exec", "--once", "--role", "bastion", "--", "echo", "ran"),
        env=local.environment, cwd=local.home, text=True, capture_output=True, timeout=60)
    assert (ran.returncode, ran.stdout) == (0, "ran\n"), ran.stderr
    refused = subprocess.run(jail + local.argv("request", "--role", "bastion"), env=local.environment,
                             cwd=local.home, text=True, capture_output=True, timeout=60)
    assert refused.returncode == 1 and "keyring" in refused.stderr, refused.stderr
