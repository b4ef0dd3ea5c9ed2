"""What a rule may ask for beside its verdict: alerts, a rate, a recording; and rules on what is unusual,
the role's own limits, and variables that the configuration keeps."""

import hashlib
import json

import pytest

from conftest import LOCAL_ROLES, need, wait_until
from test_request_approval import Pager

ROLE = """
[roles.runner]
provider = "local"
ttl_max = "2h"
local = { kind = "token", audience = "https://service.example.com" }
env = { SERVICE_TOKEN = "{token}" }
"""

ALLOW = '[[rule]]\nid = "anything"\nverdict = "allow"\n'


@pytest.fixture
def runner(prodaccess):
    prodaccess.configure(LOCAL_ROLES + ROLE).policy(ALLOW)
    prodaccess.run("request", "--role", "runner")
    prodaccess.victims = [prodaccess.home / f"victim{number}" for number in range(4)]
    for victim in prodaccess.victims:
        victim.mkdir()
    return prodaccess


def records(prodaccess):
    return [json.loads(line)
            for line in prodaccess.run("audit", "export", "--format", "jsonl").stdout.splitlines()]


def remove(runner, number, status):
    result = runner.run("exec", "--", "rmdir", runner.victims[number], status=status)
    assert runner.victims[number].exists() == (status != 0)
    return result.stderr


def with_sink(runner, port, required):
    runner.configure(LOCAL_ROLES + ROLE + f"""
[[audit.sink]]
name = "pager"
kind = "syslog"
address = "tcp://127.0.0.1:{port}"
required = {str(required).lower()}
alerts_only = true
""")


def test_an_alert_is_out_before_the_command_starts(runner):
    pager = Pager()
    try:
        with_sink(runner, pager.port, False)
        runner.policy(ALLOW + '[[rule]]\nid = "tell"\neffect = "destructive"\nalert = "pager"\n')
        runner.run("exec", "--", "true")
        remove(runner, 0, 0)
        wait_until(lambda: b"rmdir" in pager.heard)
        assert b'"true"' not in pager.heard
    finally:
        pager.close()


@pytest.mark.parametrize("required", [True, False])
def test_an_alert_that_nobody_takes(runner, required):
    pager = Pager()
    with_sink(runner, pager.port, required)
    pager.close()
    runner.policy(ALLOW + '[[rule]]\nid = "tell"\neffect = "destructive"\nalert = "pager"\n')
    if required:
        assert "did not take" in remove(runner, 0, 125)
    else:
        assert "did not take the alert" in remove(runner, 0, 0)


def test_an_alert_to_a_sink_that_there_is_not_stops(runner):
    runner.policy(ALLOW + '[[rule]]\nid = "tell"\neffect = "destructive"\nalert = "nobody"\n')
    assert "no such sink" in remove(runner, 0, 125)
    assert "nobody is alerted" in runner.run("policy", "lint", status=3).stdout


def test_at_most_so_many_destructive_commands_an_hour(runner):
    runner.policy(ALLOW + '[[rule]]\nid = "budget"\neffect = "destructive"\nmax_per_hour = 2\n')
    remove(runner, 0, 0)
    runner.run("exec", "--", "ls")  # reads count for nothing
    remove(runner, 1, 0)
    assert "the most is 2" in remove(runner, 2, 126)


def test_two_at_once_do_not_share_the_last_one(runner):
    runner.policy(ALLOW + '[[rule]]\nid = "budget"\neffect = "destructive"\nmax_per_hour = 1\n')
    both = [runner.start("exec", "--", "rmdir", runner.victims[number]) for number in (0, 1)]
    for process in both:
        process.communicate(timeout=60)
    assert sum(not victim.exists() for victim in runner.victims) <= 1


def test_what_is_unusual_asks_for_more(runner):
    runner.policy(ALLOW + '[[rule]]\nid = "denials"\nanomaly = "burst"\nverdict = "deny"\n'
                  'message = "Too much at once."\n')
    for number in range(14):
        runner.run("exec", "--", "touch", f"file{number}")
    assert "Too much at once" in runner.run("exec", "--", "touch", "one-more", status=126).stderr
    assert not (runner.home / "one-more").exists()
    runner.run("exec", "--", "ls")  # a read changes nothing
    refused = [record for record in records(runner) if record["kind"] == "refused"]
    assert "changes within ten minutes" in refused[-1]["data"]["unusual"]


def test_a_rule_can_lock_the_role(runner):
    runner.policy(ALLOW + '[[rule]]\nid = "trap"\naction = "*"\ntool = "rmdir"\nverdict = "deny"\nlock = true\n')
    remove(runner, 0, 126)
    assert "locked for you by rule trap" in runner.run("exec", "--", "ls", status=None).stderr
    runner.run("request", "--role", "runner", status=None)
    assert "taken off by a person" in runner.run("unlock", "--role", "runner", status=3).stderr


def test_an_interactive_client_is_recorded_without_its_secrets(runner):
    need("tmux")
    runner.policy(ALLOW + '[[rule]]\nid = "tape"\ninteractive = true\nrecording = true\n')
    assert "needs a terminal" in runner.run("exec", "--", "bash", status=126).stderr
    session = runner.person("exec", "--", "bash", "--norc", "-i")
    try:
        session.type("echo token=$SERVICE_TOKEN")
        session.wait_for(lambda text: "token=ey" in text)
        session.type("exit 5")
        assert session.exit_status() == 5
    finally:
        session.close()
    ended = [record for record in records(runner) if record["data"].get("recording")]
    assert len(ended) == 1
    cast = runner.state / "recordings" / ended[0]["data"]["recording"]
    assert hashlib.sha256(cast.read_bytes()).hexdigest() == ended[0]["data"]["recording_sha256"]
    shown = "".join(json.loads(line)[2] for line in cast.read_text().splitlines()[1:])
    assert "token=" in shown and "token=ey" not in shown
    played = runner.run("audit", "play", ended[0]["session"]).stdout
    assert "token=" in played and "token=ey" not in played and "exit" in played and "\x1b" not in played


def test_the_roles_hours_and_targets_hold(runner):
    role = ROLE + 'hours = { inside = "00:00-24:00", days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] }\n'
    runner.configure(LOCAL_ROLES + role.replace("[roles.runner]\n", "[roles.runner]\ntargets = [\"kube:stage\"]\n"))
    kubectl = ("kubectl", "-n", "shop", "get", "pods")
    denied = runner.run("policy", "check", "--role", "runner", "--", *kubectl, "--context", "prod", status=3)
    assert "role runner is for kube:stage (kube:prod" in denied.stdout
    runner.run("policy", "check", "--role", "runner", "--", *kubectl, "--context", "stage", status=0)
    assert "does not say where it acts" in runner.run(
        "policy", "check", "--role", "runner", "--", "./deploy.sh", status=3).stdout
    runner.run("policy", "check", "--role", "runner", "--", "ls", "-l", status=0)
    runner.configure(LOCAL_ROLES + role.replace("inside", "outside"))
    assert "is for outside 00:00-24:00" in runner.run("exec", "--", "ls", status=126).stderr
    assert "is for outside" in runner.run("request", "--role", "runner", status=3).stderr


def test_the_configuration_keeps_and_drops_variables(runner):
    show = ("exec", "--", "/usr/bin/env")
    before = runner.run(*show, PYTHONPATH="/p", FOO_ONE="1").stdout
    assert "PYTHONPATH" not in before and "FOO_ONE" in before
    runner.configure(LOCAL_ROLES + ROLE + '[exec]\nkeep = ["PYTHONPATH"]\ndrop = ["FOO_*"]\n')
    after = runner.run(*show, PYTHONPATH="/p", FOO_ONE="1").stdout
    assert "PYTHONPATH=/p" in after and "FOO_ONE" not in after
    assert any(record["data"].get("kept_variables") == "PYTHONPATH" for record in records(runner))
