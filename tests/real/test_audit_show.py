"""Reading the ledger: one record, a grant's story, searches by every field, counts, and new records as they come."""

import json
import subprocess

import pexpect
import pytest
from conftest import LOCAL_ROLES
from exec_fixtures import ALLOW_ALL


@pytest.fixture
def story(prodaccess):
    """Two grants, commands under both, one refused, one revoked."""
    prodaccess.configure(LOCAL_ROLES).policy(ALLOW_ALL + '[[rule]]\nid = "never"\ntool = ["rm"]\nverdict = "deny"\n')
    one = prodaccess.json("request", "--role", "bastion", "--reason", "look at orders", "--json")
    prodaccess.run("request", "--role", "service", "--reason", "clean up", "--ticket", "INC-42")
    prodaccess.run("exec", "--role", "bastion", "--", "cat", "/etc/hostname")
    prodaccess.run("exec", "--role", "service", "--", "sh", "-c", "exit 3", status=3)
    prodaccess.run("exec", "--role", "service", "--", "rm", "-rf", "/tmp/no such thing\x1b[31m", status=126)
    prodaccess.grant = one["grant"]["id"]
    prodaccess.run("revoke", prodaccess.grant)
    prodaccess.run("lock", "--person", "bob", "--reason", "left")
    return prodaccess


def found(story, *words):
    return [(record["kind"], record["role"]) for record in
            json.loads(story.run("audit", "search", "--json", *words).stdout)]


def test_one_record_in_full(story):
    records = [json.loads(line) for line in story.run("audit", "export").stdout.splitlines()]
    intent = next(record for record in records if record["kind"] == "intent" and record["role"] == "service")
    shown = story.run("audit", "show", intent["seq"]).stdout
    assert "reason  clean up" in shown and "ticket  INC-42" in shown and "writer_pid" in shown
    assert json.loads(story.run("audit", "show", intent["seq"], "--json").stdout) == [intent]
    assert "no record matches" in story.run("audit", "show", 9999).stderr
    assert story.run("audit", "show", 0, status=2).stderr


def test_a_grants_whole_story(story):
    shown = story.run("audit", "show", "--grant", story.grant).stdout
    assert "$ cat /etc/hostname" in shown and "look at orders" in shown and "clean up" not in shown
    kinds = [line.split()[-1] for line in shown.splitlines() if not line.startswith(" ")]
    assert kinds == ["intent", "issued", "stored", "intent", "started", "ended", "revoked"]
    assert "writer_pid" not in shown and "preview_hash" not in shown


@pytest.mark.parametrize("words, expected", [
    (["hostname"], {("intent", "bastion")}),
    (["--verdict", "deny"], {("refused", "service")}),
    (["--effect", "destructive"], {("refused", "service")}),
    (["--target", "*no such thing*"], {("refused", "service")}),
    (["--kind", "locked"], {("locked", "")}),
    (["--kind", "locked", "--kind", "revoked"], {("locked", ""), ("revoked", "bastion")}),
    (["--role", "serv*", "--kind", "started"], {("started", "service")}),
    (["--actor", "nobody-of-that-name"], set()),
    (["--host", "nowhere"], set()),
    (["--until", "2020-01-01"], set()),
    (["INC-42"], {("intent", "service")}),
])
def test_searches(story, words, expected):
    assert set(found(story, *words)) == expected


def test_shown_text_is_safe_and_counts_add_up(story):
    shown = story.run("audit", "show").stdout
    assert "\x1b" not in shown and "\\x1b[31m" in shown
    assert "locked  person bob" in shown and "provider=" in shown
    stats = json.loads(story.run("audit", "stats", "--json").stdout)
    assert stats["records"] == sum(stats["by_kind"].values()) == len(story.run("audit", "export").stdout.splitlines())
    assert stats["by_verdict"] == {"allow": 2, "deny": 1}
    assert "effects of commands" in story.run("audit", "stats").stdout


def test_new_records_as_they_come(story):
    assert len(story.run("audit", "tail", "--lines", "3").stdout.splitlines()) == 3
    assert story.run("audit", "tail", "--lines", "0").stdout == ""
    child = pexpect.spawn(story.argv("audit", "tail", "-f", "--lines", "1")[0],
                          ["audit", "tail", "-f", "--lines", "1", "--kind", "unlocked", "--kind", "locked"],
                          env=story.environment, encoding="utf-8", timeout=20)
    child.expect("person bob")
    story.run("unlock", "--person", "bob")
    child.expect("unlocked  person bob")
    child.close(force=True)


def test_bad_times_and_missing_ledgers_are_told(story):
    assert "is no time" in story.run("audit", "search", "--from", "soon", status=2).stderr
    assert "no record is of the kind" in story.run("audit", "search", "--kind", "nonsense", status=2).stderr
    missing = subprocess.run(story.argv("audit", "show", "--ledger", story.home / "nowhere"), capture_output=True,
                             text=True, env=story.environment, timeout=60)
    assert missing.returncode == 1 and "there is no ledger in" in missing.stderr
