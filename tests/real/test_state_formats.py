"""State of the version before goes on working; state of a newer one is refused with one clear line.

tests/fixtures/state-VERSION.tar.xz is the home of a person who used that version: a configuration, a
policy, the encrypted store, a ledger with a checkpoint, and one grant live and one revoked.
"""

import hashlib
import json
import re
import tarfile

import pytest

from conftest import ROOT

FIXTURES = sorted((ROOT / "tests/fixtures").glob("state-*.tar.xz"))
AUTHORITY = ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMx5/ja+UGDQz8LOD2NalMFOPmkl7k/3gJrCw3QEHa/q "
             "prodaccess-local-authority")


def unpack(prodaccess, archive):
    with tarfile.open(archive) as tar:
        tar.extractall(prodaccess.home)
    return prodaccess.configure((prodaccess.config / "config.toml").read_text())


@pytest.fixture(params=FIXTURES, ids=lambda path: path.name)
def old(prodaccess, request):
    return unpack(prodaccess, request.param)


@pytest.fixture
def newest(prodaccess):
    return unpack(prodaccess, FIXTURES[-1])


def test_the_ledger_verifies_and_goes_on(old):
    before = old.run("audit", "verify").stdout
    assert "proven up to record 4 by checkpoint 1" in before and "5-15" in before
    old.run("request", "--role", "bastion", "--reason", "after the upgrade")
    assert old.run("exec", "--role", "bastion", "--", "echo", "ran").stdout == "ran\n"
    after = old.run("audit", "verify").stdout
    assert "consistent" in after
    kinds = [json.loads(line)["kind"] for line in
             (old.state / "ledger/segment-00000001.jsonl").read_text().split("\n") if line]
    assert kinds.count("opened") == 1 and kinds.count("intent") >= 5
    assert "fixture" in old.run("audit", "show").stdout


def test_store_policy_grants_and_revocations_are_read(old):
    assert old.run("local", "ssh-ca").stdout.strip() == AUTHORITY
    judged = old.json("policy", "explain", "--json", "--", "reboot")
    assert judged["verdict"] == "deny" and judged["rule"]["id"] == "no-reboots"
    held = json.loads((old.state / "grants/452ec3a0ba5c3ca0.json").read_text())
    assert held["revoked"] is True
    assert old.run("status").returncode == 0
    assert "6f11c618f8e4426a9498a40d3c1ef0d2" in old.run("local", "denied").stdout


def newer_grant(home):
    path = home.state / "grants/b6fb0107949c8006.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 2'))
    return ("status",), path


def newer_store(home):
    path = home.state / "store"
    path.write_bytes(path.read_bytes().replace(b"prodaccess-store 1", b"prodaccess-store 2"))
    return ("local", "ssh-ca"), path


def newer_revocations(home):
    path = home.state / "local/revoked.json"
    path.write_text(path.read_text().replace('"version":1', '"version":2'))
    return ("local", "krl"), path


def newer_ledger(home):
    """A last record of format 2, as a newer version writes it: its own hash holds."""
    path = home.state / "ledger/segment-00000001.jsonl"
    lines = path.read_text().rstrip("\n").split("\n")
    last = re.sub(r'"hash":"[0-9a-f]{64}",', "", lines[-1].replace('"v":1}', '"v":2}'))
    digest = hashlib.sha256(b"\0" + last.encode()).hexdigest()
    lines[-1] = last.replace('"kind":', f'"hash":"{digest}","kind":', 1)
    path.write_text("\n".join(lines) + "\n")
    (home.state / "ledger/head").unlink()
    return ("request", "--role", "bastion", "--reason", "x"), home.state / "ledger"


def newer_configuration(home):
    home.configure('requires = ">= 99.0"\nsomething = "new"\n')
    return ("roles",), home.config / "config.toml"


def newer_policy(home):
    path = home.config / "policy.toml"
    path.write_text('requires = ">= 99.0"\nsomething = "new"\n')
    return ("policy", "show"), path


@pytest.mark.parametrize("change", [newer_grant, newer_store, newer_revocations, newer_ledger,
                                    newer_configuration, newer_policy])
def test_a_newer_format_is_refused_with_one_line_and_left_as_it_is(newest, change):
    words, path = change(newest)
    before = {file: file.read_bytes() for file in newest.state.rglob("*")
              if file.is_file() and "lock" not in file.name and "anchor" not in file.name}
    result = newest.run(*words, status=1)
    errors = [line for line in result.stderr.splitlines() if "error:" in line]
    assert len(errors) == 1 and str(path) in errors[0], result.stderr
    assert re.search(r"newer prodaccess|needs prodaccess|prodaccess >= 99", errors[0]), errors
    assert "hint: upgrade prodaccess" in result.stderr, result.stderr
    for file, content in before.items():
        assert file.read_bytes() == content, file


def test_a_newer_ledger_is_not_called_broken(newest):
    newer_ledger(newest)
    result = newest.run("audit", "verify", status=1)
    assert "newer prodaccess" in result.stderr and "broken" not in result.stdout + result.stderr
