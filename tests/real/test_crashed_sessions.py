"""What a process left unfinished is seen by the next one: recorded as closed, said, and what was issued and never
stored is taken back."""

import json
import os
import signal
import subprocess

import pytest
from conftest import LOCAL_ROLES, need, wait_until
from exec_fixtures import ALLOW_ALL
from test_plugin import manual_example, write_program


def records(prodaccess):
    return [json.loads(line) for line in prodaccess.run("audit", "export").stdout.splitlines()]


def kinds(prodaccess):
    return [record["kind"] for record in records(prodaccess)]


def test_a_killed_exec_is_closed_by_the_next_command(prodaccess):
    prodaccess.configure(LOCAL_ROLES)
    prodaccess.run("request", "--role", "bastion")
    process = prodaccess.start("exec", "--role", "bastion", "--", "sleep", "300")
    wait_until(lambda: "started" in kinds(prodaccess))
    os.kill(process.pid, signal.SIGKILL)
    process.wait(20)
    process.stdout.close()
    process.stderr.close()
    said = prodaccess.run("request", "--role", "bastion", "--reason", "again").stderr
    assert "an earlier exec of role bastion never said how it ended" in said
    assert "closed_unknown" in kinds(prodaccess)
    assert "never said" not in prodaccess.run("request", "--role", "bastion", "--reason", "more").stderr


@pytest.mark.parametrize("nth", [1, 2])
def test_what_was_issued_and_not_stored_is_taken_back(prodaccess, nth):
    """Killed at the calls that put the credential into the kernel's keyring, after it was issued."""
    need("strace")
    prodaccess.configure(LOCAL_ROLES)
    prodaccess.run("request", "--role", "bastion")
    run = subprocess.run(["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=add_key", "-e",
                          f"inject=add_key:signal=KILL:when={nth}", *prodaccess.argv("request", "--role", "service",
                          "--reason", "killed", "--ticket", "INC-1")],
                         env=prodaccess.environment, cwd=prodaccess.home, capture_output=True, text=True, timeout=60)
    if run.returncode == 1 and "ptrace" in run.stderr:
        pytest.skip("strace cannot trace here")
    assert run.returncode != 0
    issued = [record for record in records(prodaccess) if record["kind"] == "issued"]
    stored = [record for record in records(prodaccess) if record["kind"] == "stored"]
    said = prodaccess.run("request", "--role", "bastion", "--reason", "next").stderr
    assert "an earlier request of role service never said how it ended" in said
    if len(issued) == len(stored):
        return  # it died before it was issued
    assert "not stored" in said or "revoked" in said
    closed = [record for record in records(prodaccess) if record["kind"] == "closed_unknown"]
    assert closed and closed[-1]["data"]["handle"] == issued[-1]["data"]["handle"]
    taken = [record for record in records(prodaccess) if record["kind"] == "revoked"]
    assert taken[-1]["data"]["handle"] == issued[-1]["data"]["handle"]


def test_a_command_that_cannot_start_leaves_nothing_open(prodaccess):
    prodaccess.configure(LOCAL_ROLES).policy(ALLOW_ALL)
    prodaccess.run("request", "--role", "bastion")
    broken = prodaccess.home / "broken"
    broken.write_bytes(b"\x7fELF no program")
    broken.chmod(0o755)
    prodaccess.run("exec", "--role", "bastion", "--", broken, status=126)
    assert kinds(prodaccess)[-1] == "failed"
    assert "never said" not in prodaccess.run("request", "--role", "bastion", "--reason", "next").stderr


def test_words_that_are_no_utf8_are_run_and_recorded_as_they_are(prodaccess):
    prodaccess.configure(LOCAL_ROLES)
    prodaccess.run("request", "--role", "bastion")
    output = subprocess.run([*prodaccess.argv("exec", "--role", "bastion", "--", "printf", "%s"), b"a\xffb"],
                            env=prodaccess.environment, capture_output=True, timeout=60, check=True).stdout
    assert output == b"a\xffb"
    intent = [record for record in records(prodaccess) if record["kind"] == "intent"][-1]
    assert intent["data"]["detail"]["argv"][-1] == "a\U0010ffffb"


def refused_program(prodaccess):
    """The manual's example of a provider; while the file `down` is there it refuses."""
    down = prodaccess.home / "down"
    text = manual_example().replace("case $1 in\n", f"[ -e {down} ] && exit 1\ncase $1 in\n", 1)
    program = write_program(prodaccess.home / "providers", text)
    prodaccess.configure(f'[roles.app]\nprovider = "example"\nttl_max = "2h"\nexample = {{ program = "{program}" }}\n')
    prodaccess.policy(ALLOW_ALL)
    return down


def forget_credential(grant):
    """As when the kernel's keyring was cleared: the next command fetches another."""
    key = subprocess.run(["keyctl", "search", "@u", "user", f"prodaccess:{grant}:wide"], check=True,
                         capture_output=True, text=True).stdout.strip()
    subprocess.run(["keyctl", "invalidate", key], check=True)


@pytest.mark.parametrize("words", [("renew", "app"), ("exec", "--role", "app", "--", "true")])
def test_what_the_provider_refuses_is_no_crash(prodaccess, words):
    need("keyctl")
    down = refused_program(prodaccess)
    grant = prodaccess.json("request", "--role", "app", "--json")["grant"]["id"]
    forget_credential(grant)
    down.touch()
    refused = prodaccess.run(*words, status=None)
    assert refused.returncode in (1, 125) and "exited with status 1" in refused.stderr
    down.unlink()
    assert "never said" not in prodaccess.run("request", "--role", "app", "--reason", "next").stderr
    assert "closed_unknown" not in kinds(prodaccess)
    assert [record["data"]["stage"] for record in records(prodaccess) if record["kind"] == "failed"][:1] == ["issue"]
